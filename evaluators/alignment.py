"""Alignment of a language to the pivot (MEXA, arXiv 2410.05873, sec. 3)."""

from __future__ import annotations

import numpy as np

MARGIN = 1e-9
PAIRINGS = 200
CHANCE = 95


def unit(vectors: np.ndarray) -> np.ndarray:
    """Float64 (n, hidden): each vector over its length; the vector 0 stays 0."""
    wide = vectors.astype(np.float64)
    norm = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.divide(wide, norm, out=np.zeros_like(wide), where=norm > 0)


def cosines(pivot: np.ndarray, other: np.ndarray) -> np.ndarray:
    """C (n, n) with C_ij = cos(e_i(pivot), e_j(other)), in float64, from vectors (n, hidden).

    The cosine with a zero vector is 0.
    """
    product: np.ndarray = unit(pivot) @ unit(other).T
    return product


def _largest_other(matrix: np.ndarray) -> np.ndarray:
    """For each entry, the largest of the other entries of its row."""
    if matrix.shape[1] < 2:
        raise ValueError("alignment needs at least two segments")
    top = np.partition(matrix, -2, axis=1)[:, -2:]
    return np.where(matrix == top[:, 1:], top[:, :1], top[:, 1:])


def margins(matrix: np.ndarray) -> np.ndarray:
    """M_ij (n, n) = C_ij less the largest other entry of row i and of column j."""
    others = np.maximum(_largest_other(matrix), _largest_other(matrix.T).T)
    difference: np.ndarray = matrix - others
    return difference


def neighbours(matrix: np.ndarray) -> np.ndarray:
    """Bool (n, n): segment i of the pivot and j of the language are strictly mutual nearest.

    By more than MARGIN, so that equal vectors never count; at most one a row and one a column.
    """
    close: np.ndarray = margins(matrix) > MARGIN
    return close


def nearest(matrix: np.ndarray) -> np.ndarray:
    """Bool (n, n): entry j of row i is over all others of the row, by more than MARGIN."""
    close: np.ndarray = matrix - _largest_other(matrix) > MARGIN
    return close


def chance(shares: np.ndarray) -> float:
    """95th percentile of a score, (pairings,), under random pairings."""
    return float(np.percentile(shares, CHANCE))
