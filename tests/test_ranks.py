from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom, false_discovery_control, ttest_rel

from benchmarks.ranks import equal_models, true_differences
from results.ranks import adjusted, better, better_max, difference, difference_max, ranges

LAYERS = 7
shapes = st.tuples(st.integers(1, 8), st.integers(2, 60))
values_of = shapes.flatmap(
    lambda shape: hnp.arrays(np.int64, shape, elements=st.integers(0, LAYERS)).map(
        lambda counts: counts / LAYERS
    )
)
relations = st.integers(1, 12).flatmap(lambda n: hnp.arrays(np.bool_, (n, n)))


def antisymmetric(relation: np.ndarray) -> np.ndarray:
    return relation & ~relation.T


def order_of(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(n)


@given(values_of)
def test_nobody_is_both_better_and_worse(values: np.ndarray) -> None:
    found = better(values)
    assert not (found & found.T).any()
    mean = values.mean(axis=1)
    assert (mean[:, None] > mean[None, :])[found].all()


@given(values_of, st.integers(0, 2**32))
def test_segment_order_does_not_matter(values: np.ndarray, seed: int) -> None:
    assert (better(values) == better(values[:, order_of(values.shape[1], seed)])).all()


@given(values_of, st.floats(0, 1))
def test_a_higher_model_is_better_than_no_fewer(values: np.ndarray, share: float) -> None:
    raised = values / 2
    before = better(raised)
    raised[0] += share / 2
    after = better(raised)
    assert (after[0] >= before[0]).all()
    assert (after[:, 0] <= before[:, 0]).all()
    assert (after[1:, 1:] == before[1:, 1:]).all()


@given(values_of)
def test_better_is_the_difference_above_0(values: np.ndarray) -> None:
    found = difference(values[:, None], values[None, :])
    assert (better(values) == ((found.p < 0.05) & (found.value > 0))).all()
    assert ((found.p < 0.05) == ((found.low > 0) | (found.high < 0))).all()
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()
    assert (found.low < found.high).all()
    assert found.p.min() >= 0
    assert found.p.max() <= 1


@given(values_of)
def test_never_surer_than_a_paired_t_test(values: np.ndarray) -> None:
    first, last = values[0], values[-1]
    assume(np.ptp(first - last) > 1e-9)
    assert difference(first, last).p >= ttest_rel(first, last).pvalue - 1e-12


@pytest.mark.parametrize("n", [50, 103])
def test_nearly_a_paired_t_test_where_differences_are_normal(n: int) -> None:
    rng = np.random.default_rng(1)
    a, b = np.clip(rng.normal([[[0.5]], [[0.53]]], 0.1, (2, 300, n)), 0, 1)
    expected, found = ttest_rel(a, b, axis=1), difference(a, b)
    statistic = np.abs(expected.statistic)
    assert found.value == pytest.approx((a - b).mean(axis=1))
    widened = (found.high - found.low) / np.subtract(*expected.confidence_interval()[::-1])
    assert (widened > 1).all()
    assert (widened < 1 + 8 / n).all()
    clear = (statistic < 1.8) | (statistic > 2.3)
    assert 0.5 < clear.mean() < 1
    assert ((found.p < 0.05) == (expected.pvalue < 0.05))[clear].all()


def test_what_is_not_known_is_neither() -> None:
    values = np.repeat(np.linspace(0, 1, 4)[:, None], 50, axis=1)
    values[1, 3] = np.nan
    found = better(values)
    assert not found[1].any()
    assert not found[:, 1].any()
    assert found[3, 0]
    assert np.isnan(difference(values[1], values[0]).p)
    assert np.isnan(difference(values[1], values[0]).low)


@pytest.mark.parametrize("n", [2, 50, 100])
def test_a_constant_difference_counts_from_the_least_that_chance_cannot_give(n: int) -> None:
    """A difference of c but for a share c / (1 + c) of segments at -1 has mean 0; all n of a
    sample are c with a chance of (1 + c)^-n."""
    least = 0.05 ** (-1 / n) - 1
    base = np.zeros(n)
    assert difference(base, base).p == 1
    assert difference(base, base).low < 0 < difference(base, base).high
    for c, found in ((0.99 * least, False), (1.01 * least, True)):
        if c > 1:
            continue
        result = difference(base + c, base)
        assert (result.p < 0.05) == found == (result.low > 0)
        assert better(np.stack([base + c, base]))[0, 1] == found
        assert result.p == pytest.approx((1 - c / (1 + c)) ** n)


@given(values_of, st.integers(0, 2**32))
def test_max_needs_both_parts(best: np.ndarray, seed: int) -> None:
    crossfit = best * np.random.default_rng(seed).integers(0, 2, best.shape)
    found = better_max(best, crossfit)
    assert (found <= better(best)).all()
    assert (found <= better(crossfit)).all()
    pair = difference_max(best[:, None], crossfit[:, None], best[None], crossfit[None])
    assert (found == ((pair.p < 0.05) & (pair.value > 0))).all()
    assert ((pair.p < 0.05) == ((pair.low > 0) | (pair.high < 0))).all()
    assert (pair.low <= pair.value).all()
    assert (pair.value <= pair.high).all()


@given(relations, st.data())
def test_ranges_lie_within_their_group(relation: np.ndarray, data: st.DataObject) -> None:
    found = antisymmetric(relation)
    size = len(found)
    among = data.draw(hnp.arrays(np.bool_, size))
    group = data.draw(hnp.arrays(np.int64, size, elements=st.integers(0, 2)))
    low, high = ranges(found, among, group).T
    for k in range(size):
        rows = [r for r in range(size) if among[r] and group[r] == group[k]]
        if not among[k]:
            assert (low[k], high[k]) == (0, 0)
            continue
        assert low[k] == 1 + sum(found[r, k] for r in rows)
        assert high[k] == len(rows) - sum(found[k, r] for r in rows)
        assert 1 <= low[k] <= high[k] <= len(rows)


def test_ranges_of_a_clear_order_are_ranks() -> None:
    found = np.triu(np.ones((4, 4), bool), 1)
    assert ranges(found).tolist() == [[1, 1], [2, 2], [3, 3], [4, 4]]
    assert ranges(np.zeros((3, 3), bool)).tolist() == [[1, 3]] * 3
    assert ranges(np.zeros((0, 0), bool)).shape == (0, 2)


def test_ranges_refuse_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="pass"):
        ranges(np.zeros((3, 2), bool))
    with pytest.raises(ValueError, match="pass"):
        ranges(np.zeros((3, 3), bool), among=np.ones(2, bool))


@pytest.mark.parametrize("values", [np.zeros(1), np.full((2, 5), 1.5), np.full((2, 5), -0.1)])
def test_refuses_what_is_not_shares(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="segment"):
        better(values)
    with pytest.raises(ValueError, match="segment"):
        difference(values, values)


def test_adjusted_is_benjamini_hochberg_over_what_is_known() -> None:
    p = np.array([[0.01, np.nan, 0.04], [0.03, 0.5, np.nan]])
    found = adjusted(p)
    assert np.isnan(found).tolist() == np.isnan(p).tolist()
    known = np.isfinite(p)
    assert (found[known] == false_discovery_control(p[known])).all()
    assert np.isnan(adjusted(np.array([np.nan]))).all()


def test_equal_models_are_seldom_called_different_and_different_ones_are_found() -> None:
    """The most that a rate of 5 % exceeds 1 time in 1,000, counting the four pairs of a drawing's
    eight models that share none; the least that 80 % falls below as often."""
    equal = equal_models(10)
    judged = equal[(equal.profiles == "same") & equal.test.isin(["mean", "max"])]
    assert len(judged) == 120
    assert judged.rate.max() <= 100 * binom.ppf(0.999, 40, 0.05) / 40
    assert judged.rate.mean() <= 5
    found = true_differences(12)
    assert found.wrong.max() == 0
    measured = found[found.world == "as measured"]
    assert len(measured) == 20
    assert measured.found.min() >= 100 * binom.ppf(0.001, 12, 0.8) / 12


def test_import_loads_no_statistics_library() -> None:
    code = (
        "import sys, results.ranks, results.peaks; print(sorted({'scipy', 'statsmodels', 'pandas'}"
        " & {name.split('.')[0] for name in sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_benchmark_runs() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.ranks", "--quick"], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    assert "Over 5 %" in found.stdout
