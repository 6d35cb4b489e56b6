"""Noise: how segments are spoiled, to see what a language's score withstands.

To add a kind, write a file beside these, describe it in `results.methods.NOISES` and list it in
KINDS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evaluators.noise import characters, drops, substitutions
from results.described import chosen
from results.methods import NOISES

KINDS: dict[str, Callable[[str, float, np.random.Generator, Sequence[str]], str]] = {
    "characters": characters.spoil,
    "drops": drops.spoil,
    "substitutions": substitutions.spoil,
}


def spoil(kind: str, rate: float, segments: Sequence[str], seed: int) -> list[str]:
    """The segments, each letter or word of them spoiled with probability `rate`.

    The numbers drawn for segment i depend on the seed and on i alone. A segment in which nothing
    is drawn comes back as it is, and none comes back empty. What a word is: `noise.words`. Raises
    ValueError for an unknown kind, a rate outside 0 to 1, or a negative seed.
    """
    chosen([kind], NOISES, "noise")
    if not 0 <= rate <= 1:
        raise ValueError(f"a noise rate is a share from 0 to 1, not {rate}")
    if seed < 0:
        raise ValueError(f"a noise seed is 0 or more, not {seed}")
    pool = substitutions.pool(segments) if kind == "substitutions" else ()
    return [
        KINDS[kind](segment, rate, np.random.default_rng([seed, place]), pool)
        for place, segment in enumerate(segments)
    ]
