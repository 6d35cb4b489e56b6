"""`python app.py` as a person starts it, on a free port, with a board of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
START = "import app; app.main()"
WITHOUT_RECORDS = "import leaderboard.board as b; b.seed.__defaults__ = (b.Path('none'),); "
"""Said before START: a local board that begins empty."""
OFTEN = "import results.dataset as d; d.Dataset.pause = 0.5; "
"""Said before START: looks at the Hub far more often than a real board may."""
SIGNING_IN = "import leaderboard.identity as i; i.signs_in = lambda: True; "
"""Said before START: people sign in, by the login that Gradio makes up outside Spaces."""


class App:
    """The running app. `environment` is added to this process's, `first` said before it starts."""

    def __init__(self, board: Path, first: str = "", **environment: str) -> None:
        self.board = board
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = board.with_suffix(".log")
        self._code = first + START
        self._environment = {
            **os.environ,
            "GRADIO_SERVER_PORT": str(self.port),
            "MEXA_BOARD": str(board),
            "MEXA_LAUNCHER": "none",
            "MEXA_REFRESH": "1",
            **environment,
        }
        self.start()

    def start(self) -> None:
        """Start it, again after a `stop` too, and wait until the first page answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", self._code],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + 180
        while True:
            try:
                with urllib.request.urlopen(self.url, timeout=30) as answer:
                    assert answer.status == 200
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < end, self.log.read_text()
                time.sleep(0.2)

    def stop(self) -> None:
        """End it, and its worker with it."""
        self.process.terminate()
        self.process.wait(60)
