"""A tree of small files that several processes change: a local folder, or a Hub dataset."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from results.files import write_atomic

Changes = Mapping[str, bytes | None]
"""Files to write by their path below the root; None deletes."""
_NAME = re.compile(r"[A-Za-z0-9._=@-]{1,200}")
PATIENCE = 60.0
"""Seconds that a change of a local folder waits for somebody else's."""


class Unreachable(OSError):
    """Raised when a store does not answer, or refuses for now; the message is for a person."""


class Busy(Unreachable):
    """Raised when the hour's commits are used up; `seconds` until one is free."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class ReadOnly(OSError):
    """Raised when a store may be read but not written, for want of a token that may."""


class Store(Protocol):
    """What the queue, the results and the board need of the place where they are kept."""

    root: Path
    """Local files that readers read: the tree itself, or a mirror of one commit."""
    writable: bool
    checkpoint: float
    """Seconds that a worker gathers results before it writes them."""
    heartbeat: float
    """Seconds after which a worker writes its lease although it has nothing else to write."""
    spacing: float
    """Seconds between two writes that all workers together may make; 0 is no bound."""
    pause: float
    """Seconds that somebody who looks again and again should wait at the least."""

    def refresh(self) -> None:
        """Bring `root` to the newest state. Raises Unreachable; `root` is then as it was."""

    def change(self, message: str, edit: Callable[[], Changes]) -> None:
        """Write what `edit` makes of the newest state: all of it, or nothing.

        `edit` reads `root` and is called again whenever somebody else was faster, so it may be
        called several times; an empty answer writes nothing.

        Raises:
            Unreachable: nothing is known to be written. Busy: the hour's commits are used up.
            ReadOnly: this process may not write.
        """

    def hold(self, name: str) -> Hold | None:
        """A lock that is freed when this process dies, or None where there is no such thing."""

    def held(self, name: str) -> bool | None:
        """Whether somebody holds that lock; None where it cannot be told."""


class Hold:
    """A lock of a local folder, held until `release` or the death of its process."""

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def release(self) -> None:
        """Let go; the file of the lock goes too."""
        path = Path(self._lock.lock_file)
        self._lock.release()
        path.unlink(missing_ok=True)


def inside(root: Path, name: str) -> Path:
    """`root / name`, checked to lie below root. Raises ValueError."""
    parts = name.split("/")
    if not all(_NAME.fullmatch(part) and part.strip(".") for part in parts):
        raise ValueError(f"“{name[:120]}” is no path of a store")
    return root.joinpath(*parts)


class Folder:
    """A local folder, changed under one file lock. Its lock shows a worker's death at once."""

    checkpoint = 0.0
    heartbeat = 5.0
    spacing = 0.0
    pause = 0.0

    def __init__(self, root: Path, writable: bool = True) -> None:
        self.root = root
        self.writable = writable
        self._locks = root / "locks"

    def refresh(self) -> None:
        """Nothing to do: the files are the newest state."""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held by whoever changes the folder; readers need none, every file is whole."""
        self._locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._locks / "store.lock", timeout=PATIENCE)
        try:
            lock.acquire()
        except Timeout as error:
            raise Unreachable(f"somebody else is writing to {self.root.name} for long") from error
        try:
            yield
        finally:
            lock.release()

    def change(self, message: str, edit: Callable[[], Changes]) -> None:
        """See `Store.change`. A kill between two files leaves the first written: both are whole."""
        if not self.writable:
            raise ReadOnly(f"{self.root.name} may only be read")
        with self.lock():
            changes = edit()
            targets = {name: inside(self.root, name) for name in changes}
            for name, data in changes.items():
                path = targets[name]
                if data is None:
                    path.unlink(missing_ok=True)
                else:
                    write_atomic(path, data)

    def hold(self, name: str) -> Hold | None:
        """Take the lock of that name. Raises Timeout when somebody has it."""
        self._locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(inside(self._locks, f"{name}.lock"), timeout=0, thread_local=False)
        lock.acquire()
        return Hold(lock)

    def held(self, name: str) -> bool | None:
        """Whether a living process has it."""
        try:
            path = inside(self._locks, f"{name}.lock")
        except ValueError:
            return False
        if not path.exists():
            return False
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return True
        lock.release()
        return False
