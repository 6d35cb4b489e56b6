"""Made-up tables of scores: what models and languages have in common is known."""

from __future__ import annotations

import numpy as np

from results.forecast import ALIGNMENT, Forecast, Part, Table
from results.language_sets import CORE


def scores(models: int, columns: int, traits: int, seed: int = 0) -> np.ndarray:
    """(models, columns) in [0, 1]: a strength and an ease, and `traits` that not all models have.

    Without traits both effects are added, which nothing of higher rank can do better.
    """
    random = np.random.default_rng(seed)
    strength, ease = random.normal(0, 1, (models, 1)), random.normal(0, 1, (1, columns))
    if traits:
        alike = random.normal(0, 0.9, (models, traits)) @ random.normal(0, 1, (traits, columns))
        true = 1 / (1 + np.exp(1.2 - 0.8 * strength - 1.2 * ease - alike))
    else:
        true = 0.4 + 0.1 * strength + 0.12 * ease
    found: np.ndarray = np.clip(true + random.normal(0, 0.03, true.shape), 0, 1)
    return found


def languages(count: int) -> list[str]:
    """The core ones first, then made-up codes."""
    return [*CORE, *(f"q{chr(97 + k // 26)}{chr(97 + k % 26)}_Latn" for k in range(count))][:count]


def table(values: np.ndarray) -> Table:
    """A table of alignment alone, a model a row."""
    rows, columns = values.shape
    names = [f"org/model-{row}" for row in range(rows)]
    return Table(values, names, languages(columns), [ALIGNMENT] * columns)


def guessed(of: Table) -> Forecast:
    """What `work_out` might find, without its work: half of everything, all of it offered."""
    missing = np.isnan(of.values)
    value, low, high = (np.where(missing, share, np.nan) for share in (0.5, 0.4, 0.7))
    means = dict.fromkeys(("language_mean", "model_mean", "both_effects"), 0.2)
    found = {"models": 24, "scores": 700, "error": 0.05, "baselines": means, "p": 0.01}
    found |= {"coverage": 0.95, "width": 0.3}
    checks = [{"way": way, **found} for way in ("cells", "blocks")]
    parts = [Part(part, None, checks) for part in dict.fromkeys(of.parts)]
    return Forecast(parts, value, low, high, missing)
