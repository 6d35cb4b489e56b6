from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.language_sets import CORE, choose
from results.languages import load_table, resolve

COUNTED = [
    resolve(row["iso"]).code for row in load_table().languages.values() if row.get("scripts")
][:1401]
FEW = ["swh_Latn", "fra_Latn", "hau_Latn", "zul_Latn", "amh_Ethi", "srp_Cyrl", "eus_Latn"]


def test_the_named_sets_are_canonical_and_without_doubles() -> None:
    assert len(CORE) == len(set(CORE)) == 40
    assert [resolve(code).code for code in CORE] == list(CORE)


def test_core_and_all_keep_the_order_of_the_counted() -> None:
    assert choose(FEW).codes == [code for code in FEW if code in CORE]
    assert choose(FEW, "all").codes == FEW
    assert choose(FEW, " ALL ").said == "all 7 languages"
    assert choose(FEW, "").said == choose(FEW, "core").said == "6 core languages"
    assert choose(CORE).said == "40 core languages"
    assert choose(["swh_Latn"], "all").said == "1 language"


def test_a_list_takes_codes_names_and_autonyms_in_the_order_typed() -> None:
    found = choose(FEW, "Kiswahili; euskara\nfr, fra_Latn,,አማርኛ")
    assert found.codes == ["swh_Latn", "eus_Latn", "fra_Latn", "amh_Ethi"]
    assert (found.unknown, found.absent, found.said) == ([], [], "4 chosen languages")
    assert choose(FEW, "french,swa").said == "French, Swahili"


def test_what_is_not_understood_and_what_is_not_counted_are_told_apart() -> None:
    found = choose(FEW, "swh,Deutsch,xyzzy,kaz_Arab," + "x" * 200)
    assert found.codes == ["swh_Latn"]
    assert found.unknown == ["xyzzy", "x" * 80 + "..."]
    assert found.absent == ["deu_Latn", "kaz_Arab"]


def test_a_language_counted_in_another_script_is_meant_unless_a_script_was_typed() -> None:
    assert choose(["srp_Latn"], "Serbian").codes == ["srp_Latn"]
    assert choose(["srp_Latn"], "srp").codes == ["srp_Latn"]
    assert choose(["srp_Latn"], "srp_Cyrl").absent == ["srp_Cyrl"]
    assert choose(["srp_Latn"], "Serbian (Cyrillic)").absent == ["srp_Cyrl"]


@pytest.mark.parametrize(
    ("narrow", "codes", "said"),
    [
        (
            {"region": "africa", "script": "latin", "speakers": 1_000_000},
            ["swh_Latn", "hau_Latn", "zul_Latn"],
            "3 languages of Africa in Latin script with at least 1 million speakers",
        ),
        ({"region": "Eastern Africa"}, ["swh_Latn", "amh_Ethi"], "2 languages of Eastern Africa"),
        ({"script": "Ethi"}, ["amh_Ethi"], "1 language in Ethiopic script"),
        (
            {"family": "indo-european"},
            ["fra_Latn", "srp_Cyrl"],
            "2 Indo-European languages",
        ),
        ({"family": "Isolate"}, ["eus_Latn"], "1 isolate language"),
        (
            {"speakers": 150_500_000},
            ["swh_Latn", "fra_Latn"],
            "2 languages with at least 150.5 million speakers",
        ),
        (
            {"speakers": 2_000_000_000},
            [],
            "no languages with at least 2 billion speakers",
        ),
    ],
)
def test_narrowing(narrow: dict, codes: list[str], said: str) -> None:
    found = choose(FEW, "all", **narrow)
    assert (found.codes, found.said, found.unknown) == (codes, said, [])


def test_narrowing_narrows_core_and_lists_too() -> None:
    assert choose(FEW, region="Europe").said == "2 core languages of Europe"
    found = choose(FEW, "zul,fra,swh", region="Africa")
    assert (found.codes, found.said) == (["zul_Latn", "swh_Latn"], "2 chosen languages of Africa")


def test_a_narrowing_that_means_nothing_is_unknown_and_leaves_nothing() -> None:
    found = choose(FEW, "all", region="Mars", family="Klingonic")
    assert found.codes == []
    assert found.unknown == ["family Klingonic", "region Mars"]


def test_too_long_a_list_is_refused() -> None:
    assert len(choose(COUNTED, ",".join(COUNTED)).codes) == 1401
    with pytest.raises(ValueError, match="at most 2,000 languages"):
        choose(FEW, ",".join(f"x{number}" for number in range(2001)))
    with pytest.raises(ValueError, match="at most 2,000 languages"):
        choose(FEW, "x" * 10_000_000)


@given(st.text(max_size=200), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_typed_gives_only_counted_languages(
    base: str, family: str, script: str, region: str
) -> None:
    found = choose(FEW, base, family, script, region)
    assert set(found.codes) <= set(FEW)
    assert not set(found.absent) & set(FEW)
    assert found.said


@pytest.mark.parametrize("base", ["core", "all", ",".join(COUNTED)])
def test_choosing_from_1401_is_fast(base: str) -> None:
    def once() -> float:
        start = process_time()
        choose(COUNTED, base, script="Latn", region="Africa", speakers=1000)
        return process_time() - start

    assert min(once() for _ in range(5)) < 0.005
