"""CSLS: nearest by 2 C_ij - r_i - r_j, cross-domain similarity local scaling.

r_i is the mean cosine of i to its NEAREST nearest segments of the language, r_j that of j to its
nearest segments of the pivot. Source: Conneau et al., arXiv 1710.04087, sec. 2.3.
"""

from __future__ import annotations

import numpy as np

from evaluators.alignment import nearest
from evaluators.scores.pair import Pair, mean_of_largest

NEAREST = 10


def credit(pair: Pair) -> np.ndarray:
    """Bool (n, n): j is the nearest segment of the language to i."""
    matrix = pair.cosines
    columns = mean_of_largest(matrix.T, NEAREST)
    # r_i is the same for all of a row, so it moves no row's order.
    return nearest(2 * matrix - columns[None, :])
