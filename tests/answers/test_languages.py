"""The table of languages: what each is, and its best model under a size."""

import numpy as np
import pytest

from answers.answers_tools import GEMMA, SMOLLM, ask, board_of, edit, only
from leaderboard import answers
from leaderboard.asked import TableOfLanguagesAsked


def table(board, **values):
    found = answers.languages(board, ask(TableOfLanguagesAsked, **values))
    return {each["language"]: each for each in found["languages"]}


def test_each_language_is_there_with_its_facts_and_its_best_model(real):
    found = table(real)
    assert len(found) == 387 and "eng_Latn" not in found
    swahili, french = found["swh_Latn"], found["fra_Latn"]
    assert (swahili["name"], swahili["region"], swahili["continent"]) == (
        *("Swahili", "Eastern Africa", "Africa"),
    )
    assert french["best"]["model"].startswith(GEMMA) and french["counted"] is True
    assert french["best"]["value"] == pytest.approx(0.368421, abs=1e-3)
    variants = [code for code, each in found.items() if not each["counted"]]
    assert len(variants) == 47 and "fra_Latn" not in variants


def test_the_best_is_above_chance_or_nobody(real):
    found = table(real)
    for each in found.values():
        assert (each["best"] is None) == (each["above_chance"] == 0)
        assert each["best"] is None or not each["best"]["at_chance"]
    assert found["quy_Latn"]["best"] is None
    assert sum(each["best"] is not None for each in found.values()) >= 159


def test_under_a_size_only_small_models_count(folder):
    edit(folder, only("eng_Latn", "fra_Latn", "deu_Latn"), "SmolLM2")
    board = board_of(folder)
    found = table(board, max_parameters="200000000")
    assert {code for code, each in found.items() if each["models"]} == {"fra_Latn", "deu_Latn"}
    assert {each["models"] for each in found.values()} == {0, 1}
    assert found["fra_Latn"]["best"]["model"].startswith(SMOLLM)
    assert all(each["best"] is None for each in table(board, max_parameters="10").values())


def test_the_tokens_ratio_is_the_median_of_the_models(real):
    sheet = real.snapshot.by_configuration[
        answers.languages(real, ask(TableOfLanguagesAsked))["view"]["view"]
    ]
    both = sheet.column("tokens_ratio")[:, sheet.places["fra_Latn"]]
    assert table(real)["fra_Latn"]["tokens_ratio"] == pytest.approx(
        float(np.median(both)), abs=1e-6
    )
