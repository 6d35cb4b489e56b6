"""Local mirrors of a dataset: one a process, and whether a file is the one that the Hub names."""

from __future__ import annotations

import hashlib
from pathlib import Path

from filelock import FileLock, Timeout


def free_slot(folder: Path) -> tuple[Path, FileLock]:
    """A mirror that no other living process uses; a dead one's is taken over."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1000):
        lock = FileLock(folder / f"{number}.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            continue
        root = folder / str(number)
        root.mkdir(exist_ok=True)
        return root, lock
    raise OSError(f"no free mirror below {folder.name}")


def git_id(content: bytes) -> str:
    """git's hash of a file's content, the id of a small file on the Hub."""
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def is_content(content: bytes, mark: str) -> bool:
    """Whether the Hub gives this content that id: git's to small files, SHA-256 to large ones."""
    return mark in (git_id(content), hashlib.sha256(content).hexdigest())


def holds(path: Path, mark: str) -> bool:
    """Whether a file is there with the content of that id."""
    return path.is_file() and is_content(path.read_bytes(), mark)
