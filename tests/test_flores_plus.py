"""FLORES+ as its dataset is laid out, read from a stand-in of the same form with made-up text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hub_corpora import CANARY, READER, flores, json_lines, parquet, rows, sentences
from hub_server import Hub

from evaluators import corpora
from evaluators.corpora import CorpusError
from evaluators.corpora.flores_plus import choose

CODES = ("eng_Latn", "fra_Latn")


def load(cache: Path) -> corpora.Corpus:
    return corpora.load("flores-plus", cache=cache, token=READER)


def left_out(found: corpora.Corpus) -> dict[str, str]:
    return {item.source.removeprefix("devtest/"): item.reason for item in found.left_out}


def test_the_first_hundred_by_id_are_kept_in_their_order(hub: Hub, tmp_path: Path) -> None:
    flores(hub, CODES)
    found = load(tmp_path)
    for code in CODES:
        assert found.languages[code] == tuple(sentences(code, 104)[:100])


def test_parquet_files_of_a_stand_in_give_the_same_corpus(hub: Hub, tmp_path: Path) -> None:
    flores(hub, CODES)
    lines = load(tmp_path / "a")
    files = {f"devtest/{code}.parquet": parquet(rows(code, sentences(code, 104))) for code in CODES}
    flores(hub, (), **files)
    assert load(tmp_path / "b").languages == lines.languages


def test_of_two_forms_one_is_fetched_and_nothing_else_of_the_dataset() -> None:
    names = ["devtest/a_Latn.parquet", "devtest/a_Latn.jsonl", "devtest/b_Latn.parquet"]
    others = ["dev/a_Latn.jsonl", "devtest/../a.jsonl", "devtest/x/a.jsonl", "README.md", "a.jsonl"]
    assert choose(names + others) == ["devtest/a_Latn.jsonl", "devtest/b_Latn.parquet"]


def test_the_language_is_what_the_rows_say_and_the_variant_what_the_name_says(
    hub: Hub, tmp_path: Path
) -> None:
    codes = ["twi_Latn_akua1239", "est_Latn", "cmn_Hans", "srd_Latn"]
    files = {f"devtest/{c}.jsonl": json_lines(rows(c, sentences(c, 104))) for c in codes}
    files["devtest/ekk_Latn.jsonl"] = json_lines(rows("ekk_Latn", sentences("ekk_Latn", 104)))
    swapped = rows("kas_Deva", sentences("kas_Deva", 104))
    files["devtest/kas_Arab.jsonl"] = json_lines(swapped)
    two = [*rows("lij_Latn", ["a"] * 50), *rows("lmo_Latn", ["b"] * 54, 51)]
    files["devtest/lij_Latn.jsonl"] = json_lines(two)
    zul = rows("zul_Latn", sentences("zul_Latn", 104))
    plain = [{"id": row["id"], "text": row["text"]} for row in zul]
    files["devtest/zul_Latn.jsonl"] = json_lines(plain)
    varied = rows("cat_Latn", sentences("cat_Latn", 104), variant="valencia")
    files["devtest/cat_Latn.jsonl"] = json_lines(varied)
    flores(hub, CODES, **files)
    found = load(tmp_path)
    assert set(found.languages) == {
        *CODES,
        "twi_Latn_akua1239",
        "ekk_Latn",
        "cmn_Hans",
        "srd_Latn",
        "kas_Deva",
        "zul_Latn",
        "cat_Latn_valencia",
    }
    assert found.sources["ekk_Latn"] == "devtest/ekk_Latn.jsonl"
    assert left_out(found) == {
        "est_Latn.jsonl": "the same language as another file: devtest/ekk_Latn.jsonl",
        "lij_Latn.jsonl": "cannot be read: rows of 2 languages",
    }


def test_files_of_a_stand_in_that_are_short_or_broken_are_left_out_without_a_word_of_their_text(
    hub: Hub, tmp_path: Path
) -> None:
    good = rows("swh_Latn", sentences("swh_Latn", 104))
    broken = {
        "hau_Latn": json_lines(rows("hau_Latn", sentences("hau_Latn", 97))),
        "ibo_Latn": json_lines(good)[:-20],
        "yor_Latn": json_lines([{**good[0], "id": 1, "text": f"{CANARY} twice"}, *good]),
        "som_Latn": json_lines([{**good[0], "id": "1"}, *good]),
        "amh_Latn": b'["' + CANARY.encode() + b'"]\n',
        "orm_Latn": b"\xff" + json_lines(good),
        "tir_Latn": json_lines([{**good[0], "text": None}]),
        "lin_Latn": b"",
    }
    files = {f"devtest/{code}.jsonl": content for code, content in broken.items()}
    files["devtest/kin_Latn.parquet"] = parquet(good)[:-30]
    flores(hub, CODES, **files)
    found = load(tmp_path)
    assert set(found.languages) == {*CODES}
    reasons = left_out(found)
    kin = reasons.pop("kin_Latn.parquet")
    assert kin.startswith("cannot be read: Arrow")
    assert reasons == {
        "hau_Latn.jsonl": "sentences are missing: 3 of 100, first id 98",
        "ibo_Latn.jsonl": "cannot be read: JSONDecodeError",
        "yor_Latn.jsonl": "cannot be read: two sentences with the id 1",
        "som_Latn.jsonl": "cannot be read: row 1 has no integer id, or no text",
        "amh_Latn.jsonl": "cannot be read: row 1 is no object",
        "orm_Latn.jsonl": "cannot be read: UnicodeDecodeError",
        "tir_Latn.jsonl": "cannot be read: row 1 has no integer id, or no text",
        "lin_Latn.jsonl": "sentences are missing: 100 of 100, first id 1",
    }
    assert CANARY not in corpora.describe(found)


@pytest.mark.parametrize(
    ("english", "said"),
    [
        (None, "the dataset has no devtest/eng_Latn"),
        (b"{", "devtest/eng_Latn cannot be read: JSONDecodeError"),
        (
            json_lines(rows("eng_Latn", sentences("eng_Latn", 60))),
            r"no sound eng_Latn .*another number of segments: 60 for 100",
        ),
    ],
    ids=["missing", "broken", "short"],
)
def test_without_whole_english_a_stand_in_is_refused(
    hub: Hub, tmp_path: Path, english: bytes | None, said: str
) -> None:
    flores(hub, ["fra_Latn"], **({"devtest/eng_Latn.jsonl": english} if english else {}))
    with pytest.raises(CorpusError, match=said):
        load(tmp_path)


def test_a_dataset_of_another_form_is_refused(hub: Hub, tmp_path: Path) -> None:
    flores(hub, ())
    with pytest.raises(CorpusError, match=r"flores_plus holds no devtest/CODE\.jsonl or devtest/"):
        load(tmp_path)
