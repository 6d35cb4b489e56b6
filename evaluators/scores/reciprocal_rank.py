"""Reciprocal rank: 1 / rank of the translation among all segments of the language, by cosine.

Its mean is MRR: Voorhees, The TREC-8 question answering track report, 1999.
"""

from __future__ import annotations

import numpy as np

from evaluators.alignment import MARGIN
from evaluators.scores.pair import Pair


def credit(pair: Pair) -> np.ndarray:
    """(n, n): 1 / rank of j for i, rank the number of k with C_ik >= C_ij - MARGIN.

    So ties count against j: 1 / n throughout for a collapsed representation.
    """
    matrix = pair.cosines
    n = matrix.shape[1]
    below = [np.searchsorted(np.sort(row), row - MARGIN, side="left") for row in matrix]
    ranks: np.ndarray = 1 / (n - np.stack(below))
    return ranks
