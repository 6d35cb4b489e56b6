"""Single scores: all models in one language, or one model in all languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leaderboard.answers.common import (
    Cells,
    Json,
    counted,
    find_language,
    find_row,
    find_sheet,
    identity,
    language,
    numbers,
    sheets,
    states,
    view,
)
from leaderboard.answers.curves import curves
from leaderboard.answers.models import packed
from leaderboard.answers.paired import in_language
from leaderboard.answers.relatives import relatives
from leaderboard.answers.similar import similar
from leaderboard.answers.views import is_single
from results.ranks import ranges
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.asked import ScoresAsked
    from leaderboard.board import Board

WHOLE = ("tokens", "cut", "best_layer")


def answer(board: Board, asked: ScoresAsked) -> Json:
    """Scores of a language in all models, of a model in all languages, or the one of both."""
    sheet = find_sheet(board, asked)
    if asked.model and asked.language:
        row, code = find_row(board, sheet, asked.model), find_language(sheet, asked.language)
        found = _of_model(board, sheet, row, asked)
        found["scores"] = [each for each in found["scores"] if each["language"] == code]
        return found
    if asked.model:
        return _of_model(board, sheet, find_row(board, sheet, asked.model), asked)
    if asked.language:
        return _of_language(board, sheet, find_language(sheet, asked.language), asked)
    raise ValueError("say which language, as in ?language=swh_Latn, or which model")


def _numbers(sheet: Sheet, at: tuple[Any, Any]) -> list[Json]:
    """What else is known of the cells at (rows, languages), one of the two a single place."""
    names = (*WHOLE, "tokens_ratio", "seconds")
    columns = {name: numbers(sheet.column(name)[at]) for name in names}
    if is_single(sheet):
        columns["best_layer"] = [None] * len(columns["best_layer"])
    for name in WHOLE:
        columns[name] = [None if value is None else int(value) for value in columns[name]]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _of_language(board: Board, sheet: Sheet, code: str, asked: ScoresAsked) -> Json:
    """All models, best first; those at chance last and tied."""
    place = sheet.places[code]
    means, largest = (Cells(sheet, name).of_language(place) for name in ("mean", "max"))
    by = {"mean": means, "max": largest}[asked.pooling]
    rows = []
    for at, row in enumerate(sheet.rows):
        model = board.snapshot.models[row.model]
        size = model["parameters"]
        small = asked.max_parameters is None or (size is not None and size <= asked.max_parameters)
        if by[at] is not None and small:
            rows.append((at, model))

    def order(each: tuple[int, Json]) -> tuple[bool, float, str]:
        cell = by[each[0]] or {}
        return bool(cell["at_chance"]), -cell["value"], each[1]["name"].casefold()

    rows.sort(key=order)
    kept = np.array([at for at, _ in rows], dtype=int)
    above = np.array([not (by[at] or {})["at_chance"] for at in kept], dtype=bool)
    paired = in_language(sheet, place, asked.pooling, states(board, sheet))
    matrix = paired.take(kept).better()
    matrix = np.where(np.outer(above, above), matrix, np.outer(above, ~above))
    groups = [(model["weights"], model["dtype"]) for _, model in rows]
    labels = [0 if asked.ranked == "all" else groups.index(group) for group in groups]
    places = ranges(matrix, None, np.array(labels, dtype=int)).tolist()
    return {
        "view": view(sheet),
        "pooling": asked.pooling,
        "ranked": asked.ranked,
        "language": language(code),
        "counted": code in set(counted(board, sheet)),
        "scores": [
            {
                **identity(model),
                "mean": means[at],
                "max": largest[at],
                "rank": {"low": low, "high": high},
                **more,
            }
            for (at, model), (low, high), more in zip(
                rows, places, _numbers(sheet, (kept, place)), strict=True
            )
        ],
        "better": packed(matrix),
    }


def _of_model(board: Board, sheet: Sheet, row: int, asked: ScoresAsked) -> Json:
    """All languages, best first; with `layers`, the curves as the record has them."""
    model = board.snapshot.models[sheet.rows[row].model]
    means, largest = (
        Cells(sheet, name).of_row(row, np.arange(len(sheet.languages))) for name in ("mean", "max")
    )
    lines = curves(board, sheet, row) if asked.layers else {}
    counts = set(counted(board, sheet))
    more = _numbers(sheet, (row, slice(None)))
    found = []
    for place, code in enumerate(sheet.languages):
        if means[place] is None or code == sheet.pivot:
            continue
        facts = language(code)
        names = ("language", "name", "autonym", "direction", "family", "region", "script")
        found.append(
            {
                **{name: facts[name] for name in names},
                "counted": code in counts,
                "mean": means[place],
                "max": largest[place],
                **more[place],
                **lines.get(code, {}),
            }
        )
    by = asked.pooling
    found.sort(key=lambda each: (bool(each[by]["at_chance"]), -each[by]["value"]))
    return {
        "view": view(sheet),
        "pooling": asked.pooling,
        "model": {
            **identity(model),
            "file": model["file"],
            "record": sheet.rows[row].record,
            "interval": sheet.rows[row].interval,
            "runs": sheet.rows[row].runs,
        },
        "views": [
            view(each)
            for each in sheets(board.snapshot)
            if sheet.rows[row].model in [other.model for other in each.rows]
        ],
        "scores": found,
        "like": relatives(board, sheet, row, asked.pooling) if asked.layers else [],
        "similar": similar(board, sheet, row, asked.pooling) if asked.layers else [],
    }
