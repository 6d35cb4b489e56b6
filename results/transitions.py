"""What becomes of one request: taken up, ended, lost; and the reasons to refuse a step."""

from __future__ import annotations

from datetime import UTC, datetime

from results.request import Attempt, Outcome, Request
from results.schema import ModelKey

View = dict[str, Request]
TRIES = 3
"""Attempts that may be killed or lost before a request fails."""


class AlreadyRequested(ValueError):
    """Raised when everything in a request is measured or already asked for."""


class OverLimit(ValueError):
    """Raised when somebody, or everybody together, asked for too much at a time."""


class Blocked(ValueError):
    """Raised for a model that this board does not take, or a record that was withdrawn."""


class NotYours(ValueError):
    """Raised when a request belongs to somebody else, or is past what was asked of it."""


class Fenced(ValueError):
    """Raised when an attempt is no longer its request's newest: its worker must stop."""


def covers(other: Request, request: Request) -> bool:
    """Whether a request measures, on its languages, all that another one asks for."""
    keys = [each.model.model_dump(include=set(ModelKey.model_fields)) for each in (other, request)]
    asked = {each.key() for each in other.configurations}
    return keys[0] == keys[1] and asked.issuperset(each.key() for each in request.configurations)


def owned(view: View, request: str, by: str | None, anybody: bool) -> Request:
    """The request, if it is theirs. Raises NotYours."""
    now = view.get(request)
    if now is None:
        raise NotYours("There is no such request.")
    if not anybody and (by is None or now.submitter != by):
        raise NotYours("Only whoever asked for it may do that. Are you signed in?")
    return now


def bad_attempts(request: Request) -> int:
    """Attempts that were killed or lost."""
    return sum(attempt.outcome in ("killed", "lost") for attempt in request.attempts)


def taken(request: Request, worker: str) -> Request:
    """Running, with a new attempt by that worker."""
    now = datetime.now(UTC)
    attempt = Attempt(worker=worker, started=now, ended=None, outcome=None)
    update = {"state": "running", "attempts": [*request.attempts, attempt]}
    return request.model_copy(update={**update, "reason": None, "log": None})


def lost(request: Request) -> Request:
    """A request whose worker lapsed, back in the queue or failed; a pending one as it is."""
    if request.state != "running":
        return request
    return ended(request, "lost", "Its worker was lost.", None)


def ended(request: Request, outcome: Outcome, reason: str | None, log_end: str | None) -> Request:
    """With its running attempt closed; killed, lost and preempted ones wait again, or fail."""
    attempts = list(request.attempts)
    if attempts and attempts[-1].outcome is None:
        closed = {"ended": datetime.now(UTC), "outcome": outcome}
        attempts[-1] = attempts[-1].model_copy(update=closed)
    state: str = outcome
    if outcome in ("killed", "lost", "preempted"):
        bad = bad_attempts(request.model_copy(update={"attempts": attempts})) - request.forgiven
        state = "failed" if bad >= TRIES else "pending"
        if state == "failed":
            reason = f"Tried {bad} times. The last time: {reason}" if reason else None
    update = {"state": state, "attempts": attempts, "reason": reason, "log": log_end}
    return request.model_copy(update=update)
