"""A job's progress on the terminal, and in a file for the worker that started it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from results import request
from results.durations import duration
from results.files import write_atomic

screen = Console(stderr=True)


@contextmanager
def shown(file: Path | None) -> Iterator[Callable[[request.Progress], None]]:
    """What to call with each step: it moves a bar, and writes `file` where one is given."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
        console=screen,
    ) as bar:
        row = bar.add_task("", total=None, left="")

        def show(now: request.Progress) -> None:
            left = now.seconds_left
            bar.update(
                row,
                description=now.doing or "done",
                completed=now.done,
                total=now.total,
                left="" if left is None else f"{duration(left)} left",
            )
            if file:
                write_atomic(file, now.model_dump_json().encode())

        yield show
