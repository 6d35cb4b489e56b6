"""Max pooling of many cells: hits at the best layer, and hits at a layer chosen without them.

The share at the best layer is biased upwards, since the layer was chosen by the hits it is scored
on. Cross-fitting (Stone 1974, JRSS B 36:111) takes that away: each half of the segments is scored
at the layer that is best on the other half, so its expected value is the true share of some layer
and never above the true maximum. The two means enclose the true value, one from each side.
"""

from __future__ import annotations

import numpy as np

from results.interval import mean_intervals


def peaks(hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which segments count at the best layer, and which at a layer chosen on other segments.

    hits: bool (languages, layers, n); whether segment i counts at a layer.
    Returns two bool (languages, n): hits at the layer of the largest share; and cross-fitted, even
    segments at the layer that is best on the odd ones and the reverse. The first of tied layers.
    Raises ValueError if hits is not such an array with a layer and at least two segments.

    Neighbouring segments, articles of one text, are alike: taking every other one gives both
    halves the whole text, and the rule needs no seed. Two halves rather than more folds, whose
    choices share most of their segments: the mean then varies more than its segments show. For
    the choice, not for the score, a layer's count is its own and half of each neighbour's, since
    neighbouring layers are alike and half of the segments are few.
    """
    hits = np.asarray(hits)
    if hits.dtype != np.bool_ or hits.ndim != 3 or hits.shape[1] < 1 or hits.shape[2] < 2:
        raise ValueError(
            f"hits has dtype {hits.dtype} and shape {hits.shape}; pass bool (languages, layers, "
            "segments) with at least one layer and two segments"
        )
    even, odd = _counts(hits[:, :, ::2]), _counts(hits[:, :, 1::2])
    language = np.arange(len(hits))
    crossfit = np.empty((len(hits), hits.shape[2]), np.bool_)
    crossfit[:, ::2] = hits[language, _smoothed(odd).argmax(axis=1), ::2]
    crossfit[:, 1::2] = hits[language, _smoothed(even).argmax(axis=1), 1::2]
    return hits[language, (even + odd).argmax(axis=1)], crossfit


def average_max_interval(best: np.ndarray, crossfit: np.ndarray) -> np.ndarray:
    """95 % intervals for models' averages over languages of the true maximum over layers.

    best, crossfit: (m, n) in [0, 1]; a model's mean over languages of the two arrays of `peaks`.
    Returns (m, 2) of low and high in [0, 1], never of zero width, holding `best.mean(axis=1)`.
    Raises ValueError as `mean_intervals` does, or if the shapes differ.

    The low end is that of the cross-fitted mean's interval, the high end that of the best-layer
    mean's: the true value lies between the two expected values. It is wider than 95 % needs,
    since it must allow both for one layer that stands alone (where the best-layer mean is
    unbiased) and for a plateau (where the cross-fitted one is): `benchmarks/max_averages.txt`.
    """
    best, crossfit = np.asarray(best, np.float64), np.asarray(crossfit, np.float64)
    if best.shape != crossfit.shape:
        raise ValueError(f"best has shape {best.shape}, crossfit {crossfit.shape}; pass the same")
    low, high = mean_intervals(crossfit)[:, 0], mean_intervals(best)[:, 1]
    point = best.mean(axis=1)
    return np.column_stack([np.fmin(low, point), high])


def _counts(hits: np.ndarray) -> np.ndarray:
    narrow = np.uint16 if hits.shape[2] < 2**16 else np.int64  # twice as fast as int64
    return hits.sum(axis=2, dtype=narrow).astype(np.int64)


def _smoothed(counts: np.ndarray) -> np.ndarray:
    """Twice each layer's count and once each neighbour's; the first and last have themselves."""
    padded = np.pad(counts, ((0, 0), (1, 1)), mode="edge")
    return padded[:, :-2] + 2 * counts + padded[:, 2:]
