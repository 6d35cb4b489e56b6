"""The queue as data: every request and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaderboard.answers.common import Json
from results.queue import ACTIVE

if TYPE_CHECKING:
    from leaderboard.board import Board

ENDED = 200
"""Of the requests that are done, the newest are given: this many."""


def answer(board: Board) -> Json:
    """Requests that wait or run, oldest first, then the newest of those that ended.

    Who submitted is given by name; the account's id is not.
    """
    found = sorted(board.requests, key=lambda request: request.id)
    active = [request for request in found if request.state in ACTIVE]
    ended = [request for request in reversed(found) if request.state not in ACTIVE]
    rows = []
    for request in active + ended[:ENDED]:
        lease = board.leases.get(request.id)
        now = lease.progress if lease and request.state == "running" else None
        rows.append(
            {
                "id": request.id,
                "model": request.model.id,
                "revision": request.model.revision,
                "weights": request.model.weights,
                "dtype": request.model.dtype,
                "measure": request.configurations[0].name,
                "configurations": len(request.configurations),
                "state": request.state,
                "progress": {"done": now.done, "of": now.total, "doing": now.doing}
                if now
                else None,
                "seconds_left": now.seconds_left if now else None,
                "languages": len(request.languages),
                "attempts": len(request.attempts),
                "created": f"{request.created:%Y-%m-%dT%H:%M:%SZ}",
                "submitter": request.submitter_name,
                "reason": request.reason if request.state != "finished" else None,
            }
        )
    return {"changes": board.changes, "requests": rows, "not_shown": len(ended[ENDED:])}
