"""Intrinsic dimension by two nearest neighbours (TwoNN; Facco et al., Sci. Rep. 7, 2017)."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist


def intrinsic_dimension(vectors: np.ndarray) -> float:
    """n / sum_i ln(r_2 / r_1), r_k the Euclidean distance of i to its k-th nearest segment.

    The maximum likelihood of the paper's law, all ratios counted. Segments equal to another are
    left out of sum and n; 0 where that leaves none. Infinite where every r_2 is r_1; NaN for two
    segments, which have no second neighbour.
    """
    if len(vectors) < 3:
        return float("nan")
    wide = vectors.astype(np.float64)
    near = np.partition(cdist(wide, wide), (1, 2), axis=1)
    first, second = near[:, 1], near[:, 2]
    apart = first > 0
    if not apart.any():
        return 0.0
    total = np.log(second[apart] / first[apart]).sum()
    return float(apart.sum() / total) if total > 0 else float("inf")
