"""The processes of a scenario: workers, and web processes that take submissions."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from results.request import Request

HERE = Path(__file__).parent
REPO = "org/board"
LEASE = 4.0
"""Seconds."""


class Process:
    """A web process or a worker, with a switch for its disk."""

    def __init__(self, script: str, env: dict[str, str], log: Path, full: Path) -> None:
        self.full = full
        self.stopped = False
        with log.open("ab") as sink:
            self.run = subprocess.Popen(
                [sys.executable, str(HERE / script)],
                env=env | {"STAND_IN_FULL": str(full)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
            )

    @property
    def alive(self) -> bool:
        return self.run.poll() is None

    def send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            self.run.send_signal(number)

    def end(self, number: int = signal.SIGKILL, patience: float = 30) -> None:
        """Send the signal and wait; killed when it does not follow."""
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            self.run.wait(patience)
        except subprocess.TimeoutExpired:
            self.run.kill()
            self.run.wait()
        for stream in (self.run.stdin, self.run.stdout):
            with suppress(OSError):
                stream.close()


class Web(Process):
    """Its answers to submissions are futures; those of a dead process never come."""

    def __init__(self, *words: Any) -> None:
        super().__init__("stand_in_web.py", *words)
        self.ready = threading.Event()
        self.answers: dict[str, Future[dict[str, str]]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, asked: Request, patience: float) -> tuple[str, str]:
        """(answer, why); `not accepted` also where no answer comes."""
        future: Future[dict[str, str]] = Future()
        key = f"{asked.id} {time.monotonic_ns()}"
        line = {"id": key, "request": asked.model_dump(mode="json"), "patience": patience}
        with self._lock:
            self.answers[key] = future
            try:
                self.run.stdin.write(f"{json.dumps(line)}\n".encode())
                self.run.stdin.flush()
            except (OSError, ValueError):
                return "not accepted", "the connection broke"
        try:
            said = future.result(3 * patience + 5)
        except (TimeoutError, ConnectionError) as error:
            return "not accepted", type(error).__name__
        return said["answer"], said["why"]

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            for line in self.run.stdout:
                said = json.loads(line)
                if said["answer"] == "ready":
                    self.ready.set()
                else:
                    self.answers[said["id"]].set_result(said)
        self.ready.set()
        for future in list(self.answers.values()):
            if not future.done():
                future.set_exception(ConnectionError("the web process died"))
