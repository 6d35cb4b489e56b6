"""The embedder's own: what its sentence-transformers folder makes of a segment (arXiv 1908.10084).

The folder's default prefix, its transformer, its pooling, projections and norm; or the mean of a
static embedder's token vectors. One vector a segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from evaluators.batcher import Batcher
    from evaluators.models.load import Loaded


def lacks(loaded: Loaded) -> str | None:
    """Why a model has no vectors of its own, or None."""
    if loaded.own is None:
        return f"{loaded.about.id} is no sentence-transformers folder and no static embedder"
    return None


def embed(
    loaded: Loaded, texts: Sequence[str], batcher: Batcher
) -> tuple[list[np.ndarray], int, int]:
    """Vectors float32 (n, dim) of a single layer, tokens with the prefix, and segments cut."""
    assert loaded.own is not None  # noqa: S101
    vectors, tokens, cut = loaded.own.vectors(texts, batcher)
    return [vectors], tokens, cut
