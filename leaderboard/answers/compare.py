"""Two to six models side by side, language by language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from leaderboard.answers.common import (
    Cells,
    Json,
    chosen_languages,
    find_row,
    find_sheet,
    identity,
    interval,
    language,
    rounded,
    states,
    view,
)
from leaderboard.answers.models import averages
from leaderboard.answers.paired import Paired, all_written, in_languages, written
from leaderboard.asked import MOST_MODELS
from results.ranks import LEVEL, adjusted
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.asked import CompareAsked
    from leaderboard.board import Board

GROUPS = ("family", "region", "script")
FEWEST = 2


def answer(board: Board, asked: CompareAsked) -> Json:
    """Scores of two to six models in the chosen languages, and differences to the first.

    A difference is paired over segments; it is significant where the false discovery rate over
    all languages of the comparison is at most 5 % (Benjamini and Hochberg).
    """
    sheet = find_sheet(board, asked)
    chosen = chosen_languages(board, sheet, asked)
    rows = list(dict.fromkeys(find_row(board, sheet, model) for model in asked.models))
    if not FEWEST <= len(rows) <= MOST_MODELS:
        raise ValueError(f"choose {FEWEST} to {MOST_MODELS} different models, separated by commas")
    codes = [code for code in chosen.codes if code in sheet.places]
    at = np.array([sheet.places[code] for code in codes], dtype=int)
    cells = Cells(sheet, asked.pooling)
    scores = [cells.of_row(row, at) for row in rows]
    gaps = [_gaps(board, sheet, rows[0], row, at, asked.pooling) for row in rows[1:]]
    measured = [k for k in range(len(codes)) if any(column[k] for column in scores)]
    whole = tuple(codes[k] for k in measured if all(column[k] for column in scores))
    averaged = averages(board, sheet, whole)
    value, ends = averaged.of(asked.pooling)
    paired = averaged.paired[asked.pooling]
    return {
        "view": view(sheet),
        "pooling": asked.pooling,
        "chosen": {"said": chosen.said, "unknown": chosen.unknown, "absent": chosen.absent},
        "shared": len(whole),
        "models": [
            {
                **identity(board.snapshot.models[sheet.rows[row].model]),
                "average": interval(value[row], ends[row]),
            }
            for row in rows
        ],
        "languages": [
            {
                **_named(codes[k]),
                "scores": [column[k] for column in scores],
                "differences": [None, *(gap[k] for gap in gaps)],
            }
            for k in measured
        ],
        "overall": [None, *(_overall(paired.take(row), paired.take(rows[0])) for row in rows[1:])],
        "groups": {name: _groups(name, whole, codes, scores) for name in GROUPS},
    }


def _named(code: str) -> Json:
    facts = language(code)
    names = ("language", "name", "autonym", "direction", *GROUPS)
    return {name: facts[name] for name in names}


def _gaps(
    board: Board, sheet: Sheet, first: int, other: int, at: np.ndarray, pooling: str
) -> list[Json | None]:
    """For each language, the other model's score less the first one's; None where unknown.

    Where both are at chance nothing is compared, whatever p says.
    """
    value = sheet.column(pooling)[[first, other]][:, at]
    chance = sheet.column(f"{pooling}_chance")[[first, other]][:, at]
    both = ~np.isnan(value).any(axis=0)
    layers = states(board, sheet)
    sides = [in_languages(sheet, row, at[both], pooling, layers) for row in (other, first)]
    gap = sides[0].less(sides[1])
    covered = (value > chance).any(axis=0)[both]
    significant = adjusted(np.where(covered, gap.p, 1.0)) < LEVEL
    found: list[Json | None] = [None] * len(at)
    rows = zip(np.flatnonzero(both).tolist(), all_written(gap), significant.tolist(), strict=True)
    for place, row, sure in rows:
        if row is not None:
            found[place] = {**row, "significant": sure}
    return found


def _overall(other: Paired, first: Paired) -> Json | None:
    numbers = written(other.less(first))
    return {**numbers, "significant": numbers["p"] < LEVEL} if numbers else None


def _groups(
    name: str, whole: Iterable[str], codes: list[str], scores: list[list[Json | None]]
) -> list[Json]:
    """Averages over the languages of each family, region or script that all models have."""
    place = {code: k for k, code in enumerate(codes)}
    members: dict[str, list[str]] = {}
    for code in whole:
        members.setdefault(language(code)[name] or "unknown", []).append(code)
    rows = []
    for group, found in members.items():
        values = [[(column[place[code]] or {})["value"] for code in found] for column in scores]
        means = [rounded(float(np.mean(each))) for each in values]
        rows.append({"name": group, "languages": len(found), "values": means})
    return sorted(rows, key=lambda row: (-int(row["languages"]), str(row["name"])))
