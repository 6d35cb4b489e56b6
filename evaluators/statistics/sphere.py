"""Closeness and uniformity on the unit sphere (Wang and Isola, arXiv 2005.10242, sec. 4).

u = e / ‖e‖; the vector 0 stays 0.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import pdist

from evaluators.alignment import unit


def closeness(pivot: np.ndarray, other: np.ndarray) -> float:
    """Mean of ‖u_i(P) - u_i(L)‖², from 0 to 4, from vectors (n, hidden) each."""
    return float(((unit(pivot) - unit(other)) ** 2).sum(axis=1).mean())


def uniformity(vectors: np.ndarray) -> float:
    """ln of the mean over i < j of exp(-2 ‖u_i - u_j‖²), from -8 to 0; 0 where all are equal."""
    return float(np.log(np.exp(-2 * pdist(unit(vectors), "sqeuclidean")).mean()))
