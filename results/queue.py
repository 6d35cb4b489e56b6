"""The request queue: each step a pure function of all requests, refused by a ValueError."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime
from functools import partial

from results.blocklist import blocked
from results.lease import Watch, launched
from results.repo import Repo, record_path, withdrawn
from results.request import Outcome, Request
from results.request_files import RequestFiles, Step
from results.schema import Evaluator, ModelKey
from results.store import Store
from results.transitions import (
    AlreadyRequested,
    Blocked,
    Fenced,
    NotYours,
    OverLimit,
    View,
    bad_attempts,
    covers,
    ended,
    lost,
    owned,
    taken,
)

log = logging.getLogger(__name__)
ACTIVE = ("pending", "running", "gated")


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


class Queue(RequestFiles):
    """Requests of a board and what may become of them."""

    def __init__(self, requests: Store, results: Store) -> None:
        super().__init__(requests)
        self.repo = Repo(results.root)
        self._results = results

    def submission(self, request: Request, each: int = 0, total: int = 0) -> Step:
        """Put a request in the queue, its languages reduced to those that are still to measure.

        `each` and `total` bound what one person and all may have waiting; 0 is no bound. Refuses
        with AlreadyRequested, OverLimit or Blocked.
        """

        def step(view: View) -> Request:
            if request.id in view:
                return view[request.id]
            left = self._admitted(view, request, each, total)
            return request.model_copy(update={"languages": left})

        return step

    def _admitted(self, view: View, request: Request, each: int, total: int) -> list[str]:
        """The languages that a request may wait for. Raises as `submission` says."""
        if reason := self._barred(request):
            raise Blocked(reason)
        left = missing(self.repo, request.model, request.configurations, request.languages)
        if not left:
            raise AlreadyRequested(
                f"{request.model.id} at this revision is already measured on all "
                f"{len(request.languages)} languages you chose. Its numbers are on the board."
            )
        active = [o for o in view.values() if o.state in ACTIVE and o.id != request.id]
        for other in active:
            if covers(other, request):
                left = [code for code in left if code not in other.languages]
                if not left:
                    raise AlreadyRequested(
                        f"{request.model.id} at this revision is already in the queue "
                        f"({other.state}) for these languages: see the Queue page."
                    )
        if total and len(active) >= total:
            raise OverLimit(
                f"{len(active)} requests wait already, as many as this board takes. "
                "Try again when some are done."
            )
        mine = sum(other.submitter == request.submitter for other in active)
        if each and request.submitter and mine >= each:
            raise OverLimit(
                f"{mine} of your requests wait or run, as many as one person may have at a "
                "time. Try again when one is done, or cancel one on the Queue page."
            )
        return left

    def claim(self, worker: str, watch: Watch, only: str | None = None) -> Request | None:
        """Take up the oldest request that waits or whose worker lapsed; None when there is none.

        With `only`, that request or none. The request that comes back is running, its last
        attempt this worker's.
        """

        def free(request: Request) -> bool:
            if only and request.id != only:
                return False
            lapsed = request.state == "running" and watch.lapsed(request)
            return request.state == "pending" or lapsed

        def mine(request: Request) -> bool:
            # A claim that was kept although its answer was lost.
            last = request.attempts[-1] if request.attempts else None
            return request.state == "running" and last is not None and last.worker == worker

        waiting = [request for request in self.all() if request.state in ACTIVE]
        watch.forget({request.id for request in waiting})
        # Every one is looked at: the watch learns from each look.
        if not [request for request in waiting if free(request) or mine(request)]:
            return None

        def step(view: View) -> Request:
            for request in sorted(view.values(), key=lambda request: request.id):
                if mine(request):
                    return request
            for request in sorted(view.values(), key=lambda request: request.id):
                if request.state in ("pending", "running") and free(request):
                    free_again = lost(request)
                    if free_again.state != "failed" and (reason := self._barred(free_again)):
                        return ended(free_again, "failed", reason, None)
                    return free_again if free_again.state == "failed" else taken(free_again, worker)
            raise Fenced("somebody else was faster")

        while True:
            try:
                got = self.take(f"{worker} takes a request up", step)
            except Fenced:
                return None
            if got.state == "running":
                return got

    def _barred(self, request: Request) -> str | None:
        """Why a request may not run any more: its model was blocked, its scores withdrawn."""
        if reason := blocked(self.store.root, request.model.id):
            return f"{request.model.id} is not taken by this board: {reason}"
        for configuration in request.configurations:
            if withdrawn(self.repo.root, record_path(request.model, configuration)):
                return (
                    f"The scores of {request.model.id} at this revision were withdrawn by the "
                    "board's owner and are not measured again."
                )
        return None

    def launching(self, request: str, worker: str, most: int) -> Step:
        """Take a waiting request up for a job that is launched next, its worker's name unique.

        Refuses with Fenced when it does not wait any more, or `most` such jobs run already.
        """

        def step(view: View) -> Request:
            now = view.get(request)
            if now and launched(now) and now.attempts[-1].worker == worker:
                return now
            if now is None or now.state != "pending":
                raise Fenced(f"{request} does not wait any more")
            if reason := self._barred(now):
                return ended(now, "failed", reason, None)
            if sum(launched(each) for each in view.values()) >= most:
                raise Fenced(f"{most} jobs run already")
            return taken(now, worker)

        return step

    def refusing(self, request: str, reason: str) -> Step:
        """Fail a waiting request that cannot be run at all. Refuses with Fenced."""

        def step(view: View) -> Request:
            now = view.get(request)
            if now is None or now.state != "pending":
                raise Fenced(f"{request} does not wait any more")
            return ended(now, "failed", reason, None)

        return step

    def reap(self, watch: Watch) -> list[Request]:
        """Put requests back whose worker lapsed, so that none stays running without one.

        Raises what `apply` raises, also when the newest leases cannot be had.
        """
        self._results.refresh()
        if not [r for r in self.all() if r.state == "running" and watch.lapsed(r)]:
            return []

        def step(view: View, request: str) -> Request:
            now = view.get(request)
            if now is None:
                raise Fenced(f"{request} is gone")
            return lost(now) if now.state == "running" and watch.lapsed(now) else now

        running = [request.id for request in self.all() if request.state == "running"]
        steps = [partial(step, request=name) for name in running]
        answers = self.apply("requests whose worker is lost", steps)
        return [a for a in answers if isinstance(a, Request) and a.state != "running"]

    def end(
        self,
        request: Request,
        outcome: Outcome,
        reason: str | None = None,
        log_end: str | None = None,
    ) -> Request:
        """Close the attempt as `ending` says. Raises what refused it, and what `apply` raises."""
        step = self.ending(request, outcome, reason, log_end)
        return self.take(f"{request.model.id} {outcome}", step)

    def ending(
        self,
        request: Request,
        outcome: Outcome,
        reason: str | None = None,
        log_end: str | None = None,
    ) -> Step:
        """Close the attempt that `request` was claimed with.

        `killed` and `preempted` put it back in the queue; the third killed or lost one fails.
        Refuses with Fenced when the request was taken from this attempt, or cancelled.
        """

        def step(view: View) -> Request:
            now = view.get(request.id)
            number = len(request.attempts)
            if now is None or len(now.attempts) != number:
                raise Fenced(f"{request.id} is no longer at attempt {number}")
            if now.attempts[-1].outcome is None:
                return ended(now, outcome, reason, log_end)
            if now.attempts[-1].outcome != outcome:
                raise Fenced(f"{request.id} is {now.state}")
            return now

        return step

    def current(self, request: Request) -> bool:
        """Whether the attempt that `request` was claimed with is still the one that runs."""
        now = self.find(request.id)
        return now is not None and (now.state, len(now.attempts)) == (
            "running",
            len(request.attempts),
        )

    def cancelling(self, request: str, by: str | None, anybody: bool) -> Step:
        """Withdraw a request that waits or runs. Refuses with NotYours."""

        def step(view: View) -> Request:
            now = owned(view, request, by, anybody)
            if now.state == "cancelled":
                return now
            if now.state not in ACTIVE:
                raise NotYours(f"This request is {now.state} already.")
            return ended(now, "cancelled", "Cancelled by whoever asked for it.", None)

        return step

    def retrying(
        self, request: str, by: str | None, anybody: bool, each: int = 0, total: int = 0
    ) -> Step:
        """Put a failed or cancelled request back in the queue.

        Refuses with NotYours, and as `submission` does: for languages that were measured or asked
        for meanwhile, beyond the limits, or when the model was blocked.
        """

        def step(view: View) -> Request:
            now = owned(view, request, by, anybody)
            if now.state == "pending":
                return now
            if now.state == "gated":
                raise NotYours(
                    "It waits for its model's authors. Access is asked for every quarter of an "
                    "hour, and it goes on by itself when they grant it."
                )
            if now.state not in ("failed", "cancelled"):
                raise NotYours(f"This request is {now.state}: nothing to try again.")
            left = self._admitted(view, now, each, total)
            back = {"state": "pending", "reason": None, "log": None, "forgiven": bad_attempts(now)}
            return now.model_copy(update={**back, "languages": left})

        return step
