"""Limits of time, memory and disk on a running job, watched from outside, and its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import psutil  # type: ignore[import-untyped]

from results.durations import duration

GIB = 1 << 30
DISK_EVERY = 5.0
"""Seconds at least between two walks through the folders; ten times a walk's own time if longer."""
SETTLE = 0.05
"""Seconds until a process that is just being started no longer shows its parent's memory."""


class Session(TypedDict):
    start_new_session: bool


SESSION: Session = {"start_new_session": True}
"""For `subprocess.Popen`: a session of its own, by which a job's orphans are found."""


@dataclass(frozen=True)
class Limits:
    """What a job may use; 0 is no limit. `free_bytes` is what it must leave on a disk."""

    seconds: float = 0
    memory_bytes: int = 0
    disk_bytes: int = 0
    free_bytes: int = GIB


class Watch:
    """Compares a job, with all the processes that it started, to its limits.

    Memory is what only swapping could take from a process: resident less shared pages, summed over
    the tree. Weights mapped from a file are not counted, the kernel drops them when it must.
    Disk is what `folders` hold together, a hard-linked file once.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: Limits,
        folders: Sequence[Path] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.process, self.limits, self.folders, self.clock = process, limits, folders, clock
        self.started = clock()
        self.walk_after = self.started

    def over(self) -> str | None:
        """The limit that is passed and a sentence, `time limit: It ran ...`, or None."""
        limits = self.limits
        if limits.seconds and self.clock() - self.started > limits.seconds:
            return (
                f"time limit: The job ran longer than the time limit of "
                f"{duration(limits.seconds)}; Retry measures what is left."
            )
        if limits.memory_bytes and self._memory() > limits.memory_bytes:
            return (
                f"memory limit: The job used more than the memory limit of "
                f"{_size(limits.memory_bytes)}."
            )
        if any(_free(folder) < limits.free_bytes for folder in self.folders):
            return f"disk full: Less than {_size(limits.free_bytes)} was left on the worker's disk."
        if limits.disk_bytes and self._disk() > limits.disk_bytes:
            return (
                f"disk limit: The job and its cache took more than the disk limit of "
                f"{_size(limits.disk_bytes)}."
            )
        return None

    def _memory(self) -> int:
        used = memory(tree(self.process))
        if used > self.limits.memory_bytes:
            time.sleep(SETTLE)
            used = min(used, memory(tree(self.process)))
        return used

    def _disk(self) -> int:
        if self.clock() < self.walk_after:
            return 0
        begun = self.clock()
        used = disk(self.folders)
        now = self.clock()
        self.walk_after = now + max(DISK_EVERY, 10 * (now - begun))
        return used


def confine(process: subprocess.Popen[bytes], limits: Limits) -> None:
    """No core dump, and no single file over the disk limit; on Linux, elsewhere nothing.

    Set from outside right after the start, for what runs before `exec` must not take locks.
    """
    if not hasattr(psutil.Process, "rlimit"):
        return
    try:
        job = psutil.Process(process.pid)
        job.rlimit(psutil.RLIMIT_CORE, (0, 0))
        if limits.disk_bytes:
            job.rlimit(psutil.RLIMIT_FSIZE, (limits.disk_bytes, limits.disk_bytes))
    except psutil.NoSuchProcess:
        return


def stop(process: subprocess.Popen[bytes], grace: float = 5.0) -> None:
    """End a job and all that it started: asked first, killed when `grace` seconds have passed."""
    asked: set[psutil.Process] = set()
    known: set[psutil.Process] = set()
    kill_at = time.monotonic() + grace
    while time.monotonic() < kill_at + 10:
        known.update(tree(process))
        process.poll()
        alive = [each for each in known if _runs(each)]
        if not alive:
            break
        late = time.monotonic() >= kill_at
        for each in alive:
            try:
                if late:
                    each.kill()
                elif each not in asked:
                    asked.add(each)
                    each.terminate()
            except psutil.Error:
                continue
        time.sleep(0.02)
    process.poll()


def tree(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The job, its descendants, and those of its session whose parents are gone."""
    found: dict[int, psutil.Process] = {}
    try:
        if process.returncode is None:
            root = psutil.Process(process.pid)
            found = {each.pid: each for each in [root, *root.children(recursive=True)]}
    except psutil.Error:
        found = {}
    for pid in psutil.pids() if hasattr(os, "getsid") else ():
        try:
            if pid not in found and pid != process.pid and os.getsid(pid) == process.pid:
                found[pid] = psutil.Process(pid)
        except (OSError, psutil.Error):
            continue
    return list(found.values())


def memory(processes: Iterable[psutil.Process]) -> int:
    """Bytes resident and not shared, of all of them together."""
    total = 0
    for each in processes:
        try:
            used = each.memory_info()
        except psutil.Error:
            continue
        total += used.rss - getattr(used, "shared", 0)
    return total


def disk(folders: Iterable[Path]) -> int:
    """Bytes that the files below the folders take; links are not followed."""
    total, seen, waiting = 0, set(), [str(folder) for folder in folders]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                about = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
            except OSError:
                continue
            if (about.st_dev, about.st_ino) not in seen:
                seen.add((about.st_dev, about.st_ino))
                total += about.st_blocks * 512 if hasattr(about, "st_blocks") else about.st_size
    return total


def _free(folder: Path) -> int:
    there = next((each for each in [folder, *folder.absolute().parents] if each.exists()), folder)
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return 1 << 62


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _size(count: int) -> str:
    return f"{count / GIB:.3g} GiB" if count >= GIB else f"{count / (1 << 20):.3g} MiB"
