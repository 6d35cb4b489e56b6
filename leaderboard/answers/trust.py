"""How well alignment predicted measured tasks on this board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leaderboard.answers.common import (
    Json,
    NotFound,
    identity,
    interval,
    language,
    numbers,
    rounded,
    view,
)
from leaderboard.answers.task_views import (
    GUESS,
    Pairs,
    alignments,
    default_pooling,
    described,
    pairs,
    task_sheets,
)
from leaderboard.answers.views import method_of
from results.estimates import FEWEST, FORMS, Form, held, intervals
from results.sheet import Sheet
from results.tasks import TASKS
from results.trust import FAR, VERDICTS, Correlation, better_method, correlation, outliers, pooled
from results.trust import FEWEST as FEW

if TYPE_CHECKING:
    from leaderboard.asked import TrustAsked
    from leaderboard.board import Board

POOLINGS = ("mean", "max")
USUAL = ("weighted-mean", "last-token")
"""Embedding methods that are always compared."""
PUBLISHED = 0.90
"""Mean Pearson over models, tasks and corpora in the paper's abstract."""


def answer(board: Board, asked: TrustAsked) -> Json:
    """A task against alignment across languages, for every view and layer pooling, and each model.

    Correlations have bootstrap intervals over languages. Errors are measured less estimated;
    coverage is how often an interval made without a language held it. One method, the default or
    the one asked for, comes with its points.
    """
    tasks = task_sheets(board.snapshot)
    if not tasks:
        return {
            "tasks": [],
            "task": None,
            "methods": [],
            "view": None,
            "points": [],
            "paper": PUBLISHED,
        }
    task = _found(tasks, asked.task)
    found = {
        (sheet.configuration, pooling): _remembered(board, task, sheet, pooling)
        for sheet in _shown(alignments(board, task), asked.view)
        for pooling in POOLINGS
    }
    methods = [method for method, _ in found.values()]
    chosen = _chosen(task, methods, asked)
    points = found[chosen["view"]["view"], chosen["pooling"]][1] if chosen else {}
    return {
        "tasks": [described(each) for each in tasks],
        "task": described(task),
        "methods": methods,
        "view": chosen["view"] if chosen else None,
        "pooling": chosen["pooling"] if chosen else None,
        "best": _best(methods, {key: each for key, (_, each) in found.items()}),
        "points": [row for model, each in points.items() for row in _points(board, model, each)],
        "verdicts": VERDICTS,
        "paper": PUBLISHED,
    }


def _shown(views: list[Sheet], asked: str) -> list[Sheet]:
    """Views by the usual embedding methods, the first where none is, and the one asked for.

    Bootstraps take tenths of a second a view and model: `trust_methods` compares all of them.
    """
    usual = [each for each in views if method_of(each) in USUAL] or views[:1]
    return [
        each for each in views if any(each is one for one in usual) or each.configuration == asked
    ]


def _found(tasks: list[Sheet], name: str) -> Sheet:
    for each in tasks:
        if name in ("", each.configuration, each.name):
            return each
    known = ", ".join(dict.fromkeys(each.name for each in tasks))
    raise NotFound(f"the board has measured no task {name[:60]}; it has {known}")


def _chosen(task: Sheet, methods: list[Json], asked: TrustAsked) -> Json | None:
    pooling = asked.pooling or default_pooling(TASKS[task.name])
    for method in methods:
        if asked.view in ("", method["view"]["view"]) and method["pooling"] == pooling:
            return method
    if asked.view:
        raise NotFound(f"{described(task)['label']} is not compared with the view {asked.view}")
    return None


def _remembered(
    board: Board, task: Sheet, sheet: Sheet, pooling: str
) -> tuple[Json, dict[int, Pairs]]:
    """`_method`, worked out once a snapshot: its bootstraps take tenths of a second a model."""
    key = (sheet.configuration, pooling)
    if key not in task.remembered:
        task.remembered[key] = _method(board, task, sheet, pooling)
    found: tuple[Json, dict[int, Pairs]] = task.remembered[key]
    return found


def _method(board: Board, task: Sheet, sheet: Sheet, pooling: str) -> tuple[Json, dict[int, Pairs]]:
    """A view and layer pooling: what it says of each model, and the pairs of each."""
    both: dict[int, Pairs] = {}
    for row in task.rows:
        each = pairs(board, task, sheet, row.model, pooling)
        if each and each.codes:
            both[row.model] = each
    models = []
    for place, each in both.items():
        models.append({**identity(board.snapshot.models[place]), **_judged(each)})
    known = [m["pearson"]["value"] for m in models if m["pearson"]]
    method = {
        "view": view(sheet),
        "pooling": pooling,
        "models": models,
        "mean_pearson": rounded(float(np.mean(known))) if known else None,
        "pooled": _pooled(list(both.values())) if len(both) > 1 else None,
    }
    return method, both


def _judged(each: Pairs) -> Json:
    found = correlation(each.alignment, each.accuracy)
    return {
        **_written(found, len(each.codes)),
        "english": rounded(each.english),
        "forms": {form: _errors(each, form) for form in FORMS},
        "constant": _constant(each.accuracy),
    }


def _written(found: Correlation | None, n: int) -> Json:
    if found is None:
        return {"n": n, "pearson": None, "spearman": None, "verdict": "unknown"}
    return {
        "n": found.n,
        "pearson": interval(found.pearson[0], found.pearson[1:]),
        "spearman": interval(found.spearman[0], found.spearman[1:]),
        "verdict": found.verdict,
    }


def _errors(each: Pairs, form: Form) -> Json | None:
    """Mean absolute error, mean error, and of how many languages an interval held the measurement.

    held: made without the language; by construction about 95 in 100. held_family: made without
    its whole family, which can fail. Both None where too few are left to make an interval from.
    """
    errors = each.errors(form)
    if np.isnan(errors).any() or len(errors) < 2:
        return None
    found: Json = {"held": None, "held_family": None, "width": None}
    if len(errors) > FEWEST:
        estimates = each.estimates(form)
        families = [language(code)["family"] or code for code in each.codes]
        ends = intervals(estimates, errors)
        found = {
            "held": int(held(estimates, each.accuracy, each.codes).sum()),
            "held_family": int(held(estimates, each.accuracy, families).sum()),
            "width": rounded(float((ends[:, 1] - ends[:, 0]).mean())),
        }
    sizes = {"mae": rounded(float(np.abs(errors).mean())), "bias": rounded(float(errors.mean()))}
    return {**sizes, **found, "of": len(errors)}


def _constant(accuracy: np.ndarray) -> float | None:
    """Mean absolute error of guessing, for each language, the mean of all others."""
    m = len(accuracy)
    if m < 2:
        return None
    others = (accuracy.sum() - accuracy) / (m - 1)
    return rounded(float(np.abs(accuracy - others).mean()))


def _pooled(each: list[Pairs]) -> Json:
    """All models' languages in one heap: differences between models count as well."""
    parts = [[getattr(one, name) for one in each] for name in ("alignment", "accuracy", "codes")]
    found = pooled(*parts)
    return {**_written(found, sum(len(one.codes) for one in each)), "verdict": None}


def _best(methods: list[Json], found: dict[tuple[str, str], dict[int, Pairs]]) -> Json | None:
    """The method of largest mean Pearson over the models that all methods can judge, and whether
    it is clearly ahead of the next.
    """
    known = {
        (m["view"]["view"], m["pooling"]): {each["model"]: each["pearson"] for each in m["models"]}
        for m in methods
    }
    judged = {k: {name for name, r in each.items() if r} for k, each in known.items()}
    able = [k for k, names in judged.items() if names]
    if not able:
        return None
    common = set.intersection(*(judged[k] for k in able))
    if not common:
        return None
    means = {k: float(np.mean([known[k][name]["value"] for name in common])) for k in able}
    order = sorted(able, key=lambda k: -means[k])
    views = {k: m["view"] for m in methods for k in [(m["view"]["view"], m["pooling"])]}
    first = {"view": views[order[0]], "pooling": order[0][1], "models": len(common)}
    if len(order) == 1:
        return {**first, "ahead_of": None, "gap": None}
    second = {"view": views[order[1]], "pooling": order[1][1]}
    return {**first, "ahead_of": second, "gap": _gap([found[k] for k in order[:2]])}


def _gap(sides: list[dict[int, Pairs]]) -> Json | None:
    """Of two methods, over the languages that all models have in both."""
    models = sorted(m for m in set(sides[0]) & set(sides[1]) if len(sides[0][m].codes) >= FEW)
    if not models:
        return None
    shared = sorted(set.intersection(*(set(s[m].codes) for s in sides for m in models)))
    if len(shared) < FEW:
        return None
    one, other = (np.stack([_on(side[m], shared, "alignment") for m in models]) for side in sides)
    accuracy = np.stack([_on(sides[0][m], shared, "accuracy") for m in models])
    value, low, high = better_method(one, other, accuracy)
    return interval(float(value), (low, high))


def _on(each: Pairs, codes: list[str], name: str) -> np.ndarray:
    at = {code: k for k, code in enumerate(each.codes)}
    found: np.ndarray = getattr(each, name)[[at[code] for code in codes]]
    return found


def _points(board: Board, model: int, each: Pairs) -> list[Json]:
    """A row a language: alignment, accuracy, both estimates with intervals, the residual."""
    far = outliers(each.alignment, each.accuracy)
    key = identity(board.snapshot.models[model])
    rows = []
    columns = {}
    for form in FORMS:
        values = each.estimates(form)
        if np.isnan(values).any() or len(values) <= FEWEST:
            columns[form] = [interval(value, None) for value in values]
            continue
        ends = [
            intervals(values[k : k + 1], np.delete(each.errors(form), k))[0]
            for k in range(len(values))
        ]
        columns[form] = [interval(v, e) for v, e in zip(values, ends, strict=True)]
    for k, code in enumerate(each.codes):
        facts = language(code)
        names = ("language", "name", "autonym", "direction", "family", "script")
        rows.append(
            {
                **{name: facts[name] for name in names},
                "model": key["model"],
                "model_name": key["name"],
                "alignment": numbers(each.alignment[k : k + 1])[0],
                "accuracy": numbers(each.accuracy[k : k + 1])[0],
                "guess": GUESS,
                **{form: columns[form][k] for form in FORMS},
                "residual": rounded(float(far[k])),
                "outlier": bool(abs(far[k]) > FAR),
            }
        )
    return rows
