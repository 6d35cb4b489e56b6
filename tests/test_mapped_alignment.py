"""Alignment after an orthogonal map that was fitted on other segments."""

import numpy as np
import slow_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.scores import Pair, credit
from evaluators.scores.mapped_alignment import mapped

seeds = st.integers(0, 2**32 - 1)


def turn(rng, hidden):
    """A random orthogonal matrix."""
    return np.linalg.qr(rng.normal(size=(hidden, hidden)))[0]


def related(seed, n, hidden=4):
    rng = np.random.default_rng(seed)
    pivot = rng.normal(size=(n, hidden))
    return rng, pivot, pivot @ turn(rng, hidden) + 0.5 * rng.normal(size=(n, hidden))


@settings(max_examples=30)
@given(seeds, st.integers(8, 16))
def test_it_is_procrustes_of_the_other_folds(seed, n):
    _, pivot, other = related(seed, n)
    found = mapped(Pair(pivot, other))
    np.testing.assert_allclose(found, slow_scores.mapped(pivot, other), atol=1e-9)


@settings(max_examples=30)
@given(seeds, st.integers(8, 16))
def test_a_space_of_more_dimensions_than_segments_changes_nothing(seed, n):
    """The same vectors, each language somewhere else in 64 dimensions: all W that fit agree."""
    rng, pivot, other = related(seed, n)
    wide = Pair(pivot @ turn(rng, 64)[:4], other @ turn(rng, 64)[:4])
    np.testing.assert_allclose(mapped(wide), mapped(Pair(pivot, other)), atol=1e-9)


def test_a_language_that_is_the_pivot_turned_and_shifted_is_found_only_by_the_map():
    rng = np.random.default_rng(0)
    pivot = rng.normal(size=(50, 20)) @ rng.normal(size=(20, 640))
    other = (pivot @ turn(rng, 640) + 5).astype(np.float32)
    pair = Pair(pivot.astype(np.float32), other)
    assert credit("mapped-alignment", pair).diagonal().all()
    assert credit("alignment", pair).diagonal().mean() < 0.2
    assert credit("centred-alignment", pair).diagonal().mean() < 0.2


@settings(max_examples=30)
@given(seeds, st.sampled_from([4, 40]))
def test_a_fold_is_mapped_without_a_look_at_its_own_pairs(seed, hidden):
    """Exchanging translations within a fold exchanges its columns and moves nothing else of it."""
    rng, pivot, other = related(seed, 20, hidden)
    fold = np.arange(3, 20, 5)
    order = np.arange(20)
    order[fold] = rng.permutation(fold)
    before, after = mapped(Pair(pivot, other)), mapped(Pair(pivot, other[order]))
    np.testing.assert_allclose(after[:, fold], before[:, order[fold]], atol=1e-9)


def test_a_few_segments_have_no_map():
    for n in (2, 3, 4):
        pivot = np.random.default_rng(n).normal(size=(n, 16))
        assert mapped(Pair(pivot, pivot)).shape == (n, n)
    two = np.random.default_rng(0).normal(size=(2, 16))
    assert not mapped(Pair(two, two)).any()
