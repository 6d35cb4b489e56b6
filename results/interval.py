"""95 % intervals for the mean-pooled score of a cell, a model's average, and the max-pooled score.

The target is the true value over the population that the n segments stand for: the mean over
layers of the true shares p_l, or max_l p_l. Segments are the sampling unit; layers and languages
of one segment are dependent and are never counted as independent evidence.

A hit depends on the other segments too, so the true value is that of a corpus of this n.

The methods were chosen by `python -m benchmarks.intervals`; coverage and width of each candidate
in each setting are in `benchmarks/intervals.txt`. No setting covers under 93 %. Some cover more
than 97 %: 3 of 112 for the mean and 4 of 24 for a model's average, at peaks up to 0.1 (up to
99.1 %), and 36 of 126 for the max (up to 99.6 %), all but two at peaks up to 0.1 or of 0.9. There
few segments differ: with a share of 0.01 and n = 50, 61 % of cells have no hit, and whether a
layer stands alone or on a plateau, which moves the bias of a max, cannot be told from the counts.
Over-coverage was preferred to under-coverage.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

METHOD = "wilson-neff+sidak-midp@1"
CONFIDENCE = 0.95

_PRIOR_WEIGHT = 0.5  # degrees of freedom given to the bound on the variance
_RANGE_WIDENING = 0.4  # share of the way from the observed extremes to 0 and 1
_LOWER_TAIL = 0.035
_UPPER_TAIL = 0.025
_TIED = 2.0  # McNemar standard errors below the top layer: may still be the true maximum
_LEVEL_WITH_TOP = 0.5  # the same, for layers that count as evidence of a plateau
_PLATEAU_PRIOR = 10.0  # discordant segments at which that evidence counts half
_GRID = np.linspace(-8.0, 8.0, 321)


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % interval for the mean of per-segment values.

    values: (n,) in [0, 1]; the share of layers (and of languages) at which segment i counts.
    Returns (low, high) in [0, 1], never of zero width, holding `values.mean()`.
    Raises ValueError if values is not (n,) with n of at least two, or leaves [0, 1].

    Wilson score interval with `m n_eff` hits in `n_eff` trials, m the mean and
    `n_eff = n m (1 - m) / s^2 * (z / t_df)^2` (Korn and Graubard 1998, Survey Methodology
    24:193). s^2 is the sample variance, of `df = 2 n / (kurtosis - 1)` degrees of freedom
    (Satterthwaite), pooled with weight 0.5 with its upper bound `(b - m)(m - a)` (Bhatia and
    Davis 2000), [a, b] the observed range widened 0.4 of the way to [0, 1]. Where all values
    are equal `n_eff = n`.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"values has shape {values.shape}; pass one value a segment")
    low, high = mean_intervals(values[None])[0]
    return float(low), float(high)


def mean_intervals(values: np.ndarray) -> np.ndarray:
    """`mean_interval` of many rows at once: (m, n) in [0, 1] to (m, 2) of low and high.

    Raises ValueError if values is not (m, n) with n of at least two, or leaves [0, 1]; a row that
    holds NaN is refused too: leave out what was not measured.
    """
    values = np.ascontiguousarray(values, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(
            f"values has shape {values.shape}; pass one value a segment, at least two segments"
        )
    if not ((values >= 0) & (values <= 1)).all():  # NaN fails both
        raise ValueError("values must lie in [0, 1]; pass the share of hits of each segment")
    if not len(values):
        return np.empty((0, 2))
    from statsmodels.stats.proportion import proportion_confint

    point = values.mean(axis=1)
    ordered = np.sort(values, axis=1)  # summed in a fixed order: segment order does not matter
    mean = ordered.mean(axis=1)
    trials = _effective_sizes(ordered, mean)
    low, high = proportion_confint(mean * trials, trials, alpha=1 - CONFIDENCE, method="wilson")
    low, high = np.fmax(0.0, np.fmin(low, point)), np.fmin(1.0, np.fmax(high, point))
    return np.column_stack([low, high])


def max_interval(hits: np.ndarray) -> tuple[float, float]:
    """95 % interval for max over layers of the true share.

    hits: bool (layers, n); whether segment i counts at a layer.
    Returns (low, high) in [0, 1], never of zero width, holding `hits.mean(axis=1).max()`.
    Raises ValueError if hits is not a boolean matrix with a layer and at least two segments.

    Both ends are mid-P binomial limits (Lancaster 1961) at the top count T of n, at levels that
    allow for T being a maximum. If m layers share the top rate and their counts are
    equicorrelated normal, `P(max <= x) = E_g Phi((x - sqrt(r) g) / sqrt(1 - r))^m` (Sidak for
    dependent tests); r is the mean phi coefficient between tied layers.
    Low end, tail 0.035: m counts the layers that McNemar's statistic `(T - c) / sqrt(D)` puts
    within 2 of the top, c the layer's count, D the segments at which it and the top layer differ.
    High end, tail 0.025: m = 1 + sum of D / (D + 10) over the layers within 0.5, so a lone high
    layer is not corrected downwards and a plateau, shown by many differing segments, is.
    """
    hits = np.asarray(hits)
    if hits.dtype != np.bool_ or hits.ndim != 2 or hits.shape[0] < 1 or hits.shape[1] < 2:
        raise ValueError(
            f"hits has dtype {hits.dtype} and shape {hits.shape}; pass bool (layers, segments) "
            "with at least one layer and two segments"
        )
    segments = hits.shape[1]
    matrix = hits.astype(np.float64)  # products of 0 and 1 are exact, so order does not matter
    joint = matrix @ matrix.T
    counts = np.diag(joint)
    top = int(counts.argmax())
    most = int(counts[top])
    discordant = most + counts - 2 * joint[top]
    behind = (most - counts) / np.sqrt(np.maximum(discordant, 1))
    tied = behind <= _TIED
    plateau = np.where(behind <= _LEVEL_WITH_TOP, discordant / (discordant + _PLATEAU_PRIOR), 0.0)
    correlation = round(_mean_phi(joint[np.ix_(tied, tied)], segments), 2)
    low = _rate(most, segments, _level(1 - _LOWER_TAIL, float(tied.sum()), correlation))
    high = _rate(
        most, segments, _level(_UPPER_TAIL, round(1 + float(plateau.sum()), 1), correlation)
    )
    point = most / segments
    return min(low, point), max(high, point)


def _effective_sizes(ordered: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Independent yes/no trials that carry as much information as each row's n segments."""
    from scipy.special import ndtri, stdtrit

    n = ordered.shape[1]
    trials = np.full(len(ordered), float(n))
    smallest, largest = ordered[:, 0], ordered[:, -1]
    varied = smallest < largest
    ordered, mean = ordered[varied], mean[varied]
    smallest, largest = smallest[varied], largest[varied]
    squares = (ordered - mean[:, None]) ** 2
    kurtosis = (squares**2).mean(axis=1) / squares.mean(axis=1) ** 2
    df = np.minimum(2 * n / np.maximum(kurtosis - 1, 1e-9), n - 1)
    widened = largest + _RANGE_WIDENING * (1 - largest)
    bound = (widened - mean) * (mean - (1 - _RANGE_WIDENING) * smallest)
    sample = squares.sum(axis=1) / (n - 1)
    variance = (df * sample + _PRIOR_WEIGHT * bound) / (df + _PRIOR_WEIGHT)
    upper = (1 + CONFIDENCE) / 2
    shrink = (ndtri(upper) / stdtrit(df + _PRIOR_WEIGHT, upper)) ** 2
    trials[varied] = n * mean * (1 - mean) / variance * shrink
    return trials


def _mean_phi(joint: np.ndarray, n: int) -> float:
    """Mean off-diagonal phi coefficient, 0 to 0.98, from joint hit counts (layers, layers) of n."""
    counts = np.diag(joint)
    varied = (counts > 0) & (counts < n)
    pairs = int(varied.sum())
    if pairs < 2:
        return 0.0
    joint, counts = joint[np.ix_(varied, varied)], counts[varied]
    spread = counts * (n - counts)
    phi = (n * joint - np.outer(counts, counts)) / np.sqrt(np.outer(spread, spread))
    return float(np.clip((phi.sum() - pairs) / (pairs * (pairs - 1)), 0.0, 0.98))


@lru_cache(maxsize=16384)
def _level(probability: float, layers: float, correlation: float) -> float:
    """Phi(x) for the x that the largest of `layers` equicorrelated normals stays below with
    the given probability."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    weights = np.exp(-(_GRID**2) / 2)
    weights /= weights.sum()
    shift, scale = np.sqrt(correlation) * _GRID, np.sqrt(1 - correlation)

    def excess(x: float) -> float:
        return float(ndtr((x - shift) / scale) ** layers @ weights) - probability

    return float(ndtr(brentq(excess, -9.0, 9.0)))


@lru_cache(maxsize=65536)
def _rate(count: int, n: int, level: float) -> float:
    """The binomial rate at which the mid-P distribution function at `count` of n is `level`."""
    from scipy.optimize import brentq
    from scipy.special import bdtr

    def excess(rate: float) -> float:
        below = bdtr(count - 1, n, rate) if count else 0.0
        return float(bdtr(count, n, rate) + below) / 2 - level

    if excess(0.0) <= 0:
        return 0.0
    if excess(1.0) >= 0:
        return 1.0
    return float(brentq(excess, 0.0, 1.0))
