"""A running board: its stores, the snapshot that pages read, its queue, and its clock."""

from __future__ import annotations

import copy
import logging
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from leaderboard import answers, gated, launchers
from leaderboard.gather import Gatherer
from results import snapshot, summary
from results.corpora import Card, cards
from results.dataset import DERIVED, MANIFEST, Dataset
from results.lease import Lease, Watch, read_lease
from results.queue import Queue
from results.repo import SHIPPED, Repo
from results.request import Request
from results.settings import Settings
from results.snapshot import Snapshot
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
        self.snapshot = Snapshot("")
        self.requests: list[Request] = []
        self.leases: dict[str, Lease] = {}
        self.version = ""
        self.changes = 0
        """Moves whenever `requests` or `leases` do."""
        self.trouble = ""
        self._since = fetched(self.results)
        self._snapshots = snapshot.Snapshots(self.repo)
        self._reading, self._asking = threading.Lock(), threading.Lock()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._watch = Watch(settings.lease, self.results)
        self._launcher = launchers.launcher(settings, self.queue)
        self._from_summary = self._first()
        if not self._from_summary:
            self.refresh()

    def _first(self) -> bool:
        """On a fresh machine, show the last published summary until the records are here."""
        if not isinstance(self.results, Dataset) or self.results.fetched:
            return False
        try:
            found = self.results.fetch(summary.PATH)
            if found is None:
                return False
            folder = self.results.root / DERIVED
            self.snapshot, self.cards = summary.unpack(found, folder)
        except (OSError, summary.BadSummary) as error:
            log.warning("no summary: %s", error)
            return False
        self.version = self.snapshot.key
        self.trouble = "Records are being fetched: you see the last published summary"
        return True

    def refresh(self) -> None:
        """Look for new results and requests; does nothing when the files are as they were.

        While the Hub does not answer, the last state stays and `trouble` says so; what one of the
        two datasets has is shown though the other does not answer.
        """
        troubles = []
        for store in (self.results, self.queue.store):
            try:
                store.refresh()
                if store is self.results:
                    self._since = datetime.now(UTC)
            except OSError as error:
                log.warning("not refreshed: %s", error)
                troubles.append(
                    "The Hub does not answer" if isinstance(error, Unreachable) else error
                )
        try:
            self.read()
        except (OSError, ValueError) as error:
            log.exception("the records could not be taken up")
            troubles.append(f"The newest records could not be taken up ({type(error).__name__})")
        # Said until the newest is shown: taking up many records lasts a minute.
        self.trouble = f"{troubles[0]}: {self._said()}." if troubles else ""

    def read(self) -> None:
        """Take up what lies in the stores' local files, without asking the Hub."""
        self.read_requests()
        with self._reading:
            if self._from_summary and self._since is None:
                return
            own = Repo(self.results.root)
            # A hosted board that never got its own records has those that came with the code.
            bare = self._since is None and not self.local
            repo = Repo(SHIPPED) if bare else own
            if repo.root != self._snapshots.repo.root:
                self._snapshots = snapshot.Snapshots(repo, own.root / DERIVED)
            now = snapshot.key(repo)
            shot = self.snapshot if now == self.version else self._snapshots.load(now)
            # At once: an answer must not mix two of them.
            vars(self).update(repo=repo, snapshot=shot, version=now, cards=cards(repo.root))

    def still(self) -> Board:
        """This board as it is now, for an answer: a refresh meanwhile moves nothing in it."""
        return copy.copy(self)

    @property
    def complete(self) -> bool:
        """Whether the board's own records are here: until then nobody knows what is measured."""
        return self.local or self._since is not None

    def read_requests(self) -> None:
        """Take up the requests alone; quick, even while a large snapshot is being made."""
        with self._asking:
            requests = self.queue.all()
            running = {each.id: len(each.attempts) for each in requests if each.state == "running"}
            found = [read_lease(self.results.root, name) for name in running]
            # Until a new attempt writes its lease, the one of the attempt before lies there.
            leases = {
                lease.request: lease
                for lease in found
                if lease and lease.attempt == running[lease.request]
            }
            if (requests, leases) != (self.requests, self.leases):
                self.requests, self.leases = requests, leases
                self.changes += 1

    def _said(self) -> str:
        """What the pages show while nothing newer can be had."""
        if self._from_summary and self._since is None:
            return "you see the last published summary"
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
        self._scheduler.add_job(answers.warm, args=(self,), misfire_grace_time=None)
        if isinstance(self.results, Dataset):
            if not self.results.fetched:
                self._scheduler.add_job(self.refresh, misfire_grace_time=None)
            if self.writable:
                # The first one soon: a Space that sleeps before the hour is over has one too.
                soon = datetime.now(UTC) + timedelta(seconds=min(300.0, self.settings.publish))
                self._every(self.settings.publish, self._publish, soon)
        self._scheduler.start()

    def _publish(self) -> None:
        """Keep the snapshot in the dataset, for fresh machines; not again while it is the same."""
        now = self.still()
        if not isinstance(now.results, Dataset) or now.trouble or not now.snapshot.sheets:
            return
        if now.repo.root != now.results.root:
            return
        mark = summary.digest(now.snapshot).encode()
        try:
            known = now.results.fetch(summary.DIGEST)
            if known and known.read_bytes() == mark:
                return
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder) / "summary.parquet"
                summary.write(now.snapshot, now.cards, target)
                files = {summary.PATH: target, summary.DIGEST: mark}
                now.results.publish("summary of all records", files)
        except OSError as error:
            log.warning("no summary published: %s", error)

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
    def notice(self) -> str:
        """A line each while something is amiss: what every page says at its top."""
        lines = []
        if not self.writable:
            lines.append(
                f"This board is read-only: it has no token that may write to {self.settings.repo}. "
                "Nothing can be submitted until its owner sets MEXA_TOKEN (on a Space: a secret)."
            )
        if self.trouble:
            lines.append(self.trouble)
        if self.waiting:
            lines.append(f"Requests wait: {self.waiting}")
        return "\n".join(lines)

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
        return self.card_of(self.settings.corpus)

    def card_of(self, corpus: str) -> Card | None:
        """The newest build of a corpus."""
        named = [card for card in self.cards if card.name == corpus]
        return named[-1] if named else None


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
