"""Coverage of intervals for a model's average of max-pooled scores, by simulation.

`python -m benchmarks.max_averages`. Hits as in benchmarks.intervals: latent correlation rs between
languages and rl between the layers of one language; the truth, the average over 40 languages of
the largest true share of a layer, is known. All methods hold the reported value.
"""

from __future__ import annotations

import itertools
import sys
import time

import numpy as np
import pandas as pd
import typer
from scipy.special import ndtri

from benchmarks.interval_candidates import Limits
from benchmarks.intervals import BAND, LANGUAGES, MIXES, measure
from benchmarks.made_up_cells import SEED, profile
from results.interval import mean_intervals
from results.peaks import average_max_interval, peaks

KINDS = ("bump", "flat", "spike")
SIZES = ((19, 50), (31, 100))
CORRELATIONS = ((0.2, 0.5), (0.4, 0.8), (0.6, 0.8))
CHOSEN = "chosen: cross-fitted low, best high"


def layered(rng: np.random.Generator, cells: np.ndarray, within: float, layers: int) -> np.ndarray:
    """Latent values, float32 (languages, layers, n): `cells` (languages, n), of variance `within`,
    with independent noise for each layer up to variance 1."""
    noise = rng.standard_normal((len(cells), layers, cells.shape[1]), dtype=np.float32)
    noise *= np.float32((1 - within) ** 0.5)
    noise += cells[:, None, :].astype(np.float32)
    return noise


def cuts(kind: str, layers: int, languages: np.ndarray) -> np.ndarray:
    """Where a latent value counts, float32 (languages, layers, 1), for the languages' peaks."""
    shares = np.array([profile(kind, layers, peak) for peak in languages])
    return ndtri(shares).astype(np.float32)[:, :, None]


def methods(best: np.ndarray, crossfit: np.ndarray) -> dict[str, Limits]:
    naive, held_out = mean_intervals(best), mean_intervals(crossfit)
    chosen = average_max_interval(best, crossfit)
    return {
        "best layer alone": (naive[:, 0], naive[:, 1]),
        "cross-fitted alone": (held_out[:, 0], held_out[:, 1]),
        CHOSEN: (chosen[:, 0], chosen[:, 1]),
    }


def run(models: int, quick: bool) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    grid = list(itertools.product(KINDS, MIXES))
    for (layers, n), (across, within) in itertools.product(SIZES, CORRELATIONS):
        if quick and (n, across) != (50, 0.4):
            continue
        rng = np.random.default_rng([SEED, layers, n, round(1000 * across), round(1000 * within)])
        levels = [np.resize(MIXES[mix], LANGUAGES) for _, mix in grid]
        limits = [cuts(kind, layers, p) for (kind, _), p in zip(grid, levels, strict=True)]
        values = np.empty((len(grid), 2, models, n))
        for model in range(models):
            cells = across**0.5 * rng.standard_normal(n)
            cells = cells + (within - across) ** 0.5 * rng.standard_normal((LANGUAGES, n))
            latent = layered(rng, cells, within, layers)
            for k, limit in enumerate(limits):
                for which, hits in enumerate(peaks(latent < limit)):
                    values[k, which, model] = hits.mean(axis=0)
        for (kind, mix), level, (best, crossfit) in zip(grid, levels, values, strict=True):
            truth, point = float(level.mean()), best.mean(axis=1)
            for method, found in methods(best, crossfit).items():
                rows.append(
                    {
                        "profile": kind,
                        "layers": layers,
                        "segments": n,
                        "correlation": f"{across}/{within}",
                        "method": method,
                        "column": mix,
                        "low_misses": 100 * float((np.fmin(found[0], point) > truth).mean()),
                        "high_misses": 100 * float((np.fmax(found[1], point) < truth).mean()),
                        "best": 100 * (float(best.mean()) - truth),
                        "crossfit": 100 * (float(crossfit.mean()) - truth),
                        **measure(found, point, truth),
                    }
                )
    return pd.DataFrame(rows)


def main(
    models: int = typer.Option(1000, min=2, help="Simulated models a setting."),
    quick: bool = typer.Option(False, help="One setting a profile and 20 models, for tests."),
) -> None:
    """Print coverage % and mean width (in points of 100) in each setting."""
    started = time.perf_counter()
    models = min(models, 20) if quick else models
    print(__doc__)
    print(f"{models} models a setting, seed {SEED}; at least {BAND[0]:g} % wanted.")
    print(f"Binomial error of 95 %: {100 * (0.95 * 0.05 / models) ** 0.5:.1f} points.")
    print("Correlation is rs/rl; columns: range of the languages' peaks.")
    print(" ".join((profile.__doc__ or "").split()))
    frame = run(models, quick)
    index = ["profile", "layers", "segments", "correlation", "method"]
    text = frame.coverage.map("{:.1f}".format) + "/" + frame.width.map("{:.1f}".format)
    table = frame.assign(cell=text).set_index([*index, "column"]).cell
    print("\nCoverage % / mean width, by peaks\n")
    print(table.unstack("column", sort=False).reset_index().to_string(index=False))
    print("\nAll settings: coverage, misses on either side, and bias of the two means (points)\n")
    summary = frame.groupby(["profile", "method"], sort=False).agg(
        settings=("coverage", "size"),
        under=("coverage", lambda c: int((c < BAND[0]).sum())),
        over=("coverage", lambda c: int((c > BAND[1]).sum())),
        least=("coverage", "min"),
        most=("coverage", "max"),
        width=("width", "mean"),
        low_misses=("low_misses", "mean"),
        high_misses=("high_misses", "mean"),
        best_bias=("best", "mean"),
        crossfit_bias=("crossfit", "mean"),
    )
    print(summary.round(1).reset_index().to_string(index=False))
    chosen = frame[frame.method == CHOSEN]
    under, over = (chosen.coverage < BAND[0]).sum(), (chosen.coverage > BAND[1]).sum()
    print(f"\nChosen method under {BAND[0]:g} %: {under} of {len(chosen)} settings;", end=" ")
    print(f"over {BAND[1]:g} %: {over} of {len(chosen)}; least {chosen.coverage.min():.1f} %")
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    typer.run(main)
