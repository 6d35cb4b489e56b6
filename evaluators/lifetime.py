"""How a job begins, and how it and a worker end: with whoever started them, or when told to."""

from __future__ import annotations

import os
import signal
import sys
import threading

from evaluators.exits import ORPHANED
from results.lease import STOPPED


def begin(tied: bool) -> None:
    """What every job begins with; `tied`: it ends when its standard input does."""
    if tied:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    # An ordinary end, so that what was measured but waits to be written is written.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


def ask_to_end() -> None:
    """A worker whose board is gone gives its request back first."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _end_with_parent() -> None:
    """A worker that dies, however it dies, closes the pipe; its job must not outlive it.

    Not `sys.stdin.read`: a thread in it holds a lock that the interpreter's end needs, and aborts.
    """
    while os.read(0, 1024):
        pass
    os._exit(ORPHANED)
