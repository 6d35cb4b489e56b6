"""Hugging Face Jobs: one for each request that waits, found again by its labels.

A job runs its one attempt and ends it by itself, with this board awake or not. While it waits for
a machine or runs, its status is its lease; a job that ended without ending its attempt is judged
here by that status, and one that nobody started is put back.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable
from itertools import count

from huggingface_hub import HfApi, JobInfo
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from leaderboard.launchers import flavours
from leaderboard.launchers.flavours import Flavour
from leaderboard.launchers.hf_job import Key, Plan, key, labels, order, plan, verdict
from results.durations import duration
from results.hub_trouble import TROUBLE
from results.lease import LAUNCHED, launched
from results.logs import log_end
from results.queue import Queue, Step
from results.request import Request
from results.settings import Settings
from results.store import ReadOnly, Unreachable

log = logging.getLogger(__name__)
ENDED = ("COMPLETED", "CANCELED", "ERROR", "DELETED")
ORPHANED = 120.0
"""Seconds that a claimed request may be without a job: its launcher died in between."""
PAUSES = (60.0, 3600.0)
"""Seconds without a try after the first refusal, doubled for each further one up to the last."""
PRICES = 6 * 3600.0
"""Seconds that prices are kept."""
TAIL = 200
"""Lines fetched of the log of a job that died."""
TIMEOUT = 20
LOST = (*TROUBLE, KeyError, TypeError)
"""What the client raises when there is no answer that can be read: a job may have started."""
REFUSALS = {
    401: "The Hub does not know the board's token.",
    402: "There is no credit left for Hugging Face Jobs.",
    403: "The board's token may not start Hugging Face Jobs.",
    429: "The Hub starts no more jobs just now.",
}


class HfJobs:
    """See `Launcher`. Several web processes may have one: a claim is a commit only one can make."""

    every = 30.0

    def __init__(
        self, settings: Settings, queue: Queue, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Raises ValueError when settings that it needs are missing."""
        if settings.repo is None:
            raise ValueError("MEXA_LAUNCHER=hf-jobs needs MEXA_REPO: jobs write to its datasets")
        self._settings = settings
        self._queue = queue
        self._clock = clock
        self._code = settings.jobs_code or os.environ.get("SPACE_ID") or settings.repo
        self._namespace = settings.jobs_namespace or settings.repo.split("/")[0]
        self._board = labels(settings.repo)
        self._api = HfApi(token=settings.token.get_secret_value() if settings.token else False)
        self._name = secrets.token_hex(4)
        self._numbers = count(1)
        self._revision = ""
        self._table: tuple[Flavour, ...] = flavours.TABLE
        self._priced = float("-inf")
        self._unseen: dict[Key, float] = {}
        self._refused: dict[str, int] = {}
        self._refusals = 0
        self._not_before = float("-inf")
        self._outage = self._refusal = ""
        self.serves = settings.token is not None

    @property
    def trouble(self) -> str:
        """Why nothing is launched just now, for a person; empty when all is well."""
        return self._outage or self._refusal

    def tick(self) -> None:
        """Look at the jobs, end the attempts of dead ones, launch what waits."""
        try:
            self._queue.store.refresh()
            # After the queue: a job newer than what was read of it is left alone.
            found = self._jobs(status=["SCHEDULING", "RUNNING"])
            alive = {whose: job for job in found if (whose := key(job))}
            requests = {request.id: request for request in self._queue.all()}
            self._cancel(requests, alive)
            self._judge(requests, alive)
            self._launch({request.id: request for request in self._queue.all()})
            self._outage = ""
        except HfHubHTTPError as error:
            status = error.response.status_code
            self._outage = REFUSALS.get(status, f"Hugging Face Jobs do not answer ({status}).")
            log.warning("no look at the jobs: %s", log_end(str(error)))
        except (OSError, *TROUBLE) as error:
            known = isinstance(error, Unreachable | ReadOnly)
            said = str(error) if known else "the Hub does not answer"
            self._outage = f"No job is launched now: {said}."
            log.warning("no look at the jobs: %s", log_end(str(error)))

    def stop(self) -> None:
        """Jobs go on."""

    def _jobs(self, status: list[str] | None = None, **more: str) -> list[JobInfo]:
        wanted, space = {**self._board, **more}, self._namespace
        return list(
            self._api.list_jobs(labels=wanted, status=status, namespace=space, timeout=TIMEOUT)
        )

    def _cancel(self, requests: dict[str, Request], alive: dict[Key, JobInfo]) -> None:
        """End jobs whose attempt is over: cancelled, or taken from them."""
        for (name, number), job in alive.items():
            attempts = requests[name].attempts if name in requests else []
            over = attempts[number - 1].outcome if number <= len(attempts) else None
            if over in ("cancelled", "lost", "killed", "preempted"):
                log.info("%s: its job is cancelled", name)
                try:
                    self._api.cancel_job(job_id=job.id, namespace=self._namespace)
                except HfHubHTTPError as error:
                    log.warning("job %s is not cancelled: %s", job.id, error)

    def _judge(self, requests: dict[str, Request], alive: dict[Key, JobInfo]) -> None:
        """End the attempts whose job is dead or was never started."""
        now, steps = self._clock(), []
        running = [each for each in requests.values() if launched(each)]
        silent = {(each.id, len(each.attempts)): each for each in running}
        silent = {whose: each for whose, each in silent.items() if whose not in alive}
        self._unseen = {whose: self._unseen.get(whose, now) for whose in silent}
        for whose, request in silent.items():
            jobs = self._jobs(request=whose[0], attempt=str(whose[1]))
            if any(job.status.stage not in ENDED for job in jobs):
                continue
            if jobs:
                outcome, reason = verdict(jobs[0])
                end = None if outcome == "preempted" else self._log_end(jobs[0])
                steps.append(self._queue.ending(request, outcome, reason, end))
            elif now - self._unseen[whose] >= ORPHANED:
                reason = "Its job was never started; it waits for another."
                steps.append(self._queue.ending(request, "preempted", reason))
        self._apply("jobs that ended", steps)

    def _launch(self, requests: dict[str, Request]) -> None:
        """Claim what waits, all in one commit, and start a job for each."""
        if self._clock() < self._not_before:
            return
        # Those refused before come last: one that the Hub does not take must not hold up others.
        names = sorted(requests, key=lambda name: (self._refused.get(name, 0), name))
        waiting = [requests[name] for name in names if requests[name].state == "pending"]
        if not waiting:
            self._refusal = ""
            return
        most = self._settings.jobs_at_once
        room = most - sum(launched(each) for each in requests.values())
        room = min(room, 1) if self._refusals else room
        if room <= 0:
            return
        try:
            self._look_up()
        except RepositoryNotFoundError as error:
            self._refuse(
                f"The board's token sees no Space {self._code}, whose code jobs run.", error
            )
            return
        plans: dict[str, Plan] = {}
        steps = []
        for request in waiting:
            if len(plans) == room:
                break
            try:
                made = plan(request, self._settings, self._table)
            except ValueError as error:
                steps.append(self._queue.refusing(request.id, str(error)))
                continue
            worker = f"{LAUNCHED}{self._name}-{next(self._numbers)}"
            plans[worker] = made
            steps.append(self._queue.launching(request.id, worker, most))
        done = self._apply("jobs to launch", steps)
        claimed = [each for each in done if launched(each)]
        while claimed:
            request = claimed.pop(0)
            self._queue.store.refresh()
            if not self._queue.current(request):
                # Calls were slow, and another web process took it back.
                continue
            if not self._start(request, plans[request.attempts[-1].worker]):
                back = [self._queue.ending(each, "preempted", self._refusal) for each in claimed]
                self._apply("jobs not launched", back)
                return

    def _start(self, request: Request, made: Plan) -> bool:
        """Start the job of a claimed request; give it back when the Hub refuses."""
        try:
            wanted = order(request, made, self._settings, self._code, self._revision)
            job = self._api.run_job(**wanted, namespace=self._namespace)
        except HfHubHTTPError as error:
            status = error.response.status_code
            said = log_end(error.server_message or "")[:200]
            self._refuse(REFUSALS.get(status, f"The Hub started no job ({status} {said})."), error)
            if 400 <= status < 500 and status != 408:
                self._refused[request.id] = self._refused.get(request.id, 0) + 1
                step = self._queue.ending(request, "preempted", self._refusal)
                self._apply("a job not launched", [step])
            # Else it may have started all the same, and shows within `ORPHANED` seconds.
            return False
        except LOST as error:
            self._refuse("The Hub did not say whether it started the job.", error)
            return False
        self._refusals, self._refusal = 0, ""
        self._refused.pop(request.id, None)
        where = f"{made.flavour.name} for {duration(made.timeout)} at most"
        log.info("%s: job %s on %s", request.model.id, job.id, where)
        return True

    def _refuse(self, sentence: str, error: Exception) -> None:
        first, last = PAUSES
        self._not_before = self._clock() + min(last, first * 2**self._refusals)
        self._refusals = min(self._refusals + 1, 16)
        self._refusal = sentence
        log.warning("no job launched: %s", log_end(str(error)))

    def _look_up(self) -> None:
        """The commit that the Space runs, once; and prices, where the Hub tells them."""
        if not self._revision:
            space = self._api.space_info(self._code, timeout=TIMEOUT)
            running = (space.runtime.raw if space.runtime else {}).get("sha")
            self._revision = str(running or space.sha)
        if self._clock() - self._priced < PRICES:
            return
        self._priced = self._clock()
        try:
            hardware = self._api.list_jobs_hardware()
            prices = {h.name: h.unit_cost_usd * 60 for h in hardware if h.unit_label == "minute"}
            self._table = flavours.priced(prices)
        except LOST as error:
            log.warning("prices as they were: %s", error)

    def _log_end(self, job: JobInfo) -> str | None:
        try:
            space = self._namespace
            lines = self._api.fetch_job_logs(job_id=job.id, namespace=space, tail=TAIL)
            return log_end("\n".join(lines)) or None
        except LOST as error:
            log.warning("no log of job %s: %s", job.id, error)
            return None

    def _apply(self, message: str, steps: list[Step]) -> list[Request]:
        """What came of the steps; one that was refused is somebody else's by now."""
        if not steps:
            return []
        done = self._queue.apply(message, steps)
        return [each for each in done if isinstance(each, Request)]
