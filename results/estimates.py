"""Estimated task scores: alignment times the English score (MEXA, arXiv 2410.05873, sec. 3)."""

from __future__ import annotations

from typing import Literal

import numpy as np

Form = Literal["plain", "corrected"]
FORMS: tuple[Form, ...] = ("plain", "corrected")
LEVEL = 0.95
FEWEST = 20
"""Measured languages below which the method's own error counts as unknown."""
DRAWS = 2000


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


def average_interval(value: float, errors: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """(2,): as `intervals`, for the average over `count` languages.

    By averages of as many errors drawn at random, as if languages erred independently.
    """
    if count == 1:
        found: np.ndarray = intervals(np.array([value]), errors)[0]
        return found
    drawn = np.random.default_rng(seed).choice(errors, (DRAWS, count)).mean(axis=1)
    ends = value + np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return np.clip([min(ends[0], value), max(ends[1], value)], 0, 1)


def held(estimates: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """(m,) bool: whether each language's interval, from the errors of all others, holds it."""
    errors = measured - estimates
    inside = []
    for at in range(len(errors)):
        low, high = intervals(estimates[at : at + 1], np.delete(errors, at))[0]
        inside.append(low <= measured[at] <= high)
    return np.array(inside, dtype=bool)


def of_factors(alignment: np.ndarray, english: np.ndarray, guess: float, form: Form) -> np.ndarray:
    """(k, 2): from both factors' intervals alone, (k, 2) and (2,), where no error is known."""
    ends = [estimate(alignment[..., side], english[side], guess, form) for side in (0, 1)]
    return np.clip(np.sort(np.stack(ends, axis=-1), axis=-1), 0, 1)


def _quantiles(ordered: np.ndarray) -> tuple[float, float]:
    m = len(ordered)
    tail = int(np.floor((m + 1) * (1 - LEVEL) / 2))
    at = max(tail - 1, 0)
    return float(ordered[at]), float(ordered[m - 1 - at])
