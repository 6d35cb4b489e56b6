"""Which models differ: paired tests over segments, and the ranks that they leave open.

Every model is measured on the same n segments, so a difference is that of one segment's two
values, averaged over segments. Layers and languages of a segment are dependent and are averaged
before, never counted as independent evidence.

How often equal models are called different and a true difference is found is printed by
`python -m benchmarks.ranks`: `benchmarks/ranks.txt`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVEL = 0.05

_PAIRS = 8192  # at a time, so that they stay small
_NEARLY_SAME = 1e-6  # summed squares under which all differences may be equal
_SAME = 1e-6  # shares are ratios of counts: nearer than this is rounding


@dataclass(frozen=True)
class Difference:
    """Mean paired difference a - b with its 95 % interval and two-sided p; NaN where unknown."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    """Below 0.05 exactly where the interval leaves out 0."""


def better(values: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Bool (models, models): [i, j] where i is significantly better than j.

    values: (models, n) in [0, 1]; a model's value for each segment. A row that holds NaN is
    neither better nor worse. level: of each two-sided test; not corrected for many pairs.
    Raises ValueError if values is not (models, n) with n of at least two, or leaves [0, 1].

    Paired t test with n - 1 degrees of freedom, the variance of the difference d being
    `((n - 1) s^2 + b) / n`: s^2 the sample variance and `b = n / (n - 1) (max - m)(m - min)` its
    upper bound (Bhatia and Davis 2000), m the mean of d, max and min over the observed d and 0.
    The t test alone is at its level, so chance puts it above in half of all settings; one degree
    of freedom given to the bound keeps it below. Where all d are equal to c there is no variance:
    they differ if `(1 + |c|)^-n < level`, the largest chance of seeing c n times when the true
    mean is 0 (then a share c / (1 + c) of segments has the other extreme, 1).
    """
    values = _shares(values)
    if values.ndim != 2:
        raise ValueError(f"values has shape {values.shape}; pass (models, segments)")
    known = np.isfinite(values).all(axis=1)
    rows = values[known]
    n = rows.shape[1]
    mean = rows.mean(axis=1)
    centred = rows - mean[:, None]
    product = centred @ centred.T
    own = np.diag(product)
    squares = own[:, None] + own[None, :] - 2 * product
    difference = mean[:, None] - mean[None, :]
    # No pair's range is wider than its rows': most pairs are decided without their segments.
    widest = (rows.max(axis=1)[:, None] - rows.min(axis=1)[None, :]).clip(0)
    least = squares.clip(0)
    most = least + n / (n - 1) * (widest - difference) * (difference + widest.T)
    critical = _critical(n, level) / n
    inner = difference > critical * np.sqrt(most.clip(0))
    unsure = (difference > critical * np.sqrt(least)) & (~inner | (least < _NEARLY_SAME))
    i, j = np.nonzero(unsure)
    for at in range(0, len(i), _PAIRS):
        one, other = i[at : at + _PAIRS], j[at : at + _PAIRS]
        paired = rows[one] - rows[other]
        largest, smallest = paired.max(axis=1), paired.min(axis=1)
        value = difference[one, other]
        half = critical * n * _error(value, squares[one, other], smallest, largest, n)
        same = largest - smallest <= _SAME
        inner[one, other] = value > np.where(same, level ** (-1 / n) - 1, half)
    out = np.zeros((len(values), len(values)), np.bool_)
    out[np.ix_(known, known)] = inner
    return out


def better_max(best: np.ndarray, crossfit: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """`better` for max pooling: where i is better both at the best layer and cross-fitted.

    best, crossfit: (models, n), means over languages of the two arrays of `results.peaks.peaks`.

    Neither alone holds its level: cross-fitted values vary with the layer that chance chose, which
    the segments do not show; values at the best layer are biased by how flat a model's layers are.
    """
    return better(best, level) & better(crossfit, level)


def ranges(
    better: np.ndarray, among: np.ndarray | None = None, group: np.ndarray | None = None
) -> np.ndarray:
    """Ranks that the tests leave open, int (N, 2): 1 + number better, N - number worse.

    better: bool (N, N) as `better` gives it. among: bool (N,), the rows that take part, by default
    all; the others get 0 and 0. group: labels (N,); ranked within each, by default one group.
    Raises ValueError if the shapes do not fit.
    """
    better = np.asarray(better)
    size = len(better)
    taking = np.ones(size, np.bool_) if among is None else np.asarray(among)
    labels = np.zeros(size, np.int64) if group is None else np.asarray(group)
    if better.shape != (size, size) or taking.shape != (size,) or labels.shape != (size,):
        raise ValueError(
            f"better has shape {better.shape}, among {taking.shape}, group {labels.shape}; "
            "pass (N, N), (N,), (N,)"
        )
    together = (labels[:, None] == labels[None, :]) & taking[:, None] & taking[None, :]
    counted = better & together
    low = 1 + counted.sum(axis=0)
    high = together.sum(axis=1) - counted.sum(axis=1)
    return np.where(taking[:, None], np.column_stack([low, high]), 0)


def difference(a: np.ndarray, b: np.ndarray) -> Difference:
    """Mean of a - b over segments, the last axis, by the test of `better`.

    a, b: (..., n) in [0, 1], shapes that broadcast; NaN gives NaN.
    Raises ValueError as `better` does.

    Where all differences equal c the interval is `c - q (1 + c)` to `c + q (1 - c)`, with
    `q = 1 - 0.05^(1/n)` the largest share of segments that could have gone unseen.
    """
    from scipy.special import stdtr

    paired = _shares(a) - _shares(b)
    n = paired.shape[-1]
    value = paired.mean(axis=-1)
    squares = ((paired - value[..., None]) ** 2).sum(axis=-1)
    smallest, largest = paired.min(axis=-1), paired.max(axis=-1)
    error = _error(value, squares, smallest, largest, n)
    half = _critical(n, LEVEL) * error
    same = largest - smallest <= _SAME
    p = 2 * stdtr(n - 1, -np.abs(value) / np.where(same, 1.0, error))
    p = np.where(same, (1 + np.abs(value)) ** -float(n), p)
    unseen = 1 - LEVEL ** (1 / n)
    low = np.where(same, value - unseen * (1 + value), value - half)
    high = np.where(same, value + unseen * (1 - value), value + half)
    return Difference(value, np.maximum(low, -1.0), np.minimum(high, 1.0), p)


def difference_max(
    best_a: np.ndarray, crossfit_a: np.ndarray, best_b: np.ndarray, crossfit_b: np.ndarray
) -> Difference:
    """`difference` for max pooling, by the test of `better_max`: arrays (..., n).

    The value is that of the best layers, as reported; the interval spans those of the best-layer
    and the cross-fitted difference; p is the larger, and 1 where the two have opposite signs.
    """
    best, crossfit = difference(best_a, best_b), difference(crossfit_a, crossfit_b)
    opposite = best.value * crossfit.value < 0
    return Difference(
        best.value,
        np.minimum(best.low, crossfit.low),
        np.maximum(best.high, crossfit.high),
        np.where(opposite, 1.0, np.maximum(best.p, crossfit.p)),
    )


def adjusted(p: np.ndarray) -> np.ndarray:
    """p adjusted by Benjamini and Hochberg (1995) over all of the array; NaN is left out and kept.

    A share of at most 5 % of those under 0.05 is expected to be false.
    """
    from scipy.stats import false_discovery_control

    p = np.asarray(p, dtype=np.float64)
    out = p.copy()
    known = np.isfinite(p)
    if known.any():
        out[known] = false_discovery_control(p[known])
    return out


def _shares(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim < 1 or values.shape[-1] < 2:
        raise ValueError(
            f"shape {values.shape}; pass one value a segment on the last axis, at least two"
        )
    if ((values < 0) | (values > 1)).any():
        raise ValueError("values must lie in [0, 1]; pass the share of hits of each segment")
    return values


def _critical(n: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 1 - level / 2))


def _error(
    mean: np.ndarray, squares: np.ndarray, smallest: np.ndarray, largest: np.ndarray, n: int
) -> np.ndarray:
    """Standard error of a mean of n paired differences; squares: summed, centred."""
    # a sum of squares is at least half of the squared range: what rounding could undercut
    squares = np.maximum(squares, (largest - smallest) ** 2 / 2)
    # the mean may leave the range by rounding
    bound = np.maximum((np.maximum(largest, 0) - mean) * (mean - np.minimum(smallest, 0)), 0)
    return np.sqrt((squares + n / (n - 1) * bound) / n / n)
