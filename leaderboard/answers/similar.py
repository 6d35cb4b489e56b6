"""Models whose languages lie alike: nearest by language profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leaderboard.answers.common import Json, counted, identity, rounded
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.board import Board

FEWEST = 10
"""Shared languages below which two profiles are not compared."""
MOST = 6


def similar(board: Board, sheet: Sheet, row: int, pooling: str) -> list[Json]:
    """The models nearest to a row, by the root mean square difference over shared languages.

    With the correlation of the two profiles: near in level and alike in shape are two things.
    """
    places = [sheet.places[code] for code in counted(board, sheet) if code in sheet.places]
    scores = sheet.column(pooling)[:, places].astype(float)
    gaps = scores - scores[row]
    shared = (~np.isnan(gaps)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.sqrt(np.nansum(gaps**2, axis=1) / shared)
    distance[(shared < FEWEST) | (np.arange(len(scores)) == row)] = np.nan
    found = []
    for at in np.argsort(distance)[:MOST]:
        if np.isnan(distance[at]):
            break
        both = ~np.isnan(gaps[at])
        found.append(
            {
                **identity(board.snapshot.models[sheet.rows[at].model]),
                "distance": rounded(float(distance[at])),
                "correlation": _correlation(scores[at, both], scores[row, both]),
                "shared": int(shared[at]),
            }
        )
    return found


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return rounded(float(np.corrcoef(one, other)[0, 1]))
