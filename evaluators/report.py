"""A record as a table for a terminal."""

from __future__ import annotations

from rich.table import Table

from results.languages import resolve
from results.methods import SCORES
from results.schema import Record, Value


def _place(value: Value) -> tuple[bool, float]:
    return bool(value.at_chance), -value.value


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    low = value.chance is not None and value.value <= value.chance
    text = f"{value.value:.3f}"
    if value.low is not None:
        text += f" {value.low:.2f}–{value.high:.2f}"
    return f"[dim]{text} at chance[/dim]" if low else text


def accuracies(record: Record, languages: set[str]) -> Table:
    """A task in the languages asked for, best first."""
    parameters = record.evaluator.parameters
    few, limit = parameters.options["few-shot"], parameters.options["limit"]
    grid = Table(
        title=f"{record.model.name} ({record.model.weights}, {record.model.dtype}): "
        f"{record.evaluator.name}, {few}-shot" + (f", first {limit} questions" if limit else ""),
        caption="accuracy with 95 % interval; at chance: guesses reach it one time in twenty",
    )
    for title in ("code", "language", "accuracy", "questions", "standard error"):
        grid.add_column(title, justify="left" if title in ("code", "language") else "right")
    rows = [row for row in record.scores if row.language in languages and row.values]
    for row in sorted(rows, key=lambda row: -row.values["accuracy"].value):
        error = "" if row.stderr is None else f"{row.stderr:.4f}"
        grid.add_row(
            row.language,
            resolve(row.language).name,
            _cell(row.values["accuracy"]),
            f"{row.questions}",
            error,
        )
    return grid


def table(record: Record, languages: set[str]) -> Table:
    """A score in the languages asked for, best first; at chance last and dim."""
    grid = Table(
        title=_title(record),
        caption="with 95 % interval; chance: 95th percentile of random pairings",
    )
    for title in ("code", "language", "mean over layers", "chance", "max", "at layer", "chance"):
        grid.add_column(title, justify="left" if title in ("code", "language") else "right")
    grid.add_column("tokens", justify="right")
    grid.add_column("to English", justify="right")
    rows = [row for row in record.scores if row.language in languages and row.values]
    for row in sorted(rows, key=lambda row: _place(row.values["mean"])):
        mean, best = row.values["mean"], row.values["max"]
        layers = row.layers or []
        grid.add_row(
            row.language,
            resolve(row.language).name,
            _cell(mean),
            f"{mean.chance:.3f}",
            _cell(best),
            f"{layers.index(max(layers))}/{len(layers) - 1}",
            f"{best.chance:.3f}",
            f"{row.tokens}",
            f"{row.tokens_ratio:.2f}" if row.tokens_ratio else "",
        )
    return grid


def _title(record: Record) -> str:
    about, parameters = record.model, record.evaluator.parameters
    score = SCORES[record.evaluator.name].title
    noise = ", ".join(f"{each}" for each in parameters.options.values())
    return (
        f"{about.name} ({about.weights}, {about.dtype}): {score} to {parameters.pivot} on "
        f"{parameters.corpus}, n = {parameters.n}, {parameters.embedding}"
        + (f", noise: {noise}" if noise else "")
    )
