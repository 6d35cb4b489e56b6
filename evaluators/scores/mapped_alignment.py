"""Alignment of W e(L), with W orthogonal and fitted on other segments.

The segments are cut in FOLDS, i modulo FOLDS. For fold k both languages are centred by the means
of the other folds, and W minimises sum ‖e_i(P) - W e_i(L)‖² over these: W = U V^T with
U S V^T = sum e_i(P) e_i(L)^T (orthogonal Procrustes; Smith et al., arXiv 1702.03859). W maps fold
k of the language; the candidates are all n segments on both sides.

With fewer segments than dimensions, W is determined only on the span of V, which it maps to that
of U. Cosines are taken there, as what lies outside would only lengthen the vectors held out, and
hide them; with segments enough it is the whole space. Few segments make a poor map: the score may
be under that without one.
"""

from __future__ import annotations

import numpy as np

from evaluators import alignment
from evaluators.scores.pair import Pair, centre

FOLDS = 5


def _coordinates(vectors: np.ndarray) -> np.ndarray:
    """Float64 (n, min(n, hidden)) with the inner products of the vectors (n, hidden)."""
    wide = vectors.astype(np.float64)
    if wide.shape[0] >= wide.shape[1]:
        return wide
    triangle: np.ndarray = np.linalg.qr(wide.T, mode="r")  # type: ignore[assignment]
    return triangle.T


def mapped(pair: Pair) -> np.ndarray:
    """C (n, n), float64: column j compares the pivot with W e_j, W fitted without j's fold."""
    pivot, other = _coordinates(pair.pivot), _coordinates(pair.other)
    fold = np.arange(len(pivot)) % FOLDS
    found = np.zeros((len(pivot), len(pivot)))
    for k in range(min(FOLDS, len(pivot))):
        held, rest = fold == k, fold != k
        p = centre(pivot, pivot[rest].mean(axis=0))
        q = centre(other, other[rest].mean(axis=0))
        u, s, vt = np.linalg.svd(p[rest].T @ q[rest], full_matrices=False)
        # numpy.linalg.matrix_rank's tolerance: below it, a direction is rounding.
        known = s > s[0] * max(len(u), len(vt)) * np.finfo(float).eps
        found[:, held] = alignment.cosines(p @ u[:, known], q[held] @ vt[known].T)
    return found


def credit(pair: Pair) -> np.ndarray:
    """Bool (n, n): i and j are strictly mutual nearest neighbours, the language mapped.

    The maps are those of the true pairs, whatever the pairing.
    """
    return alignment.neighbours(mapped(pair))
