"""Which method agrees best with a task, over cells that all of them share."""

import numpy as np
import pytest
from measured_records import EVERYTHING, LANGUAGES
from scipy.stats import pearsonr

from answers.answers_tools import ask
from leaderboard import answers
from leaderboard.answers.views import sheets
from leaderboard.asked import AgreementAsked
from results.methods import SCORES
from results.tasks import COMPARED


def agreement(board, **values):
    return answers.agreement(board, ask(AgreementAsked, **values))


def test_every_method_is_compared_over_the_same_cells(all_kinds):
    found = agreement(all_kinds)
    assert [each["name"] for each in found["models"]] == ["Middling", "Strong"]
    assert found["languages"] == sorted(LANGUAGES) and not found["left_out"]
    assert len(found["methods"]) == len(EVERYTHING.embeddings) + len(SCORES) - 1
    means = [each["mean_pearson"] for each in found["methods"]]
    assert means == sorted(means, reverse=True)
    task = next(s for s in all_kinds.snapshot.sheets if s.name == "udhr-cloze")
    for each in found["methods"]:
        assert each["view"]["split"] == COMPARED and each["view"]["noise"] is None
        sheet = all_kinds.snapshot.by_configuration[each["view"]["view"]]
        wanted = [
            pearsonr(
                sheet.column("mean")[row, [sheet.places[c] for c in LANGUAGES]],
                task.column("accuracy")[row, [task.places[c] for c in LANGUAGES]],
            ).statistic
            for row in range(2)
        ]
        assert each["pearson"] == pytest.approx(wanted, abs=1e-5)
        assert each["mean_pearson"] == pytest.approx(np.mean(wanted), abs=1e-5)


def test_differences_are_to_the_weighted_mean_with_intervals(all_kinds):
    found = agreement(all_kinds, pooling="max")["methods"]
    (first,) = (each for each in found if each["difference"] is None)
    assert first["view"]["embedding"] == "weighted-mean@1" and first["view"]["kind"] == "embedding"
    for each in found:
        if each is not first:
            gap = each["difference"]
            assert gap["low"] <= gap["value"] <= gap["high"] and gap["low"] < gap["high"]
            expected = each["mean_pearson"] - first["mean_pearson"]
            assert gap["value"] == pytest.approx(expected, abs=1e-5)


def test_a_method_that_the_models_lack_is_named_as_left_out(own_kinds):
    """Of two models the one with more methods is compared, on all of its methods."""
    sheet = next(
        s
        for s in sheets(own_kinds.snapshot, held_out=True)
        if s.name == "csls" and s.parameters["split"] == COMPARED
    )
    task = next(s for s in own_kinds.snapshot.sheets if s.name == "udhr-cloze")
    values = sheet.values.copy()
    values[:, 0] = float("nan")
    object.__setattr__(sheet, "values", values)
    one = agreement(own_kinds)
    assert [each["name"] for each in one["models"]] == ["Strong"] and not one["left_out"]
    values[:, 1] = float("nan")
    task.remembered.clear()
    both = agreement(own_kinds)
    assert [each["name"] for each in both["models"]] == ["Middling", "Strong"]
    assert [each["score"] for each in both["left_out"]] == ["csls"]


def test_of_the_shipped_records_the_models_with_most_methods_are_compared(real):
    found = agreement(real)
    methods = {each["view"]["embedding"] for each in found["methods"]}
    assert {"weighted-mean@1", "last-token@1"} <= methods
    assert found["models"] and len(found["languages"]) > 50
    with pytest.raises(answers.NotFound, match="no task arc"):
        agreement(real, task="arc")
