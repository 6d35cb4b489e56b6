from __future__ import annotations

import json
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.language_search import facts, fold, search, understand
from results.languages import TABLE, UnknownLanguage, load_table, resolve

COUNTED = [
    resolve(row["iso"]).code for row in load_table().languages.values() if row.get("scripts")
]
CARD = json.loads(next((TABLE.parent / "corpora").glob("udhr-*.json")).read_text())
UDHR = [language["code"] for language in CARD["languages"] if language["counted"]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("sw", "swh_Latn"),
        ("swa", "swh_Latn"),
        ("swh_latn", "swh_Latn"),
        ("swh-Latn", "swh_Latn"),
        ("Swahili", "swh_Latn"),
        ("kiswa", "swh_Latn"),
        ("FRANCAIS", "fra_Latn"),
        ("français", "fra_Latn"),
        ("olelo hawaii", "haw_Latn"),
        ("Chinese", "cmn_Hans"),
        ("Arabic", "arb_Arab"),
        ("русск", "rus_Cyrl"),
        ("中", "cmn_Hans"),
        ("日本語", "jpn_Jpan"),
        ("tanz", "swh_Latn"),
        ("cote d'ivoire", "bci_Latn"),
        ("k'iche'", "quc_Latn"),
        ("eng", "eng_Latn"),
    ],
)
def test_the_first_hit(text: str, first: str) -> None:
    assert search(text, UDHR)[0] == first


def test_exact_code_then_start_of_name_then_of_word_then_country_then_inside() -> None:
    codes = ["swh_Latn", "hau_Latn", "gsw_Latn", "swe_Latn", "fra_Latn", "ssw_Latn"]
    assert search("sw", codes) == ["swh_Latn", "swe_Latn", "gsw_Latn", "ssw_Latn", "fra_Latn"]
    assert search("niger", ["fra_Latn", "hau_Latn", "pcm_Latn"]) == [
        "pcm_Latn",
        "hau_Latn",
        "fra_Latn",
    ]


def test_limit_and_no_text_and_no_hit() -> None:
    assert search("a", UDHR, limit=3) == search("a", UDHR)[:3]
    assert search("  ", UDHR, limit=2) == UDHR[:2]
    assert search("xyzzy", UDHR) == []
    assert search("swahili", ["not a code", "swh_Latn"]) == ["swh_Latn"]


def test_folding() -> None:
    assert fold("ʻŌlelo  Hawaiʻi") == "olelo hawaii"
    assert fold("Straße") == "strasse"
    assert fold("Fon-(Benin)") == "fon benin"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ga", "gle_Latn"),
        ("Ga", "gaa_Latn"),
        ("GA", "gle_Latn"),
        ("deutsch", "deu_Latn"),
        ("Serbian (Latin)", "srp_Latn"),
        ("Quechua", "quy_Latn"),
        ("aja", "aja_Latn"),
        ("zh-TW", "cmn_Hant"),
    ],
)
def test_understanding(text: str, code: str) -> None:
    found = understand(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["", " ", "xyzzy", "Serbian (Klingon)", "() (", "x" * 10_000])
def test_not_understood(text: str) -> None:
    assert understand(text) is None


@given(st.sampled_from(COUNTED))
def test_every_language_is_understood_and_found_by_the_name_it_is_shown_under(code: str) -> None:
    found = understand(resolve(code).name)
    assert found is not None
    assert found.code == code
    assert search(resolve(code).name, [code]) == [code]


@given(st.text(max_size=100))
def test_any_text_gives_only_the_codes_given(text: str) -> None:
    assert set(search(text, UDHR, limit=5)) <= set(UDHR)


def test_searching_1401_is_fast() -> None:
    codes = COUNTED[:1401]

    def once(text: str) -> float:
        start = perf_counter()
        search(text, codes)
        return perf_counter() - start

    for text in ("e", "swahili", "xyzzy"):
        assert min(once(text) for _ in range(5)) < 0.02


def test_facts() -> None:
    assert facts("que") == {
        "language": "quy_Latn",
        "name": "Ayacucho Quechua",
        "autonym": "Runasimi",
        "iso": "quy",
        "script": "Latn",
        "script_name": "Latin",
        "direction": "ltr",
        "family": "Quechuan",
        "region": "South America",
        "continent": "Americas",
        "countries": [{"code": "PE", "name": "Peru"}],
        "speakers": 900_000,
        "latitude": -13.85,
        "longitude": -74.32,
    }
    assert json.loads(json.dumps(facts("epo")))["countries"] == []
    with pytest.raises(UnknownLanguage):
        facts("xyzzy")
