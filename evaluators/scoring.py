"""One language's row of a record, from what the engine embedded."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluators.alignment import align, chance
from evaluators.engine import Embedded
from results.evaluation import SEED
from results.interval import max_interval, mean_interval
from results.schema import LanguageScore, Value


def row(
    code: str,
    method: str,
    reference: Embedded | None,
    embedded: Embedded,
    english_tokens: int | None,
    seconds: float,
) -> tuple[LanguageScore, np.ndarray | None]:
    """The row of a language under a method, `run` still 0, and its hits, bool (layers, n).

    Without a reference it is the pivot's own row: token counts, no values, no hits.
    """
    fields: dict[str, Any] = {}
    hits = None
    if reference is not None:
        hits, shares = align(reference.vectors[method], embedded.vectors[method], SEED)
        layers = hits.mean(axis=1)
        fields = {
            "values": {
                "mean": _value(layers.mean(), mean_interval(hits.mean(axis=0)), shares.mean(1)),
                "max": _value(layers.max(), max_interval(hits), shares.max(1)),
            },
            "layers": layers.tolist(),
            "layers_chance": [chance(column) for column in shares.T],
        }
    ratio = embedded.tokens / english_tokens if english_tokens else None
    scored = LanguageScore(
        language=code,
        **fields,
        tokens=embedded.tokens,
        tokens_ratio=ratio,
        cut=embedded.cut,
        seconds=round(seconds, 3),
        run=0,
    )
    return scored, hits


def _value(value: float, ends: tuple[float, float], shares: np.ndarray) -> Value:
    return Value(value=float(value), low=ends[0], high=ends[1], chance=chance(shares))
