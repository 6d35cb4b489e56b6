from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.language_search import facts, fold, understand
from results.languages import TABLE, UnknownLanguage, load_table, resolve

COUNTED = [
    resolve(row["iso"]).code for row in load_table().languages.values() if row.get("scripts")
]
CARD = json.loads(next((TABLE.parent / "corpora").glob("udhr-*.json")).read_text())
UDHR = [language["code"] for language in CARD["languages"] if language["counted"]]


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
def test_every_language_is_understood_by_the_name_it_is_shown_under(code: str) -> None:
    found = understand(resolve(code).name)
    assert found is not None
    assert found.code == code


@given(st.text(max_size=100))
def test_any_text_means_a_language_of_the_table_or_nothing(text: str) -> None:
    found = understand(text)
    assert found is None or found == resolve(found.code)


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
