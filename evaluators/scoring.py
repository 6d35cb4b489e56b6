"""Rows of a record, from what was measured of a language."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluators.alignment import chance
from results.interval import max_interval, mean_interval
from results.schema import Value


def fields(credit: np.ndarray, shares: np.ndarray) -> dict[str, Any]:
    """A score's fields of a row: pooled values with intervals and chance, and each layer's.

    credit: (layers, n), what each segment gets; bool where it counts or does not.
    shares: (pairings, layers), the score under random pairings.
    A fraction's largest layer has no interval: the method for it knows hits alone.
    """
    layers = credit.mean(axis=1)
    of_max = max_interval(credit) if credit.dtype == np.bool_ else (None, None)
    return {
        "values": {
            "mean": _value(layers.mean(), mean_interval(credit.mean(axis=0)), shares.mean(1)),
            "max": _value(layers.max(), of_max, shares.max(1)),
        },
        "layers": layers.tolist(),
        "layers_chance": [chance(column) for column in shares.T],
    }


def _value(value: float, ends: tuple[float | None, float | None], shares: np.ndarray) -> Value:
    return Value(value=float(value), low=ends[0], high=ends[1], chance=chance(shares))
