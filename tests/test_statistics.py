"""Every statistic against its formula written slowly, worked examples, and degenerate layers."""

import math
import re

import numpy as np
import pytest
import slow_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators import statistics
from evaluators.statistics import curves
from results.methods import STATISTICS

seeds = st.integers(0, 2**32 - 1)
NAME = re.compile(r"^[a-z][a-z0-9-]{0,39}$")


def vectors(seed, n, hidden=6):
    rng = np.random.default_rng(seed)
    pivot = rng.normal(size=(n, hidden)) + 1
    other = pivot + rng.normal(size=(n, hidden))
    return pivot.astype(np.float32), other.astype(np.float32)


def value(name, pivot, other):
    """The statistic of one layer; None where it is left out."""
    found = curves([name], [pivot], [other]).get(name)
    return found and found["value"][0]


def distance(a, b):
    return math.dist(a.tolist(), b.tolist())


def unit(vector):
    wide = vector.astype(float)
    return wide / math.sqrt(wide @ wide)


def variances(other):
    """Eigenvalues of the covariance of dimensions: σ² but for a factor."""
    found = np.linalg.eigvalsh(np.cov(other.astype(float), rowvar=False))
    return [max(each, 0) for each in found]


def anisotropy(_, other):
    return max(variances(other)) / sum(variances(other))


def entropy(weights):
    shares = [weight / sum(weights) for weight in weights]
    return -sum(share * math.log(share) for share in shares if share > 1e-15)


def effective_rank(_, other):
    kept = sorted(variances(other))[-min(len(other) - 1, other.shape[1]) :]
    return math.exp(entropy([math.sqrt(each) for each in kept]))


def matrix_entropy(_, other):
    wide = other.astype(float)
    return entropy([max(each, 0) for each in np.linalg.eigvalsh(wide @ wide.T)])


def intrinsic_dimension(_, other):
    ratios = []
    for i, a in enumerate(other):
        first, second = sorted(distance(a, b) for j, b in enumerate(other) if j != i)[:2]
        ratios.append(math.log(second / first))
    return len(ratios) / sum(ratios)


def closeness(pivot, other):
    pairs = zip(pivot, other, strict=True)
    return sum(distance(unit(a), unit(b)) ** 2 for a, b in pairs) / len(pivot)


def uniformity(_, other):
    found = [
        math.exp(-2 * distance(unit(a), unit(b)) ** 2)
        for i, a in enumerate(other)
        for b in other[:i]
    ]
    return math.log(sum(found) / len(found))


def neighbourhood_overlap(pivot, other):
    total = 0
    for i in range(len(pivot)):
        others = [j for j in range(len(pivot)) if j != i]
        near = [
            set(sorted(others, key=lambda j: -slow_scores.cosine(side[i], side[j]))[:5])
            for side in (pivot, other)
        ]
        total += len(near[0] & near[1]) / 5
    return total / len(pivot)


SLOW = {
    "anisotropy": anisotropy,
    "intrinsic-dimension": intrinsic_dimension,
    "effective-rank": effective_rank,
    "closeness": closeness,
    "uniformity": uniformity,
    "matrix-entropy": matrix_entropy,
    "neighbourhood-overlap": neighbourhood_overlap,
}


@pytest.mark.parametrize("name", SLOW)
@settings(max_examples=25)
@given(seeds, st.integers(7, 12))
def test_a_statistic_is_what_its_formula_says(name, seed, n):
    pivot, other = vectors(seed, n)
    assert value(name, pivot, other) == pytest.approx(SLOW[name](pivot, other), rel=1e-6)


@settings(max_examples=15)
@given(seeds, st.sampled_from([5, 16, 37]))
def test_leading_dimensions_are_scored_as_if_there_were_no_others(seed, hidden):
    pivot, other = vectors(seed, 8, hidden)
    found = curves(["leading-dimensions"], [pivot] * 2, [other] * 2)["leading-dimensions"]
    sizes = list(dict.fromkeys(max(1, hidden // part) for part in (16, 8, 4, 2, 1)))
    assert list(found) == [f"d-{size}" for size in sizes]
    for size in sizes:
        near = slow_scores.SCORES["alignment"](pivot[:, :size], other[:, :size])
        assert found[f"d-{size}"] == [np.mean([near[i][i] for i in range(8)])] * 2


def test_every_statistic_of_the_catalogue_is_here_and_no_other():
    here = {*statistics.ALONE, *statistics.PIVOTED, "curvature", "leading-dimensions"}
    assert here == set(STATISTICS)
    pivoted = {name for name, each in STATISTICS.items() if each.pivoted}
    assert pivoted == {*statistics.PIVOTED, "leading-dimensions"}


def test_the_corners_of_a_square():
    """Two equal variances; inner products 2, 0 and -2; squared distances of units 2, 2 and 4."""
    square = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], np.float32)
    assert value("anisotropy", square, square) == pytest.approx(1 / 2)
    assert value("effective-rank", square, square) == pytest.approx(2)
    assert value("matrix-entropy", square, square) == pytest.approx(math.log(2))
    mean = (4 * math.exp(-4) + 2 * math.exp(-8)) / 6
    assert value("uniformity", square, square) == pytest.approx(math.log(mean))
    assert value("closeness", square, square) == pytest.approx(0)
    assert value("closeness", square, -square) == pytest.approx(4)
    assert value("intrinsic-dimension", square, square) is None  # both neighbours equally far


def test_points_on_a_line_and_in_a_square_have_one_dimension_and_two():
    """In 50 dimensions; the estimate's standard error is d over the root of n."""
    rng = np.random.default_rng(0)
    for dimension in (1, 2):
        plane = rng.uniform(size=(400, dimension)) @ rng.normal(size=(dimension, 50))
        found = value("intrinsic-dimension", plane, plane)
        assert found == pytest.approx(dimension, abs=4 * dimension / math.sqrt(400))


def test_neighbours_that_tie_are_none_and_other_neighbours_are_not_shared():
    equal = np.ones((8, 4), np.float32)
    assert value("neighbourhood-overlap", equal, equal) == 0
    pivot, other = vectors(0, 200, 32)
    assert value("neighbourhood-overlap", pivot, pivot) == 1
    unrelated = np.random.default_rng(1).permutation(other)
    assert value("neighbourhood-overlap", pivot, unrelated) < 0.1


def test_a_collapsed_layer_has_a_finite_number_everywhere():
    rounded = np.tile(np.random.default_rng(0).normal(size=64), (9, 1)).astype(np.float32)
    for layer in (rounded, np.zeros_like(rounded)):
        found = curves(["all"], [layer], [layer], np.array([[np.nan] * 8 + [1.5]]))
        assert set(found) == set(STATISTICS)
        single = {name: found[name]["value"] for name in found if name != "leading-dimensions"}
        assert single.pop("anisotropy") == [1]
        assert single.pop("curvature") == [1.5]
        for name, numbers in single.items():
            assert numbers == pytest.approx([0], abs=1e-12), name
        assert set(map(tuple, found["leading-dimensions"].values())) == {(0.0,)}


@pytest.mark.parametrize("n", [2, 3, 6, 7])
def test_a_curve_has_a_finite_number_for_each_layer_and_a_name_that_records_take(n):
    layers = [vectors(seed, n) for seed in range(3)]
    pivot, other = [a for a, _ in layers], [b for _, b in layers]
    found = curves(["all"], pivot, other, np.ones((3, n)))
    left_out = {"intrinsic-dimension"} if n == 2 else set()
    left_out |= {"neighbourhood-overlap"} if n < 7 else set()
    assert set(found) == set(STATISTICS) - left_out
    for name, lines in found.items():
        assert lines
        for line, numbers in lines.items():
            assert NAME.match(line) and len(numbers) == 3, name
            assert all(isinstance(each, float) and math.isfinite(each) for each in numbers)


def test_what_cannot_be_told_is_left_out():
    pivot, other = vectors(0, 8)
    alone = curves(["all"], None, [other])
    assert set(alone) == set(statistics.ALONE)
    untold = curves(["curvature"], [pivot], [other], np.array([[np.nan] * 8]))
    assert untold == {}
    broken = other.copy()
    broken[0, 0] = np.nan
    assert curves(["all"], [pivot], [broken]) == {}
    half = np.array([[1.0, np.nan, 2.0]])
    assert curves(["curvature"], None, [other], half) == {"curvature": {"value": [1.5]}}


def test_an_unknown_statistic_is_refused():
    pivot, other = vectors(0, 8)
    with pytest.raises(ValueError, match="no statistic entropy; there are anisotropy"):
        curves(["entropy"], [pivot], [other])
