"""Similarity search: the nearest segment on the other side, by cosine, is the translation.

1 - error, Artetxe and Schwenk, arXiv 1812.10464 (Tatoeba: similarity search).
"""

from __future__ import annotations

import numpy as np

from evaluators.alignment import nearest
from evaluators.scores.pair import Pair


def from_pivot(pair: Pair) -> np.ndarray:
    """Bool (n, n): j is the nearest segment of the language to i."""
    return nearest(pair.cosines)


def to_pivot(pair: Pair) -> np.ndarray:
    """Bool (n, n): i is the nearest segment of the pivot to j."""
    return nearest(pair.cosines.T).T
