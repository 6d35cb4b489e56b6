"""A queue over folders or over datasets, for the tests of requests."""

import multiprocessing
import signal
from pathlib import Path

from results.dataset import Dataset
from results.lease import Watch
from results.queue import (
    Queue,
    new_id,
)
from results.request import Request
from results.store import Folder

FIXTURES = Path(__file__).parent / "fixtures"


FIXTURE = Request.model_validate_json((FIXTURES / "request.json").read_text())


SPAWN = multiprocessing.get_context("spawn")


class Board:
    """A queue on two stores, and workers that live until they are killed."""

    def __init__(self, requests, results):
        self.requests, self.results = requests, results
        self.queue = Queue(requests, results)
        self.now = 0.0
        self.watch = Watch(100.0, results, lambda: self.now)
        self.alive = {}

    def submit(self, each=0, total=0, **update):
        asked = FIXTURE.model_copy(update={"id": new_id(), **update})
        return self.queue.take("submit", self.queue.submission(asked, each, total))

    def claim(self, worker="w", **more):
        if worker not in self.alive:
            self.alive[worker] = self.results.hold(worker)
        return self.queue.claim(worker, self.watch, **more)

    def kill(self, worker):
        """It lets its lock go, or is silent for its lease's time."""
        kept = self.alive.pop(worker)
        if kept:
            kept.release()
        else:
            for _ in range(5):
                self.queue.reap(self.watch)
                self.now += 40

    def cancel(self, request, by=None, anybody=True):
        return self.queue.take("c", self.queue.cancelling(request.id, by, anybody))

    def retry(self, request, by=None, anybody=True, **limits):
        return self.queue.take("r", self.queue.retrying(request.id, by, anybody, **limits))


def folders(root):
    board = root / "board"
    return Board(Folder(board / "requests"), Folder(board))


def datasets(root, hub):
    hub.tokens["hf_write"] = {"name": "org", "role": "write"}
    repos = ["org/board-requests", "org/board-results"]
    for repo in repos:
        if repo not in hub.datasets:
            hub.create(repo)
    return Board(*(Dataset(each, root / "mirrors", token="hf_write") for each in repos))  # noqa: S106


def fill(root, store):
    """The fixture's records, in the store."""
    paths = list((FIXTURES / "repo" / "results").rglob("*.json"))
    start = FIXTURES / "repo"
    store.change(
        "records", lambda: {p.relative_to(start).as_posix(): p.read_bytes() for p in paths}
    )


def outcomes(request):
    return [attempt.outcome for attempt in request.attempts]


def hold_a_claim(root, ready):
    board = folders(root)
    ready.put(board.claim("doomed").id)
    signal.pause()
