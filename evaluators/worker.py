"""The worker: claims requests and runs each as a job, a process of its own. No torch here."""

from __future__ import annotations

import logging
import os
import platform
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from evaluators import cache, failures, limits
from evaluators.command import ROOT, command, environment, hub_cache
from evaluators.publisher import Publisher
from results.lease import STOPPED, Watch, launched
from results.queue import Fenced, Queue, missing
from results.repo import Repo
from results.request import Outcome, Progress, Request
from results.settings import Settings
from results.store import Busy, Folder, ReadOnly
from results.stores import open_stores

log = logging.getLogger(__name__)
TICK = 0.5
"""Seconds between two looks at a running job."""
GIB = 1024**3
GRACE = 20.0
"""Seconds that a worker which is told to stop tries to write what it has."""
PAUSE = 60.0
"""Seconds that a worker waits after a failure that is its machine's, not the model's."""
PREEMPTED = "Its machine was taken away; it waits for another."

T = TypeVar("T")


class Stopped(Exception):
    """Raised when a worker is told to stop while something of its attempt is not written yet."""


class Worker:
    """Serves a board's queue. `stop` ends it soon: its request then goes back to the queue."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        node = re.sub(r"[^A-Za-z0-9-]", "-", platform.node())[:40]
        self.name = f"{node or 'worker'}-{os.getpid()}-{secrets.token_hex(3)}"
        self.results, requests = open_stores(settings, "worker")
        self.queue = Queue(requests, self.results)
        self.stop = threading.Event()
        self._give_up = float("inf")
        self._launched = False
        self._watch = Watch(settings.lease, self.results)
        self._alive = self.results.hold(self.name)
        self._homes = Folder(settings.cache / "jobs")
        self._home = self._homes.root / self.name
        self._housed = self._homes.hold(self.name)
        self._sweep()

    def close(self) -> None:
        """Let the locks go that say this worker lives."""
        for hold in (self._alive, self._housed):
            if hold:
                hold.release()

    def serve(self, once: bool = False, only: str | None = None) -> None:
        """Work until stopped, or with `once` until nothing is left to take up.

        With `only`, work on that one request.
        """
        log.info("%s serves %s", self.name, self.settings.repo or self.results.root.name)
        pause = max(self.settings.refresh, self.results.pause)
        while not self.stop.is_set():
            try:
                self.results.refresh()
                self.queue.store.refresh()
                request = self.queue.claim(self.name, self._watch, only)
            except OSError as error:
                log.warning("no request taken: %s", error)
                self.stop.wait(pause)
                continue
            if request:
                log.info("%s: %d languages", request.model.id, len(request.languages))
                self.attempt(request)
                self._clean()
            elif once:
                break
            else:
                self.stop.wait(pause)
            if request and only:
                break

    def serve_attempt(self, request: str, number: int) -> None:
        """Run the attempt that a launcher made for this process; nothing else, and not again.

        Told to stop, it writes what it has and leaves the attempt to its launcher, who knows why.

        Raises:
            Fenced: it is not the request's newest attempt, or no launcher's.
            ReadOnly: its token may not write; its machine costs money while it would wait.
        """
        self._launched = True
        self._insist(self.results.refresh)
        self._insist(self.queue.store.refresh)
        found = self.queue.find(request)
        if not found or len(found.attempts) != number or not launched(found):
            raise Fenced(f"attempt {number} of {request} is over, or no launcher's")
        log.info("%s: %d languages", found.model.id, len(found.languages))
        self.attempt(found)

    def attempt(self, request: Request) -> None:
        """Run a claimed request, with trouble on this side made its failure."""
        try:
            outcome, reason, end = self._run(request)
        except Fenced as error:
            log.warning("stopped: %s", error)
            return
        except Stopped:
            outcome, reason, end = "preempted", PREEMPTED, None
        except (OSError, ValueError) as error:
            log.exception("the worker could not run %s", request.model.id)
            outcome, end = "failed", None
            reason = f"The worker could not run it: {failures.log_end(str(error))}"[:300]
        if outcome == "preempted" and self._launched:
            log.info("%s: stopped", request.model.id)
            return
        try:
            ended = self._insist(lambda: self.queue.end(request, outcome, reason, end))
        except (Fenced, Stopped) as error:
            log.warning("stopped: %s", error)
        else:
            log.info("%s: %s %s", request.model.id, outcome, ended.reason or "")

    def _run(self, request: Request) -> tuple[Outcome, str | None, str | None]:
        """The job from its start to its end: what became of it, why, and the end of its log."""
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir(parents=True)
        publisher = Publisher(self.queue, self.results, request, self._home)
        if len(request.attempts) > 1:
            # The fence: from this write on, no earlier attempt can write any more.
            self._insist(publisher.write)
        publisher.seed()
        output = self._home / "log"
        with output.open("wb") as sink:
            job = subprocess.Popen(
                command(request, self.results.root, self._home, self.settings),
                cwd=ROOT,
                env=environment(request, self.settings),
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
                **limits.SESSION,
            )
        try:
            with cache.hold(self.settings.cache, request.model.id):
                stopped_by = self._follow(job, publisher)
        finally:
            limits.stop(job)
            publisher.close()
        self._insist(publisher.finish)
        if stopped_by == "stop":
            return "preempted", PREEMPTED, None
        return self._judge(request, job.returncode, output, stopped_by)

    def _follow(self, job: subprocess.Popen[bytes], publisher: Publisher) -> str | None:
        """Until the job ends or must be ended: then by what. Raises Fenced."""
        most = limits.Limits(
            seconds=self.settings.time_limit,
            memory_bytes=int(self.settings.memory_limit * GIB),
            disk_bytes=int(self.settings.disk_limit * GIB),
        )
        limits.confine(job, most)
        watch = limits.Watch(job, most, [self.settings.cache])
        file = self._home / "progress.json"
        while job.poll() is None:
            if self.stop.wait(TICK):
                return "stop"
            if over := watch.over():
                return over
            with suppress(OSError, ValidationError):
                publisher.progress = Progress.model_validate_json(file.read_bytes())
            publisher.tick()
        return None

    def _judge(
        self, request: Request, code: int, output: Path, stopped_by: str | None
    ) -> tuple[Outcome, str | None, str | None]:
        text = output.read_text("utf-8", errors="replace")
        if self.settings.read_token:
            # The end of the log goes to a public dataset.
            text = text.replace(self.settings.read_token.get_secret_value(), "(token)")
        end = failures.log_end(text)
        if code or stopped_by:
            found = failures.judge(code, text, stopped_by)
            if found.kind in ("hub unreachable", "disk full"):
                # The next attempt would meet the same at once.
                self.stop.wait(PAUSE)
            return "killed" if found.retry else "failed", found.sentence, end
        left = missing(
            Repo(self.results.root), request.model, request.configurations, request.languages
        )
        if left:
            reason = f"The job ended well, but {len(left)} languages are not in the results."
            return "failed", reason, end
        return "finished", None, None

    def _insist(self, act: Callable[[], T]) -> T:
        """Do it, again and again while the store cannot. Raises Stopped when told to meanwhile."""
        while True:
            try:
                return act()
            except OSError as error:
                if self._launched and isinstance(error, ReadOnly):
                    raise
                log.warning("tried again soon: %s", error)
                wait = max(1.0, self.settings.refresh, self.results.pause)
                wait = max(1.0, error.seconds) if isinstance(error, Busy) else wait
                if self.stop.wait(wait):
                    # Its machine goes away: a little longer, then what is not written is lost.
                    now = time.monotonic()
                    self._give_up = min(self._give_up, now + GRACE)
                    if now >= self._give_up:
                        raise Stopped(str(error)) from error
                    time.sleep(1)

    def _clean(self) -> None:
        """Keep the caches under their age and size."""
        most = int(self.settings.disk_limit * GIB)
        found = cache.clean(
            self.settings.cache, hub_cache(self.settings), self.settings.cache_days, most // 2
        )
        if found.removed:
            log.info("%.1f GiB of cache freed", found.freed / GIB)

    def _sweep(self) -> None:
        """Remove what dead workers left, and what nobody used for long."""
        for store in (self.results, self._homes):
            for lock in (store.root / "locks").glob("*.lock"):
                if lock.name != "store.lock" and store.held(lock.stem) is False:
                    lock.unlink(missing_ok=True)
        for home in self._homes.root.iterdir():
            if home.is_dir() and home.name != "locks" and not self._homes.held(home.name):
                shutil.rmtree(home, ignore_errors=True)


def serve(
    settings: Settings, once: bool = False, only: str | None = None, attempt: int | None = None
) -> None:
    """Work on the board's queue in this process until SIGTERM, or as `Worker.serve` says.

    With `attempt`, as `Worker.serve_attempt` says, of the request `only`; the exit code then says
    whether it was told to stop.
    """
    worker = Worker(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    try:
        if only and attempt:
            with suppress(Stopped):
                worker.serve_attempt(only, attempt)
            if worker.stop.is_set():
                raise SystemExit(STOPPED)
        else:
            worker.serve(once, only)
    finally:
        worker.close()
