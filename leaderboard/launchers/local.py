"""Worker processes on this machine, one a device; with Ray, one that spreads its jobs."""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

from results.settings import Settings

log = logging.getLogger(__name__)
ROOT = Path(__file__).parent.parent.parent
WEB_ONLY = ("MEXA_JOBS_TOKEN", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET")
"""Secrets of the web app that no worker needs."""
GRACE = 30.0
"""Seconds that a worker has to give its request back."""


class Nothing:
    """Starts nothing: workers run elsewhere."""

    every = 3600.0
    serves = False
    trouble = ""

    def tick(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        """Nothing to end."""


class Local:
    """Keeps a worker alive for each device. A worker ends when this process does."""

    every = 5.0
    trouble = ""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        devices = settings.devices.split(",") if settings.devices else [""]
        self._workers: dict[str, subprocess.Popen[bytes] | None] = dict.fromkeys(devices)
        # Looked for, not imported.
        self.serves = importlib.util.find_spec("torch") is not None or settings.launcher == "ray"
        if not self.serves:
            log.warning("no worker: requirements-eval.txt is not installed here")

    def tick(self) -> None:
        """Start the workers that are not there, or not any more."""
        for device, worker in self._workers.items() if self.serves else ():
            if worker and worker.poll() is None:
                continue
            if worker:
                log.warning("a worker ended with code %s; starting another", worker.returncode)
            words = [sys.executable, "-m", "evaluators", "work", "--tied"]
            env = self._environment(device)
            self._workers[device] = subprocess.Popen(
                words, cwd=ROOT, stdin=subprocess.PIPE, env=env
            )

    def stop(self) -> None:
        """Ask the workers to give their requests back, and wait for it."""
        running = [worker for worker in self._workers.values() if worker]
        for worker in running:
            worker.terminate()
        for worker in running:
            try:
                worker.wait(GRACE)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()

    def _environment(self, device: str) -> dict[str, str]:
        """A worker writes to the datasets if there are any; otherwise it needs no such token."""
        env = {name: value for name, value in os.environ.items() if name not in WEB_ONLY}
        if self._settings.repo is None:
            env.pop("MEXA_TOKEN", None)
            env.pop("HF_TOKEN", None)
        return env | ({"CUDA_VISIBLE_DEVICES": device} if device else {})
