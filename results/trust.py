"""How well alignment predicts a measured task across languages, and how sure that is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 10
"""Languages below which no correlation is given."""
RESAMPLES = 2000
POOLED = 500
"""Resamples of all models together, one at a time: languages come with so many rows each."""
SEED = 0
FAR = 2.0
"""Standard deviations from the straight line beyond which a language is called an outlier."""
STRONG, PARTLY = 0.7, 0.4
"""Lower ends of Pearson's interval for the verdicts `predicts` and `predicts in part`."""
VERDICTS = {
    "predicts": "alignment predicts this task well across languages",
    "in part": "alignment predicts this task in part",
    "weakly": "alignment predicts this task weakly",
    "not": "no sign that alignment predicts this task here",
    "against": "accuracy falls where alignment rises: it does not predict this task here",
    "unknown": "cannot be told: too few measured languages, or they do not differ",
}


@dataclass(frozen=True)
class Correlation:
    """Pearson's and Spearman's with 95 % intervals, over n languages."""

    n: int
    pearson: tuple[float, float, float]
    spearman: tuple[float, float, float]

    @property
    def verdict(self) -> str:
        """A key of VERDICTS, by the lower end of Pearson's interval."""
        low = self.pearson[1]
        if low > STRONG:
            return "predicts"
        if low > PARTLY:
            return "in part"
        if low > 0:
            return "weakly"
        return "against" if self.pearson[2] < 0 else "not"


def correlation(alignment: np.ndarray, accuracy: np.ndarray) -> Correlation | None:
    """Over languages: two (m,) arrays; None for under FEWEST, or where one does not vary.

    Intervals are of the bootstrap over languages (percentile), as if languages were independent;
    related ones are not, so they are somewhat too narrow.
    """
    if len(alignment) < FEWEST or np.ptp(alignment) == 0 or np.ptp(accuracy) == 0:
        return None
    return Correlation(
        len(alignment),
        _with_interval(_pearson, alignment, accuracy),
        _with_interval(_spearman, alignment, accuracy),
    )


def pooled(
    alignment: Sequence[np.ndarray],
    accuracy: Sequence[np.ndarray],
    languages: Sequence[Sequence[str]],
) -> Correlation | None:
    """All models' languages in one heap, an array (m,) a model; None as `correlation`.

    Differences between models count as well. Languages are resampled with all their models.
    """
    from scipy.stats import bootstrap, rankdata

    sides = np.stack([np.concatenate(alignment), np.concatenate(accuracy)])
    if sides.shape[1] < FEWEST or np.ptp(sides, axis=1).min() == 0:
        return None
    labels = np.unique(np.concatenate(languages), return_inverse=True)[1]
    rows = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]

    def both(places: np.ndarray) -> np.ndarray:
        at = np.concatenate([rows[place] for place in places.astype(int)])
        values = sides[:, at]
        # Once a resample: scipy's pearsonr, which has a p-value too, takes seven times as long.
        with np.errstate(all="ignore"):
            found = [np.corrcoef(each)[0, 1] for each in (values, rankdata(values, axis=1))]
        return np.nan_to_num(np.array(found, dtype=float))

    ends = bootstrap(
        (np.arange(len(rows)),),
        both,
        n_resamples=POOLED,
        method="percentile",
        rng=SEED,
        vectorized=False,
    ).confidence_interval
    value = both(np.arange(len(rows)))
    pearson, spearman = (
        (float(v), float(min(low, v)), float(max(high, v)))
        for v, low, high in zip(value, ends.low, ends.high, strict=True)
    )
    return Correlation(sides.shape[1], pearson, spearman)


def outliers(alignment: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    """(m,) standardised residuals from the least-squares line; 0 for under FEWEST."""
    from scipy.stats import linregress, zscore

    if len(alignment) < FEWEST or np.ptp(alignment) == 0 or np.ptp(accuracy) == 0:
        return np.zeros(len(alignment))
    line = linregress(alignment, accuracy)
    found: np.ndarray = zscore(accuracy - (line.intercept + line.slope * alignment))
    return np.nan_to_num(found)


def better_method(one: np.ndarray, other: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    """(3,): mean over models of Pearson by one method less that by another, with 95 % interval.

    Arrays (models, m) over the same languages, resampled together.
    """
    from scipy.stats import bootstrap

    def gap(places: np.ndarray, axis: int = -1) -> np.ndarray:
        del axis
        at = places.astype(int)
        sides = [_pearson(side[:, at], accuracy[:, at]).mean(axis=0) for side in (one, other)]
        found: np.ndarray = np.nan_to_num(sides[0] - sides[1])
        return found

    places = np.arange(one.shape[1])
    ends = bootstrap(
        (places,), gap, n_resamples=RESAMPLES, method="percentile", rng=SEED, vectorized=True
    ).confidence_interval
    return np.array([float(gap(places)), ends.low, ends.high])


def correlations(one: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    """(models,) Pearson over languages, arrays (models, m); 0 where one of the two is constant."""
    return np.nan_to_num(_pearson(one, accuracy))


def _with_interval(
    act: Callable[..., np.ndarray], one: np.ndarray, other: np.ndarray
) -> tuple[float, float, float]:
    from scipy.stats import bootstrap

    found = bootstrap(
        (one, other),
        lambda a, b, axis=-1: np.nan_to_num(act(a, b, axis)),
        paired=True,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=SEED,
        vectorized=True,
    ).confidence_interval
    value = float(act(one, other))
    return value, min(float(found.low), value), max(float(found.high), value)


def _pearson(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
    from scipy.stats import ConstantInputWarning, NearConstantInputWarning, pearsonr

    with np.errstate(all="ignore"), warnings.catch_warnings():
        # A resample may hold one value only; it has no correlation, and counts as 0.
        warnings.simplefilter("ignore", ConstantInputWarning)
        warnings.simplefilter("ignore", NearConstantInputWarning)
        found: np.ndarray = pearsonr(one, other, axis=axis).statistic
    return found


def _spearman(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
    from scipy.stats import rankdata

    return _pearson(rankdata(one, axis=axis), rankdata(other, axis=axis), axis)
