"""A model beside those it is worth comparing with: its base model, and its size class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leaderboard.answers.common import Json, counted, identity, interval
from leaderboard.answers.models import averages
from leaderboard.answers.paired import written
from results.language_sets import CORE
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.board import Board

CLASS = 2.0
"""A size class reaches from half to twice the parameters."""
MOST = 12


def relatives(board: Board, sheet: Sheet, row: int, pooling: str) -> list[Json]:
    """Base models, models made from it, and the best of its size class, itself left out.

    Averages are over the core languages; the difference is theirs to this model, paired over
    segments.
    """
    available = set(counted(board, sheet))
    found = averages(board, sheet, tuple(code for code in CORE if code in available))
    values, paired = found.of(pooling)[0], found.paired[pooling]
    models = [board.snapshot.models[each.model] for each in sheet.rows]
    mine = models[row]
    rows = []
    for at, model in enumerate(models):
        relation = _relation(mine, model)
        if at == row or relation is None:
            continue
        entry = {
            **identity(model),
            "relation": relation,
            "mean": interval(found.mean[at], found.mean_interval[at]),
            "max": interval(found.max[at], found.max_interval[at]),
            "difference": written(paired.take(at).less(paired.take(row))),
        }
        rows.append((relation == "same size class", -np.nan_to_num(values[at], nan=-1.0), entry))
    rows.sort(key=lambda each: each[:2])
    return [entry for _, _, entry in rows[:MOST]]


def _relation(mine: Json, other: Json) -> str | None:
    if mine["base_model"] and mine["base_model"] == other["id"]:
        return "base model"
    if other["base_model"] and other["base_model"] == mine["id"]:
        return "made from it"
    if mine["id"] == other["id"]:
        return "same model, other weights or revision"
    sizes = mine["parameters"], other["parameters"]
    if all(sizes) and max(sizes) <= CLASS * min(sizes):
        return "same size class"
    return None
