"""A board of real processes that things happen to: web processes, workers, stand-in jobs."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from hub_server import Hub
from scenario_faults import Faults
from scenario_journal import Write, commits, traced
from scenario_processes import LEASE, REPO, Process, Web
from stand_in_job import METHODS, configuration

from results.queue import new_id
from results.request import Request, RequestedModel

TOKEN = "hf_write"  # noqa: S105
LANGUAGES = ["fra_Latn", "deu_Latn", "spa_Latn", "swh_Latn"]
LANGUAGES += ["yor_Latn", "kor_Hang", "cmn_Hans", "hin_Deva"]
WINDOW, WEB, WORKERS = 10.0, 12, 24
"""Commits a dataset in any WINDOW seconds, by all web processes and by all workers."""
PATIENCE = 300
"""Seconds that a busy machine has to finish what is left after the last fault."""


def request(model: str, languages: list[str], **update: Any) -> Request:
    """A request that the stand-in job can do."""
    asked = RequestedModel(
        id=model, revision="a" * 40, weights="bfloat16", dtype="float32", file=None, parameters=1000
    )
    return Request(
        schema_version=1,
        id=new_id(),
        model=asked.model_copy(update=update),
        configurations=[configuration(method) for method in METHODS],
        languages=languages,
        submitter=None,
        created=datetime.now(UTC),
        state="pending",
        attempts=[],
    )


@dataclass
class Wish:
    """What somebody wants measured, and how it went; they ask until they are told yes or no."""

    model: str
    languages: list[str]
    gated: bool = False
    asked: int = 0
    accepted: str | None = None
    refused: str | None = None


@dataclass
class Scenario:
    """Two web processes and some workers serve wishes while faults happen."""

    folder: Path
    seed: int
    hub: Hub | None
    wishes: list[Wish]
    workers: int
    faults: int
    delay: float = 0.25
    extra: dict[str, str] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    spoiled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ledger, self.trace = self.folder / "ledger", self.folder / "trace"
        self._count = 0
        self._processes: list[Process] = []
        self._over = threading.Event()
        self.seconds = 0.0
        if self.hub:
            self.hub.tokens = {TOKEN: {"name": "org", "role": "write"}}
            self.hub.commit_limit, self.hub.commit_window = WEB + WORKERS + 4, WINDOW
            for kind in ("results", "requests"):
                self.hub.create(f"{REPO}-{kind}")

    # What the processes are told

    def env(self) -> dict[str, str]:
        self._count += 1
        mine = ("PATH", "HOME", "LANG", "TMPDIR", "HF_ENDPOINT", "HF_HOME", "NO_PROXY")
        told = {
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "MEXA_BOARD": str(self.folder / "board"),
            "MEXA_CACHE": str(self.folder / "cache"),
            "MEXA_LAUNCHER": "none",
            "MEXA_LEASE": str(LEASE),
            "MEXA_HEARTBEAT": "1",
            "MEXA_CHECKPOINT": "0.3",
            "MEXA_REFRESH": "0.3",
            "MEXA_PATIENCE": "5",
            "MEXA_GATHER": "1",
            "MEXA_COMMIT_WINDOW": str(WINDOW),
            "MEXA_WEB_COMMITS": str(WEB),
            "MEXA_WORKER_COMMITS": str(WORKERS),
            "STAND_IN_PAUSE": "0.2",
            "STAND_IN_LEDGER": str(self.ledger),
            "STAND_IN_DELAY": str(self.delay),
            "STAND_IN_TRACE": str(self.trace),
        }
        if self.hub:
            told |= {"MEXA_REPO": REPO, "MEXA_TOKEN": TOKEN}
        return {key: os.environ[key] for key in mine if key in os.environ} | told | self.extra

    def start(self, kind: type[Process], **more: str) -> Process:
        env = self.env() | more
        words = (env, self.folder / "log", self.folder / f"full-{self._count}")
        process = Web(*words) if kind is Web else Process("stand_in_worker.py", *words)
        self._processes.append(process)
        return process

    def of(self, kind: type[Process]) -> list[Process]:
        """Those of a kind that run."""
        return [each for each in self._processes if type(each) is kind and each.alive]

    # What happens

    def play(self) -> None:
        """All of it, until every wish is answered and every request has ended."""
        begun = time.monotonic()
        faults = Faults(self)
        try:
            webs = [self.start(Web) for _ in range(2)]
            for _ in range(self.workers):
                self.start(Process)
            for web in webs:
                assert web.ready.wait(120) and web.alive, self.log()
            people = [
                threading.Thread(target=self._want, args=(wish, number))
                for number, wish in enumerate(self.wishes)
            ]
            for person in people:
                person.start()
            faults.happen()
            faults.heal()
            self._wait(people)
        finally:
            self._over.set()
            faults.cancel()
            self._end()
        self.seconds = time.monotonic() - begun

    def _want(self, wish: Wish, number: int) -> None:
        """Somebody submits, and does so again as long as the answer is `not accepted`."""
        dice = random.Random(f"{self.seed} {number}")
        draft = request(wish.model, wish.languages, gated=wish.gated)
        self._over.wait(dice.random() * self.faults * 0.3)
        while not self._over.is_set():
            webs = [web for web in self.of(Web) if web.ready.is_set()]
            if webs:
                wish.asked += 1
                answer, why = dice.choice(webs).ask(draft, 4)
                if answer == "accepted":
                    wish.accepted = draft.id
                    return
                if answer == "refused":
                    wish.refused = why
                    return
                if dice.random() < 0.5:
                    draft = request(wish.model, wish.languages, gated=wish.gated)
            self._over.wait(0.3 + dice.random())

    def crew(self) -> None:
        """As many web processes and workers as there should be."""
        for kind, wanted in ((Web, 2), (Process, self.workers)):
            for _ in range(wanted - len(self.of(kind))):
                self.start(kind)

    def _wait(self, people: list[threading.Thread]) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.crew()
            states = {each.state for each in self.requests()}
            if states <= {"finished", "failed"} and not any(p.is_alive() for p in people):
                return
            time.sleep(0.2)
        raise AssertionError(f"not done in {PATIENCE} s: {self.requests()}\n{self.log()}")

    def _end(self) -> None:
        for process in self._processes:
            process.end(signal.SIGTERM if process.alive and type(process) is Process else 9)
        for job in self.jobs():
            with suppress(psutil.Error):
                job.kill()

    def busy(self) -> set[int]:
        """Workers that run a job now."""
        found = set()
        for job in self.jobs():
            with suppress(psutil.Error):
                found.add(job.ppid())
        return found

    def jobs(self) -> list[psutil.Process]:
        """Stand-in jobs of this scenario."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if f"--ledger={self.ledger}" in process.cmdline():
                    found.append(process)
        return found

    # What is left

    def log(self) -> str:
        """The end of what the processes said."""
        return (self.folder / "log").read_text(errors="replace")[-8000:]

    def files(self, store: str) -> dict[str, bytes]:
        """What a store holds now."""
        if self.hub:
            return self.hub.datasets[f"{REPO}-{store}"].files()
        root = self.folder / "board" / ("" if store == "results" else "requests")
        folders = {"results": ("results", "leases")}.get(store, ("org__*",))
        found = [path for name in folders for path in root.glob(f"{name}/**/*.json")]
        files = {}
        for path in found:
            with suppress(FileNotFoundError):
                files[path.relative_to(root).as_posix()] = path.read_bytes()
        return files

    def requests(self) -> list[Request]:
        """Every request, oldest first."""
        files = self.files("requests").items()
        found = [data for path, data in files if path.endswith(".json") and "/" in path]
        return sorted((Request.model_validate_json(data) for data in found), key=lambda r: r.id)

    def writes(self) -> list[Write]:
        """Everything that the stores ever took, in order."""
        return commits(self.hub, REPO) if self.hub else traced(self.folder / "board", self.trace)

    def measured(self) -> list[dict[str, Any]]:
        """The ledger of the jobs."""
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        return [json.loads(line) for line in lines]
