"""Words replaced by others (unigram noising: Xie et al., arXiv 1703.02573)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluators.noise.words import pieces


def pool(segments: Sequence[str]) -> list[str]:
    """All words of the segments, as often as they stand there."""
    found = []
    for segment in segments:
        parts, words = pieces(segment)
        found += [parts[place] for place in words]
    return found


def spoil(segment: str, rate: float, rng: np.random.Generator, pool: Sequence[str]) -> str:
    """Each word becomes another of the pool with probability `rate`, a frequent one more often.

    Where the pool has no other word, it stays.
    """
    parts, words = pieces(segment)
    drawn = rng.random(len(words)) < rate
    for place in np.array(words, dtype=int)[drawn]:
        word = parts[place]
        while parts[place] == word and any(other != word for other in pool):
            parts[place] = pool[int(rng.integers(len(pool)))]
    return "".join(parts)
