"""Estimates, and whether their intervals hold what is measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from results.estimates import MODELS, average_interval, estimate, held, intervals

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
        low, high = average_interval(values[0], count, [np.array(errors)], own=True)
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
        found.append(held(guessed, random.binomial(21, truth) / 21, range(108)).mean())
    assert 0.93 < np.mean(found) < 0.985
    assert np.mean([0.88 <= share <= 0.99 for share in found]) > 0.9


def test_averages_over_more_languages_are_surer():
    errors = np.random.default_rng(0).normal(0.1, 0.1, 200)
    widths = [np.ptp(average_interval(0.4, count, [errors], own=True)) for count in (1, 4, 40)]
    assert widths[0] > widths[1] > widths[2] > 0


@pytest.mark.parametrize(("known", "count"), [(100, 10), (107, 300), (20, 40)])
def test_averages_of_independent_errors_are_held_about_95_times_in_100(known, count):
    """Over other languages than those whose errors are known."""
    random = np.random.default_rng(2)
    inside = 0
    for _ in range(100):
        errors = random.normal(0.1, 0.15, known)
        low, high = average_interval(0.3, count, [errors], own=True)
        inside += low <= 0.3 + random.normal(0.1, 0.15, count).mean() <= high
    assert 0.88 <= inside / 100 <= 0.99


def test_other_models_say_something_of_an_average_only_when_they_are_several():
    """Models are off by an amount of their own each."""
    random = np.random.default_rng(3)

    def made():
        return 0.3 + random.normal(0, 0.1) + random.normal(0, 0.05, 60)

    few = [made() for _ in range(MODELS - 1)]
    assert average_interval(0.4, 9, few, own=False) is None
    assert average_interval(0.4, 1, few, own=False) is not None
    inside = 0
    for _ in range(100):
        low, high = average_interval(0.3, 40, [made() for _ in range(20)], own=False)
        inside += low <= 0.3 + made()[:40].mean() <= high
    assert inside / 100 >= 0.85


def test_left_out_families_can_fail_where_left_out_languages_cannot():
    """A family of ten that the method misses altogether."""
    guessed = np.full(108, 0.3)
    measured = guessed + np.random.default_rng(0).normal(0, 0.02, 108)
    measured[:10] += 0.4
    alone, family = (
        held(guessed, measured, groups)
        for groups in (range(108), ["missed"] * 10 + [str(k) for k in range(98)])
    )
    assert alone[:10].sum() >= 8 and family[:10].sum() == 0
