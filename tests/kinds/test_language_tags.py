"""Translation models' tokenizers are told which language a text is in."""

import json

import pytest
import sentencepiece
from kinds_tools import PAIRS, TEXTS, loaded, saved
from transformers import (
    AutoModelForSeq2SeqLM,
    M2M100Tokenizer,
    MBart50Tokenizer,
    MBartTokenizer,
    NllbTokenizer,
)

from evaluators.engine import Engine
from evaluators.measurer import Measurer
from evaluators.models.language_tags import tag, tagged
from results.evaluation import Wanted


@pytest.fixture(scope="module")
def m2m(tmp_path_factory):
    folder = tmp_path_factory.mktemp("m2m")
    (folder / "text.txt").write_text("all human beings are born free and equal in dignity\n" * 20)
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "text.txt"),
        model_prefix=str(folder / "pieces"),
        vocab_size=28,
        minloglevel=2,
    )
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "pieces.model"))
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    names += [pieces.id_to_piece(at) for at in range(pieces.vocab_size())]
    ids = {name: at for at, name in enumerate(dict.fromkeys(names))}
    (folder / "vocab.json").write_text(json.dumps(ids))
    return M2M100Tokenizer(str(folder / "vocab.json"), str(folder / "pieces.model"))


@pytest.mark.parametrize(
    ("code", "nllb", "mbart50", "m2m100"),
    [
        ("fra_Latn", "fra_Latn", "fr_XX", "fr"),
        ("cmn_Hans", "zho_Hans", "zh_CN", "zh"),
        ("cmn_Hant", "zho_Hant", "zh_CN", "zh"),
        ("arb_Arab", "arb_Arab", "ar_AR", "ar"),
        ("swh_Latn", "swh_Latn", "sw_KE", "sw"),
        ("ekk_Latn", "est_Latn", "et_EE", "et"),
        ("srp_Latn", None, None, "sr"),
        ("apc_Arab", "apc_Arab", None, None),
        ("deu_Latn_1901", "deu_Latn", "de_DE", "de"),
        ("haw_Latn", None, None, None),
    ],
)
def test_each_tokenizers_name_of_a_language(code, nllb, mbart50, m2m100, m2m):
    assert tag(NllbTokenizer(), code) == nllb
    assert tag(MBart50Tokenizer(), code) == mbart50
    assert tag(m2m, code) == m2m100


def test_a_text_is_tagged_meanwhile(m2m):
    for tokenizer in (NllbTokenizer(), MBartTokenizer(), MBart50Tokenizer(), m2m):
        english = tokenizer("free")["input_ids"]
        with tagged(tokenizer, "fra_Latn"):
            french = tokenizer("free")["input_ids"]
        name = tag(tokenizer, "fra_Latn")
        token = f"__{name}__" if tokenizer is m2m else name
        assert tokenizer.convert_tokens_to_ids(token) in french
        assert french != english
        with tagged(tokenizer, "haw_Latn"):
            assert tokenizer("free")["input_ids"] == english
        with pytest.raises(ZeroDivisionError), tagged(tokenizer, "fra_Latn"):
            1 / 0  # noqa: B018
        assert tokenizer("free")["input_ids"] == english


def test_segments_are_read_under_the_tag_of_their_language(tmp_path, monkeypatch):
    folder = tmp_path / "nllb"
    found = loaded(
        saved(folder, NllbTokenizer(), "m2m_100", PAIRS["m2m_100"], AutoModelForSeq2SeqLM), tmp_path
    )
    read, encode = [], Engine.encode

    def seen(engine, texts):
        ids = encode(engine, texts)
        firsts = found.tokenizer.convert_ids_to_tokens([each[0] for each in ids])
        read.extend(zip(texts, firsts, strict=True))
        return ids

    monkeypatch.setattr(Engine, "encode", seen)
    asked = Wanted(("weighted-mean",)).configurations("made-up", "0" * 64, None, 4)
    english, french = TEXTS, [f"{text} fr" for text in TEXTS]
    measurer = Measurer(found, {"eng_Latn": english}, asked, english)
    read.clear()
    (row,) = measurer.measure("fra_Latn", french, asked)
    assert row.score.language == "fra_Latn"
    assert dict(read) == dict.fromkeys(english, "eng_Latn") | dict.fromkeys(french, "fra_Latn")
    assert found.tokenizer.src_lang == "eng_Latn"
