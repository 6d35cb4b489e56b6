"""A Space that starts with an empty disk, against a Hub on this machine that has a whole board."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measured import Section
from benchmarks.startup import OURS, ROOT, running
from benchmarks.visits import client

BOARD = "made-up/board"
SHOWN_S, WHOLE_S, LONGEST_S = 60.0, 60.0, 600.0


@contextmanager
def hub(repo: Path, summary: Path | None) -> Iterator[str]:
    """The address of a Hub that has the repo's files and a summary as a results dataset.

    It is that of the tests, `tests/hub_server.py`, in a process of its own.
    """
    command = [sys.executable, "-m", "benchmarks.fresh_space", str(repo), str(summary or "")]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        address = server.stdout.readline().strip()
        if not address:
            raise RuntimeError("the Hub did not start")
        yield address
    finally:
        server.kill()
        server.wait()


def measure(repo: Path, summary: Path, work: Path) -> Section:
    """Seconds until something, and until everything, is shown; and how pages answer meanwhile."""
    section = Section(
        "Fresh Space",
        "empty disk, Hub on loopback without its limits; from the process's start",
    ).begin()
    cache = work / "space"
    shutil.rmtree(cache, ignore_errors=True)
    with hub(repo, summary) as address:
        settings = {
            "MEXA_REPO": BOARD,
            "MEXA_CORPUS": "bible",
            "MEXA_CACHE": str(cache),
            "HF_ENDPOINT": address,
            "HF_HOME": str(cache / "hf"),
            "NO_PROXY": "127.0.0.1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }
        begun = time.perf_counter()
        with running(OURS, work / "none", **settings) as server, client(server) as asking:
            first = asking.get("state").json()["version"]
            shown = asking.get("models").raise_for_status().json()["models"]
            answered = time.perf_counter() - begun
            if not first.startswith("summary-") or not shown:
                raise RuntimeError(f"no summary was shown but {first or 'nothing'}")
            section.add("page shown, with the last summary", [server.seconds], "s", SHOWN_S)
            own = f"memory {server.memory():.0f} MiB, {server.memory('Anonymous'):.0f} its own"
            section.add("first table of it answered", [answered], "s", SHOWN_S, note=own)
            took: list[float] = []
            mirrored = None
            now = first
            while now == first and time.perf_counter() - begun < LONGEST_S:
                for name in ("state", "models?languages=all", _varied(len(took))):
                    asked = time.perf_counter()
                    asking.get(name).raise_for_status()
                    took.append(time.perf_counter() - asked)
                if mirrored is None and list(cache.glob("mirrors/*results/*/.mirror.json")):
                    mirrored = time.perf_counter() - begun
                now = asking.get("state").json()["version"]
                time.sleep(0.3)
            whole = time.perf_counter() - begun
            if now == first:
                raise RuntimeError(f"not rebuilt within {LONGEST_S:.0f} s")
            files = sum(1 for _ in cache.glob("mirrors/*results/*/results/**/*.json"))
            note = f"{files:,} files"
            section.add("records mirrored", [mirrored or whole], "s", note=note)
            section.add("everything shown, rebuilt from records", [whole], "s", WHOLE_S)
            section.add("an answer meanwhile", took, "s", 1.0, by="p95")
            own = f"{server.memory('Anonymous'):.0f} its own, the rest files that it maps"
            section.add("memory then", [server.memory()], "MiB", 600.0, note=own)
    shutil.rmtree(cache, ignore_errors=True)
    return section


def _varied(number: int) -> str:
    """A question that was not asked before."""
    return f"models?languages=all&speakers={1000 + number}"


def _serve(repo: Path, summary: Path | None) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from hub_server import Hub

    files = {
        path.relative_to(repo).as_posix(): path.read_bytes()
        for folder in ("results", "corpora")
        for path in sorted((repo / folder).rglob("*.json"))
    }
    if summary:
        files["summary/summary.parquet"] = summary.read_bytes()
    server = Hub()
    server.create(f"{BOARD}-results", files=files)
    server.create(f"{BOARD}-requests")
    print(server.start(), flush=True)
    while os.getppid() != 1:
        time.sleep(1)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None)
