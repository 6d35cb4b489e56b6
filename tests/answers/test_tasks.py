"""Tasks on the board: what was measured, what is estimated, and never one for the other."""

import numpy as np
import pytest

from answers.answers_tools import GEMMA, SMOLLM, ask, board_of
from answers.task_records import halved, measured
from leaderboard import answers
from leaderboard.answers import NotFound
from leaderboard.answers.common import sheets
from leaderboard.asked import ModelsAsked, TasksAsked
from results.tasks import TASKS, configuration

HASH = "3387f24465f8de91c17f66a0b9628fb919046598b84a8677779909d1d879e3ab"
CLOZE = configuration(TASKS["udhr-cloze"], HASH)
ARC, BELEBELE = (configuration(TASKS[name]) for name in ("arc", "belebele"))


def tasks(board, **values):
    return answers.tasks(board, ask(TasksAsked, **values))


def of(found, model, task):
    (row,) = (row for row in found["models"] if row["id"] == model)
    (key,) = (each["key"] for each in found["tasks"] if each["task"] == task)
    return row["values"][key], row["english"][key]


def value(board, model, code, pooling, n=50):
    for _, record in board.repo.records():
        parameters = record.evaluator.parameters
        if (record.model.id, parameters.embedding, parameters.n) == (model, "weighted-mean@1", n):
            if parameters.split or (record.evaluator.name, parameters.options) != ("alignment", {}):
                continue
            (score,) = (score for score in record.scores if score.language == code)
            return score.values[pooling].value
    raise AssertionError


@pytest.fixture
def board(folder):
    """Gemma: ARC in English, French and Swahili, Belebele in English. SmolLM2: ARC, no English."""
    measured(folder, "Gemma", ARC, {"eng_Latn": 0.5, "fra_Latn": 0.4, "swh_Latn": 0.2})
    measured(folder, "Gemma", BELEBELE, {"eng_Latn": 0.6})
    measured(folder, "SmolLM2", ARC, {"fra_Latn": 0.3})
    return board_of(folder)


def test_measured_is_the_average_over_the_languages_that_were_measured(board):
    found = tasks(board, languages="fra,swh,deu")
    cell, english = of(found, GEMMA, "arc")
    assert cell["value"] == pytest.approx(0.3) and cell["of"] == 2 and cell["errors"] is None
    # Half widths of 0.1 each: the same questions in both languages.
    assert (cell["low"], cell["high"]) == pytest.approx((0.2, 0.4), abs=1e-6)
    assert english["value"] == pytest.approx(0.5)
    lacking, none = of(found, SMOLLM, "arc")
    assert lacking["value"] is None and lacking["reason"] == "lacks 1 of 2 languages"
    assert none is None
    assert of(found, SMOLLM, "belebele")[0]["reason"] == "Belebele was not measured"
    assert of(found, GEMMA, "belebele")[0]["reason"] == "not measured in any of these languages"
    assert all(row["published"] is None for row in found["models"])


def test_one_language_has_its_own_interval_and_chance(board):
    cell, _ = of(tasks(board, languages="swh"), GEMMA, "arc")
    assert (cell["value"], cell["low"], cell["high"]) == pytest.approx((0.2, 0.1, 0.3))
    assert cell["at_chance"] is True


@pytest.mark.parametrize("kind", ["plain", "corrected"])
def test_estimates_are_alignment_times_english(board, kind):
    found = tasks(board, languages="fra", kind=kind)
    guess = 0.25 if kind == "corrected" else 0
    arc, _ = of(found, GEMMA, "arc")
    expected = guess + (0.5 - guess) * value(board, GEMMA, "fra_Latn", "mean")
    assert arc["value"] == pytest.approx(expected, abs=1e-6)
    assert arc["measured"]["value"] == pytest.approx(0.4)
    belebele, _ = of(found, GEMMA, "belebele")
    expected = guess + (0.6 - guess) * value(board, GEMMA, "fra_Latn", "max")
    assert belebele["value"] == pytest.approx(expected, abs=1e-6) and belebele["measured"] is None
    row = next(row for row in found["models"] if row["id"] == GEMMA)
    average = (arc["value"] + belebele["value"]) / 2
    assert row["published"]["value"] == pytest.approx(average, abs=2e-6)
    assert of(found, SMOLLM, "arc")[0]["reason"] == "no English score"


def test_too_few_languages_leave_the_methods_own_error_unknown(board):
    cell, _ = of(tasks(board, languages="fra", kind="plain"), GEMMA, "arc")
    assert (cell["errors"], cell["low"], cell["high"]) == (None, None, None)


def test_errors_are_the_models_own_or_those_of_others(folder):
    (record,) = (
        r
        for _, r in board_of(folder).repo.records()
        if r.model.id == SMOLLM and r.evaluator.parameters.embedding == "weighted-mean@1"
        and r.evaluator.parameters.split is None
    )  # fmt: skip
    counted = set(board_of(folder).cards[0].counted())
    codes = sorted(s.language for s in record.scores if s.values and s.language in counted)[:40]
    random = np.random.default_rng(0)
    accuracies = {code: float(random.uniform(0.2, 0.5)) for code in codes}
    measured(folder, "Gemma", ARC, {"eng_Latn": 0.5, **accuracies})
    measured(folder, "SmolLM2", ARC, {"eng_Latn": 0.4})
    board = board_of(folder)
    found = tasks(board, languages=codes[0], kind="plain")
    own, _ = of(found, GEMMA, "arc")
    others, _ = of(found, SMOLLM, "arc")
    assert own["errors"] == "own" and others["errors"] == "others"
    errors = [accuracies[c] - 0.5 * value(board, GEMMA, c, "mean") for c in codes[1:]]
    # 39 errors: the outermost are the quantiles.
    assert own["high"] == pytest.approx(own["value"] + max(errors), abs=1e-6)


def test_the_cloze_is_estimated_from_the_other_half_alone(folder):
    measured(folder, "Gemma", CLOZE, {"eng_Latn": 0.8, "fra_Latn": 0.7})
    found = tasks(board_of(folder), languages="fra", kind="plain")
    if not any(each["view"] for each in found["tasks"]):
        assert "on the odd articles" in of(found, GEMMA, "udhr-cloze")[0]["reason"]
        halved(folder)
        found = tasks(board_of(folder), languages="fra", kind="plain")
    (task,) = (each for each in found["tasks"] if each["task"] == "udhr-cloze")
    assert task["view"]["split"] == "odd-articles"
    assert of(found, GEMMA, "udhr-cloze")[0]["value"] is not None
    measured(folder, "Gemma", ARC, {"eng_Latn": 0.5})
    arc = tasks(board_of(folder), kind="plain", languages="fra")
    assert [t["view"]["split"] for t in arc["tasks"] if t["task"] == "arc"] == [None]


def test_halves_of_a_corpus_are_no_views(folder):
    halved(folder)
    board = board_of(folder)
    assert {sheet.parameters["split"] for sheet in sheets(board.snapshot)} == {None}
    models = answers.models(board, ask(ModelsAsked))["models"]
    assert {corpus["n"] for model in models for corpus in model["corpora"]} == {50}
    odd = next(s for s in board.snapshot.sheets if s.parameters["split"] == "odd-articles")
    with pytest.raises(NotFound):
        answers.models(board, ask(ModelsAsked, view=odd.configuration))


def test_a_whole_task_goes_before_its_first_questions(folder):
    few = configuration(TASKS["arc"], limit=10)
    measured(folder, "Gemma", few, {"eng_Latn": 0.9, "fra_Latn": 0.9, "deu_Latn": 0.9})
    measured(folder, "Gemma", ARC, {"eng_Latn": 0.5})
    found = tasks(board_of(folder), kind="plain", languages="fra")
    assert [t["limit"] for t in found["tasks"] if t["task"] == "arc"] == [None, 10]


def test_a_board_without_tasks(tmp_path):
    found = tasks(board_of(tmp_path))
    assert found["tasks"] == [] and found["models"] == []
