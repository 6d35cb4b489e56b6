"""Whether forecasts of a board's missing scores are worth showing: errors on scores held out.

Two ways of missing. `cells`: single scores, an eighth of them at a time, of all copies of a model
together. `blocks`: whole models lose all but 10 or more of the languages that boards measure
first, and every task. A forecast is offered where it is off by less than each baseline both ways,
by a one-sided Wilcoxon signed-rank test over models (each model's mean absolute errors, paired):
scores of one model are no independent witnesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from results.estimates import FEWEST, intervals
from results.low_rank import additive, fill

Way = Literal["cells", "blocks"]
WAYS: tuple[Way, ...] = ("cells", "blocks")
BASELINES = ("language_mean", "model_mean", "both_effects")
FOLDS = 8
OWN = 10
"""Scores of a model below which nothing is forecast for it."""
LEVEL = 0.05
LOCAL = 100
"""Held-out errors that a group of about equal forecasts has at least."""
GROUPS = 5
SEED = 0


@dataclass(frozen=True)
class Check:
    """What was found in one part of a table, with one way of missing.

    error, baselines: means over models of mean absolute errors. p: the largest of the tests'.
    coverage: share of held-out scores that an interval from the other folds' errors holds.
    """

    way: Way
    models: int
    scores: int
    error: float
    baselines: dict[str, float]
    p: float
    coverage: float
    width: float
    expected: np.ndarray = field(repr=False)
    """(scores,) held-out forecasts."""
    errors: np.ndarray = field(repr=False)
    """(scores,) measured less forecast."""

    @property
    def better(self) -> bool:
        """Whether the forecast is nearer than every baseline, clearly."""
        return self.p < LEVEL and all(self.error < other for other in self.baselines.values())

    @property
    def nearest(self) -> str:
        """The baseline that is off least."""
        return min(self.baselines, key=lambda name: self.baselines[name])


def expect(values: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """The forecast of every cell: `low_rank.fill` from both effects, each part's own.

    values: (rows, columns), NaN where missing. parts: (columns,), which kind of score each is.
    """
    return fill(values, _by_part(values, parts, additive))


def baselines(values: np.ndarray, parts: np.ndarray) -> dict[str, np.ndarray]:
    """Language mean, model mean, and both effects, each (rows, columns), within a part."""
    found = {
        "language_mean": _by_part(values, parts, lambda own: _means(own, 0)),
        "model_mean": _by_part(values, parts, lambda own: _means(own, 1)),
        "both_effects": np.clip(_by_part(values, parts, additive), 0, 1),
    }
    return {name: found[name] for name in BASELINES}


def check(
    values: np.ndarray, parts: np.ndarray, groups: Sequence[str], first: np.ndarray, way: Way
) -> dict[int, Check]:
    """By part, what held-out scores say; a part without any is left out.

    groups: (rows,), one label a model: its copies in other weights are no other model. first:
    (columns,) bool, what boards measure first.
    """
    labels = np.unique(np.asarray(groups), return_inverse=True)[1]
    found: dict[int, list[tuple[np.ndarray, ...]]] = {int(part): [] for part in np.unique(parts)}
    hides = _cells(values, labels) if way == "cells" else _blocks(values, labels, first)
    for fold, hidden in enumerate(hides):
        train = np.where(hidden, np.nan, values)
        guesses = np.stack([expect(train, parts), *baselines(train, parts).values()])
        for part, kept in found.items():
            row, column = np.nonzero(hidden & (parts == part))
            truth = values[row, column]
            kept.append((np.full(len(row), fold), labels[row], truth, guesses[:, row, column]))
    checks = {}
    for part, kept in found.items():
        folds, rows, truth = (np.concatenate([each[k] for each in kept]) for k in range(3))
        if len(truth) > FEWEST:
            checks[part] = _judged(way, folds, rows, truth, np.hstack([e[3] for e in kept]))
    return checks


def ends(values: np.ndarray, expected: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """(k, 2): where measurements of (k,) forecasts are expected, 95 times in 100.

    expected, errors: (m,), held-out forecasts and what they were off by. Split-conformal quantiles
    (`estimates.intervals`) of the errors of about equal forecasts (Mondrian groups, Vovk et al.
    2005, sec. 4.5): a forecast near 0 is off by less than one of 0.4.
    """
    count = max(1, min(GROUPS, len(expected) // LOCAL))
    cuts = np.quantile(expected, np.arange(1, count) / count)
    own, asked = np.searchsorted(cuts, expected, "right"), np.searchsorted(cuts, values, "right")
    found = np.empty((len(values), 2))
    for group in np.unique(asked):
        near = errors[own == group]
        # Many equal forecasts can leave a group too small to say anything.
        found[asked == group] = intervals(
            values[asked == group], near if len(near) > FEWEST else errors
        )
    return found


def _judged(
    way: Way, folds: np.ndarray, rows: np.ndarray, truth: np.ndarray, guesses: np.ndarray
) -> Check:
    models = np.unique(rows)
    off = np.abs(guesses - truth)
    by_model = np.stack([off[:, rows == model].mean(axis=1) for model in models], axis=1)
    expected, errors = guesses[0], truth - guesses[0]
    held, width = np.empty(len(truth), dtype=bool), np.empty(len(truth))
    for fold in np.unique(folds):
        mine = folds == fold
        others = ~mine if (~mine).any() else mine
        low, high = ends(expected[mine], expected[others], errors[others]).T
        held[mine] = (low <= truth[mine]) & (truth[mine] <= high)
        width[mine] = high - low
    return Check(
        way=way,
        models=len(models),
        scores=len(truth),
        error=float(by_model[0].mean()),
        baselines=dict(zip(BASELINES, by_model[1:].mean(axis=1).tolist(), strict=True)),
        p=max(_less(by_model[0], other) for other in by_model[1:]),
        coverage=float(held.mean()),
        width=float(width.mean()),
        expected=expected,
        errors=errors,
    )


def _less(one: np.ndarray, other: np.ndarray) -> float:
    """p of one-sided Wilcoxon: are these errors smaller?"""
    # The web process starts without it.
    from scipy.stats import wilcoxon

    gap = one - other
    return float(wilcoxon(gap, alternative="less").pvalue) if np.any(gap) else 1.0


def _cells(values: np.ndarray, labels: np.ndarray) -> Iterator[np.ndarray]:
    """A fold at a time, which measured cells are hidden; copies of a model are hidden together."""
    shape = (labels.max() + 1, values.shape[1])
    fold = np.random.default_rng(SEED).integers(FOLDS, size=shape)[labels]
    for at in range(FOLDS):
        yield (fold == at) & ~np.isnan(values)


def _blocks(values: np.ndarray, labels: np.ndarray, first: np.ndarray) -> Iterator[np.ndarray]:
    """A fold at a time: each of its models keeps 10 to all of what boards measure first."""
    random = np.random.default_rng(SEED)
    count = int(labels.max()) + 1
    fold = random.permutation(count) % FOLDS
    places = np.nonzero(first)[0]
    kept = np.zeros((count, values.shape[1]), dtype=bool)
    for model in range(count):
        some = random.integers(min(OWN, len(places)), len(places) + 1)
        kept[model, random.permutation(places)[:some]] = True
    for at in range(FOLDS):
        hidden = (fold[labels] == at)[:, None] & ~kept[labels] & ~np.isnan(values)
        # A model of which too little would be left is not one that anything is forecast for.
        yield hidden & (((~np.isnan(values) & ~hidden).sum(axis=1) >= OWN)[:, None])


def _by_part(values: np.ndarray, parts: np.ndarray, make) -> np.ndarray:  # type: ignore[no-untyped-def]  # noqa: ANN001
    found = np.empty(values.shape)
    for part in np.unique(parts):
        found[:, parts == part] = make(values[:, parts == part])
    return found


def _means(values: np.ndarray, axis: int) -> np.ndarray:
    """Means along an axis, of the shape of `values`; the grand mean where nothing is."""
    seen = ~np.isnan(values)
    grand = values[seen].mean() if seen.any() else 0.0
    total, count = (
        np.where(seen, values, 0.0).sum(axis, keepdims=True),
        seen.sum(axis, keepdims=True),
    )
    found: np.ndarray = np.where(count, total / np.maximum(count, 1), grand)
    return np.broadcast_to(found, values.shape)
