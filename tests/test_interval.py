from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom, bootstrap
from statsmodels.stats.proportion import proportion_confint

from benchmarks.made_up_cells import profile, simulate_cells, simulate_models
from results import interval

CELLS = 500
hit_matrices = hnp.arrays(np.bool_, st.tuples(st.integers(1, 31), st.integers(2, 100)))


def least_hits(coverage: float, cells: int = CELLS) -> int:
    """The count of covered cells that a method of this true coverage falls below 1 time in 1,000:
    a test fails by the simulation's own binomial error no more often than that."""
    return int(binom.ppf(0.001, cells, coverage))


def covered(intervals: list[tuple[float, float]], truth: float) -> int:
    return sum(low <= truth + 1e-12 and truth <= high + 1e-12 for low, high in intervals)


@pytest.mark.parametrize("peak", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["bump", "flat"])
def test_mean_and_max_cover_at_least_93_percent(kind: str, peak: float) -> None:
    shares = profile(kind, 31, peak)
    hits = simulate_cells(np.random.default_rng([7, round(100 * peak)]), shares, 50, 0.8, CELLS)
    means = [interval.mean_interval(cell.mean(axis=0)) for cell in hits]
    maxima = [interval.max_interval(cell) for cell in hits]
    assert covered(means, float(shares.mean())) >= least_hits(0.93)
    assert covered(maxima, peak) >= least_hits(0.93)


@pytest.mark.parametrize(("kind", "peak"), [("bump", 0.5), ("flat", 0.5)])
def test_intervals_are_not_simply_wide(kind: str, peak: float) -> None:
    """Where shares are not near 0 or 1 coverage stays under 98 %, give or take the simulation."""
    shares = profile(kind, 31, peak)
    hits = simulate_cells(np.random.default_rng(8), shares, 100, 0.5, CELLS)
    means = [interval.mean_interval(cell.mean(axis=0)) for cell in hits]
    maxima = [interval.max_interval(cell) for cell in hits]
    most = int(binom.ppf(0.999, CELLS, 0.98))
    assert covered(means, float(shares.mean())) <= most
    assert covered(maxima, peak) <= most


def test_model_average_covers_at_least_93_percent() -> None:
    shares = np.array([profile("bump", 19, p) for p in np.resize([0.02, 0.1, 0.5, 0.9], 20)])
    rng = np.random.default_rng(9)
    values = simulate_models(rng, [shares], 50, 0.4, 0.8, CELLS)[0]
    found = [interval.mean_interval(row) for row in values]
    assert covered(found, float(shares.mean())) >= least_hits(0.93)


def test_percentile_bootstrap_fails_where_ours_does_not() -> None:
    """A share of 0.01 over 50 segments: no hit in 60 % of cells, and then a bootstrap of no width.
    At a peak of 0.1 on a plateau the bootstrap keeps the upward bias of a maximum."""
    cells = 200
    shares = np.full(1, 0.01)
    hits = simulate_cells(np.random.default_rng(10), shares, 50, 0.5, cells)
    plateau = simulate_cells(np.random.default_rng(11), profile("flat", 31, 0.1), 50, 0.5, cells)

    def percentile(cell: np.ndarray) -> tuple[float, float]:
        found = bootstrap(
            (np.arange(cell.shape[1]),),
            lambda drawn: cell[:, drawn].mean(axis=1).max(),
            n_resamples=200,
            vectorized=False,
            method="percentile",
            rng=np.random.default_rng(12),
        )
        return found.confidence_interval.low, found.confidence_interval.high

    fails = int(binom.ppf(0.999, cells, 0.5))
    assert covered([percentile(cell) for cell in hits], 0.01) <= fails
    assert covered([percentile(cell) for cell in plateau], 0.1) <= fails
    assert covered([interval.max_interval(c) for c in hits], 0.01) >= least_hits(0.93, cells)
    assert covered([interval.mean_interval(c[0]) for c in hits], 0.01) >= least_hits(0.93, cells)
    assert covered([interval.max_interval(c) for c in plateau], 0.1) >= least_hits(0.93, cells)


@given(hit_matrices)
def test_holds_the_score_within_bounds_and_has_width(hits: np.ndarray) -> None:
    for (low, high), point in (
        (interval.mean_interval(hits.mean(axis=0)), hits.mean(axis=0).mean()),
        (interval.max_interval(hits), hits.mean(axis=1).max()),
    ):
        assert 0 <= low <= point <= high <= 1
        assert low < high


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("shape", [(19, 50), (31, 100), (1, 2)])
def test_no_hit_and_every_hit_have_width(value: bool, shape: tuple[int, int]) -> None:
    hits = np.full(shape, value)
    for low, high in (interval.mean_interval(hits.mean(axis=0)), interval.max_interval(hits)):
        assert (low, high)[value] == float(value)
        assert high - low > 1 / shape[1]


@given(hit_matrices, st.randoms(use_true_random=False))
def test_segment_order_does_not_matter(hits: np.ndarray, random: object) -> None:
    order = np.random.default_rng(random.randrange(2**32)).permutation(hits.shape[1])  # type: ignore[attr-defined]
    assert interval.max_interval(hits) == interval.max_interval(hits[:, order])
    first = interval.mean_interval(hits.mean(axis=0))
    assert first == pytest.approx(interval.mean_interval(hits[:, order].mean(axis=0)), abs=1e-12)


def test_one_layer_is_a_mid_p_interval() -> None:
    """One layer has no maximum to allow for: the tails are the two stated ones."""
    low, high = interval.max_interval(np.arange(50)[None] < 12)
    assert binom.sf(12, 50, low) + binom.pmf(12, 50, low) / 2 == pytest.approx(0.035)
    assert binom.cdf(11, 50, high) + binom.pmf(12, 50, high) / 2 == pytest.approx(0.025)


def test_copies_of_a_layer_cost_little() -> None:
    """Copies are one layer; only the cap on the correlation lowers the low end, by under half of
    what as many Clopper-Pearson limits with Bonferroni's tail would."""
    layer = np.random.default_rng(13).random((1, 50)) < 0.3
    count = int(layer.sum())
    one, many = interval.max_interval(layer), interval.max_interval(np.repeat(layer, 31, axis=0))
    separate = proportion_confint(count, 50, alpha=2 * 0.035 / 31, method="beta")[0]
    assert many[1] == pytest.approx(one[1])
    assert 0 <= one[0] - many[0] < (one[0] - separate) / 2


@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 8), st.integers(1, 31), st.integers(2, 60))))
def test_many_rows_are_the_rows_one_by_one(hits: np.ndarray) -> None:
    values = hits.mean(axis=1)
    rows = [interval.mean_interval(row) for row in values]
    assert interval.mean_intervals(values) == pytest.approx(np.array(rows), abs=1e-12)


def test_no_rows_give_no_intervals() -> None:
    assert interval.mean_intervals(np.zeros((0, 50))).shape == (0, 2)


@pytest.mark.parametrize(
    "values",
    [np.zeros(5), np.zeros((2, 1)), np.array([[0.5, -0.1]]), np.array([[0.5, 1.0], [0.5, np.nan]])],
)
def test_rows_refuse_what_is_not_shares(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="values"):
        interval.mean_intervals(values)


@pytest.mark.parametrize(
    "values", [np.zeros((2, 2)), np.zeros(1), np.array([0.5, 1.1]), np.array([0.5, np.nan])]
)
def test_mean_refuses_what_is_not_shares(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="values"):
        interval.mean_interval(values)


@pytest.mark.parametrize(
    "hits", [np.zeros((2, 5)), np.zeros(5, bool), np.zeros((0, 5), bool), np.zeros((3, 1), bool)]
)
def test_max_refuses_what_is_not_hits(hits: np.ndarray) -> None:
    with pytest.raises(ValueError, match="bool"):
        interval.max_interval(hits)


def test_import_loads_no_statistics_library() -> None:
    code = (
        "import sys, results.interval; print(sorted({'scipy', 'statsmodels', 'pandas', 'torch'}"
        " & {name.split('.')[0] for name in sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_benchmark_runs_and_calls_the_shipped_method() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.intervals", "--quick", "--cells", "2"],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert f"chosen: {interval.METHOD}" in found.stdout
