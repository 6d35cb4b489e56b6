"""Alignment of e_i - sum_j e_j / n, on both sides: without what all segments of a language share.

Source: centring by language, Libovický et al., arXiv 2004.05160.
"""

from __future__ import annotations

import numpy as np

from evaluators import alignment
from evaluators.scores.pair import Pair


def credit(pair: Pair) -> np.ndarray:
    """Bool (n, n): i and j are strictly mutual nearest neighbours, centred."""
    return alignment.neighbours(pair.centred)
