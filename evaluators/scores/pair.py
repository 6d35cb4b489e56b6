"""One layer of the pivot and of a language, with the cosines that several scores share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evaluators.alignment import cosines

RESOLUTION = 1e-6
"""Of float32, on the large side: a difference below this share of a vector's length is rounding."""


def centre(vectors: np.ndarray, mean: np.ndarray | None = None) -> np.ndarray:
    """Float64 (n, hidden): the vectors less their mean over segments, or less the given one.

    Where less than RESOLUTION of a vector's length is left the result is 0, so that the rounding
    of equal vectors is not taken for a direction.
    """
    wide = vectors.astype(np.float64)
    left: np.ndarray = wide - (wide.mean(axis=0) if mean is None else mean)
    left[np.linalg.norm(left, axis=1) <= RESOLUTION * np.linalg.norm(wide, axis=1)] = 0
    return left


@dataclass(frozen=True)
class Pair:
    """Segment vectors (n, hidden), float32, of one layer; row i of both says the same thing."""

    pivot: np.ndarray
    other: np.ndarray

    @cached_property
    def finite(self) -> bool:
        """Whether no vector holds NaN or infinity."""
        return bool(np.isfinite(self.pivot).all() and np.isfinite(self.other).all())

    @cached_property
    def cosines(self) -> np.ndarray:
        """C (n, n), float64: C_ij = cos(e_i(pivot), e_j(other))."""
        return cosines(self.pivot, self.other)

    @cached_property
    def centred(self) -> np.ndarray:
        """C (n, n) of the vectors less their language's mean over segments."""
        return cosines(centre(self.pivot), centre(self.other))


def mean_of_largest(matrix: np.ndarray, k: int) -> np.ndarray:
    """(n,): mean of the k largest entries of each row of (n, n), of n - 1 where n is not over k."""
    k = min(k, matrix.shape[1] - 1)
    mean: np.ndarray = np.partition(matrix, -k, axis=1)[:, -k:].mean(axis=1)
    return mean
