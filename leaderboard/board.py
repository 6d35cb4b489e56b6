"""A running board: its stores, the table that pages read, its queue, and its clock."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from apscheduler.schedulers.background import BackgroundScheduler

from leaderboard import gated, launchers
from leaderboard.gather import Gatherer
from results import snapshot
from results.corpora import Card, cards
from results.dataset import MANIFEST
from results.lease import Lease, Watch, read_lease
from results.queue import Queue
from results.repo import SHIPPED, Repo
from results.request import Request
from results.settings import Settings
from results.store import Changes, Store, Unreachable
from results.stores import open_stores

log = logging.getLogger(__name__)


class Board:
    """What all pages share. `refresh` runs on a schedule; pages only read what it left."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.results, requests = open_stores(settings, "web")
        if settings.repo is None:
            seed(self.results)
        self.repo = Repo(self.results.root)
        self.queue = Queue(requests, self.results)
        # A local folder knows no limit of commits: nobody waits there for company.
        longest = settings.gather if settings.repo else 0.0
        self.gatherer = Gatherer(self.queue, longest, settings.web_commits, settings.commit_window)
        self.cards: list[Card] = []
        self.table = pd.DataFrame()
        self.requests: list[Request] = []
        self.leases: dict[str, Lease] = {}
        self.version = ""
        self.changes = 0
        """Moves whenever `requests` or `leases` do."""
        self.trouble = ""
        self._since = fetched(self.results)
        self._snapshots = snapshot.Snapshots(self.repo)
        self._reading = threading.Lock()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._watch = Watch(settings.lease, self.results)
        self._launcher = launchers.launcher(settings, self.queue)
        self.refresh()

    def refresh(self) -> None:
        """Look for new results and requests; does nothing when the files are as they were.

        While the Hub does not answer, the last state stays and `trouble` says so.
        """
        try:
            self.results.refresh()
            self.queue.store.refresh()
            self.trouble, self._since = "", datetime.now(UTC)
        except OSError as error:
            log.warning("not refreshed: %s", error)
            why = "The Hub does not answer" if isinstance(error, Unreachable) else error
            self.trouble = f"{why}: {self._shown()}."
        self.read()

    def read(self) -> None:
        """Take up what lies in the stores' local files, without asking the Hub."""
        with self._reading:
            own = Repo(self.results.root)
            # A hosted board that never got its own records has those that came with the code.
            bare = bool(self.trouble) and self._since is None and not self.local
            self.repo = Repo(SHIPPED) if bare else own
            if self.repo.root != self._snapshots.repo.root:
                self._snapshots = snapshot.Snapshots(self.repo)
                self._snapshots.folder = own.root / "derived"
            now = snapshot.key(self.repo)
            if now != self.version:
                self.table = self._snapshots.load(now)
                self.version = now
            self.cards = cards(self.repo.root)
            requests = self.queue.all()
            running = {each.id: len(each.attempts) for each in requests if each.state == "running"}
            found = [read_lease(own.root, name) for name in running]
            # Until a new attempt writes its lease, the one of the attempt before lies there.
            leases = {
                lease.request: lease
                for lease in found
                if lease and lease.attempt == running[lease.request]
            }
            if (requests, leases) != (self.requests, self.leases):
                self.requests, self.leases = requests, leases
                self.changes += 1

    def _shown(self) -> str:
        """What the pages show while nothing newer can be had."""
        if self._since is None:
            return "you see the records that came with the program"
        return f"you see what was there on {self._since:%Y-%m-%d at %H:%M} UTC"

    def start(self) -> None:
        """Start looking regularly, and what launches workers."""
        pause = max(self.settings.refresh, self.results.pause)
        self._every(pause, self.refresh)
        if self.writable:
            self._every(max(pause, min(60.0, self.settings.lease / 3)), self._tend)
            self._every(self._launcher.every, self._launcher.tick, datetime.now(UTC))
        self._scheduler.start()

    def stop(self) -> None:
        """End the schedule and local workers; they give their requests back."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._launcher.stop()
        self.gatherer.stop()

    def _every(self, seconds: float, act: Any, first: datetime | None = None) -> None:  # noqa: ANN401
        again = {"coalesce": True, "misfire_grace_time": None}
        if first:
            again["next_run_time"] = first
        self._scheduler.add_job(act, "interval", seconds=seconds, **again)

    def _tend(self) -> None:
        """Put requests back whose worker is lost; ask again for access to gated models."""
        try:
            for request in self.queue.reap(self._watch):
                log.warning("%s: its worker was lost; %s now", request.model.id, request.state)
            gated.ask_again(self.queue, self.settings)
        except OSError as error:
            log.warning("not tended: %s", error)

    @property
    def writable(self) -> bool:
        """Whether this process may take submissions; without a token a hosted board may not."""
        return self.queue.store.writable

    @property
    def local(self) -> bool:
        """Whether this is a board of one machine, where anybody may cancel and retry."""
        return self.settings.repo is None

    @property
    def waiting(self) -> str:
        """Why nothing is launched just now; empty when all is well."""
        return self._launcher.trouble

    @property
    def serves(self) -> bool:
        """Whether requests are worked on from here; else they wait for a worker elsewhere."""
        return self._launcher.serves

    @property
    def card(self) -> Card | None:
        """The corpus that submissions are evaluated on."""
        mine = [card for card in self.cards if card.name == self.settings.corpus]
        return mine[-1] if mine else None


def fetched(store: Store) -> datetime | None:
    """When the mirror of a dataset last changed; None when it holds nothing yet."""
    try:
        return datetime.fromtimestamp((store.root / MANIFEST).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def seed(target: Store, shipped: Path = SHIPPED) -> None:
    """Give a local board the shipped records, or the languages of them, that it lacks."""

    def edit() -> Changes:
        found = Repo(target.root).all_additions(Repo(shipped))
        for problem in found.problems:
            log.warning("not copied to the board: %s", problem)
        for card in shipped.glob("corpora/*.json"):
            if not (target.root / "corpora" / card.name).exists():
                found.files[f"corpora/{card.name}"] = card.read_bytes()
        return found.files

    target.change("records that ship with the code", edit)
