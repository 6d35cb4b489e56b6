"""Layer curves of one record; only its page asks for them, so they stay in the record."""

from __future__ import annotations

import threading
from collections import OrderedDict
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from leaderboard.answers.common import numbers
from results.migrate import migrate
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.board import Board

KEPT = 8
_lock = threading.Lock()
_known: OrderedDict[tuple[str, ...], dict[str, dict[str, Any]]] = OrderedDict()


def curves(board: Board, sheet: Sheet, row: int) -> dict[str, dict[str, Any]]:
    """By language: `layers` and `layers_chance`, a number a hidden state; {} without the record.

    A fresh Space has the summary before it has the records. The snapshot took the record from
    this file, so it was validated: doing so again would be most of the work.
    """
    mark, found = _kept(sheet, row)
    if found is not None:
        return found
    scores = [score for score in _read(board, sheet, row) if score["layers"]]
    if not scores:
        return {}
    names = ("layers", "layers_chance")
    columns = [_rounded([score[name] or [] for score in scores]) for name in names]
    found = {
        score["language"]: dict(zip(names, lines, strict=True))
        for score, lines in zip(scores, zip(*columns, strict=True), strict=True)
    }
    return _keep(mark, found)


def of_statistic(board: Board, sheet: Sheet, row: int) -> dict[str, dict[str, Any]]:
    """By language: the curves of a statistic by name, a number a hidden state; {} without it."""
    mark, found = _kept(sheet, row)
    if found is not None:
        return found
    scores = [score for score in _read(board, sheet, row) if score.get("curves")]
    found = {
        score["language"]: dict(
            zip(score["curves"], _rounded([*score["curves"].values()]), strict=True)
        )
        for score in scores
    }
    return _keep(mark, found) if found else {}


def _kept(sheet: Sheet, row: int) -> tuple[tuple[str, ...], dict[str, dict[str, Any]] | None]:
    """What tells a record's content, and its curves where they are known."""
    record = sheet.rows[row]
    mark = (record.record, *record.content)
    with _lock:
        if mark in _known:
            _known.move_to_end(mark)
            return mark, _known[mark]
    return mark, None


def _read(board: Board, sheet: Sheet, row: int) -> list[dict[str, Any]]:
    try:
        raw = (board.repo.root / sheet.rows[row].record).read_bytes()
        scores: list[dict[str, Any]] = migrate(orjson.loads(raw))["scores"]
        return [score for score in scores if score["language"] in sheet.places]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def _keep(mark: tuple[str, ...], found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    with _lock:
        _known[mark] = found
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return found


def _rounded(rows: list[list[float]]) -> list[list[float | None]]:
    flat = iter(numbers(np.array(list(chain.from_iterable(rows)))))
    return [list(islice(flat, len(row))) for row in rows]
