"""What the stand-in worker and the stand-in web process change before they start.

By environment: STAND_IN_PAUSE, seconds between two looks at a dataset; STAND_IN_TRACE, a file that
gets a line for each file that a local store wrote; STAND_IN_FULL, a file whose presence makes the
disk full; STAND_IN_CLOCK, seconds that this process's wall clock is wrong by.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from stand_in_job import append

from results import dataset, store

WRITERS = (store, dataset)
CLOCKS = ("results.queue", "results.budget", "results.blocklist")


def prepare(*more_clocks: str) -> None:
    """Change this process as its environment says."""
    dataset.Dataset.pause = float(os.environ["STAND_IN_PAUSE"])
    store.Folder.heartbeat = 1.0
    for module in WRITERS:
        module.write_atomic = writer(module.write_atomic, local=module is store)
    if wrong := float(os.environ.get("STAND_IN_CLOCK", 0)):
        shift(wrong, *CLOCKS, *more_clocks)


def writer(write, local: bool):
    """`write_atomic` that fails on a full disk, and notes what a local store wrote."""
    trace, full = os.environ.get("STAND_IN_TRACE"), os.environ.get("STAND_IN_FULL")

    def write_atomic(path: Path, data: bytes) -> None:
        if full and Path(full).exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, data)
        # The store's lock is still held: the order of lines is the order of writes.
        if trace and local:
            text = data.decode(errors="replace")
            append(Path(trace), pid=os.getpid(), at=time.monotonic(), path=str(path), text=text)

    return write_atomic


def shift(seconds: float, *modules: str) -> None:
    """Move the wall clock; the monotonic one stays."""
    true = time.time

    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(seconds=seconds)

    time.time = lambda: true() + seconds
    for name in modules:
        importlib.import_module(name).datetime = Wrong
