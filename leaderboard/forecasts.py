"""Forecasts that are worked out beside this process, one at a time, kept by what they are of."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict

from results.forecast import Forecast, Table, apart

log = logging.getLogger(__name__)
KEPT = 64
FAILED = "they could not be worked out; the board's log says why"
_lock, _one = threading.Lock(), threading.Lock()
_known: OrderedDict[str, Forecast | str | None] = OrderedDict()
_ended = 0


def find(of: Table) -> Forecast | str | None:
    """The forecast of a table, why there is none, or None while it is worked out.

    Who asks first starts that; nobody waits for it.
    """
    key = of.hash
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
        _known[key] = None
    # A daemon: a board that stops does not wait for it.
    threading.Thread(target=_work, args=(key, of), daemon=True, name="forecast").start()
    return None


def ended() -> int:
    """How many were worked out: answers that said that one is under way are then out of date."""
    return _ended


def _work(key: str, of: Table) -> None:
    global _ended
    found: Forecast | str = FAILED
    try:
        with _one:
            found = apart(of)
    except Exception:
        log.exception("no forecasts")
    with _lock:
        _known[key] = found
        _ended += 1
        done = [each for each, known in _known.items() if known is not None]
        for each in done[:-KEPT]:
            del _known[each]
