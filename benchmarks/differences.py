"""What differs between two ways to compute the same scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from evaluators.alignment import MARGIN

NEAR = 5e-6
"""Margins this small may change sides by rounding in float32 alone."""


@dataclass(frozen=True)
class Difference:
    """What changed between two ways, over the languages that both have."""

    languages: int
    mean: float
    """Mean absolute difference of mean-pooled alignment."""
    mean_largest: float
    max: float
    """Of max-pooled alignment."""
    max_largest: float
    compared: int
    """Segments by layers by languages."""
    flipped: int
    flipped_near: int
    """Of the flipped, those within NEAR of a tie in what is compared with."""
    moved: int
    """Languages whose rank among the languages changed, by mean-pooled alignment."""
    furthest: float
    """Places that the furthest moved."""


def difference(old: Mapping[str, np.ndarray], new: Mapping[str, np.ndarray]) -> Difference:
    """From margins (layers, n) by language. Raises ValueError if no language is in both."""
    codes = [code for code in old if code in new]
    if not codes:
        raise ValueError("no language was measured both ways")
    before, after = (np.stack([each[code] for code in codes]) for each in (old, new))
    flipped = (before > MARGIN) != (after > MARGIN)
    shares = [(each > MARGIN).mean(axis=2) for each in (before, after)]
    by_mean = np.abs(shares[1].mean(axis=1) - shares[0].mean(axis=1))
    by_max = np.abs(shares[1].max(axis=1) - shares[0].max(axis=1))
    ranks = [rankdata(-each.mean(axis=1).round(12), method="min") for each in shares]
    moves = np.abs(ranks[1] - ranks[0])
    return Difference(
        len(codes),
        float(by_mean.mean()),
        float(by_mean.max()),
        float(by_max.mean()),
        float(by_max.max()),
        flipped.size,
        int(flipped.sum()),
        int((flipped & (np.abs(before) <= NEAR)).sum()),
        int((moves > 0).sum()),
        float(moves.max()),
    )


def ahead(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> dict[str, int]:
    """By language, which of two models has the higher mean-pooled alignment: 1, 0 or -1."""
    hits = {
        code: int((one[code] > MARGIN).sum()) / one[code].size
        - int((other[code] > MARGIN).sum()) / other[code].size
        for code in one
        if code in other
    }
    return {code: int(np.sign(round(each, 12))) for code, each in hits.items()}
