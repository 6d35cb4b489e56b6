"""Alignment of the leading dimensions alone (2D Matryoshka, arXiv 2402.14776)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluators.alignment import cosines, neighbours

PARTS = (16, 8, 4, 2, 1)


def leading_dimensions(
    pivot: Sequence[np.ndarray], other: Sequence[np.ndarray]
) -> dict[str, list[float]]:
    """`d-40` -> alignment at each layer of the vectors' first 40 dimensions, and so on.

    The vectors are (n, hidden) a layer; d is hidden / 16, 8, 4, 2 and 1, hidden that of the
    last layer, rounded down, 1 at least.
    """
    hidden = pivot[-1].shape[1]
    sizes = dict.fromkeys(max(1, hidden // part) for part in PARTS)
    return {
        f"d-{size}": [
            float(neighbours(cosines(a[:, :size], b[:, :size])).diagonal().mean())
            for a, b in zip(pivot, other, strict=True)
        ]
        for size in sizes
    }
