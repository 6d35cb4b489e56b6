from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binom

from benchmarks.max_averages import CHOSEN, run
from results.interval import mean_intervals
from results.peaks import average_max_interval, peaks

all_hits = hnp.arrays(
    np.bool_, st.tuples(st.integers(0, 4), st.integers(1, 12), st.integers(2, 30))
)


@given(all_hits)
def test_peaks_are_as_written_out(hits: np.ndarray) -> None:
    best, crossfit = peaks(hits)
    for cell, at_best, held_out in zip(hits, best, crossfit, strict=True):
        assert (at_best == cell[cell.sum(axis=1).argmax()]).all()
        for half, other in ((0, 1), (1, 0)):
            counts = cell[:, other::2].sum(axis=1)
            edged = [counts[0], *counts, counts[-1]]
            scores = [edged[k] + 2 * edged[k + 1] + edged[k + 2] for k in range(len(counts))]
            assert (held_out[half::2] == cell[int(np.argmax(scores)), half::2]).all()


@given(all_hits)
def test_best_is_the_reported_value_and_never_below_crossfit(hits: np.ndarray) -> None:
    best, crossfit = peaks(hits)
    assert best.shape == crossfit.shape == (len(hits), hits.shape[2])
    assert (best.sum(axis=1) == hits.sum(axis=2).max(axis=1)).all()
    if hits.shape[1] == 1:
        assert (best == crossfit).all()


@given(all_hits)
def test_the_layer_is_chosen_without_the_half_it_is_scored_on(hits: np.ndarray) -> None:
    """Turning over every hit of the even half turns its cross-fitted hits over: same layer."""
    turned = hits.copy()
    turned[:, :, ::2] ^= True
    assert (peaks(turned)[1][:, ::2] == ~peaks(hits)[1][:, ::2]).all()


def test_crossfit_is_unbiased_on_a_plateau_where_best_is_not() -> None:
    hits = np.random.default_rng(3).random((4000, 9, 50)) < 0.3
    best, crossfit = peaks(hits)
    error = (0.3 * 0.7 / crossfit.size) ** 0.5
    assert abs(crossfit.mean() - 0.3) < 4 * error
    assert best.mean() > 0.35


@given(
    hnp.arrays(np.bool_, st.tuples(st.integers(1, 5), st.integers(1, 12), st.integers(2, 30))),
)
def test_interval_holds_the_score_within_bounds_and_has_width(hits: np.ndarray) -> None:
    best, crossfit = (each.mean(axis=0)[None] for each in peaks(hits))
    ((low, high),) = average_max_interval(best, crossfit)
    assert 0 <= low <= best.mean() <= high <= 1
    assert low < high


def test_interval_of_one_layer_is_that_of_a_mean() -> None:
    values = np.random.default_rng(4).random((5, 50))
    assert average_max_interval(values, values) == pytest.approx(mean_intervals(values))


def test_average_of_maxima_covers_where_the_reported_value_alone_does_not() -> None:
    """The count that 20 models of 93 % fall below 1 time in 1,000 is the least allowed."""
    least = 100 * binom.ppf(0.001, 20, 0.93) / 20
    frame = run(models=20, quick=True)
    chosen = frame[frame.method == CHOSEN]
    assert len(chosen) == 12
    assert (chosen.coverage >= least).all()
    assert chosen.coverage.mean() >= 93
    flat = frame[(frame.method == "best layer alone") & (frame.profile == "flat")]
    assert (flat.coverage < least).all()


@pytest.mark.parametrize(
    "hits",
    [
        np.zeros((2, 3, 5)),
        np.zeros((3, 5), bool),
        np.zeros((2, 0, 5), bool),
        np.zeros((2, 3, 1), bool),
    ],
)
def test_refuses_what_is_not_hits(hits: np.ndarray) -> None:
    with pytest.raises(ValueError, match="bool"):
        peaks(hits)


def test_interval_refuses_shapes_that_differ() -> None:
    with pytest.raises(ValueError, match="crossfit"):
        average_max_interval(np.zeros((2, 5)), np.zeros((2, 6)))


def test_benchmark_runs_and_calls_the_shipped_method() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.max_averages", "--quick", "--models", "2"],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert CHOSEN in found.stdout
