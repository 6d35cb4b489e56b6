"""What the Trust page says is what the records say."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from answers.answers_tools import GEMMA, SMOLLM, ask, board_of
from answers.task_records import measured
from leaderboard import answers
from leaderboard.answers import NotFound
from leaderboard.asked import TrustAsked
from results.tasks import TASKS, configuration

ARC = configuration(TASKS["arc"])


def trust(board, **values):
    return answers.trust(board, ask(TrustAsked, **values))


@pytest.fixture
def aligned(folder):
    """ARC accuracies that follow each model's weighted-mean, mean-pooled alignment."""
    random = np.random.default_rng(0)
    board = board_of(folder)
    kept = {}
    for name, model in (("Gemma", GEMMA), ("SmolLM2", SMOLLM)):
        (record,) = (
            r
            for _, r in board.repo.records()
            if r.model.id == model
            and r.evaluator.parameters.embedding == "weighted-mean@1"
            and r.evaluator.parameters.split is None
            and (r.evaluator.name, r.evaluator.parameters.options) == ("alignment", {})
        )
        scores = {s.language: s.values["mean"].value for s in record.scores if s.values}
        codes = sorted(scores)[:60]
        kept[model] = {
            code: float(np.clip(0.25 + 0.6 * scores[code] + random.normal(0, 0.001), 0, 1))
            for code in codes
        }
        measured(folder, name, ARC, {"eng_Latn": 0.8, **kept[model]})
    return board_of(folder), kept


def test_correlations_are_over_the_languages_of_both(aligned):
    board, accuracies = aligned
    found = trust(board, task="arc")
    assert {(m["view"]["embedding"], m["pooling"]) for m in found["methods"]} == {
        (embedding, pooling)
        for embedding in ("weighted-mean@1", "last-token@1")
        for pooling in ("mean", "max")
    }
    first = found["methods"][0]
    (gemma,) = (m for m in first["models"] if m["id"] == GEMMA)
    points = [p for p in found["points"] if p["model"] == gemma["model"]]
    assert {p["language"] for p in points} <= set(accuracies[GEMMA])
    assert "eng_Latn" not in {p["language"] for p in points}
    for point in points:
        assert point["accuracy"] == pytest.approx(accuracies[GEMMA][point["language"]], abs=1e-6)
    x, y = ([p[name] for p in points] for name in ("alignment", "accuracy"))
    assert gemma["pearson"]["value"] == pytest.approx(pearsonr(x, y).statistic, abs=1e-4)
    assert gemma["n"] == len(points) and first["pooled"]["n"] > gemma["n"]
    whole = first["pooled"]["pearson"]
    assert whole["low"] < whole["value"] < whole["high"]


def test_errors_and_held_languages_are_those_of_the_points(aligned):
    found = trust(aligned[0], task="arc")
    (gemma,) = (m for m in found["methods"][0]["models"] if m["id"] == GEMMA)
    points = [p for p in found["points"] if p["model"] == gemma["model"]]
    for form in ("plain", "corrected"):
        errors = [p["accuracy"] - p[form]["value"] for p in points]
        said = gemma["forms"][form]
        assert said["mae"] == pytest.approx(np.abs(errors).mean(), abs=1e-5)
        assert said["bias"] == pytest.approx(np.mean(errors), abs=1e-5)
        inside = [p[form]["low"] - 1e-6 <= p["accuracy"] <= p[form]["high"] + 1e-6 for p in points]
        assert said["held"] == sum(inside) and said["of"] == len(points)
    # Accuracies follow the corrected form by construction, which a constant cannot.
    assert gemma["forms"]["corrected"]["mae"] < gemma["constant"]


def test_the_best_method_is_the_one_that_made_the_accuracies(aligned):
    best = trust(aligned[0], task="arc")["best"]
    assert (best["view"]["embedding"], best["pooling"]) == ("weighted-mean@1", "mean")
    assert best["gap"]["low"] <= best["gap"]["value"] <= best["gap"]["high"]
    assert best["models"] == 2


def test_methods_without_a_model_in_common_are_not_ranked(folder):
    """Gemma by one embedding, SmolLM2 by the other."""
    codes = sorted(next(r for _, r in board_of(folder).repo.records()).languages())[:60]
    random = np.random.default_rng(0)
    for name, gone in (("Gemma", "last-token@1"), ("SmolLM2", "weighted-mean@1")):
        values = {code: float(random.uniform(0.1, 0.9)) for code in codes}
        measured(folder, name, ARC, {"eng_Latn": 0.8, **values})
        for path, record in board_of(folder).repo.records():
            if name in record.model.name and record.evaluator.parameters.embedding == gone:
                path.unlink()
                path.with_suffix(".hits.json").unlink(missing_ok=True)
    found = trust(board_of(folder), task="arc")
    assert found["best"] is None and len(found["methods"]) == 4


def test_a_failure_is_said(folder):
    random = np.random.default_rng(0)
    codes = sorted(next(r for _, r in board_of(folder).repo.records()).languages())[:60]
    noise = {code: float(random.uniform(0.1, 0.4)) for code in codes}
    measured(folder, "Gemma", ARC, {"eng_Latn": 0.8, **noise})
    found = trust(board_of(folder), task="arc")
    (gemma,) = found["methods"][0]["models"]
    assert gemma["verdict"] in ("not", "weakly", "against")
    assert found["methods"][0]["pooled"] is None


def test_points_of_the_method_asked_for(aligned):
    found = trust(aligned[0], task="arc")
    view = found["methods"][-1]["view"]["view"]
    other = trust(aligned[0], task="arc", view=view, pooling="max")
    assert (other["view"]["view"], other["pooling"]) == (view, "max")
    assert other["points"] != found["points"] and other["methods"] == found["methods"]


@pytest.mark.parametrize(
    ("values", "message"),
    [({"task": "squad"}, "no task squad"), ({"view": "alignment-x"}, "not compared with")],
)
def test_what_is_not_there_is_named(aligned, values, message):
    with pytest.raises(NotFound, match=message):
        trust(aligned[0], **{"task": "arc", **values})


def test_a_board_without_tasks(tmp_path):
    found = trust(board_of(tmp_path))
    assert found["tasks"] == [] and found["methods"] == [] and found["points"] == []
