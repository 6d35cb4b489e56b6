"""What happens to a scenario: processes die or stop, disks fill, clocks go wrong, the Hub fails."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil
from scenario_processes import LEASE, REPO, Process, Web

if TYPE_CHECKING:
    from scenario import Scenario

VANDAL = "org/vandal"
"""The model of which a record is cut short."""
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


class Faults:
    """The faults of one scenario, drawn from its dice."""

    def __init__(self, board: Scenario) -> None:
        self.board = board
        self.timers: list[threading.Timer] = []

    def happen(self) -> None:
        """As many faults as the scenario asks for, each kind once if there is room."""
        kinds = list(ON_PROCESSES + (ON_HUB if self.board.hub else ()))
        plan = (
            self.board.random.sample(kinds, len(kinds)) if self.board.faults >= len(kinds) else []
        )
        more = [each for each in kinds if each != "record cut short"]
        plan += self.board.random.choices(more, k=self.board.faults - len(plan))
        for kind in plan:
            time.sleep(0.15 + 0.5 * self.board.random.random())
            if self._cause(kind):
                self.board.happened[kind] += 1
            self.board.crew()

    def _cause(self, kind: str) -> bool:
        """One fault; False where there was nobody to have it."""
        hub, dice = self.board.hub, self.board.random
        if kind == "worker killed":
            return self._hit(Process, signal.SIGKILL)
        if kind == "worker pre-empted":
            return self._hit(Process, signal.SIGTERM)
        if kind == "web process killed":
            return self._hit(Web, signal.SIGKILL)
        if kind == "job killed":
            jobs, end = self.board.jobs(), time.monotonic() + 5
            while not jobs and time.monotonic() < end:
                time.sleep(0.05)
                jobs = self.board.jobs()
            for job in dice.sample(jobs, min(1, len(jobs))):
                with suppress(psutil.Error):
                    job.kill()
            return bool(jobs)
        if kind == "worker stopped past its lease":
            awake = [each for each in self.board.of(Process) if not each.stopped]
            busy = self.board.busy()
            awake = [each for each in awake if each.run.pid in busy] or awake
            for each in dice.sample(awake, min(1, len(awake))):
                each.stopped = True
                each.send(signal.SIGSTOP)
                self._later(LEASE + 1.5 + dice.random(), self._wake, each)
            return bool(awake)
        if kind == "disk full":
            each = dice.choice(self.board.of(Process) + self.board.of(Web))
            each.full.touch()
            self._later(0.5 + dice.random(), lambda: each.full.unlink(missing_ok=True))
            return True
        if kind == "clock moved":
            wrong = str(3600 * dice.choice([-30, -2, 2, 30]))
            self.board.start(dice.choice([Process, Web]), STAND_IN_CLOCK=wrong)
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
        found = [each for each in self.board.of(kind) if not each.stopped]
        busy = self.board.busy()
        found = [each for each in found if each.run.pid in busy] or found
        if found:
            self.board.random.choice(found).send(number)
        return bool(found)

    def _wake(self, process: Process) -> None:
        process.send(signal.SIGCONT)
        process.stopped = False

    def _later(self, seconds: float, act: Any, *words: Any) -> None:
        timer = threading.Timer(seconds, act, words)
        timer.start()
        self.timers.append(timer)

    def _vandalise(self) -> bool:
        """Cut a record of one model in half, where there is one by now."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            for path, data in self.board.files("results").items():
                if VANDAL.replace("/", "__") in path and not path.endswith(".hits.json"):
                    if self.board.hub:
                        half = {path: data[: len(data) // 2]}
                        self.board.hub.datasets[f"{REPO}-results"].commit(half, "vandal: half")
                    else:
                        (self.board.folder / "board" / path).write_bytes(data[: len(data) // 2])
                    self.board.spoiled.add(VANDAL)
                    return True
            time.sleep(0.05)
        return False

    def heal(self) -> None:
        """Wait for what is on its way; the Hub fails no more."""
        for timer in self.timers:
            timer.join()
        if self.board.hub:
            self.board.hub.heal()

    def cancel(self) -> None:
        """Nothing that was to follow does."""
        for timer in self.timers:
            timer.cancel()
