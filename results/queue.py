"""The request queue as a local folder: a file a request, claimed under its owner's lock."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from results.files import write_atomic
from results.ids import folder
from results.migrate import migrate
from results.repo import Repo
from results.request import Attempt, Request
from results.schema import Evaluator, ModelKey

log = logging.getLogger(__name__)
ACTIVE = ("pending", "running")
TRIES = 3
"""Killed jobs after which a request fails."""
LOSSES = 5
"""Lost workers after which it does: it may be what takes them down."""


class AlreadyRequested(ValueError):
    """Raised when everything in a request is measured or already asked for."""


def new_id(now: datetime | None = None) -> str:
    """A request id that sorts by time: `20261124T101500123456-1a2b3c4d`."""
    return f"{(now or datetime.now(UTC)):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"


def missing(
    repo: Repo, model: ModelKey, configurations: list[Evaluator], languages: list[str]
) -> list[str]:
    """The languages that lack a cell under one of the configurations."""
    records = [repo.record(model, each) for each in configurations]
    present = set.intersection(*(record.languages() if record else set() for record in records))
    return [code for code in languages if code not in present]


class Queue:
    """Requests of a board, each changed by whole-file replacement by whoever holds its claim."""

    def __init__(self, root: Path) -> None:
        self.root = root / "requests"
        self.locks = self.root / "locks"
        self.locks.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.locks / "queue.lock")
        self._seen: dict[Path, tuple[tuple[int, int], Request]] = {}

    def _path(self, request: Request) -> Path:
        return self.root / folder(request.model.id) / f"{request.id}.json"

    def _read(self, path: Path) -> Request | None:
        try:
            stat = path.stat()
            mark = (stat.st_mtime_ns, stat.st_ino)
            known = self._seen.get(path)
            if known and known[0] == mark:
                return known[1]
            request = Request.model_validate(migrate(json.loads(path.read_text("utf-8"))))
        except (ValueError, OSError, AttributeError) as error:
            log.warning("request %s cannot be read: %s", path.name, error)
            return None
        self._seen[path] = (mark, request)
        return request

    def all(self) -> list[Request]:
        """Every request that can be read, oldest first."""
        found = (self._read(path) for path in self.root.glob("*/*.json"))
        return sorted((request for request in found if request), key=lambda request: request.id)

    def save(self, request: Request) -> Request:
        """Write a request over its former self; returned as given."""
        text = Request.model_validate(request.model_dump()).model_dump_json(indent=1)
        write_atomic(self._path(request), text.encode())
        return request

    def submit(self, request: Request, repo: Repo) -> Request:
        """Put a request in the queue, its languages reduced to those that are still to measure.

        Raises:
            AlreadyRequested: every cell is there, or waits in an earlier request.
        """
        with self._lock:
            left = missing(repo, request.model, request.configurations, request.languages)
            if not left:
                raise AlreadyRequested(
                    f"{request.model.id} at this revision is already measured on all "
                    f"{len(request.languages)} languages you chose. Its numbers are on the board."
                )
            for other in self.all():
                same = other.state in ACTIVE and other.model == request.model
                if same and other.configurations == request.configurations:
                    left = [code for code in left if code not in other.languages]
                    if not left:
                        raise AlreadyRequested(
                            f"{request.model.id} at this revision is already in the queue "
                            f"({other.state}) for these languages: see the Queue page."
                        )
            return self.save(request.model_copy(update={"languages": left}))

    @contextmanager
    def claim(self, worker: str) -> Iterator[Request | None]:
        """The oldest request that nobody works on, marked running; None when there is none.

        Held by a file lock for the length of the block. The system frees it when the worker dies,
        and the request, still marked running, is then claimed again.
        """
        for request in self.all():
            if request.state not in ACTIVE:
                continue
            lock = FileLock(self.locks / f"{request.id}.lock", timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue
            try:
                now = self._read(self._path(request))
                if now is None or now.state not in ACTIVE:
                    continue
                now = self._taken(now, worker)
                lost = sum(attempt.outcome == "lost" for attempt in now.attempts)
                if lost >= LOSSES:
                    self.end(now, "failed", f"Its worker was lost {lost} times while it ran.")
                    continue
                yield self.save(now)
                return
            finally:
                lock.release()
        yield None

    def _taken(self, request: Request, worker: str) -> Request:
        now = datetime.now(UTC)
        attempts = [
            attempt.model_copy(update={"ended": now, "outcome": "lost"})
            if attempt.outcome is None
            else attempt
            for attempt in request.attempts
        ]
        attempts.append(Attempt(worker=worker, started=now, ended=None, outcome=None))
        return request.model_copy(
            update={
                "state": "running",
                "attempts": attempts,
                "progress": None,
                "reason": None,
                "log": None,
            }
        )

    def end(
        self, request: Request, outcome: str, reason: str | None = None, log_end: str | None = None
    ) -> Request:
        """Close the running attempt: `finished`, `failed`, or `killed`, which is tried again.

        The third killed attempt fails.
        """
        last = request.attempts[-1].model_copy(
            update={"ended": datetime.now(UTC), "outcome": outcome}
        )
        attempts = [*request.attempts[:-1], last]
        state = outcome
        if outcome == "killed":
            kills = sum(attempt.outcome == "killed" for attempt in attempts)
            state = "pending" if kills < TRIES else "failed"
        return self.save(
            request.model_copy(
                update={"state": state, "attempts": attempts, "reason": reason, "log": log_end}
            )
        )
