"""The models of the board, averaged and ranked over a set of languages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from leaderboard.answers.common import (
    Cells,
    Json,
    chosen_languages,
    find_sheet,
    identity,
    intervals,
    language,
    numbers,
    sheets,
    states,
    view,
)
from leaderboard.answers.paired import Paired
from results.interval import mean_intervals
from results.language_search import understand
from results.peaks import average_max_interval
from results.ranks import ranges
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.asked import ModelsAsked
    from leaderboard.board import Board


REMEMBERED = 16
"""Averages that a sheet keeps; each is a megabyte at most."""


class Averages(NamedTuple):
    """Averages over languages, a row each; NaN where one of them was not measured."""

    mean: np.ndarray
    mean_interval: np.ndarray
    """(rows, 2)."""
    max: np.ndarray
    max_interval: np.ndarray
    paired: dict[str, Paired]
    """By pooling, (rows, n): what two models are compared by; NaN rows where unknown."""
    missing: np.ndarray
    """(rows,) how many of the languages were not measured."""

    def of(self, pooling: str) -> tuple[np.ndarray, np.ndarray]:
        """The averages of a pooling and their intervals."""
        return (self.mean, self.mean_interval) if pooling == "mean" else self[2:4]


def averages(board: Board, sheet: Sheet, codes: tuple[str, ...]) -> Averages:
    """Averages of all rows over the languages; a sheet remembers its last few."""
    found: Averages | None = sheet.remembered.pop(codes, None)
    if found is None:
        found = _averages(sheet, states(board, sheet), codes)
    sheet.remembered[codes] = found  # the last used stays longest
    while len(sheet.remembered) > REMEMBERED:
        sheet.remembered.pop(next(iter(sheet.remembered)), None)
    return found


def _averages(sheet: Sheet, states: np.ndarray, codes: tuple[str, ...]) -> Averages:
    rows = len(sheet.rows)
    at = np.array([sheet.places[code] for code in codes if code in sheet.places], dtype=int)
    mean, largest = (sheet.column(name)[:, at].astype(float) for name in ("mean", "max"))
    missing = np.isnan(mean).sum(axis=1) + (len(codes) - len(at))
    whole = (missing == 0) & (len(codes) > 0)
    values = [
        np.where(whole, each.mean(axis=1), np.nan) if len(at) else np.full(rows, np.nan)
        for each in (mean, largest)
    ]
    ends = [np.full((rows, 2), np.nan) for _ in values]
    shares = [np.full((rows, sheet.n), np.nan) for _ in range(3)]
    paired = {"mean": Paired(shares[0]), "max": Paired(shares[1], shares[2])}
    found = Averages(values[0], ends[0], values[1], ends[1], paired, missing)
    sound = whole & np.array([row.hits for row in sheet.rows], dtype=bool)
    if sound.any():
        whole_shares = (sheet.segment_means(at, states), *sheet.peak_means(at))
        for target, source in zip(shares, whole_shares, strict=True):
            target[sound] = source[sound]
        ends[0][sound] = mean_intervals(shares[0][sound])
        ends[1][sound] = average_max_interval(shares[1][sound], shares[2][sound])
    if len(at) == 1:  # the average over one language is its score, and so is the interval
        for target, name in zip(ends, ("mean", "max"), strict=True):
            sides = [sheet.column(f"{name}{side}")[:, at[0]] for side in ("_low", "_high")]
            target[whole] = np.stack(sides, axis=1)[whole]
    return found


def answer(board: Board, asked: ModelsAsked) -> Json:
    """Every model of a view with its averages over a set of languages, its rank range and size.

    A model that lacks one of the languages has no average and no rank, and says how many it lacks.
    """
    sheet = find_sheet(board, asked)
    chosen = chosen_languages(board, sheet, asked)
    codes = tuple(chosen.codes)
    found = averages(board, sheet, codes)
    places = [sheet.places[code] for code in codes if code in sheet.places]
    shown, strange = _shown(asked.show)
    cells = {
        code: Cells(sheet, asked.pooling).of_language(sheet.places[code])
        for code in shown
        if code in sheet.places
    }
    averaged = [intervals(*found.of(pooling)) for pooling in ("mean", "max")]
    above = sheet.above_chance(asked.pooling)[:, places].sum(axis=1)
    tokens = numbers(_row_means(sheet.column("tokens_ratio")[:, places]))
    seconds = numbers(np.nansum(sheet.column("seconds"), axis=1))
    everywhere = _corpora(board)
    rows = []
    for at, row in enumerate(sheet.rows):
        model = board.snapshot.models[row.model]
        newest = max(row.runs, key=lambda run: str(run["started"]))
        rows.append(
            {
                **identity(model),
                "mean": averaged[0][at],
                "max": averaged[1][at],
                "rank": None,
                "above_chance": int(above[at]),
                "of": len(codes) - int(found.missing[at]),
                "missing": int(found.missing[at]),
                "tokens_ratio": tokens[at],
                "seconds": seconds[at],
                "machine": newest["machine"],
                "device": newest["device"],
                "measured": row.started[:10],
                "corpora": everywhere[row.model],
                "shown": {code: cells[code][at] if code in cells else None for code in shown},
            }
        )
    kept = [at for at, row in enumerate(rows) if passes(row, asked)]
    order = sorted(kept, key=lambda at: _place(rows[at], asked.pooling))
    matrix = found.paired[asked.pooling].take(np.array(order, dtype=int)).better()
    ranked = np.array([rows[at][asked.pooling] is not None for at in order], dtype=bool)
    # Without hits nothing is known to be different, and the range is as wide as the group.
    groups = [(rows[at]["weights"], rows[at]["dtype"]) for at in order]
    labels = [0 if asked.ranked == "all" else groups.index(group) for group in groups]
    for at, place, takes_part in zip(
        order, ranges(matrix, ranked, np.array(labels, dtype=int)), ranked, strict=True
    ):
        if takes_part:
            rows[at]["rank"] = {"low": int(place[0]), "high": int(place[1])}
    return {
        "view": view(sheet),
        "pooling": asked.pooling,
        "ranked": asked.ranked,
        "languages": {
            "codes": chosen.codes,
            "said": chosen.said,
            "unknown": [*chosen.unknown, *strange],
            "absent": chosen.absent,
        },
        "shown": [
            {"language": code, **{k: language(code)[k] for k in ("name", "autonym", "direction")}}
            for code in shown
        ],
        "models": [rows[at] for at in order],
        "better": packed(matrix),
    }


def packed(matrix: np.ndarray) -> str:
    """A bool matrix as base64 of `numpy.packbits`, row by row."""
    return base64.b64encode(np.packbits(matrix)).decode()


def passes(row: Json, asked: ModelsAsked) -> bool:
    """Whether a model is one of those that the filters leave; of unknown size it is not."""
    size = row["parameters"]
    if asked.min_parameters is not None and (size is None or size < asked.min_parameters):
        return False
    if asked.max_parameters is not None and (size is None or size > asked.max_parameters):
        return False
    names = ("architecture", "licence", "weights", "dtype")
    for name in names:
        allowed = getattr(asked, name)
        if allowed and (row[name] or "not stated") not in allowed:
            return False
    return not asked.kind or row["kind"] in asked.kind


def _place(row: Json, pooling: str) -> tuple[float, str]:
    return (-(row[pooling]["value"]) if row[pooling] else 1.0, row["name"].casefold())


def _row_means(values: np.ndarray) -> np.ndarray:
    """Means over what is there; NaN where nothing is."""
    count = (~np.isnan(values)).sum(axis=1)
    means: np.ndarray = np.nansum(values, axis=1) / np.where(count, count, np.nan)
    return means


def _shown(texts: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Codes of the languages that get a column of their own, and what is no language."""
    found = [(text, understand(text)) for text in texts]
    codes = [language.code for _, language in found if language]
    return list(dict.fromkeys(codes)), [text for text, language in found if not language]


def _corpora(board: Board) -> list[list[dict[str, Any]]]:
    """For each model of the snapshot, the corpora it was measured on."""
    found: list[dict[tuple[str, str], Json]] = [{} for _ in board.snapshot.models]
    for sheet in sheets(board.snapshot):
        name, build = str(sheet.parameters["corpus"]), str(sheet.parameters["corpus_hash"])
        for row, count in zip(sheet.rows, sheet.measured, strict=True):
            entry = {"corpus": name, "n": sheet.n, "languages": count}
            known = found[row.model].get((name, build))
            if known is None or known["languages"] < count:
                found[row.model][name, build] = entry
    return [list(each.values()) for each in found]
