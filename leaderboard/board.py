"""A running board: its folder, the table that pages read, its queue, and its worker."""

from __future__ import annotations

import importlib.util
import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from apscheduler.schedulers.background import BackgroundScheduler

from results import snapshot
from results.corpora import Card, cards
from results.files import write_atomic
from results.queue import Queue
from results.repo import SHIPPED, BadRecord, Repo, read_hits, read_record
from results.request import Request
from results.schema import Hits, Record
from results.settings import Settings

log = logging.getLogger(__name__)
ROOT = Path(__file__).parent.parent


class Board:
    """What all pages share. `refresh` runs on a schedule; pages only read what it left."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.root = settings.board.resolve()
        seed(self.root)
        self.repo = Repo(self.root)
        self.queue = Queue(self.root)
        self.cards: list[Card] = []
        self.table = pd.DataFrame()
        self.requests: list[Request] = []
        self.version = ""
        self._snapshots = snapshot.Snapshots(self.repo)
        self._refreshing = threading.Lock()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._worker: subprocess.Popen[bytes] | None = None
        self.refresh()

    def refresh(self) -> None:
        """Look for new results and requests; does nothing when the files are as they were."""
        with self._refreshing:
            now = snapshot.key(self.repo)
            if now != self.version:
                self.table = self._snapshots.load(now)
                self.version = now
            self.cards = cards(self.root)
            self.requests = self.queue.all()

    def start(self) -> None:
        """Start looking regularly, and the worker when the settings ask for one."""
        every = {"trigger": "interval", "coalesce": True, "misfire_grace_time": None}
        self._scheduler.add_job(self.refresh, seconds=self.settings.refresh, **every)
        if self.settings.worker and not self.can_evaluate:
            log.warning("no worker: requirements-eval.txt is not installed here")
        elif self.settings.worker:
            now = datetime.now(UTC)
            self._scheduler.add_job(self._keep_worker, seconds=5, next_run_time=now, **every)
        self._scheduler.start()

    def stop(self) -> None:
        """End the schedule and the worker; its request is taken up by the next one."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        if self._worker:
            self._worker.kill()
            self._worker.wait()

    @property
    def serves(self) -> bool:
        """Whether requests are worked on here; else they wait for a worker elsewhere."""
        return self.settings.worker and self.can_evaluate

    @property
    def can_evaluate(self) -> bool:
        """Whether what a job needs is installed on this machine. Does not import it."""
        return importlib.util.find_spec("torch") is not None

    def _keep_worker(self) -> None:
        """Start the worker, or another when it died. It ends when this process does."""
        if self._worker and self._worker.poll() is None:
            return
        if self._worker:
            log.warning("the worker ended with code %s; starting another", self._worker.returncode)
        words = [sys.executable, "-m", "evaluators", "work", "--tied"]
        self._worker = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE)

    @property
    def card(self) -> Card | None:
        """The corpus that submissions are evaluated on."""
        mine = [card for card in self.cards if card.name == self.settings.corpus]
        return mine[-1] if mine else None


def seed(board: Path, shipped: Path = SHIPPED) -> None:
    """Give a board the shipped records that it lacks, or the languages of them that it lacks."""
    source, target = Repo(shipped), Repo(board)
    for path in source.paths():
        there = target.root / path.relative_to(source.root)
        side = path.with_suffix(".hits.json")
        try:
            record = read_record(path)
            with target.lock(record.model):
                if there.exists():
                    _top_up(target, record, read_hits(path) if side.exists() else None)
                    continue
                if side.exists():
                    write_atomic(there.with_suffix(".hits.json"), side.read_bytes())
                write_atomic(there, path.read_bytes())
        except BadRecord as error:
            log.warning("not copied to the board: %s", error)
    for card in shipped.glob("corpora/*.json"):
        there = board / "corpora" / card.name
        if not there.exists():
            write_atomic(there, card.read_bytes())


def _top_up(target: Repo, record: Record, hits: Hits | None) -> None:
    old = target.record(record.model, record.evaluator)
    lacking = record.languages() - (old.languages() if old else set())
    for at, run in enumerate(record.runs):
        rows = [row for row in record.scores if row.run == at and row.language in lacking]
        bits = {row.language: hits.unpack(row.language) for row in rows if hits and row.layers}
        if rows:
            target.add(record.model, record.evaluator, record.interval, run, rows, bits)
