"""First and last layer averaged and whitened (Whitening-BERT, arXiv 2104.01767, sec. 2 and 3).

m_l is the plain mean of a segment's token states after block l, a = (m_1 + m_L) / 2.
mu is the mean of the pivot's a, S their covariance, S = U diag(lambda) U^T;
e = diag(lambda)^(-1/2) U^T (a - mu).
The pivot's n segments span at most n - 1 directions; the others (lambda under 1e-6 of the largest)
are left out, as there is nothing to scale them by.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluators.embeddings.kinds import Layers

LEAST = 1e-6
"""Share of the largest eigenvalue under which a direction holds rounding, not variance."""


def derive(bases: Sequence[Layers], pivots: Sequence[Layers]) -> Layers:
    """From the plain means of a language and of the pivot, one float32 (n, rank)."""
    (means,), (of_pivot,) = bases, pivots
    fit = _first_last(of_pivot)
    centre = fit.mean(axis=0)
    _, singular, directions = np.linalg.svd(fit - centre, full_matrices=False)
    scale = singular / np.sqrt(max(len(fit) - 1, 1))
    kept = scale**2 > LEAST * scale.max(initial=0) ** 2
    whitening = directions[kept].T / scale[kept]
    return [((_first_last(means) - centre) @ whitening).astype(np.float32)]


def _first_last(means: Layers) -> np.ndarray:
    """(m_1 + m_L) / 2 in float64; layer 0 is the embedding output."""
    average: np.ndarray = (means[min(1, len(means) - 1)].astype(np.float64) + means[-1]) / 2
    return average
