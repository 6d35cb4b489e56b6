"""Figures of a benchmark: what was measured, beside what was to be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Figure:
    """Measurements of one thing. The goal is for `judged`, which no value may exceed."""

    name: str
    values: list[float]
    unit: str
    goal: float | None = None
    beside: float | None = None
    """The same of an empty Blocks app, in the same run; a goal is then for what is more."""
    by: str = "median"
    """What the goal is for: `median` or `p95`."""
    note: str = ""

    @property
    def median(self) -> float:
        """The middle one."""
        return float(np.median(self.values))

    @property
    def p95(self) -> float:
        """The 95th percentile."""
        return float(np.percentile(self.values, 95))

    @property
    def judged(self) -> float:
        """What the goal is for."""
        value = self.p95 if self.by == "p95" else self.median
        return value - (self.beside or 0.0)

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        return None if self.goal is None else self.judged <= self.goal


@dataclass
class Section:
    """Figures of one part, and what was measured how."""

    title: str
    said: str = ""
    column: str = "empty app"
    """Heading of what is beside."""
    figures: list[Figure] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """What could not be measured, and why."""

    @contextmanager
    def trying(self, name: str, *errors: type[Exception]) -> Iterator[None]:
        """Go on where one thing cannot be measured; the run then ends as failed."""
        try:
            yield
        except errors as error:
            self.failures.append(f"{name}: {str(error).splitlines()[0]}")
            print(f"{name:52} NOT MEASURED: {str(error).splitlines()[0]}", flush=True)

    def add(self, *args: object, **more: object) -> Figure:
        """A figure as `Figure` takes it, printed at once so that a long run shows something."""
        figure = Figure(*args, **more)  # type: ignore[arg-type]
        self.figures.append(figure)
        print(line(figure), flush=True)
        return figure

    def begin(self) -> Section:
        """Print the heading."""
        print(f"\n{self.title}")
        if self.said:
            print(self.said)
        print(
            f"{'':52} {'median':>9} {'p95':>9} {'times':>5} {self.column:>9} {'goal':>9}",
            flush=True,
        )
        return self


def line(figure: Figure) -> str:
    """One line of the printed table."""
    p95 = f"{written(figure.p95)}" if len(figure.values) > 1 else ""
    beside = written(figure.beside) if figure.beside is not None else ""
    goal = ""
    if figure.goal is not None:
        more = "+" if figure.beside is not None else ""
        goal = f"{more}{written(figure.goal)}{' p95' if figure.by == 'p95' else ''}"
    met = {None: "", True: "met", False: "NOT MET"}[figure.met]
    name = f"{figure.name}, {figure.unit}"
    cells = f"{name:52} {written(figure.median):>9} {p95:>9} {len(figure.values):5}"
    return f"{cells} {beside:>9} {goal:>9} {met:7} {figure.note}".rstrip()


def written(value: float) -> str:
    """Three digits or so."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def closing(sections: list[Section]) -> str:
    """How many goals are met, and which are not."""
    figures = [figure for section in sections for figure in section.figures]
    judged = [figure for figure in figures if figure.met is not None]
    missed = [figure for figure in judged if not figure.met]
    lines = [f"{len(judged) - len(missed)} of {len(judged)} goals met"]
    lines += [line(figure) for figure in missed]
    lines += [f"  not measured: {each}" for section in sections for each in section.failures]
    return "\n".join(lines)
