"""Properties of the alignment score and of its chance level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evaluators.alignment import PAIRINGS, chance, cosines, margins, nearest, neighbours
from evaluators.scores import measured

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(2, 24)


def related(seed, n, noise=1.0, hidden=16):
    """Vectors (n, hidden) of two languages that share something."""
    rng = np.random.default_rng(seed)
    pivot = rng.normal(size=(n, hidden)).astype(np.float32)
    return pivot, pivot + noise * rng.normal(size=(n, hidden)).astype(np.float32)


def align(pivot, other, seed):
    """Hits (1, n) and shares (PAIRINGS, 1) of one layer."""
    return measured(["alignment"], [pivot], [other], seed)["alignment"]


def hits(pivot, other):
    return align(pivot, other, 0)[0][0]


@given(seeds, sizes)
def test_permuting_both_sides_together_changes_nothing(seed, n):
    pivot, other = related(seed, n)
    order = np.random.default_rng(seed).permutation(n)
    assert (hits(pivot[order], other[order]) == hits(pivot, other)[order]).all()


@given(seeds, sizes)
def test_swapping_the_languages_changes_nothing(seed, n):
    pivot, other = related(seed, n)
    assert (hits(pivot, other) == hits(other, pivot)).all()


@given(seeds, sizes, st.floats(0.01, 100))
def test_the_length_of_a_vector_changes_nothing(seed, n, factor):
    pivot, other = related(seed, n)
    assert (hits(pivot * np.float32(factor), other) == hits(pivot, other)).all()


@given(sizes, seeds)
def test_a_collapsed_model_scores_0(n, seed):
    one = np.random.default_rng(seed).normal(size=16).astype(np.float32)
    collapsed = np.tile(one, (n, 1))
    assert not hits(collapsed, collapsed).any()
    assert not hits(collapsed, np.zeros_like(collapsed)).any()


@given(seeds, sizes)
def test_identical_sides_score_1(seed, n):
    pivot, _ = related(seed, n)
    assert hits(pivot, pivot).all()


@given(seeds, st.integers(3, 24))
def test_two_equal_segments_do_not_count(seed, n):
    pivot, _ = related(seed, n)
    pivot[1] = pivot[0]
    assert hits(pivot, pivot).tolist() == [False, False] + [True] * (n - 2)


@given(arrays.arrays(np.float64, (7, 7), elements=st.floats(-1, 1)))
def test_margins_and_neighbours_are_what_two_loops_say(matrix):
    found = margins(matrix)
    for i in range(7):
        for j in range(7):
            rivals = [matrix[i, k] for k in range(7) if k != j]
            rivals += [matrix[k, j] for k in range(7) if k != i]
            assert found[i, j] == matrix[i, j] - max(rivals)
    near = neighbours(matrix)
    assert near.sum(axis=0).max() <= 1 and near.sum(axis=1).max() <= 1
    assert (near == (nearest(matrix) & nearest(matrix.T).T)).all()


def test_random_pairings_score_at_the_chance_level():
    """Unrelated languages exceed the 95th percentile about one time in twenty, or less.

    400 pairs; the share above it may be up to 5 % and four standard errors of that.
    """
    above = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        pivot, other = rng.normal(size=(2, 50, 32))
        found, shares = align(pivot, other, seed)
        assert shares.shape == (PAIRINGS, 1)
        above += found.mean() > chance(shares[:, 0])
    assert 0 < above / 400 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)


def test_related_languages_are_above_chance():
    pivot, other = related(0, 50, noise=0.3)
    found, shares = align(pivot, other, 0)
    assert found.mean() > 0.9 > 0.1 > chance(shares[:, 0])


def test_a_pairing_is_a_permutation_of_the_columns():
    """What is looked up in the mutual neighbours is what a permuted matrix would score."""
    pivot, other = related(3, 20, noise=0.5)
    matrix = cosines(pivot, other)
    order = np.random.default_rng(0).permutation(20)
    _, shares = align(pivot, other, 0)
    assert shares[0, 0] == neighbours(matrix[:, order]).diagonal().mean()


def test_what_a_record_keeps_has_the_last_digit_of_one_pairing_at_a_time():
    """As alignment@1's records were made: their chance levels are compared as they stand."""
    layers = [related(seed, 50, noise=3, hidden=64) for seed in range(19)]
    pivot, other = [a for a, _ in layers], [b for _, b in layers]
    found, shares = measured(["alignment"], pivot, other, 7)["alignment"]
    near = np.stack([neighbours(cosines(a, b)) for a, b in layers])
    rng = np.random.default_rng(7)
    slow = np.stack([near[:, range(50), rng.permutation(50)].mean(axis=1) for _ in range(PAIRINGS)])
    assert shares.tobytes() == slow.tobytes() and shares.mean() > 0
    assert shares.mean(axis=1).tobytes() == slow.mean(axis=1).tobytes()
    assert (found == near[:, range(50), range(50)]).all()


def test_one_segment_is_refused():
    with pytest.raises(ValueError, match="two segments"):
        align(np.ones((1, 4)), np.ones((1, 4)), 0)


def test_cosine_with_a_zero_vector_is_0():
    assert cosines(np.zeros((2, 3)), np.ones((2, 3))).tolist() == [[0, 0], [0, 0]]
