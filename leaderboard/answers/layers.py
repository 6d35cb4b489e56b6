"""Statistics of a model's layers, read from its records when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaderboard.answers.common import (
    Json,
    NotFound,
    counted,
    find_row,
    identity,
    key_of,
    language,
)
from leaderboard.answers.curves import of_statistic
from leaderboard.answers.views import is_of_corpus, method_title, statistic_sheets, view
from results.language_search import understand
from results.methods import STATISTICS
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.asked import LayersAsked
    from leaderboard.board import Board

NAMES = ("language", "name", "autonym", "direction", "family", "region", "script")


def answer(board: Board, asked: LayersAsked) -> Json:
    """A statistic of a model's layers, by language: a curve, or several by name.

    `statistics` lists those measured with the model, with formula, source and what a higher value
    means, each once for every pivot and embedding method that it was measured with. They are no
    shares, and nothing is ranked by them.
    """
    if asked.statistic and asked.statistic not in STATISTICS:
        known = ", ".join(STATISTICS)
        raise NotFound(f"there is no statistic {asked.statistic[:60]}; there are {known}")
    model = _model(board, asked.model)
    found = [
        sheet
        for sheet in statistic_sheets(board.snapshot)
        if is_of_corpus(sheet, asked.corpus)
        and asked.embedding in ("", sheet.parameters["embedding"])
        and any(key_of(board.snapshot.models[row.model]) == model["model"] for row in sheet.rows)
    ]
    chosen = next((s for s in found if _is_of(s, asked)), None)
    if asked.view and not chosen:
        raise NotFound("the model has no statistic of that view; `statistics` lists those it has")
    lines: list[Json] = []
    unknown: list[str] = []
    if chosen:
        lines, unknown = _lines(board, chosen, model["model"], asked.languages)
    return {
        "view": view(chosen) if chosen else None,
        "model": model,
        "statistics": [_described(sheet) for sheet in found],
        "statistic": _described(chosen) if chosen else None,
        "curves": list(lines[0]["curves"]) if lines else [],
        "languages": lines,
        "unknown": unknown,
    }


def _model(board: Board, asked: str) -> Json:
    """The model of a key or an id, whatever was measured of it. Raises NotFound."""
    models = board.snapshot.models
    # Records lie in the order of their models' ids: of an id alone, the newest run's.
    newest: dict[int, str] = {}
    for sheet in board.snapshot.sheets:
        for row in sheet.rows:
            newest[row.model] = max(newest.get(row.model, ""), row.started)
    named = [
        (newest.get(at, ""), at)
        for at, each in enumerate(models)
        if asked in (key_of(each), each["id"])
    ]
    if not named:
        raise NotFound(f"the board has no model {asked[:120]}; /api/v1/models lists those it has")
    return identity(models[max(named)[1]])


def _is_of(sheet: Sheet, asked: LayersAsked) -> bool:
    return asked.statistic in ("", sheet.name) and asked.view in ("", sheet.configuration)


def _described(sheet: Sheet) -> Json:
    """A statistic as the catalogue has it, and where it was measured."""
    about = STATISTICS[sheet.name]
    return {
        "statistic": about.name,
        "version": sheet.evaluator["version"],
        "title": about.title,
        "formula": about.formula,
        "source": about.source,
        "higher": about.higher,
        "pivoted": about.pivoted,
        "beside": language(sheet.pivot)["name"] if sheet.pivot else None,
        "method": method_title(str(sheet.parameters["embedding"])),
        "view": sheet.configuration,
    }


def _lines(
    board: Board, sheet: Sheet, model: str, wanted: tuple[str, ...]
) -> tuple[list[Json], list[str]]:
    """The languages that are wanted, all where none is named, by name; and what is no language."""
    curves = of_statistic(board, sheet, find_row(board, sheet, model))
    understood = {text: understand(text) for text in wanted}
    unknown = [text for text, known in understood.items() if known is None]
    codes = {known.code for known in understood.values() if known} if wanted else set(curves)
    counts = set(counted(board, sheet))
    rows = [
        {
            **{name: language(code)[name] for name in NAMES},
            "counted": code in counts,
            "curves": lines,
        }
        for code, lines in curves.items()
        if code in codes
    ]
    return sorted(rows, key=lambda each: str(each["name"]).casefold()), unknown
