"""Models by tasks: measured accuracies, or estimates, over a set of languages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderboard.answers.common import Json, counted, identity, interval, rounded, view
from leaderboard.answers.task_views import (
    ENGLISH,
    GUESS,
    Estimator,
    alignments,
    default_pooling,
    described,
    english,
    row_of,
    task_sheets,
)
from results.estimates import average_interval, estimate
from results.language_sets import Chosen, choose
from results.sheet import Sheet
from results.tasks import TASKS

if TYPE_CHECKING:
    from leaderboard.asked import TasksAsked
    from leaderboard.board import Board

PUBLISHED = ("arc", "belebele")
"""Tasks whose estimates the published board averages."""


def answer(board: Board, asked: TasksAsked) -> Json:
    """Models by tasks over a set of languages: accuracies measured, or estimates, not both.

    An estimate is alignment times the model's English accuracy (`plain`), or corrected for
    guessing; its interval says where a measurement is expected, from how far estimates of this
    task were off in languages where it was measured. A number that is not there says why.
    """
    tasks = task_sheets(board.snapshot)
    chosen = _chosen(board, tasks, asked)
    columns = [_column(board, task, asked, chosen.codes) for task in tasks]
    places = sorted({row.model for task in tasks for row in task.rows})
    models = []
    for place in places:
        model = board.snapshot.models[place]
        size = model["parameters"]
        if asked.max_parameters is not None and (size is None or size > asked.max_parameters):
            continue
        values = {c.key: c.cell(place) for c in columns}
        entry = {**identity(model), "english": {c.key: c.english(place) for c in columns}}
        models.append({**entry, "values": values, "published": _published(columns, values)})
    return {
        "kind": asked.kind,
        "languages": {
            "codes": chosen.codes,
            "said": chosen.said,
            "unknown": chosen.unknown,
            "absent": chosen.absent,
        },
        "tasks": [column.said() for column in columns],
        "models": models,
    }


def _chosen(board: Board, tasks: list[Sheet], asked: TasksAsked) -> Chosen:
    """English is left out: every estimate rests on it, and it has a column of its own."""
    codes: dict[str, None] = {}
    for task in tasks:
        for sheet in (task, *alignments(board, task)):
            there = set(sheet.languages)
            codes |= dict.fromkeys(c for c in counted(board, sheet) if c in there and c != ENGLISH)
    return choose(
        sorted(codes),
        ",".join(asked.languages),
        family=asked.family,
        script=asked.script,
        region=asked.region,
        speakers=asked.speakers or 0,
    )


def _column(board: Board, task: Sheet, asked: TasksAsked, codes: list[str]) -> _Measured:
    if asked.kind == "measured":
        return _Measured(task, codes)
    return _Estimated(board, task, asked, codes)


class _Measured:
    """Accuracies of a task, averaged over those of the languages that it was measured in."""

    def __init__(self, task: Sheet, codes: list[str]) -> None:
        self.key, self.task = task.configuration, task
        accuracy = task.column("accuracy")
        known = [code for code in codes if code in task.places]
        self.codes = [c for c in known if not np.isnan(accuracy[:, task.places[c]]).all()]

    def said(self) -> Json:
        """The column's head."""
        return {**described(self.task), "of": len(self.codes), "view": None, "pooling": None}

    def english(self, model: int) -> Json | None:
        """The model's English accuracy."""
        at = row_of(self.task, model)
        if at is None or math.isnan(english(self.task, at)):
            return None
        return self._average(at, [ENGLISH])

    def cell(self, model: int) -> Json:
        """A number with its interval, or None with a reason."""
        at = row_of(self.task, model)
        if at is None:
            return _nothing(f"{TASKS[self.task.name].title} was not measured")
        if not self.codes:
            return _nothing("not measured in any of these languages")
        found = self._average(at, self.codes)
        if found is None:
            values = self.task.column("accuracy")[at, [self.task.places[c] for c in self.codes]]
            return _nothing(f"lacks {int(np.isnan(values).sum())} of {len(self.codes)} languages")
        return found

    def _average(self, at: int, codes: list[str]) -> Json | None:
        """With the mean of the languages' own ends: all answered the same questions, so that what
        was luck in one was luck in the others."""
        places = [self.task.places[code] for code in codes]
        value, low, high, chance = (
            self.task.column(f"accuracy{part}")[at, places].astype(float)
            for part in ("", "_low", "_high", "_chance")
        )
        if np.isnan(value).any():
            return None
        mean, count = float(value.mean()), len(codes)
        ends = (float(low.mean()), float(high.mean()))
        found: Any = interval(mean, ends)
        at_chance = bool(value[0] <= chance[0]) if count == 1 else None
        return {**found, "at_chance": at_chance, "of": count, "errors": None, "reason": None}


class _Estimated(_Measured):
    """Estimates of a task over those of the languages that alignment was measured in."""

    def __init__(self, board: Board, task: Sheet, asked: TasksAsked, codes: list[str]) -> None:
        super().__init__(task, codes)
        self.form = "plain" if asked.kind == "plain" else "corrected"
        self.pooling = asked.pooling or default_pooling(TASKS[task.name])
        self.local = TASKS[task.name].local
        views = alignments(board, task)
        wanted = [v for v in views if asked.embedding in ("", v.parameters["embedding"])]
        self.view = wanted[0] if wanted else None
        self.spread: list[str] = []
        if self.view:
            self.spread = [c for c in codes if c in self.view.places]
            self.estimator = Estimator(board, task, self.view, self.pooling, self.form)  # type: ignore[arg-type]

    def said(self) -> Json:
        """With what alignment it is estimated from."""
        base = {**super().said(), "of": len(self.spread), "pooling": self.pooling}
        return {**base, "view": view(self.view) if self.view else None}

    def cell(self, model: int) -> Json:
        """The estimate, with the measured average over the same languages where there is one."""
        at = row_of(self.task, model)
        if at is None or math.isnan(acc := english(self.task, at)):
            return _nothing("no English score")
        if self.view is None or (beside := row_of(self.view, model)) is None:
            more = " on the odd articles (run --split odd-articles)" if self.local else ""
            return _nothing(f"no alignment{more} to estimate it from")
        if not self.spread:
            return _nothing("alignment was measured in none of these languages")
        places = [self.view.places[code] for code in self.spread]
        aligned = self.view.column(self.pooling)[beside, places].astype(float)
        if lacking := int(np.isnan(aligned).sum()):
            return _nothing(f"lacks alignment in {lacking} of {len(places)} languages")
        value = float(estimate(aligned, acc, GUESS, self.form).mean())
        single = self.spread[0] if len(self.spread) == 1 else ""
        errors = self.estimator.errors(model, without=single)
        ends = None
        if errors.of:
            own = errors.of == "own"
            ends = average_interval(value, len(places), errors.values, own=own)
        measured = None
        if all(code in self.task.places for code in self.spread):
            measured = self._average(at, self.spread)
        found: Any = interval(value, ends)
        more = {"at_chance": None, "of": len(self.spread), "errors": errors.of, "reason": None}
        return {**found, **more, "measured": measured}


def _published(columns: list[_Measured], values: dict[str, Json]) -> Json | None:
    """The average of the ARC and Belebele estimates; None for measurements, or without both."""
    whole = [c for c in columns if c.task.parameters["options"]["limit"] is None]
    of_task = {column.task.name: column for column in reversed(whole)}
    pair = [of_task.get(name) for name in PUBLISHED]
    if not all(isinstance(column, _Estimated) for column in pair):
        return None
    parts = [values[column.key]["value"] for column in pair if column]
    if None in parts:
        return _nothing("needs the estimates of both ARC and Belebele")
    return {"value": rounded(sum(parts) / len(parts)), "low": None, "high": None, "reason": None}


def _nothing(reason: str) -> Json:
    return {"value": None, "low": None, "high": None, "reason": reason}
