"""A lease: how the worker of a running request shows that it lives, and how others watch it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from results.request import Progress, Request, RequestId
from results.schema import Strict
from results.store import Store

LAUNCHED = "hf-jobs-"
"""Start of the worker's name of an attempt that a launcher made for a Hugging Face Job."""
STOPPED = 143
"""Exit code of such a job that was told to end from outside (SIGTERM, as a shell has it)."""
UNBEGUN = 24 * 3600.0
"""Seconds that such an attempt may stay without a sign of life, for those who cannot ask Jobs."""


def launched(request: Request) -> bool:
    """Whether a running request's newest attempt is a Hugging Face Job's."""
    last = request.attempts[-1] if request.attempts else None
    return request.state == "running" and last is not None and last.worker.startswith(LAUNCHED)


class Lease(Strict):
    """Lies at `leases/{request}.json` of the results store while an attempt runs.

    The counter moves whenever the worker writes; the attempt is the fence: whoever holds a lower
    one has lapsed and may not write any more.
    """

    request: RequestId
    attempt: Annotated[int, Field(ge=1)]
    counter: Annotated[int, Field(ge=0)]
    progress: Progress | None


def lease_path(request: str) -> str:
    """Where the lease lies below the store's root."""
    return f"leases/{request}.json"


def read_lease(root: Path, request: str) -> Lease | None:
    """The lease of a request; None when there is none that can be read."""
    try:
        return Lease.model_validate_json((root / lease_path(request)).read_bytes())
    except (OSError, ValidationError):
        return None


def dump(lease: Lease) -> bytes:
    """The lease as its file holds it."""
    return lease.model_dump_json(indent=1).encode()


class Watch:
    """Tells whether a running attempt has lapsed, by this process's own monotonic clock.

    Clocks of other machines play no part: an attempt lapses when neither it nor its counter has
    moved for `seconds` while this process was watching. What passes between two looks counts for a
    third of that at most: nobody lapses in an outage of the Hub, or because the one who watches was
    stopped or busy. In a local folder, where a worker holds a lock of its own name for as long as
    it lives, its death shows at once.

    A Hugging Face Job may wait long for its machine. Until its first sign of life its status is
    its lease, judged by the launcher; for everybody else it lapses after a day. From then on it
    lapses like any other.
    """

    def __init__(
        self, seconds: float, results: Store, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds = seconds
        self._results = results
        self._clock = clock
        self._seen: dict[str, tuple[tuple[int, int], float, float]] = {}
        """(attempt, counter), the time of the last look, seconds idle by then."""

    def lapsed(self, request: Request) -> bool:
        """Whether a running request may be taken over; call it again and again to find out."""
        attempt = len(request.attempts)
        if not attempt:
            return True
        if self._results.held(request.attempts[-1].worker) is False:
            return True
        lease = read_lease(self._results.root, request.id)
        mine = lease is not None and lease.attempt == attempt
        mark = (attempt, lease.counter if lease and mine else -1)
        now = self._clock()
        seen = self._seen.get(request.id)
        if seen is None or seen[0] != mark:
            self._seen[request.id] = (mark, now, 0.0)
            return False
        idle = seen[2] + min(now - seen[1], self.seconds / 3)
        self._seen[request.id] = (mark, now, idle)
        unbegun = launched(request) and not mine
        return idle >= (max(self.seconds, UNBEGUN) if unbegun else self.seconds)

    def forget(self, active: set[str]) -> None:
        """Drop what is known of requests that are not in `active`."""
        self._seen = {key: value for key, value in self._seen.items() if key in active}
