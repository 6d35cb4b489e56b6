"""Letters swapped, dropped or doubled (synthetic noise: Belinkov and Bisk, arXiv 1711.02173)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluators.noise.words import clusters, is_letter, tidy


def spoil(segment: str, rate: float, rng: np.random.Generator, pool: Sequence[str]) -> str:
    """Each letter, with its marks, is one time in three each swapped with the next, dropped or
    doubled, with probability `rate`.

    From left to right, so that a swapped letter may be spoiled again at its new place. A letter
    that no letter follows is dropped or doubled. A segment that would lose all letters is kept.
    """
    held = clusters(segment)
    drawn = rng.random(len(held)) < rate
    if not any(drawn[place] and is_letter(letter) for place, letter in enumerate(held)):
        return segment
    kept: list[str] = []
    for place in range(len(held)):
        letter = held[place]
        if not (drawn[place] and is_letter(letter)):
            kept.append(letter)
            continue
        last = place + 1 == len(held) or not is_letter(held[place + 1])
        change = rng.integers(1 if last else 0, 3)
        if change == 0:
            held[place], held[place + 1] = held[place + 1], held[place]
            kept.append(held[place])
        elif change == 2:
            kept += [letter, letter]
    return tidy("".join(kept)) if any(map(is_letter, kept)) else segment
