"""How much of a model's alignment is kept when a language's segments are spoiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leaderboard.answers.common import (
    Cells,
    Json,
    NotFound,
    counted,
    find_row,
    find_sheet,
    identity,
    interval,
    language,
    rounded,
)
from leaderboard.answers.models import averages
from leaderboard.answers.views import kind_of, noise_of, noise_title, sheets, view
from results.methods import NOISES
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.asked import NoiseAsked
    from leaderboard.board import Board

SAME = ("corpus", "corpus_hash", "split", "n", "pivot", "embedding")
NAMES = ("language", "name", "autonym", "direction", "family", "region", "script")


def answer(board: Board, asked: NoiseAsked) -> Json:
    """A model's alignment of clean and of spoiled segments, language by language, and averages.

    `kept` is the score under noise over the clean one; null where the clean one is at chance.
    Averages are over the languages that were measured clean and under every kind of noise, and
    their `kept` is that of the averages.
    """
    clean = find_sheet(board, asked)
    if kind_of(clean) != "embedding":
        raise NotFound("noise is told of a clean alignment: leave “noise” and “score” out")
    row = find_row(board, clean, asked.model)
    place = clean.rows[row].model
    beside = [
        (sheet, next(at for at, each in enumerate(sheet.rows) if each.model == place))
        for sheet in sheets(board.snapshot, held_out=True)
        if kind_of(sheet) == "noise"
        and all(sheet.parameters[name] == clean.parameters[name] for name in SAME)
        and any(each.model == place for each in sheet.rows)
    ]
    sides = [(clean, row), *beside]
    by = asked.pooling
    measured = [_measured(sheet, at, by) for sheet, at in sides]
    codes = sorted(measured[0] & set().union(*measured[1:])) if beside else []
    counts = counted(board, clean)
    common = tuple(code for code in counts if all(code in each for each in measured))
    cells = [_cells(sheet, at, codes, by) for sheet, at in sides]
    rows = [
        {
            **{name: language(code)[name] for name in NAMES},
            "counted": code in counts,
            "clean": cells[0][k],
            "noises": [
                {"score": cell[k], "kept": _kept(cell[k], cells[0][k])} for cell in cells[1:]
            ],
        }
        for k, code in enumerate(codes)
    ]
    rows.sort(key=lambda each: -each["clean"]["value"])
    means = [_average(board, sheet, at, common, by) for sheet, at in sides] if beside else []
    return {
        "view": view(clean),
        "pooling": by,
        "model": identity(board.snapshot.models[place]),
        "noises": [_described(sheet) for sheet, _ in beside],
        "common": len(common) if beside else 0,
        "average": {
            "clean": means[0],
            "noises": [{"score": each, "kept": _kept(each, means[0])} for each in means[1:]],
        }
        if beside and common
        else None,
        "languages": rows,
    }


def _described(sheet: Sheet) -> Json:
    kind = noise_of(sheet).partition(":")[0]
    about = NOISES.get(kind)
    return {
        "noise": noise_of(sheet),
        "kind": kind,
        "rate": sheet.parameters["options"]["rate"],
        "title": noise_title(noise_of(sheet)),
        "formula": about.formula if about else "",
        "source": about.source if about else "",
        "view": sheet.configuration,
    }


def _measured(sheet: Sheet, row: int, pooling: str) -> set[str]:
    there = ~np.isnan(sheet.column(pooling)[row])
    return {code for code, at in sheet.places.items() if there[at] and code != sheet.pivot}


def _cells(sheet: Sheet, row: int, codes: list[str], pooling: str) -> list[Json | None]:
    """Scores of the languages in their order; None for one that this sheet lacks."""
    there = [code for code in codes if code in sheet.places]
    at = np.array([sheet.places[code] for code in there], dtype=int)
    found = dict(zip(there, Cells(sheet, pooling).of_row(row, at), strict=True))
    return [found.get(code) for code in codes]


def _average(board: Board, sheet: Sheet, row: int, codes: tuple[str, ...], by: str) -> Json | None:
    values, ends = averages(board, sheet, codes).of(by)
    return interval(float(values[row]), ends[row])


def _kept(score: Json | None, clean: Json | None) -> float | None:
    """The share of the clean score that is left; None where there is nothing to keep."""
    if score is None or clean is None or clean.get("at_chance") or not clean["value"]:
        return None
    return rounded(score["value"] / clean["value"])
