"""The data core of a large board: what it takes to load, rebuild and publish its snapshot.

Every measurement is made in a process of its own (`python -m benchmarks.snapshots ACT ...`), which
prints seconds and its largest resident memory as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.measured import Section

ROOT = Path(__file__).parent.parent


def forget(path: Path) -> None:
    """Drop a file, or all of a folder's, from the page cache, once it is on the disk."""
    for each in path.rglob("*") if path.is_dir() else [path]:
        if each.is_file():
            handle = os.open(each, os.O_RDONLY)
            try:
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)


def rebuild(repo: Path, folder: Path) -> None:
    """The snapshot of a repo, as a board makes it: from `folder`'s newest where there is one."""
    from results import snapshot
    from results.repo import Repo

    found = Repo(repo)
    snapshot.Snapshots(found, folder).load(snapshot.key(found))


def publish(repo: Path, folder: Path, target: Path) -> None:
    """The summary of the newest snapshot."""
    from results import snapshot, summary
    from results.corpora import cards

    found = snapshot.newest(folder)
    assert found
    summary.write(found, cards(repo), target)


def unpack(source: Path, folder: Path) -> None:
    """A published summary as a fresh machine takes it up."""
    from results import summary

    summary.unpack(source, folder)


def opened(folder: Path, repo: Path) -> None:
    """A snapshot that an earlier process left, mapped."""
    from results import snapshot

    assert snapshot.newest(folder)


def answered(folder: Path, repo: Path) -> None:
    """The same, and the page's first question answered: the board's default view and languages."""
    from leaderboard import answers
    from leaderboard.asked import ModelsAsked
    from results import snapshot
    from results.corpora import cards
    from results.settings import Settings

    known = {"cards": cards(repo), "settings": Settings(launcher="none"), "version": ""}
    board: Any = SimpleNamespace(snapshot=snapshot.newest(folder), **known)
    assert answers.models(board, ModelsAsked())["models"]


ACTS: dict[str, Callable[..., None]] = {
    each.__name__: each for each in (rebuild, publish, unpack, opened, answered)
}


def apart(act: str, *paths: Path) -> dict[str, float]:
    """An act in a process of its own: `seconds`, `cpu` seconds of all cores, `mib`.

    Raises CalledProcessError.
    """
    command = [sys.executable, "-m", "benchmarks.snapshots", act, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(repo: Path, work: Path, times: int) -> Section:
    """All of it. Leaves `work/derived`, the snapshot, and `work/summary.parquet`."""
    section = Section(
        "Snapshot",
        "in processes of their own, the program imported before; what it imports late is counted",
    ).begin()
    derived, summary, fresh = work / "derived", work / "summary.parquet", work / "unpacked"
    shutil.rmtree(derived, ignore_errors=True)
    whole = apart("rebuild", repo, derived)
    section.add("every record read, no summary", [whole["seconds"]], "s", 60, note=_cpu([whole]))
    section.add("  its memory", [whole["mib"]], "MiB")
    changed = next(iter(sorted(repo.glob("results/*/*/*/*.hits.json"))))
    record = changed.with_name(changed.name.replace(".hits", ""))
    text = record.read_text("utf-8")
    other = text.replace('"batch_tokens": 512', '"batch_tokens": 511', 1)
    record.write_text(other, "utf-8")
    try:
        section.add("one record changed", [apart("rebuild", repo, derived)["seconds"]], "s")
    finally:
        record.write_text(text, "utf-8")
    apart("rebuild", repo, derived)
    section.add("summary written", [apart("publish", repo, derived, summary)["seconds"]], "s")
    section.add("  its size", [summary.stat().st_size / 1e6], "MB")
    cold = []
    for _ in range(times):
        shutil.rmtree(fresh, ignore_errors=True)
        forget(summary)
        cold.append(apart("unpack", summary, fresh))
    seconds = [each["seconds"] for each in cold]
    section.add("cold: summary from the disk, taken up", seconds, "s", 3, note=_cpu(cold))
    section.add("  its memory", [c["mib"] for c in cold], "MiB")
    warm = [apart("opened", derived, repo)["seconds"] for _ in range(times)]
    section.add("warm: mapped", warm, "s", 0.3)
    first = [apart("answered", derived, repo)["seconds"] for _ in range(times)]
    section.add("warm, with a first answer", first, "s", note="the app asks itself at its start")
    shutil.rmtree(fresh, ignore_errors=True)
    return section


def _cpu(found: list[dict[str, float]]) -> str:
    """CPU seconds, which other programs on this machine do not lengthen as much."""
    return f"{statistics.median(each['cpu'] for each in found):.1f} s of CPU, start included"


def _main(act: str, *paths: str) -> None:
    import leaderboard.answers  # noqa: F401
    import results.summary  # noqa: F401

    begun = time.perf_counter()
    ACTS[act](*map(Path, paths))
    seconds = time.perf_counter() - begun
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    most = max(each.ru_maxrss for each in used)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "mib": most / 1024}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
