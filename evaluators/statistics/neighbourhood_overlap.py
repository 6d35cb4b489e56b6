"""Neighbourhood overlap with the pivot (chi_k of Viswanathan et al., arXiv 2501.10573)."""

from __future__ import annotations

import numpy as np

from evaluators.alignment import MARGIN, cosines

NEAREST = 5


def _nearest(vectors: np.ndarray) -> np.ndarray:
    """Bool (n, n): j is one of i's NEAREST nearest, by more than MARGIN over the next one."""
    matrix = cosines(vectors, vectors)
    np.fill_diagonal(matrix, -np.inf)
    next_one = np.partition(matrix, -NEAREST - 1, axis=1)[:, -NEAREST - 1]
    near: np.ndarray = matrix - next_one[:, None] > MARGIN
    return near


def neighbourhood_overlap(pivot: np.ndarray, other: np.ndarray) -> float:
    """Mean over i of the share of its 5 nearest, by cosine, that are the same in both languages.

    From vectors (n, hidden) each; i is no neighbour of itself. Ties with the sixth do not count,
    so equal vectors give 0. NaN for fewer than seven segments, where all others are neighbours.
    """
    if len(pivot) < NEAREST + 2:
        return float("nan")
    shared = _nearest(pivot) & _nearest(other)
    return float(shared.sum(axis=1).mean() / NEAREST)
