"""Estimated task scores: alignment times the English score (MEXA, arXiv 2410.05873, sec. 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

Form = Literal["plain", "corrected"]
FORMS: tuple[Form, ...] = ("plain", "corrected")
LEVEL = 0.95
FEWEST = 20
"""Measured languages below which the method's own error counts as unknown; at 20 an interval holds
19 in 21."""
MODELS = 5
"""Other models below which their errors say nothing of an average of one more."""
DRAWS = 2000
SEED = 0


def estimate(
    alignment: np.ndarray, english: np.ndarray | float, guess: float, form: Form
) -> np.ndarray:
    """Accuracy that a language is expected to have, of the shape of `alignment`.

    plain: a * e, alignment times English accuracy. corrected: c + (e - c) * a, which ends at c,
    what guessing reaches (1 / answers), where nothing aligns.
    """
    found: np.ndarray
    if form == "plain":
        found = np.asarray(alignment) * english
    else:
        found = guess + (np.asarray(english) - guess) * np.asarray(alignment)
    return found


def intervals(estimates: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """(k, 2): where a measurement is expected, 95 times in 100, for (k,) estimates.

    errors: (m,), measured less estimated, of other languages. Split-conformal quantiles of them
    (Lei et al. 2018, JASA 113, sec. 2): all that went wrong there is in them, the method's own
    error, those of both factors, and of the measurement. Below 39 errors the outermost are taken,
    which hold (m - 1) / (m + 1). Within [0, 1], and widened to the estimate itself.
    """
    low, high = _quantiles(np.sort(errors))
    ends = np.stack([estimates + low, estimates + high], axis=-1)
    ends[..., 0] = np.minimum(ends[..., 0], estimates)
    ends[..., 1] = np.maximum(ends[..., 1], estimates)
    return np.clip(ends, 0, 1)


def average_interval(
    value: float, count: int, errors: Sequence[np.ndarray], *, own: bool
) -> np.ndarray | None:
    """(2,): where the average of measurements over `count` languages is expected, 95 times in 100.

    errors: measured less estimated, an array a model: the model's own, or others'. Each draw takes
    a model, its languages again with replacement, and `count` errors of those: what is not
    known of the mean error is in it.
    None for an average from the errors of fewer than MODELS other models.
    """
    if count > 1 and not own and len(errors) < MODELS:
        return None
    if count == 1:
        found: np.ndarray = intervals(np.array([value]), np.concatenate(errors))[0]
        return found
    random = np.random.default_rng(SEED)
    means = []
    for _ in range(DRAWS):
        of = errors[int(random.integers(len(errors)))]
        again = of[random.integers(len(of), size=len(of))]
        means.append(again[random.integers(len(again), size=count)].mean())
    ends = value + np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return np.clip([min(ends[0], value), max(ends[1], value)], 0, 1)


def held(estimates: np.ndarray, measured: np.ndarray, groups: Sequence[str] | range) -> np.ndarray:
    """(m,) bool: whether an interval from the errors of all other groups holds the measurement.

    groups: (m,), one label a language. Each language alone: 95 in 100 are held by construction,
    whatever the method. Families: related languages do not vouch for each other, and it can fail.
    """
    errors = measured - estimates
    labels = np.unique(groups, return_inverse=True)[1]
    inside = []
    for at in range(len(errors)):
        others = errors[labels != labels[at]]
        if not len(others):
            inside.append(False)
            continue
        low, high = intervals(estimates[at : at + 1], others)[0]
        inside.append(low <= measured[at] <= high)
    return np.array(inside, dtype=bool)


def _quantiles(ordered: np.ndarray) -> tuple[float, float]:
    m = len(ordered)
    tail = int(np.floor((m + 1) * (1 - LEVEL) / 2))
    at = max(tail - 1, 0)
    return float(ordered[at]), float(ordered[m - 1 - at])
