"""Scores: how well segments find their translations, and what chance would find.

A score is a credit for each segment i of the pivot and each segment j of the language: what i
would get if j were its translation. To add one, write a file beside these, describe it in
`results.methods.SCORES` and list it in CREDITS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from evaluators.alignment import PAIRINGS
from evaluators.scores import (
    alignment,
    centred_alignment,
    csls,
    mapped_alignment,
    ratio_margin,
    reciprocal_rank,
    search,
)
from evaluators.scores.pair import Pair
from results.methods import SCORES

__all__ = ["CREDITS", "Pair", "credit", "measured"]

CREDITS: dict[str, Callable[[Pair], np.ndarray]] = {
    "alignment": alignment.credit,
    "centred-alignment": centred_alignment.credit,
    "search-from-pivot": search.from_pivot,
    "search-to-pivot": search.to_pivot,
    "ratio-margin-from-pivot": ratio_margin.from_pivot,
    "ratio-margin-to-pivot": ratio_margin.to_pivot,
    "csls": csls.credit,
    "mapped-alignment": mapped_alignment.credit,
    "reciprocal-rank": reciprocal_rank.credit,
}


def credit(name: str, pair: Pair) -> np.ndarray:
    """(n, n): what segment i of the pivot gets if its translation is segment j.

    Bool for a score of hits, else float64 in [0, 1]; all 0 where a vector is not finite. The
    layer's score is the mean of the diagonal. Raises ValueError for an unknown name, and for
    fewer than two segments.
    """
    if name not in CREDITS:
        raise ValueError(f"no score {name}; there are {', '.join(CREDITS)}")
    n = len(pair.pivot)
    if n < 2:
        raise ValueError("a score needs at least two segments")
    if not pair.finite:
        return np.zeros((n, n), dtype=bool if SCORES[name].hits else np.float64)
    return CREDITS[name](pair)


def measured(
    names: Iterable[str], pivot: Sequence[np.ndarray], other: Sequence[np.ndarray], seed: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each score its credits, (layers, n), and its shares by chance, (PAIRINGS, layers).

    The vectors are (n, hidden) a layer. A random pairing permutes the language's segments, the
    same way for every score and layer; credits stay what they are, so a pairing only has to look
    them up. The layer's score is the credits' mean over segments.
    """
    pairs = [Pair(a, b) for a, b in zip(pivot, other, strict=True)]
    n = len(pairs[0].pivot)
    rng = np.random.default_rng(seed)
    rows = np.arange(n)
    pairings = np.stack([rng.permutation(n) for _ in range(PAIRINGS)])
    found = {}
    for name in names:
        credits = np.stack([credit(name, pair) for pair in pairs])
        # The order in memory is that of the sums, so of their last digit: here by layer, given back
        # by pairing.
        shares = np.ascontiguousarray(credits[:, rows, pairings]).mean(axis=2)
        found[name] = credits[:, rows, rows], np.ascontiguousarray(shares.T)
    return found
