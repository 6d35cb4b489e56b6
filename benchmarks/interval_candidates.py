"""Candidate 95 % intervals of a mean and of a max over layers, by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from benchmarks.made_up_cells import SEED
from results import interval

Limits = tuple[np.ndarray, np.ndarray]
CHOSEN = f"chosen: {interval.METHOD}"


def resamples(segments: int, size: int, draws: int) -> np.ndarray:
    """Bootstrap weights, (draws, segments), each row summing to 1."""
    rng = np.random.default_rng([SEED, segments, size])
    return rng.multinomial(size, np.full(segments, 1 / segments), size=draws) / size


def wilson(share: np.ndarray, trials: np.ndarray | float, method: str = "wilson") -> Limits:
    low, high = proportion_confint(share * trials, trials + 0 * share, alpha=0.05, method=method)
    return np.asarray(low), np.asarray(high)


def effective_size(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, variance = values.mean(axis=1), values.var(axis=1, ddof=1)
    n = values.shape[1]
    safe = np.where(variance > 0, variance, 1.0)
    return mean, np.where(variance > 0, n * mean * (1 - mean) / safe, float(n))


def mean_percentile(values: np.ndarray) -> Limits:
    n = values.shape[1]
    low, high = np.quantile(values @ resamples(n, n, 999).T, [0.025, 0.975], axis=1)
    return low, high


def mean_bootstrap_t(values: np.ndarray) -> Limits:
    n = values.shape[1]
    weights = resamples(n, n, 999)
    mean, deviation = values.mean(axis=1), values.std(axis=1, ddof=1)
    means = values @ weights.T
    variances = np.maximum(values**2 @ weights.T - means**2, 1e-6) * n / (n - 1)
    ratio = (means - mean[:, None]) / np.sqrt(variances)
    low, high = np.quantile(ratio, [0.025, 0.975], axis=1)
    return np.clip(mean - high * deviation, 0, 1), np.clip(mean - low * deviation, 0, 1)


def mean_smoothed(values: np.ndarray) -> Limits:
    """One segment that always counts and one that never does are added; t interval."""
    n = values.shape[1]
    padded = np.pad(values, ((0, 0), (0, 2)), constant_values=((0, 0), (0, 1)))
    half = student.ppf(0.975, n - 1) * padded.std(axis=1, ddof=1) / np.sqrt(n + 2)
    return np.clip(padded.mean(axis=1) - half, 0, 1), np.clip(padded.mean(axis=1) + half, 0, 1)


def mean_chosen(values: np.ndarray) -> Limits:
    limits = np.array([interval.mean_interval(row) for row in values])
    return limits[:, 0], limits[:, 1]


MEAN_METHODS: dict[str, Callable[[np.ndarray], Limits]] = {
    "percentile bootstrap": mean_percentile,
    "bootstrap-t": mean_bootstrap_t,
    "smoothed shares, t": mean_smoothed,
    "Wilson, n_eff": lambda values: wilson(*effective_size(values)),
    "Jeffreys, n_eff": lambda values: wilson(*effective_size(values), "jeffreys"),
    "Agresti-Coull, n_eff": lambda values: wilson(*effective_size(values), "agresti_coull"),
    CHOSEN: mean_chosen,
}


def top_share(hits: np.ndarray) -> np.ndarray:
    return hits.mean(axis=2).max(axis=1)


def bootstrap_maxima(hits: np.ndarray, size: int, draws: int = 200) -> np.ndarray:
    """Max over layers in each resample of `size` segments, (cells, draws)."""
    weights = resamples(hits.shape[2], size, draws).astype(np.float32).T
    chunks = np.array_split(hits, max(1, len(hits) // 100))
    return np.concatenate([(c.astype(np.float32) @ weights).max(axis=1) for c in chunks])


def max_percentile(hits: np.ndarray) -> Limits:
    low, high = np.quantile(bootstrap_maxima(hits, hits.shape[2]), [0.025, 0.975], axis=1)
    return low, high


def max_bias_corrected(hits: np.ndarray) -> Limits:
    """The bootstrap's bias taken off the top share; Wilson around what is left."""
    top = top_share(hits)
    bias = bootstrap_maxima(hits, hits.shape[2]).mean(axis=1) - top
    return wilson(np.clip(top - bias, 0, 1), hits.shape[2])


def max_m_out_of_n(hits: np.ndarray) -> Limits:
    """Basic interval from resamples of m = n^(2/3) segments, scaled by sqrt(m / n)."""
    n = hits.shape[2]
    m = round(n ** (2 / 3))
    top = top_share(hits)
    low, high = np.quantile(bootstrap_maxima(hits, m), [0.025, 0.975], axis=1) - top
    scale = np.sqrt(m / n)
    return np.clip(top - scale * high, 0, 1), np.clip(top - scale * low, 0, 1)


def max_split(hits: np.ndarray) -> Limits:
    """The layer chosen on the even segments, scored on the odd ones; Jeffreys."""
    layer = hits[:, :, ::2].sum(axis=2).argmax(axis=1)
    held_out = hits[np.arange(len(hits)), layer, 1::2]
    return wilson(held_out.mean(axis=1), held_out.shape[1], "jeffreys")


def max_union(hits: np.ndarray) -> Limits:
    """Clopper-Pearson at the top layer, its lower tail divided by the number of layers."""
    top, n = top_share(hits), hits.shape[2]
    count = np.rint(top * n)
    low = proportion_confint(count, n, alpha=0.05 / hits.shape[1], method="beta")[0]
    return np.asarray(low), wilson(top, n, "beta")[1]


def max_chosen(hits: np.ndarray) -> Limits:
    limits = np.array([interval.max_interval(cell) for cell in hits])
    return limits[:, 0], limits[:, 1]


MAX_METHODS: dict[str, Callable[[np.ndarray], Limits]] = {
    "percentile bootstrap": max_percentile,
    "bias-corrected max, Wilson": max_bias_corrected,
    "m out of n, basic": max_m_out_of_n,
    "layer from half, Jeffreys": max_split,
    "smoothed share of top layer": lambda h: wilson(top_share(h), h.shape[2], "agresti_coull"),
    "Jeffreys at top layer": lambda h: wilson(top_share(h), h.shape[2], "jeffreys"),
    "Bonferroni over all layers": max_union,
    CHOSEN: max_chosen,
}
