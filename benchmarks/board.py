"""A large board, from its records to painted rows: run by hand, since it takes minutes:

    python -m benchmarks.board > benchmarks/board.txt

Makes up 2,000 records (benchmarks/made_up.py) and measures what somebody who runs or visits such
a board waits for, beside an empty Blocks app in the same run. Prints what is to be reached for
each, and whether it is.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import made_up
from benchmarks.measured import Section, closing

PARTS = ("snapshot", "space", "server", "crowd", "browser")
WHOLE, QUICK = (442, 1401), (30, 60)


def repo(folder: Path, models: int, sizes: tuple[int, int]) -> Path:
    """The made-up repo in the folder, made where it is not there whole."""
    target, whole = folder / "repo", folder / "whole"
    said = f"{models} {sizes}"
    if not whole.exists() or whole.read_text() != said:
        shutil.rmtree(folder, ignore_errors=True)
        made_up.write(target, models, sizes)
        whole.write_text(said)
    return target


def run(
    folder: Path, made: Path, parts: tuple[str, ...], times: int, seconds: float
) -> list[Section]:
    """The sections of these parts. folder: for what they write."""
    from benchmarks import browser, fresh_space, snapshots, visits
    from benchmarks.startup import EMPTY, OURS, running

    found = []
    summary, board = folder / "summary.parquet", made
    if "snapshot" in parts or ("space" in parts and not summary.exists()):
        found.append(snapshots.measure(made, folder, times))
    if "space" in parts:
        found.append(fresh_space.measure(made, summary, folder))
    if "server" in parts:
        found += visits.starts(board, times)
    if "crowd" in parts:
        with running(OURS, board) as server:
            names = visits.keys(server, 500)
            found.append(visits.crowd(server, names, seconds))
    if "browser" in parts:
        with running(OURS, board) as server, running(EMPTY, board) as empty:
            found.append(browser.measure(server.url, empty.url, visits.keys(server, 6), times))
    return found


def main(
    models: Annotated[int, typer.Option(help="how many models to make up")] = 500,
    quick: Annotated[bool, typer.Option(help="30 and 60 languages, few repeats")] = False,
    only: Annotated[str, typer.Option(help=f"of {', '.join(PARTS)}, with commas")] = "",
    times: Annotated[int, typer.Option(help="repeats")] = 5,
    keep: Annotated[bool, typer.Option(help="keep the made-up records for the next run")] = False,
) -> None:
    """Measure a made-up board of this size, and print what was found beside what is wanted."""
    parts = tuple(each for each in PARTS if not only or each in only.split(","))
    folder = Path(tempfile.gettempdir()) / "mexa-board-benchmark"
    begun = time.perf_counter()
    made = repo(folder, models, QUICK if quick else WHOLE)
    when = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}"
    print(f"{when}, load {os.getloadavg()[0]:.1f} at the start")
    size = sum(path.stat().st_size for path in (made / "results").rglob("*.json"))
    records = 2 * models * len(made_up.EMBEDDINGS)
    print(f"{records:,} made-up records, {size / 1e9:.2f} GB: {time.perf_counter() - begun:.0f} s")
    try:
        found = run(folder, made, parts, 2 if quick else times, 5.0 if quick else 30.0)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{closing(found)}")
    print(f"{time.perf_counter() - begun:.0f} s in all, load {os.getloadavg()[0]:.1f} at the end")
    if any(section.failures for section in found):
        raise typer.Exit(1)


if __name__ == "__main__":
    command = typer.Typer(pretty_exceptions_enable=False)
    command.command()(main)
    command()
