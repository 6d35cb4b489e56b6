"""Filling a table of scores by a low-rank model: what models are alike in says what is missing.

EmbedLLM (arXiv 2410.02223) factors a table of models by questions; this one factors models by
languages and tasks. The factors are those of probabilistic PCA (Tipping and Bishop 1999, J. R.
Statist. Soc. B 61, sec. 3), fitted where cells are missing as in Ilin and Raiko 2010 (JMLR 11,
sec. 3): each model's factors come from its measured scores alone, shrunk by the noise.
"""

from __future__ import annotations

import numpy as np

RANKS = (1, 2, 3, 4)
"""Numbers of factors that are tried."""
HIDDEN = 0.1
"""Share of the measured scores that chooses among them."""
STEPS = 30
NEAR = 5e-4
"""Largest change of a filled score at which it is settled."""
SEED = 0


def additive(values: np.ndarray) -> np.ndarray:
    """Both effects: grand mean + model effect + language effect, (rows, columns), no NaN.

    values: (rows, columns), NaN where nothing was measured. Effects are least squares over what
    was measured; a row or column without anything has the effect 0.
    """
    seen = ~np.isnan(values)
    if not seen.any():
        return np.zeros(values.shape)
    grand = float(values[seen].mean())
    left = np.where(seen, values - grand, 0.0)
    by_row, by_column = np.maximum(seen.sum(axis=1), 1), np.maximum(seen.sum(axis=0), 1)
    row, column = np.zeros(len(values)), np.zeros(values.shape[1])
    for _ in range(STEPS):
        before = row
        row = np.where(seen, left - column, 0.0).sum(axis=1) / by_row
        column = np.where(seen, left - row[:, None], 0.0).sum(axis=0) / by_column
        if np.abs(row - before).max() < NEAR:
            break
    found: np.ndarray = grand + row[:, None] + column
    return found


def fill(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    """What the low-rank model expects of every cell, (rows, columns) within [0, 1].

    values: (rows, columns) in [0, 1], NaN where nothing was measured, two rows at least. start:
    the same shape without NaN, what missing cells begin with. The rank rises through RANKS while
    the mean absolute error on a tenth of the measured scores falls.
    """
    hidden = np.random.default_rng(SEED).random(values.shape) < HIDDEN
    hidden &= ~np.isnan(values)
    largest = min(values.shape) - 1
    if not hidden.any():
        return factored(values, start, min(RANKS[0], largest))
    rank, least, best = 0, np.inf, start
    train, expected = np.where(hidden, np.nan, values), start
    for more in (each for each in RANKS if each <= largest):
        expected = factored(train, expected, more)
        off = np.abs(expected - values)[hidden].mean()
        if off >= least:
            break
        rank, least, best = more, off, expected
    return factored(values, best, rank)


def factored(values: np.ndarray, start: np.ndarray, rank: int) -> np.ndarray:
    """`fill` with so many factors: x = m + W z + noise, z ~ N(0, 1), W (columns, rank)."""
    # Here: importing it takes seconds and the web process does not need it.
    from sklearn.decomposition import PCA

    seen = ~np.isnan(values)
    known = np.where(seen, values, 0.0)
    filled = np.where(seen, values, start)
    expected = start
    if not rank:
        return np.clip(expected, 0, 1)
    for _ in range(STEPS):
        pca = PCA(rank, random_state=SEED).fit(filled)
        noise = _noise(
            np.where(seen, values - pca.inverse_transform(pca.transform(filled)), 0.0), seen, rank
        )
        scale = np.sqrt(np.maximum(pca.explained_variance_ - noise, 0.0))
        loadings = pca.components_.T * scale
        # Each row's own normal equations, over the columns that it was measured in.
        squares = (loadings[:, :, None] * loadings[:, None, :]).reshape(len(loadings), -1)
        left = (seen @ squares).reshape(-1, rank, rank) + noise * np.eye(rank)
        right = np.where(seen, known - pca.mean_, 0.0) @ loadings
        factors = np.linalg.solve(left, right[:, :, None])[:, :, 0]
        expected = pca.mean_ + factors @ loadings.T
        moved = np.abs(expected - filled)[~seen].max(initial=0.0)
        filled = np.where(seen, values, expected)
        if moved < NEAR:
            break
    return np.clip(expected, 0, 1)


def _noise(residuals: np.ndarray, seen: np.ndarray, rank: int) -> float:
    """Variance of what the factors leave of the measured scores, less their degrees of freedom."""
    rows, columns = seen.shape
    spent = columns + rank * (rows + columns - rank - 1)
    count = int(seen.sum())
    return float((residuals**2).sum() / max(count - spent, count / 4, 1)) + 1e-8
