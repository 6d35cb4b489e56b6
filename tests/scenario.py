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
from scenario_journal import Write, commits, traced
from scenario_processes import Process, Web
from stand_in_job import METHODS, configuration

from results.queue import new_id
from results.request import Request, RequestedModel

TOKEN = "hf_write"  # noqa: S105
REPO = "org/board"
LANGUAGES = ["fra_Latn", "deu_Latn", "spa_Latn", "swh_Latn"]
LANGUAGES += ["yor_Latn", "kor_Hang", "cmn_Hans", "hin_Deva"]
VANDAL = "org/vandal"
"""The model of which a record is cut short."""
LEASE = 4.0
WINDOW, WEB, WORKERS = 10.0, 12, 24
"""Commits a dataset in any WINDOW seconds, by all web processes and by all workers."""
PATIENCE = 300
"""Seconds that a busy machine has to finish what is left after the last fault."""
ON_PROCESSES = (
    "worker killed",
    "worker stopped past its lease",
    "job killed",
    "worker pre-empted",
    "web process killed",
    "disk full",
    "clock moved",
    "record cut short",
)
ON_HUB = ("Hub down", "429", "500", "time-out", "half answer", "lost answer", "412")


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

    def _start(self, kind: type[Process], **more: str) -> Process:
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
        try:
            webs = [self._start(Web) for _ in range(2)]
            for _ in range(self.workers):
                self._start(Process)
            for web in webs:
                assert web.ready.wait(120) and web.alive, self.log()
            people = [
                threading.Thread(target=self._want, args=(wish, number))
                for number, wish in enumerate(self.wishes)
            ]
            for person in people:
                person.start()
            self._trouble()
            self._heal()
            self._wait(people)
        finally:
            self._over.set()
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

    def _trouble(self) -> None:
        kinds = list(ON_PROCESSES + (ON_HUB if self.hub else ()))
        plan = self.random.sample(kinds, len(kinds)) if self.faults >= len(kinds) else []
        more = [each for each in kinds if each != "record cut short"]
        plan += self.random.choices(more, k=self.faults - len(plan))
        for kind in plan:
            time.sleep(0.15 + 0.5 * self.random.random())
            if self._cause(kind):
                self.happened[kind] += 1
            self._crew()

    def _cause(self, kind: str) -> bool:
        """One fault; False where there was nobody to have it."""
        hub, dice = self.hub, self.random
        if kind == "worker killed":
            return self._hit(Process, signal.SIGKILL)
        if kind == "worker pre-empted":
            return self._hit(Process, signal.SIGTERM)
        if kind == "web process killed":
            return self._hit(Web, signal.SIGKILL)
        if kind == "job killed":
            jobs, end = self._jobs(), time.monotonic() + 5
            while not jobs and time.monotonic() < end:
                time.sleep(0.05)
                jobs = self._jobs()
            for job in dice.sample(jobs, min(1, len(jobs))):
                with suppress(psutil.Error):
                    job.kill()
            return bool(jobs)
        if kind == "worker stopped past its lease":
            awake = [each for each in self.of(Process) if not each.stopped]
            busy = self._busy()
            awake = [each for each in awake if each.run.pid in busy] or awake
            for each in dice.sample(awake, min(1, len(awake))):
                each.stopped = True
                each.send(signal.SIGSTOP)
                self._later(LEASE + 1.5 + dice.random(), self._wake, each)
            return bool(awake)
        if kind == "disk full":
            each = dice.choice(self.of(Process) + self.of(Web))
            each.full.touch()
            self._later(0.5 + dice.random(), lambda: each.full.unlink(missing_ok=True))
            return True
        if kind == "clock moved":
            wrong = str(3600 * dice.choice([-30, -2, 2, 30]))
            self._start(dice.choice([Process, Web]), STAND_IN_CLOCK=wrong)
            return True
        if kind == "record cut short":
            return self._vandalise()
        assert hub is not None
        seed = dice.randrange(1 << 30)
        if kind == "Hub down":
            hub.down()
            self._later(0.5 + 2 * dice.random(), hub.up)
        elif kind == "429":
            hub.fail(429, retry_after=1, times=4, chance=0.5, seed=seed)
        elif kind == "500":
            hub.fail(500, times=6, chance=0.5, seed=seed)
        elif kind == "time-out":
            hub.hang(1.5, times=3, chance=0.5, seed=seed)
        elif kind == "half answer":
            hub.halve(times=4, chance=0.5, seed=seed)
        elif kind == "lost answer":
            hub.lose(times=2)
        elif kind == "412":
            hub.fail(412, where="/commit/", times=2)
        return True

    def _hit(self, kind: type[Process], number: int) -> bool:
        found = [each for each in self.of(kind) if not each.stopped]
        busy = self._busy()
        found = [each for each in found if each.run.pid in busy] or found
        if found:
            self.random.choice(found).send(number)
        return bool(found)

    def _wake(self, process: Process) -> None:
        process.send(signal.SIGCONT)
        process.stopped = False

    def _later(self, seconds: float, act: Any, *words: Any) -> None:
        timer = threading.Timer(seconds, act, words)
        timer.start()
        self._timers = [*getattr(self, "_timers", []), timer]

    def _vandalise(self) -> bool:
        """Cut a record of one model in half, where there is one by now."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            for path, data in self.files("results").items():
                if VANDAL.replace("/", "__") in path and not path.endswith(".hits.json"):
                    if self.hub:
                        half = {path: data[: len(data) // 2]}
                        self.hub.datasets[f"{REPO}-results"].commit(half, "vandal: half")
                    else:
                        (self.folder / "board" / path).write_bytes(data[: len(data) // 2])
                    self.spoiled.add(VANDAL)
                    return True
            time.sleep(0.05)
        return False

    def _crew(self) -> None:
        """As many web processes and workers as there should be."""
        for kind, wanted in ((Web, 2), (Process, self.workers)):
            for _ in range(wanted - len(self.of(kind))):
                self._start(kind)

    def _heal(self) -> None:
        for timer in getattr(self, "_timers", []):
            timer.join()
        if self.hub:
            self.hub.heal()

    def _wait(self, people: list[threading.Thread]) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._crew()
            states = {each.state for each in self.requests()}
            if states <= {"finished", "failed"} and not any(p.is_alive() for p in people):
                return
            time.sleep(0.2)
        raise AssertionError(f"not done in {PATIENCE} s: {self.requests()}\n{self.log()}")

    def _end(self) -> None:
        for timer in getattr(self, "_timers", []):
            timer.cancel()
        for process in self._processes:
            process.end(signal.SIGTERM if process.alive and type(process) is Process else 9)
        for job in self._jobs():
            with suppress(psutil.Error):
                job.kill()

    def _busy(self) -> set[int]:
        """Workers that run a job now."""
        found = set()
        for job in self._jobs():
            with suppress(psutil.Error):
                found.add(job.ppid())
        return found

    def _jobs(self) -> list[psutil.Process]:
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
