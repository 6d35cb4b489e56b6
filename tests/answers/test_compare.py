"""Models side by side: differences paired over segments, groups, and what cannot be compared."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from answers.answers_tools import GEMMA, SMOLLM, ask, board_of, edit, only
from leaderboard import answers
from leaderboard.asked import CompareAsked
from results.ranks import difference
from results.repo import read_hits


def compare(board, *models, **values):
    return answers.compare(board, ask(CompareAsked, models=",".join(models), **values))


def hits_of(board, model, view):
    """The side file of a model's record."""
    (path,) = (
        path
        for path, record in board.repo.records()
        if (record.model.id, record.evaluator.key()) == (model, view)
    )
    return read_hits(path)


def test_differences_are_paired_over_segments_and_judged_together(real):
    found = compare(real, GEMMA, SMOLLM)
    assert found["shared"] == 40 and len(found["languages"]) == 40
    p, both = [], [hits_of(real, model, found["view"]["view"]) for model in (SMOLLM, GEMMA)]
    for each in found["languages"]:
        sides = [hits.unpack(each["language"]).mean(axis=0) for hits in both]
        gap, expected = each["differences"][1], difference(*sides)
        assert gap["value"] == pytest.approx(float(expected.value), abs=1e-6)
        assert gap["p"] == pytest.approx(float(expected.p), abs=1e-6)
        covered = any(not score["at_chance"] for score in each["scores"])
        p.append(gap["p"] if covered else 1.0)
    significant = (false_discovery_control(p) < 0.05).tolist()
    assert [each["differences"][1]["significant"] for each in found["languages"]] == significant
    assert True in significant and False in significant
    assert found["overall"][0] is None and found["overall"][1]["significant"] is True


def test_groups_are_averages_over_shared_languages(real):
    found = compare(real, GEMMA, SMOLLM)
    assert sum(group["languages"] for group in found["groups"]["family"]) == 40
    members = [each for each in found["languages"] if each["family"] == "Indo-European"]
    group = next(each for each in found["groups"]["family"] if each["name"] == "Indo-European")
    mean = np.mean([each["scores"][0]["value"] for each in members])
    assert group["values"][0] == pytest.approx(mean, abs=1e-6)


def test_max_pooling(real):
    found = compare(real, SMOLLM, GEMMA, pooling="max", languages="fra,swh")
    french = found["languages"][0]
    assert french["differences"][1]["value"] == pytest.approx(0.74 - 0.1, abs=1e-6)
    assert french["differences"][1]["significant"] is True


def test_models_that_share_no_language(folder):
    edit(folder, only("eng_Latn", "fra_Latn"), "Gemma")
    edit(folder, only("eng_Latn", "deu_Latn"), "SmolLM2")
    found = compare(board_of(folder), GEMMA, SMOLLM)
    assert found["shared"] == 0 and len(found["languages"]) == 2
    assert all(each["differences"] == [None, None] for each in found["languages"])
    assert found["overall"] == [None, None] and found["groups"]["family"] == []
    assert [each["average"] for each in found["models"]] == [None, None]


@pytest.mark.parametrize("models", [(GEMMA,), (GEMMA, GEMMA)])
def test_one_model_is_no_comparison(real, models):
    with pytest.raises(ValueError, match="2 to 6 different models"):
        compare(real, *models)
