"""Task sheets, and the alignment that each may be compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leaderboard.answers.common import Json, counted
from leaderboard.answers.views import kind_of, views
from results.estimates import FEWEST, Form, estimate
from results.sheet import Sheet
from results.snapshot import Snapshot
from results.tasks import ANSWERS, COMPARED, TASKS, Task

if TYPE_CHECKING:
    from leaderboard.board import Board

ENGLISH = "eng_Latn"
GUESS = 1 / ANSWERS
POOLING = {"belebele": "max"}
"""Layer pooling of an estimate where the published board takes another than the mean."""


def task_sheets(snapshot: Snapshot) -> list[Sheet]:
    """Sheets of tasks in the order of TASKS: whole and with the usual examples first, then size."""
    order = list(TASKS)

    def place(sheet: Sheet) -> tuple[int, bool, bool, int, str]:
        options = sheet.parameters["options"]
        unusual = options["few-shot"] != TASKS[sheet.name].few_shot
        whole = options["limit"] is None
        at = order.index(sheet.name)
        return at, not whole, unusual, -sheet.values[0].size, sheet.configuration

    return sorted((each for each in snapshot.sheets if each.name in TASKS), key=place)


def comparable(board: Board, task: Sheet) -> list[Sheet]:
    """Scores to English that a task may be compared with, the board's default view first.

    A task made from a corpus: those on that corpus's other half alone, so that no sentence is in
    both. Another task: every view of the board.
    """
    found = [
        each
        for each in views(board, held_out=TASKS[task.name].local)
        if kind_of(each) != "noise" and each.pivot == ENGLISH
    ]
    if not TASKS[task.name].local:
        return found
    build = task.parameters["corpus_hash"]
    return [
        each
        for each in found
        if each.parameters["split"] == COMPARED and each.parameters["corpus_hash"] == build
    ]


def alignments(board: Board, task: Sheet) -> list[Sheet]:
    """Of those the alignments, which a task is estimated from."""
    return [each for each in comparable(board, task) if kind_of(each) == "embedding"]


def default_pooling(task: Task) -> str:
    """The layer pooling that this task is estimated by, as the published board does."""
    return POOLING.get(task.name, "mean")


def described(sheet: Sheet) -> Json:
    """What a task sheet holds."""
    task, options = TASKS[sheet.name], sheet.parameters["options"]
    few, limit = options["few-shot"], options["limit"]
    parts = [task.title, f"{few}-shot", f"first {limit}" if limit else f"{sheet.n} questions"]
    return {
        "key": sheet.configuration,
        "task": task.name,
        "title": task.title,
        "about": task.about,
        "label": " · ".join(parts),
        "n": sheet.n,
        "few_shot": few,
        "limit": limit,
        "metric": options["metric"],
        "guess": GUESS,
        "local": task.local,
        "corpus": sheet.parameters["corpus"],
        "corpus_hash": sheet.parameters["corpus_hash"],
        "models": len(sheet.rows),
        "languages": len([code for code in sheet.languages if code != ENGLISH]),
    }


def row_of(sheet: Sheet, model: int) -> int | None:
    """The row of a model, by its place in the snapshot."""
    return next((at for at, row in enumerate(sheet.rows) if row.model == model), None)


def english(task: Sheet, row: int) -> float:
    """A model's English accuracy; NaN where it was not measured."""
    place = task.places.get(ENGLISH)
    return float("nan") if place is None else float(task.column("accuracy")[row, place])


@dataclass(frozen=True)
class Pairs:
    """One model's languages that both a task and alignment were measured in; English left out."""

    codes: list[str]
    alignment: np.ndarray
    accuracy: np.ndarray
    english: float

    def estimates(self, form: Form) -> np.ndarray:
        """(m,); NaN without an English score."""
        return estimate(self.alignment, self.english, GUESS, form)

    def errors(self, form: Form) -> np.ndarray:
        """(m,) measured less estimated."""
        found: np.ndarray = self.accuracy - self.estimates(form)
        return found


def pairs(board: Board, task: Sheet, view: Sheet, model: int, pooling: str) -> Pairs | None:
    """What a model has of both; None where one of the two was not measured."""
    at, beside = row_of(task, model), row_of(view, model)
    if at is None or beside is None:
        return None
    allowed = set(counted(board, view))
    codes = [code for code in task.languages if code in allowed and code in view.places]
    accuracy = task.column("accuracy")[at, [task.places[code] for code in codes]].astype(float)
    aligned = view.column(pooling)[beside, [view.places[code] for code in codes]].astype(float)
    there = ~np.isnan(accuracy) & ~np.isnan(aligned)
    kept = [code for code, whole in zip(codes, there, strict=True) if whole]
    return Pairs(kept, aligned[there], accuracy[there], english(task, at))


@dataclass(frozen=True)
class Errors:
    """How far estimates were from measurements, an array a model: `own`, of `others`, or None."""

    of: str | None
    values: list[np.ndarray]


class Estimator:
    """Estimates of one task from one alignment view, with what is known of their errors."""

    def __init__(self, board: Board, task: Sheet, view: Sheet, pooling: str, form: Form) -> None:
        self.task, self.view, self.pooling, self.form = task, view, pooling, form
        models = {row.model for row in task.rows} & {row.model for row in view.rows}
        found = {model: pairs(board, task, view, model, pooling) for model in sorted(models)}
        self._errors: dict[int, dict[str, float]] = {}
        for model, each in found.items():
            if each and not np.isnan(each.english):
                errors = each.errors(form).tolist()
                self._errors[model] = dict(zip(each.codes, errors, strict=True))

    def errors(self, model: int, without: str = "") -> Errors:
        """What a model's estimates are off by, one language left out: its own, else the others'."""
        own = [e for code, e in self._errors.get(model, {}).items() if code != without]
        if len(own) >= FEWEST:
            return Errors("own", [np.array(own)])
        others = [
            np.array([*known.values()])
            for each, known in self._errors.items()
            if each != model and len(known) >= FEWEST
        ]
        return Errors("others", others) if others else Errors(None, [])
