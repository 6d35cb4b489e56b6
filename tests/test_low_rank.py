"""Filling a table: what the factors give back, and what they leave to the means."""

import numpy as np
import pytest
from forecast_tables import scores

from results.low_rank import additive, factored, fill


def test_both_effects_are_exact_where_there_is_nothing_else():
    random = np.random.default_rng(0)
    true = 0.3 + random.uniform(-0.1, 0.1, (6, 1)) + random.uniform(-0.1, 0.1, (1, 9))
    holed = np.where(random.random(true.shape) < 0.2, np.nan, true)
    assert np.abs(additive(holed) - true).max() < 1e-3


def test_a_row_or_column_without_anything_gets_the_other_effect():
    values = np.array([[0.2, 0.4, np.nan], [0.4, 0.6, np.nan], [np.nan, np.nan, np.nan]])
    found = additive(values)
    assert found[2, :2] == pytest.approx([0.3, 0.5]) and found[:2, 2] == pytest.approx([0.3, 0.5])
    assert (additive(np.full((2, 2), np.nan)) == 0).all()


def test_the_factors_find_a_table_of_rank_two_again():
    random = np.random.default_rng(1)
    left, right = random.normal(0, 0.12, (30, 2)), random.normal(0, 1, (2, 40))
    true = np.clip(0.5 + left @ right, 0, 1)
    hidden = random.random(true.shape) < 0.1
    hidden[:5, 12:] = True
    holed = np.where(hidden, np.nan, true)
    start = additive(holed)
    off = np.abs(factored(holed, start, 2) - true)[hidden].mean()
    assert off < 0.2 * np.abs(start - true)[hidden].mean()
    assert np.abs(fill(holed, start) - true)[hidden].mean() < 0.02


def test_what_is_filled_is_a_share_without_gaps():
    values = scores(12, 20, traits=2)
    values[0, 3:], values[5] = np.nan, np.nan
    found = fill(values, additive(values))
    assert found.shape == values.shape and not np.isnan(found).any()
    assert found.min() >= 0 and found.max() <= 1
    assert (found == fill(values, additive(values))).all()


def test_a_row_of_which_little_is_known_is_drawn_to_the_mean():
    """Four scores that are far above the rest, where nothing goes with anything."""
    random = np.random.default_rng(3)
    values = np.clip(0.5 + random.normal(0, 0.1, (25, 30)), 0, 1)
    values[0, 4:] = np.nan
    values[0, :4] = 0.9
    start = additive(values)
    mean = np.nanmean(values[1:, 4:], axis=0)
    off = np.abs(fill(values, start)[0, 4:] - mean).mean()
    assert off < 0.6 * np.abs(start[0, 4:] - mean).mean()


@pytest.mark.parametrize("shape", [(2, 5), (2, 2), (5, 2)])
def test_tables_too_small_for_factors_are_filled_all_the_same(shape):
    values = np.random.default_rng(0).random(shape)
    values[0, 0] = np.nan
    assert not np.isnan(fill(values, additive(values))).any()
