"""Layer curves of one record; only its page asks for them, so they stay in the record."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from leaderboard.answers.common import rounded
from results.repo import BadRecord, read_record
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.board import Board

KEPT = 8
_lock = threading.Lock()
_known: OrderedDict[tuple[str, ...], dict[str, dict[str, Any]]] = OrderedDict()


def curves(board: Board, sheet: Sheet, row: int) -> dict[str, dict[str, Any]]:
    """By language: `layers` and `layers_chance`, a number a hidden state; {} without the record.

    A fresh Space has the summary before it has the records.
    """
    record = sheet.rows[row]
    mark = (record.record, *record.content)
    with _lock:
        if mark in _known:
            _known.move_to_end(mark)
            return _known[mark]
    try:
        scores = read_record(board.repo.root / record.record).scores
    except (OSError, BadRecord):
        return {}
    found = {
        score.language: {
            "layers": [rounded(each) for each in score.layers],
            "layers_chance": [rounded(each) for each in score.layers_chance or []],
        }
        for score in scores
        if score.layers
    }
    with _lock:
        _known[mark] = found
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return found
