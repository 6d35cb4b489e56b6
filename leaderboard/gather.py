"""What people ask of the queue, gathered for a while so that many share one commit."""

from __future__ import annotations

import logging
import queue
import threading
import time
from concurrent.futures import Future

from results.queue import Queue, Step
from results.request import Request
from results.store import Unreachable

log = logging.getLogger(__name__)
MOST = 100
"""Files of one commit, as the Hub advises."""
SOON = 0.25
"""Seconds that others may join while commits are plenty."""


class Gatherer:
    """Takes steps of the queue from many threads and keeps those that come together in one change.

    The first ones of a quiet hour are kept almost at once; when half of the hour's commits are
    used, a step waits for company, up to `longest` seconds or as long as an hour's commits last.
    """

    def __init__(
        self, requests: Queue, longest: float, commits: int, window: float = 3600.0
    ) -> None:
        """commits: those that the web app may make in `window` seconds."""
        self._queue = requests
        self._window = window
        self._longest = longest
        self._commits = commits
        self._waiting: queue.Queue[tuple[Step, Future[Request]] | None] = queue.Queue()
        self._spent: list[float] = []
        self._thread = threading.Thread(target=self._run, daemon=True, name="gatherer")
        self._thread.start()

    def ask(self, step: Step, patience: float) -> Request:
        """Take a step, and wait until it is durable.

        Raises:
            ValueError: the step was refused; its message says why.
            OSError: it is not kept, or not known to be; TimeoutError after `patience` seconds.
        """
        future: Future[Request] = Future()
        self._waiting.put((step, future))
        try:
            return future.result(patience)
        except TimeoutError:
            if future.cancel():
                raise Unreachable("it could not be kept in time") from None
            return future.result(patience)

    @property
    def longest(self) -> float:
        """Seconds that a step may wait for company."""
        return max(self._longest, self._window / max(1, self._commits)) if self._longest else 0.0

    def stop(self) -> None:
        """Keep what waits, then end the thread."""
        self._waiting.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = [first], False
            end = time.monotonic() + self._patience()
            while len(batch) < MOST and not last:
                try:
                    more = self._waiting.get(timeout=max(0.0, end - time.monotonic()))
                except queue.Empty:
                    break
                last = more is None
                batch += [more] if more else []
            self._keep([each for each in batch if each[1].set_running_or_notify_cancel()])
            if last:
                return

    def _patience(self) -> float:
        now = time.monotonic()
        self._spent = [each for each in self._spent if now - each < self._window]
        if len(self._spent) < self._commits / 2:
            return min(SOON, self._longest)
        return self.longest

    def _keep(self, batch: list[tuple[Step, Future[Request]]]) -> None:
        if not batch:
            return
        try:
            word = "request" if len(batch) == 1 else "requests"
            answers = self._queue.apply(f"{len(batch)} {word}", [step for step, _ in batch])
        except Exception as error:
            log.warning("%d requests were not kept: %s", len(batch), error)
            for _, future in batch:
                future.set_exception(error)
            return
        self._spent.append(time.monotonic())
        for (_, future), answer in zip(batch, answers, strict=True):
            if isinstance(answer, ValueError):
                future.set_exception(answer)
            else:
                future.set_result(answer)
