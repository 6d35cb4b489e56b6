"""How a language's segments are spread at a layer: what their singular values say.

Each takes vectors (n, hidden) and works in float64. σ are the singular values of the centred
vectors.
"""

from __future__ import annotations

import numpy as np
from scipy.special import entr

from evaluators.scores.pair import centre


def _singular(vectors: np.ndarray) -> np.ndarray:
    """σ of (n, hidden), (min(n, hidden),), largest first."""
    values: np.ndarray = np.linalg.svd(vectors, compute_uv=False)
    return values


def anisotropy(vectors: np.ndarray) -> float:
    """σ_1² / sum σ_i², from 1 / (n - 1) to 1; 1 where all vectors are equal.

    Source: Razzhigaev et al., The shape of learning, arXiv 2311.05928.
    """
    squares = _singular(centre(vectors)) ** 2
    return float(squares[0] / squares.sum()) if squares.any() else 1.0


def effective_rank(vectors: np.ndarray) -> float:
    """exp(-sum p_i ln p_i), p_i = σ_i / sum σ, from 1 to n - 1; 0 where all vectors are equal.

    Source: Roy and Vetterli, The effective rank, EUSIPCO 2007.
    """
    values = _singular(centre(vectors))
    return float(np.exp(entr(values / values.sum()).sum())) if values.any() else 0.0


def matrix_entropy(vectors: np.ndarray) -> float:
    """-sum λ_i ln λ_i, λ the eigenvalues of K / tr K, K_ij = e_i · e_j: nats, from 0 to ln n.

    The vectors are not centred. 0 where all are equal, and where all are 0. Source: dataset
    entropy at α → 1, Skean et al., arXiv 2502.02013, sec. 3.
    """
    squares = _singular(vectors.astype(np.float64)) ** 2
    return float(entr(squares / squares.sum()).sum()) if squares.any() else 0.0
