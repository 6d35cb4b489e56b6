"""Alignment: C_ii is over all else in row i and column i (MEXA, arXiv 2410.05873, sec. 3)."""

from __future__ import annotations

import numpy as np

from evaluators import alignment
from evaluators.scores.pair import Pair


def credit(pair: Pair) -> np.ndarray:
    """Bool (n, n): i and j are strictly mutual nearest neighbours."""
    return alignment.neighbours(pair.cosines)
