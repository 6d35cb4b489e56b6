"""Every score against its formula written slowly; collapse, ties, chance."""

import subprocess
import sys

import numpy as np
import pytest
import slow_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.alignment import PAIRINGS, chance
from evaluators.scores import CREDITS, Pair, credit, measured
from results.methods import SCORES

seeds = st.integers(0, 2**32 - 1)
LOOKED_UP = [name for name in CREDITS if name != "mapped-alignment"]


def related(seed, n, noise=1.0, hidden=8, shift=0.0):
    """Vectors (n, hidden) of two languages that share something."""
    rng = np.random.default_rng(seed)
    pivot = rng.normal(size=(n, hidden)) + shift
    other = pivot + noise * rng.normal(size=(n, hidden))
    return pivot.astype(np.float32), other.astype(np.float32)


def with_traps(pivot, other, doubled, zero):
    """Two segments made equal, in one language or both, and one vector 0."""
    if doubled:
        pivot[1] = pivot[0]
    if doubled == 2:
        other[1] = other[0]
    if zero:
        other[-1] = 0
    return pivot, other


def test_every_score_of_the_catalogue_is_here_and_no_other():
    assert list(CREDITS) == list(SCORES)


@pytest.mark.parametrize("name", LOOKED_UP)
@settings(max_examples=25)
@given(seeds, st.integers(2, 13), st.sampled_from([0.0, 2.0]), st.integers(0, 2), st.booleans())
def test_a_score_is_what_its_formula_says(name, seed, n, shift, doubled, zero):
    pivot, other = with_traps(*related(seed, n, shift=shift), doubled, zero)
    found = credit(name, Pair(pivot, other))
    expected = np.array(slow_scores.SCORES[name](pivot, other))
    assert found.shape == (n, n)
    assert found.dtype == (bool if SCORES[name].hits else np.float64)
    assert (found == expected).all()


@pytest.mark.parametrize("name", LOOKED_UP)
@given(seeds, st.integers(2, 13))
def test_a_random_pairing_looks_up_what_a_permuted_language_would_score(name, seed, n):
    """With the permutations that alignment@1's records were made with."""
    pivot, other = related(seed, n)
    hits, shares = measured([name], [pivot], [other], seed)[name]
    rng = np.random.default_rng(seed)
    for pairing in range(3):
        again = credit(name, Pair(pivot, other[rng.permutation(n)]))
        assert shares[pairing, 0] == again.diagonal().mean()
    assert (hits[0] == credit(name, Pair(pivot, other)).diagonal()).all()


@pytest.mark.parametrize("name", CREDITS)
def test_a_collapsed_model_finds_nothing(name):
    rng = np.random.default_rng(0)
    for n in (2, 7, 20):
        same = np.tile(rng.normal(size=640).astype(np.float32), (n, 1))
        for other in (same, 3 * same, np.zeros_like(same)):
            found = credit(name, Pair(same, other))
            assert found.max() <= (0 if SCORES[name].hits else 1 / n)


@pytest.mark.parametrize("name", ["centred-alignment", "mapped-alignment"])
def test_rounding_of_a_collapsed_model_is_no_direction(name):
    """Equal vectors, but for the last bits of float32, and the same bits in both languages."""
    rng = np.random.default_rng(0)
    one = rng.normal(size=64)
    almost = (one * (1 + 1e-7 * rng.normal(size=(20, 64)))).astype(np.float32)
    assert len(np.unique(almost, axis=0)) == 20
    assert not credit(name, Pair(almost, almost)).any()


@pytest.mark.parametrize("name", CREDITS)
def test_translations_that_are_the_same_vectors_are_found_and_equal_segments_are_not(name):
    pivot, _ = related(0, 30, shift=1.0)
    assert credit(name, Pair(pivot, pivot)).diagonal().all()
    pivot[1] = pivot[0]
    found = credit(name, Pair(pivot, pivot)).diagonal()
    worst = 0 if SCORES[name].hits else 1 / 2
    assert found.tolist() == [worst, worst] + [1] * 28


@pytest.mark.parametrize("name", CREDITS)
def test_vectors_that_are_not_finite_earn_nothing(name):
    for broken in (np.nan, np.inf):
        pivot, other = related(0, 6)
        other[2, 1] = broken
        assert not credit(name, Pair(pivot, other)).any()


def test_unrelated_languages_score_at_chance():
    """They exceed the 95th percentile about one time in twenty, or less.

    200 layers; the share above it may be up to 5 % and four standard errors of that.
    """
    pivot, other = np.random.default_rng(0).normal(size=(2, 200, 20, 32))
    for name, (found, shares) in measured(CREDITS, list(pivot), list(other), 0).items():
        levels = np.array([chance(column) for column in shares.T])
        above = (found.mean(axis=1) > levels + 1e-9).mean()
        assert 0 < above <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 200), name


def test_a_worked_example():
    """Segment 1 of the language is a hub: nearest to both pivot segments, most to its own."""
    pivot = np.array([[1, 0], [0.6, 0.8]], np.float32)
    other = np.array([[0.6, -0.8], [0.8, 0.6]], np.float32)
    pair = Pair(pivot, other)
    np.testing.assert_allclose(pair.cosines, [[0.6, 0.8], [-0.28, 0.96]], atol=1e-6)
    assert credit("alignment", pair).tolist() == [[False, False], [False, True]]
    assert credit("search-from-pivot", pair).tolist() == [[False, True], [False, True]]
    assert credit("search-to-pivot", pair).tolist() == [[True, False], [False, True]]
    # One neighbour each: r(P) = .8, .96; r(L) = .6, .96; ratios .86, .91 and -.36, 1.
    assert credit("ratio-margin-from-pivot", pair).tolist() == [[False, True], [False, True]]
    # 2 C - r(L): .6, .64 and -1.16, .96.
    assert credit("csls", pair).tolist() == [[False, True], [False, True]]
    assert credit("reciprocal-rank", pair).tolist() == [[0.5, 1], [0.5, 1]]


def test_csls_finds_behind_a_hub_what_search_does_not():
    """Segment 0 has cosine .7 to its own, .8 to the hub: 2 x .7 - .7 is over 2 x .8 - .96."""
    matrix = np.array([[0.7, 0.8], [-0.2, 0.96]])
    pair = Pair(np.ones((2, 1), np.float32), np.ones((2, 1), np.float32))
    vars(pair)["cosines"] = matrix
    assert credit("search-from-pivot", pair).diagonal().tolist() == [False, True]
    assert credit("csls", pair).diagonal().tolist() == [True, True]
    assert credit("ratio-margin-from-pivot", pair).diagonal().tolist() == [True, True]


def test_scores_of_several_layers_share_their_pairings():
    layers = [related(seed, 12) for seed in range(3)]
    pivot, other = [a for a, _ in layers], [b for _, b in layers]
    together = measured(list(CREDITS), pivot, other, 5)
    for name in CREDITS:
        found, shares = together[name]
        assert found.shape == (3, 12) and shares.shape == (PAIRINGS, 3)
        for layer in range(3):
            alone = measured([name], [pivot[layer]], [other[layer]], 5)[name]
            assert (found[layer] == alone[0][0]).all()
            assert (shares[:, layer] == alone[1][:, 0]).all()


@pytest.mark.parametrize("name", CREDITS)
def test_one_segment_is_refused(name):
    with pytest.raises(ValueError, match="two segments"):
        credit(name, Pair(np.ones((1, 4)), np.ones((1, 4))))


def test_an_unknown_score_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="no score bleu; there are alignment, centred-alignment"):
        credit("bleu", Pair(np.ones((2, 4)), np.ones((2, 4))))


def test_scores_statistics_and_noise_load_no_torch():
    code = "import sys, evaluators.scores, evaluators.statistics, evaluators.noise;"
    words = [sys.executable, "-c", code + "print('torch' in sys.modules)"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "False"
