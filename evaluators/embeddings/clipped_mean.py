"""Plain mean without outlier dimensions (positional artefacts, arXiv 2011.04393, sec. 3).

At each layer, m is the mean of the pivot's plain means, over segments; dimension k is an outlier if
|m_k - mean(m)| > 3 std(m), over the dimensions. Outliers are set to 0, in every language alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluators.embeddings.kinds import Layers

DEVIATIONS = 3.0


def derive(bases: Sequence[Layers], pivots: Sequence[Layers]) -> Layers:
    """From the plain means of a language and of the pivot, float32 (n, d) a layer."""
    (means,), (of_pivot,) = bases, pivots
    return [
        np.where(outliers(pivot), np.float32(0), layer)
        for layer, pivot in zip(means, of_pivot, strict=True)
    ]


def outliers(pivot: np.ndarray) -> np.ndarray:
    """The outlier dimensions, bool (d,), of the pivot's vectors (n, d)."""
    mean = pivot.mean(axis=0, dtype=np.float64)
    far: np.ndarray = np.abs(mean - mean.mean()) > DEVIATIONS * mean.std()
    return far
