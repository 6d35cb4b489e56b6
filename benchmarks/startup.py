"""`python -m benchmarks.startup`: seconds to the first page and memory, beside an empty app."""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).parent.parent
EMPTY = "import gradio as gr\nwith gr.Blocks() as demo:\n    pass\ndemo.launch()"
OURS = "import app; app.main()"


@dataclass(frozen=True)
class Running:
    """A server that has answered with its first page."""

    process: int
    url: str
    seconds: float
    """From the start of the process to the whole first page."""
    size: int
    """Bytes of that page."""

    def cpu(self) -> float:
        """Seconds of CPU that its threads, which live yet, have used."""
        threads = Path(f"/proc/{self.process}/task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in threads) / 1e9

    def memory(self, kind: str = "Rss") -> float:
        """MiB of the process: `Rss`, or `Pss`, where shared pages count in part."""
        rollup = Path(f"/proc/{self.process}/smaps_rollup").read_text()
        found = re.search(rf"^{kind}:\s+(\d+) kB", rollup, re.M)
        return int(found[1]) / 1024 if found else float("nan")


@contextmanager
def running(code: str, board: Path, **settings: str) -> Iterator[Running]:
    """An app on a free port, killed at the end. Raises RuntimeError when it does not start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "MEXA_BOARD": str(board),
        "MEXA_LAUNCHER": "none",
        "MEXA_CORPUS": "bible",
        **settings,
    }
    url = f"http://127.0.0.1:{port}"
    begun = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, **quiet)
    try:
        size = None
        while size is None:
            try:
                with urllib.request.urlopen(f"{url}/", timeout=30) as answer:  # noqa: S310
                    size = len(answer.read())
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
            if server.poll() is not None or time.perf_counter() - begun > 300:
                raise RuntimeError("the app did not start")
        yield Running(server.pid, url, time.perf_counter() - begun, size)
    finally:
        server.kill()
        server.wait()


def start(code: str, board: Path) -> tuple[float, float, float]:
    """Seconds to the first whole page, MiB after it, and bytes of it."""
    with running(code, board) as server:
        return server.seconds, server.memory(), server.size


def main(times: Annotated[int, typer.Option(help="starts of each")] = 3) -> None:
    """Start both apps in turn, and print medians and their ratio."""
    found: dict[str, list[tuple[float, float, float]]] = {"empty Blocks": [], "this board": []}
    with tempfile.TemporaryDirectory() as folder:
        start(OURS, Path(folder))  # the first start writes the board's folder and byte code
        for _ in range(times):
            found["empty Blocks"].append(start(EMPTY, Path(folder)))
            found["this board"].append(start(OURS, Path(folder)))
    middle = {
        name: tuple(statistics.median(column) for column in zip(*rows, strict=True))
        for name, rows in found.items()
    }
    print(f"medians of {times} starts, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':14} {'first page, s':>14} {'memory, MiB':>12} {'page, kB':>9}")
    for name, (seconds, mib, size) in middle.items():
        print(f"{name:14} {seconds:14.1f} {mib:12.0f} {size / 1000:9.0f}")
    empty, board = middle.values()
    print(f"{'ratio':14} {board[0] / empty[0]:14.2f} {board[1] / empty[1]:12.2f}")


if __name__ == "__main__":
    typer.run(main)
