"""Words left out (random deletion: EDA, Wei and Zou, arXiv 1901.11196)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluators.noise.words import pieces, tidy


def spoil(segment: str, rate: float, rng: np.random.Generator, pool: Sequence[str]) -> str:
    """Each word is left out with probability `rate`; of a segment's words one at least stays."""
    parts, words = pieces(segment)
    drawn = rng.random(len(words)) < rate
    if not drawn.any():
        return segment
    if drawn.all():
        drawn[rng.integers(len(words))] = False
    for place in np.array(words)[drawn]:
        parts[place] = ""
    return tidy("".join(parts))
