"""Which embedding method and score agrees best with a measured task, over the same cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leaderboard.answers.common import Json, NotFound, identity, interval, rounded
from leaderboard.answers.task_views import (
    Pairs,
    comparable,
    default_pooling,
    described,
    pairs,
    task_sheets,
)
from leaderboard.answers.views import is_single, view
from results.sheet import Sheet
from results.tasks import TASKS
from results.trust import FEWEST, better_method, correlations

if TYPE_CHECKING:
    from leaderboard.asked import AgreementAsked
    from leaderboard.board import Board


class Method(NamedTuple):
    """A score view, and what it and the task have in common, by model."""

    sheet: Sheet
    pairs: dict[int, Pairs]


def answer(board: Board, asked: AgreementAsked) -> Json:
    """For every embedding method and score, its correlation with a task over the same cells.

    Methods are compared on the models that have the most of them, and on the languages that all
    of these methods and models share. `difference` is the mean Pearson over models less that of
    the first method (alignment by weighted mean), with a 95 % interval of the bootstrap over
    languages. `left_out` are methods that those models lack.
    """
    tasks = task_sheets(board.snapshot)
    if not tasks:
        return {**_nothing(), "task": None, "pooling": asked.pooling or "mean"}
    task = _found(tasks, asked.task)
    pooling = asked.pooling or default_pooling(TASKS[task.name])
    key = ("agreement", pooling)
    if key not in task.remembered:
        task.remembered[key] = _compared(board, task, pooling)
    return {"task": described(task), "pooling": pooling, **task.remembered[key]}


def _nothing() -> Json:
    return {"models": [], "languages": [], "methods": [], "left_out": []}


def _found(tasks: list[Sheet], name: str) -> Sheet:
    for each in tasks:
        if name in ("", each.configuration, each.name):
            return each
    known = ", ".join(dict.fromkeys(each.name for each in tasks))
    raise NotFound(f"the board has measured no task {name[:60]}; it has {known}")


def candidates(board: Board, task: Sheet) -> list[Sheet]:
    """Of the scores that a task may be compared with, those on one build of one corpus."""
    found = comparable(board, task)
    same = ("corpus_hash", "split")
    return [
        each for each in found if all(each.parameters[k] == found[0].parameters[k] for k in same)
    ]


def _compared(board: Board, task: Sheet, pooling: str) -> Json:
    methods = []
    for sheet in candidates(board, task):
        each = {row.model: pairs(board, task, sheet, row.model, pooling) for row in task.rows}
        enough = {at: pair for at, pair in each.items() if pair and len(pair.codes) >= FEWEST}
        methods.append(Method(sheet, enough))
    kept, models, codes = _shared(methods)
    left = [view(each.sheet) for each in methods if each not in kept]
    if not kept:
        return {**_nothing(), "left_out": left}
    accuracy = np.stack([_on(kept[0].pairs[at], codes, "accuracy") for at in models])
    aligned = [
        np.stack([_on(each.pairs[at], codes, "alignment") for at in models]) for each in kept
    ]
    rows = []
    for each, values in zip(kept, aligned, strict=True):
        found = correlations(values, accuracy)
        rows.append(
            {
                "view": view(each.sheet),
                "single": is_single(each.sheet),
                "pearson": [rounded(float(r)) for r in found],
                "mean_pearson": rounded(float(found.mean())),
                "difference": None if each is kept[0] else _gap(values, aligned[0], accuracy),
            }
        )
    rows.sort(key=lambda row: -(row["mean_pearson"] if row["mean_pearson"] is not None else -2))
    return {
        "models": [identity(board.snapshot.models[at]) for at in models],
        "languages": codes,
        "methods": rows,
        "left_out": left,
    }


def _shared(methods: list[Method]) -> tuple[list[Method], list[int], list[str]]:
    """Methods, models and languages such that every method has every model and language.

    The models that have the most methods, the first method among them; then the languages that
    all share. Nothing where those are fewer than FEWEST.
    """
    nothing: tuple[list[Method], list[int], list[str]] = ([], [], [])
    if not methods:
        return nothing
    of_model = {
        at: {k for k, each in enumerate(methods) if at in each.pairs} for at in methods[0].pairs
    }
    if not of_model:
        return nothing
    most = max(of_model.values(), key=len)
    models = sorted(at for at, has in of_model.items() if has >= most)
    kept = [methods[k] for k in sorted(most)]
    codes = set.intersection(*(set(each.pairs[at].codes) for each in kept for at in models))
    return (kept, models, sorted(codes)) if len(codes) >= FEWEST else nothing


def _on(each: Pairs, codes: list[str], name: str) -> np.ndarray:
    at = {code: k for k, code in enumerate(each.codes)}
    found: np.ndarray = getattr(each, name)[[at[code] for code in codes]]
    return found


def _gap(one: np.ndarray, other: np.ndarray, accuracy: np.ndarray) -> Json | None:
    value, low, high = better_method(one, other, accuracy)
    return interval(float(value), (min(low, value), max(high, value)))
