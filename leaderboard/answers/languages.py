"""All languages of a view, each with the best model under a size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leaderboard.answers.common import (
    Cells,
    Json,
    counted,
    find_sheet,
    identity,
    language,
    numbers,
    view,
)
from results.sheet import medians

if TYPE_CHECKING:
    from leaderboard.asked import TableOfLanguagesAsked
    from leaderboard.board import Board


def answer(board: Board, asked: TableOfLanguagesAsked) -> Json:
    """Every language of a view: what it is, its best model, and what tokenizers make of it.

    The best is the model with the highest score above chance among those that are small enough;
    a model of unknown size is left out when a size is given.
    """
    sheet = find_sheet(board, asked)
    models = [board.snapshot.models[row.model] for row in sheet.rows]
    sizes = np.array([model["parameters"] or np.inf for model in models], dtype=float)
    fits = np.ones(len(models), dtype=bool)
    if asked.max_parameters is not None:
        fits = sizes <= asked.max_parameters
    value = np.where(fits[:, None], sheet.column(asked.pooling), np.nan)
    above = fits[:, None] & sheet.above_chance(asked.pooling)
    best = np.where(above, value, -1.0).argmax(axis=0)
    tokens = np.where(fits[:, None], sheet.column("tokens_ratio"), np.nan)
    counts = set(counted(board, sheet))
    median = numbers(medians(tokens))
    measured = (~np.isnan(value)).sum(axis=0).tolist()
    able = above.sum(axis=0).tolist()
    largest = Cells(sheet, asked.pooling).of(best, np.arange(len(best)))
    found = [identity(model) for model in models]
    rows = []
    for place, code in enumerate(sheet.languages):
        if code == sheet.pivot:
            continue
        winner = None
        if able[place]:
            what = found[best[place]]
            winner = {name: what[name] for name in ("model", "name", "parameters")}
            winner |= largest[place] or {}
        rows.append(
            {
                **language(code),
                "counted": code in counts,
                "best": winner,
                "models": measured[place],
                "above_chance": able[place],
                "tokens_ratio": median[place],
            }
        )
    return {
        "view": view(sheet),
        "pooling": asked.pooling,
        "max_parameters": asked.max_parameters,
        "languages": rows,
    }
