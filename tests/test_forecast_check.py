"""Held-out errors: what is hidden, what is compared, and when a forecast is clearly nearer."""

import numpy as np
import pytest
from forecast_tables import languages, scores

from results import forecast_check
from results.forecast_check import BASELINES, FOLDS, OWN, baselines, check, ends
from results.language_sets import CORE

MODELS, COLUMNS = 24, 48


def checked(values, way, parts=None, groups=None):
    rows, columns = values.shape
    parts = np.zeros(columns, dtype=int) if parts is None else parts
    first = np.isin(languages(columns), CORE[:30])
    return check(values, parts, groups or [f"m{k:02}" for k in range(rows)], first, way)


@pytest.fixture(scope="module")
def alike():
    return scores(MODELS, COLUMNS, traits=2)


@pytest.mark.parametrize("way", ["cells", "blocks"])
def test_what_models_have_in_common_beats_every_mean(alike, way):
    found = checked(alike, way)[0]
    assert found.better and found.p < 0.01 and set(found.baselines) == set(BASELINES)
    assert found.error < 0.7 * min(found.baselines.values())
    assert found.models == MODELS and found.nearest == "both_effects"
    assert 0.9 < found.coverage < 0.99 and 0 < found.width < 0.6


@pytest.mark.parametrize("way", ["cells", "blocks"])
def test_where_effects_only_add_up_nothing_is_clearly_nearer(way):
    assert not checked(scores(MODELS, COLUMNS, traits=0), way)[0].better


def test_the_error_is_of_scores_that_the_forecast_did_not_see(alike, monkeypatch):
    """A forecast that repeats what it is given knows nothing of what is hidden."""
    monkeypatch.setattr(
        forecast_check, "expect", lambda values, parts: np.where(np.isnan(values), 0.0, values)
    )
    found = checked(alike, "cells")[0]
    assert found.scores == alike.size
    assert found.error == pytest.approx(alike.mean(), abs=1e-9)


def test_each_score_is_hidden_once_and_copies_of_a_model_together(alike):
    labels = np.array([k // 2 for k in range(MODELS)])
    holed = alike.copy()
    holed[3, 5] = np.nan
    folds = list(forecast_check._cells(holed, labels))
    assert len(folds) == FOLDS and (sum(folds) == ~np.isnan(holed)).all()
    for hidden in folds:
        assert (hidden[4] == hidden[5]).all()


def test_a_block_leaves_ten_or_more_of_what_is_measured_first(alike):
    first = np.isin(languages(COLUMNS), CORE[:30])
    labels = np.array([k // 2 for k in range(MODELS)])
    times = np.zeros(MODELS, dtype=int)
    for hidden in forecast_check._blocks(alike, labels, first):
        rows = hidden.any(axis=1)
        times += rows
        kept = (~hidden).sum(axis=1)[rows]
        assert hidden[rows][:, ~first].all() and (kept >= OWN).all() and (kept <= 30).all()
        assert set(labels[rows]) == {k for k in labels if rows[labels == k].all()}
    assert (times == 1).all()


def test_baselines_are_means_within_a_part():
    values = np.array([[0.1, 0.3, 0.8], [0.3, np.nan, np.nan]])
    found = baselines(values, np.array([0, 0, 1]))
    assert found["language_mean"][1] == pytest.approx([0.2, 0.3, 0.8])
    assert found["model_mean"][0] == pytest.approx([0.2, 0.2, 0.8])
    assert found["model_mean"][1, 2] == pytest.approx(0.8)  # nothing of its own there
    assert found["both_effects"][1, 1] == pytest.approx(0.5, abs=1e-3)


def test_a_task_is_judged_apart_from_alignment(alike):
    """The task's answers are drawn: nothing can be known of them."""
    random = np.random.default_rng(0)
    values = np.hstack([alike, random.uniform(0.2, 0.4, (MODELS, 4))])
    found = checked(values, "cells", np.array([0] * COLUMNS + [1] * 4))
    assert found[0].better and not found[1].better
    assert found[1].scores == 4 * MODELS


def test_intervals_are_narrower_where_errors_were_smaller():
    random = np.random.default_rng(0)
    expected = random.uniform(0, 1, 1000)
    errors = random.normal(0, 0.01 + 0.1 * expected)
    low, high = ends(np.array([0.05, 0.9]), expected, errors).T
    assert (high - low)[0] < 0.5 * (high - low)[1]
    assert low[0] <= 0.05 <= high[0] and low.min() >= 0 and high.max() <= 1
    fresh = random.uniform(0, 1, 4000)
    truth = np.clip(fresh + random.normal(0, 0.01 + 0.1 * fresh), 0, 1)
    low, high = ends(fresh, expected, errors).T
    assert 0.93 < ((low <= truth) & (truth <= high)).mean() < 0.975


def test_equal_forecasts_have_an_interval_too():
    errors = np.random.default_rng(0).normal(0, 0.1, 500)
    low, high = ends(np.array([0.5, 0.2]), np.full(500, 0.5), errors).T
    assert (low < 0.5).all() and high[0] > 0.6
