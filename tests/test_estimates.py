"""Estimates, and whether their intervals hold what is measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.estimates import average_interval, estimate, held, intervals, of_factors

shares = st.floats(0, 1)


@given(shares, shares, st.sampled_from([0.2, 0.25, 0.5]))
def test_estimates_are_what_the_paper_and_the_correction_say(a, e, c):
    assert estimate(np.array([a]), e, c, "plain")[0] == a * e
    corrected = estimate(np.array([a]), e, c, "corrected")[0]
    assert corrected == pytest.approx(c * (1 - a) + e * a)
    assert estimate(np.array([0.0, 1.0]), e, c, "corrected") == pytest.approx([c, e])


def test_the_quantiles_are_those_of_split_conformal_prediction():
    errors = np.linspace(-0.1, 0.099, 200)
    low, high = intervals(np.array([0.5]), errors)[0]
    # floor(201 * 0.025) = 5: the fifth from either end.
    assert (low, high) == pytest.approx((0.5 + errors[4], 0.5 + errors[195]))
    few = np.linspace(-0.05, 0.05, 20)
    assert intervals(np.array([0.5]), few)[0] == pytest.approx([0.45, 0.55])


@given(st.lists(st.floats(-1, 1), min_size=20, max_size=120), st.lists(shares, min_size=1))
def test_an_interval_holds_its_estimate_and_stays_a_share(errors, values):
    ends = intervals(np.array(values), np.array(errors))
    assert ((ends[:, 0] <= values) & (values <= ends[:, 1])).all()
    assert (ends >= 0).all() and (ends <= 1).all()
    for count in (1, 7):
        low, high = average_interval(values[0], np.array(errors), count)
        assert 0 <= low <= values[0] <= high <= 1


@pytest.mark.parametrize("form", ["plain", "corrected"])
@pytest.mark.parametrize("bias", [0.0, 0.25])
def test_left_out_languages_are_held_about_95_times_in_100(form, bias):
    """Made-up boards of 108 languages, 21 questions each; the method is off by a constant too."""
    random = np.random.default_rng(5)
    found = []
    for _ in range(100):
        alignment = random.beta(0.5, 3, 108)
        guessed = estimate(alignment, 0.8, 0.25, form)
        truth = np.clip(guessed + bias + random.normal(0, 0.08, 108), 0, 1)
        found.append(held(guessed, random.binomial(21, truth) / 21).mean())
    assert 0.93 < np.mean(found) < 0.985
    assert np.mean([0.88 <= share <= 0.99 for share in found]) > 0.9


def test_averages_over_more_languages_are_surer():
    errors = np.random.default_rng(0).normal(0.1, 0.1, 200)
    widths = [np.ptp(average_interval(0.4, errors, count)) for count in (1, 4, 40)]
    assert widths[0] > widths[1] > widths[2] > 0


def test_averages_of_independent_errors_are_held():
    random = np.random.default_rng(2)
    inside = 0
    for _ in range(300):
        errors = random.normal(0.1, 0.15, 100)
        low, high = average_interval(0.3, errors, 10)
        inside += low <= 0.3 + random.normal(0.1, 0.15, 10).mean() <= high
    assert inside / 300 > 0.9


def test_without_known_errors_only_the_factors_count():
    ends = of_factors(np.array([[0.2, 0.4]]), np.array([0.5, 0.7]), 0.25, "plain")
    assert ends[0] == pytest.approx([0.1, 0.28])
