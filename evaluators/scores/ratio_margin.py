"""Search by ratio margin: C_ij / ((r_i + r_j) / 2).

r_i is the mean cosine of i to its NEAREST nearest segments of the language, r_j that of j to its
nearest segments of the pivot. Source: Artetxe and Schwenk, arXiv 1811.01136, sec. 3 (ratio).
"""

from __future__ import annotations

import numpy as np

from evaluators.alignment import MARGIN, nearest
from evaluators.scores.pair import Pair, mean_of_largest

NEAREST = 4


def ratios(matrix: np.ndarray) -> np.ndarray:
    """(n, n) from cosines (n, n); 0 where the mean is not over 0, as a ratio says nothing there."""
    rows, columns = mean_of_largest(matrix, NEAREST), mean_of_largest(matrix.T, NEAREST)
    mean = (rows[:, None] + columns[None, :]) / 2
    return np.divide(matrix, mean, out=np.zeros_like(matrix), where=mean > MARGIN)


def from_pivot(pair: Pair) -> np.ndarray:
    """Bool (n, n): j is the best segment of the language for i."""
    return nearest(ratios(pair.cosines))


def to_pivot(pair: Pair) -> np.ndarray:
    """Bool (n, n): i is the best segment of the pivot for j."""
    return nearest(ratios(pair.cosines).T).T
