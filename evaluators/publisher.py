"""What a worker writes while its job runs: new cells and its lease, together and fenced."""

from __future__ import annotations

import logging
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from results.lease import Lease, dump, lease_path, read_lease
from results.queue import Fenced, Queue
from results.repo import Repo, record_path
from results.request import Progress, Request
from results.store import Changes, Store

log = logging.getLogger(__name__)


class Publisher:
    """Carries a job's cells from its private folder into the results store.

    A private folder starts with the records that the store has of the model, and the job adds to
    it. Every write checks, against the very state that it replaces, that the attempt is still the
    request's newest: a worker that lapsed gets `Fenced` and has written nothing.
    """

    def __init__(self, queue: Queue, results: Store, request: Request, private: Path) -> None:
        self.request = request
        self.private = Repo(private)
        self.progress: Progress | None = None
        self._queue = queue
        self._store = results
        self._target = Repo(results.root)
        self._counter = 0
        self._written: dict[Path, tuple[int, int]] = {}
        self._last: tuple[float, Progress | None] = (time.monotonic(), None)
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._running: Future[None] | None = None

    def seed(self) -> None:
        """Give the private folder what is measured already."""
        for configuration in self.request.configurations:
            where = record_path(self.request.model, configuration)
            for name in (where, where.with_suffix(".hits.json")):
                source, target = self._target.root / name, self.private.root / name
                if source.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target)
        self._written = self._marks()

    def tick(self) -> None:
        """Start a write when one is due; it runs beside. Raises Fenced when the last one did."""
        if self._running and not self._running.done():
            return
        self._settle()
        since = time.monotonic() - self._last[0]
        fresh = self._marks() != self._written
        moved = self._store.checkpoint == 0 and self.progress != self._last[1]
        due = self._store.heartbeat if not (fresh or moved) else self._store.checkpoint
        # Many workers share one budget: each takes its turn, so that no lease stands still.
        if since >= due and since >= self._store.spacing * self._workers():
            self._running = self._thread.submit(self.write)

    def write(self) -> None:
        """Write what is new, and the lease. Raises Fenced, and what `Store.change` raises."""
        marks, progress = self._marks(), self.progress
        changed = [path for path, mark in marks.items() if mark != self._written.get(path)]
        self._last = (time.monotonic(), progress)
        self._counter += 1
        number = len(self.request.attempts)
        lease = Lease(
            request=self.request.id, attempt=number, counter=self._counter, progress=progress
        )

        def edit() -> Changes:
            self._queue.store.refresh()
            newest = read_lease(self._store.root, self.request.id)
            if not self._queue.current(self.request) or (newest and newest.attempt > number):
                raise Fenced(f"attempt {number} of {self.request.id} is over")
            found = self._target.all_additions(self.private, changed)
            for problem in found.problems:
                log.warning("not written: %s", problem)
            return {**found.files, **self._over(), lease_path(self.request.id): dump(lease)}

        self._store.change(f"{self.request.model.id}, attempt {number}", edit)
        self._written = marks

    def finish(self) -> None:
        """Wait for a write that runs, then write what is left. Raises as `write`."""
        self._settle()
        if self._marks() != self._written or self._counter == 0:
            self.write()

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False)

    def _settle(self) -> None:
        """Wait for a write that runs. Raises Fenced when it did."""
        if self._running:
            done, self._running = self._running, None
            try:
                done.result()
            except OSError as error:
                log.warning("results wait: %s", error)

    def _workers(self) -> int:
        return sum(request.state == "running" for request in self._queue.all())

    def _over(self) -> Changes:
        """Leases of requests that do not run any more go with the next write."""
        running = {request.id for request in self._queue.all() if request.state == "running"}
        leases = self._store.root.glob("leases/*.json")
        return {lease_path(path.stem): None for path in leases if path.stem not in running}

    def _marks(self) -> dict[Path, tuple[int, int]]:
        found = {}
        for path in self.private.paths():
            stat = path.stat()
            found[path] = (stat.st_size, stat.st_mtime_ns)
        return found
