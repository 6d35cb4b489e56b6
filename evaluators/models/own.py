"""A model's own way from a text to one vector, where its folder says one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from evaluators.batcher import Batcher


class Own(Protocol):
    """The pooling, prefixes and projections that a folder brings, or static embeddings."""

    def vectors(self, texts: Sequence[str], batcher: Batcher) -> tuple[np.ndarray, int, int]:
        """Vectors float32 (n, dim), tokens of all texts before any was cut, and texts cut.

        The default prefix counts as part of a text.

        Raises:
            MemoryError: one text alone does not fit.
        """
        ...
