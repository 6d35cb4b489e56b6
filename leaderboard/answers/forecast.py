"""What was not measured, forecast from what models and languages have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leaderboard import forecasts
from leaderboard.answers.common import (
    Json,
    counted,
    find_language,
    find_row,
    find_sheet,
    identity,
    interval,
    language,
    rounded,
    view,
)
from leaderboard.answers.task_views import described, task_sheets
from results.forecast import ALIGNMENT, MODELS, Forecast, Part, Table, table
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.asked import ForecastAsked
    from leaderboard.board import Board

WORKING = "they are being worked out"
NAMES = ("autonym", "direction", "family", "region", "script")


def answer(board: Board, asked: ForecastAsked) -> Json:
    """Forecasts of what was not measured of a model or in a language, never ranked, with intervals.

    A low-rank model of the view fills them, where 20 models were measured and its error on scores
    held out is clearly less than that of the language's mean, the model's mean and both added;
    otherwise `reason` says why there are none. While `ready` is false they are being worked out:
    ask again in some seconds.
    """
    sheet = find_sheet(board, asked)
    row = find_row(board, sheet, asked.model) if asked.model else None
    code = find_language(sheet, asked.language) if asked.language else None
    models = [board.snapshot.models[each.model] for each in sheet.rows]
    codes, tasks = counted(board, sheet), task_sheets(board.snapshot)
    of = table(sheet, [model["id"] for model in models], asked.pooling, codes, tasks)
    why = of.reason()
    found = forecasts.find(of) if why is None else why
    parts, rows = [], []
    if isinstance(found, Forecast):
        why, parts = found.parts[0].reason, _parts(found, sheet, tasks)
        rows = _rows(of, found, parts, models, row, code)
    return {
        "view": view(sheet),
        "pooling": asked.pooling,
        "ready": found is not None,
        "offered": any(part["reason"] is None for part in parts),
        "reason": found if isinstance(found, str) else why if found else WORKING,
        "models": len(set(of.models)),
        "needs": MODELS,
        "model": identity(models[row]) if row is not None else None,
        "language": language(code) if code else None,
        "missing": _missing(sheet, asked.pooling, codes, row, code),
        "parts": parts,
        "forecasts": rows,
    }


def _parts(found: Forecast, sheet: Sheet, tasks: list[Sheet]) -> list[Json]:
    """The view's score and each task: whether it is forecast, and what held-out scores say."""
    known = {task.configuration: described(task) for task in tasks}

    def said(part: Part) -> Json:
        task = known.get(part.part)
        names = ("error", "p", "coverage", "width")
        checks = [
            {
                **each,
                **{name: rounded(each[name]) for name in names},
                "baselines": {name: rounded(value) for name, value in each["baselines"].items()},
            }
            for each in part.checks
        ]
        return {
            "key": part.part,
            "task": task["task"] if task else None,
            "label": task["label"] if task else view(sheet)["title"],
            "reason": part.reason,
            "checks": checks,
        }

    return [said(part) for part in found.parts]


def _missing(
    sheet: Sheet, pooling: str, codes: list[str], row: int | None, code: str | None
) -> int:
    """How many alignment scores of those asked for were not measured."""
    wanted = [each for each in codes if each in sheet.places and code in (None, each)]
    values = sheet.column(pooling)[:, [sheet.places[each] for each in wanted]]
    return int(np.isnan(values if row is None else values[row]).sum())


def _rows(
    of: Table,
    found: Forecast,
    parts: list[Json],
    models: list[Json],
    row: int | None,
    code: str | None,
) -> list[Json]:
    """By part, then by name: their order is no rank."""
    there = ~np.isnan(found.values)
    if row is not None:
        there &= (np.arange(len(there)) == row)[:, None]
    if code is not None:
        there &= np.array(of.languages) == code
    by_key = {part["key"]: part for part in parts}
    rows: list[tuple[Any, Json]] = []
    for at, column in np.argwhere(there).tolist():
        part, facts = by_key[of.parts[column]], language(of.languages[column])
        way = "blocks" if found.blocks[at, column] else "cells"
        error = next(each["error"] for each in part["checks"] if each["way"] == way)
        ends = (found.low[at, column], found.high[at, column])
        each = {
            **identity(models[at]),
            "language": facts["language"],
            "language_name": facts["name"],
            **{name: facts[name] for name in NAMES},
            "task": part["task"],
            "task_key": part["key"] if part["key"] != ALIGNMENT else None,
            "forecast": interval(float(found.values[at, column]), ends),
            "missing": way,
            "error": error,
        }
        place = [
            parts.index(part),
            facts["name"].casefold(),
            each["name"].casefold(),
            each["model"],
        ]
        rows.append((place, each))
    return [each for _, each in sorted(rows, key=lambda one: one[0])]
