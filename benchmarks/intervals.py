"""Coverage and width of candidate 95 % intervals, by simulation. `python -m benchmarks.intervals`

Hits come from a Gaussian copula. Cell: layer l of segment i counts when
`sqrt(rho) a_i + sqrt(1 - rho) e_il < Phi^-1(p_l)`, a and e standard normal, so every two layers
of a segment have latent correlation rho (their phi coefficient is lower, most so at small p).
Model: `sqrt(rs) a_i + sqrt(rl - rs) b_ij + sqrt(1 - rl) e_ijl`, so latent correlation is rs
between languages j and rl between the layers of one language. Truth is known from p.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import typer
from scipy.special import ndtri
from scipy.stats import t as student
from statsmodels.stats.proportion import proportion_confint

from results import interval

SEED = 20410
PEAKS = (0.02, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9)
BAND = (93.0, 97.0)
LANGUAGES = 40
MIXES = {
    "all 0.02": (0.02,),
    "0.02-0.1": (0.02, 0.05, 0.1),
    "0.02-0.9": PEAKS,
    "0.5-0.9": (0.5, 0.7, 0.9),
}
Limits = tuple[np.ndarray, np.ndarray]
CHOSEN = f"chosen: {interval.METHOD}"


@dataclass(frozen=True)
class Setting:
    score: str
    profile: str
    layers: int
    segments: int
    correlation: str


def profile(kind: str, layers: int, peak: float) -> np.ndarray:
    """True shares, (layers,). bump: Gaussian of width 0.2 of the depth, centred at 0.6 of it;
    flat: every layer at the peak; spike: one layer at the peak, the rest at a tenth of it."""
    if kind == "flat":
        return np.full(layers, peak)
    if kind == "spike":
        shares = np.full(layers, peak / 10)
        shares[layers // 2] = peak
        return shares
    depth = np.linspace(0, 1, layers)
    bump = np.exp(-0.5 * ((depth - 0.6) / 0.2) ** 2)
    return peak * bump / bump.max()


def simulate_cells(
    rng: np.random.Generator, shares: np.ndarray, segments: int, rho: float, cells: int
) -> np.ndarray:
    """Hits, bool (cells, layers, segments)."""
    shared = rng.standard_normal((cells, 1, segments), dtype=np.float32)
    own = rng.standard_normal((cells, len(shares), segments), dtype=np.float32)
    latent = np.float32(rho**0.5) * shared + np.float32((1 - rho) ** 0.5) * own
    return latent < ndtri(shares).astype(np.float32)[:, None]


def simulate_models(
    rng: np.random.Generator,
    shares: list[np.ndarray],
    segments: int,
    across: float,
    within: float,
    models: int,
) -> np.ndarray:
    """Z, (mixes, models, segments), for shares of shape (languages, layers), one array a mix."""
    cuts = [ndtri(mix).astype(np.float32)[:, :, None] for mix in shares]
    languages, layers = shares[0].shape
    out = np.empty((len(shares), models, segments))
    for m in range(models):
        latent = rng.standard_normal((languages, layers, segments), dtype=np.float32)
        latent *= np.float32((1 - within) ** 0.5)
        language = rng.standard_normal((languages, 1, segments), dtype=np.float32)
        common = rng.standard_normal(segments, dtype=np.float32)
        latent += np.float32((within - across) ** 0.5) * language
        latent += np.float32(across**0.5) * common
        for k, cut in enumerate(cuts):
            out[k, m] = (latent < cut).mean(axis=(0, 1))
    return out


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


def measure(limits: Limits, point: np.ndarray, truth: float) -> dict[str, float]:
    """Coverage and mean width in %, after the interval is extended to hold the point score."""
    low, high = np.fmin(limits[0], point), np.fmax(limits[1], point)
    covered = (low <= truth + 1e-12) & (truth <= high + 1e-12)
    width = high - low
    return {
        "coverage": 100 * float(covered.mean()),
        "width": 100 * float(width.mean()),
        "zero": 100 * float((width <= 0).mean()),
    }


def run_cells(cells: int, quick: bool) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for kind_index, kind in enumerate(("bump", "flat", "spike")):
        for layers in (19, 31):
            for segments in (50, 100):
                for rho in (0.5, 0.8):
                    # the spike is a stress test of max alone, worst where layers agree least
                    if kind == "spike" and (layers, rho) != (31, 0.5):
                        continue
                    if quick and (layers, segments, rho) != (31, 50, 0.5):
                        continue
                    for peak in PEAKS:
                        entropy = [SEED, kind_index, layers, segments, *_milli(rho, peak)]
                        shares = profile(kind, layers, peak)
                        hits = simulate_cells(
                            np.random.default_rng(entropy), shares, segments, rho, cells
                        )
                        tops, values = top_share(hits), hits.mean(axis=1)
                        for score, methods, data, point, truth in (
                            ("mean", MEAN_METHODS, values, values.mean(axis=1), shares.mean()),
                            ("max", MAX_METHODS, hits, tops, shares.max()),
                        ):
                            if score == "mean" and kind == "spike":
                                continue
                            setting = Setting(score, kind, layers, segments, f"{rho}")
                            for name, method in methods.items():
                                found = measure(method(data), point, float(truth))
                                rows.append(
                                    {**vars(setting), "method": name, "column": f"{peak}", **found}
                                )
    return rows


def run_models(models: int, quick: bool) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for layers, segments in ((19, 50), (31, 100)):
        for across, within in ((0.2, 0.5), (0.4, 0.8), (0.6, 0.8)):
            if quick and (segments, across) != (50, 0.4):
                continue
            shares = [
                np.array([profile("bump", layers, p) for p in np.resize(peaks, LANGUAGES)])
                for peaks in MIXES.values()
            ]
            entropy = [SEED, layers, segments, *_milli(across, within)]
            rng = np.random.default_rng(entropy)
            values = simulate_models(rng, shares, segments, across, within, models)
            setting = Setting("model", "bump", layers, segments, f"{across}/{within}")
            for mix, true, data in zip(MIXES, shares, values, strict=True):
                for name, method in MEAN_METHODS.items():
                    found = measure(method(data), data.mean(axis=1), float(true.mean()))
                    rows.append({**vars(setting), "method": name, "column": mix, **found})
    return rows


def _milli(*numbers: float) -> list[int]:
    return [round(1000 * number) for number in numbers]


def summarise(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a score and method: settings in, under and over the band, extremes, widths."""
    frame = frame.assign(
        inside=frame.coverage.between(*BAND),
        under=frame.coverage < BAND[0],
        over=frame.coverage > BAND[1],
    )
    return frame.groupby(["score", "method"], sort=False).agg(
        settings=("coverage", "size"),
        inside=("inside", "sum"),
        under=("under", "sum"),
        over=("over", "sum"),
        least=("coverage", "min"),
        most=("coverage", "max"),
        width=("width", "mean"),
        zero_width=("zero", "max"),
    )


def band_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Settings inside/under/over the band, by score, method and column."""

    def count(coverage: pd.Series) -> str:
        under, over = int((coverage < BAND[0]).sum()), int((coverage > BAND[1]).sum())
        return f"{len(coverage) - under - over}/{under}/{over}"

    counted = frame.groupby(["score", "method", "column"], sort=False).coverage.agg(count)
    return counted.unstack("column", sort=False)


def main(
    cells: int = typer.Option(2000, min=2, help="Simulated cells a setting."),
    quick: bool = typer.Option(False, help="One setting a profile and 100 cells, for tests."),
) -> None:
    """Print coverage % and mean width (in points of 100) of each method in each setting."""
    started = time.perf_counter()
    cells = min(cells, 100) if quick else cells
    print(__doc__)
    print(f"{cells} cells a setting, seed {SEED}; target {BAND[0]:g} to {BAND[1]:g} %.")
    print(f"Binomial error of a coverage of 95 %: {100 * (0.95 * 0.05 / cells) ** 0.5:.1f} points.")
    print(f"model: mean over {LANGUAGES} languages; correlation is rs/rl; columns: range of peaks.")
    print(" ".join((profile.__doc__ or "").split()))
    index = ["score", "profile", "layers", "segments", "correlation", "method"]
    frames = [pd.DataFrame(run_cells(cells, quick)), pd.DataFrame(run_models(cells, quick))]
    print("\nCoverage % / mean width, by true peak\n")
    for frame in frames:
        text = frame.coverage.map("{:.1f}".format) + "/" + frame.width.map("{:.1f}".format)
        table = frame.assign(cell=text).set_index([*index, "column"]).cell
        table = table.unstack("column", sort=False).reset_index()
        print(table.sort_values(index[:-1], kind="stable").to_string(index=False), end="\n\n")
    print("Settings in/under/over the band, by true peak\n")
    for frame in frames:
        print(band_counts(frame).reset_index().to_string(index=False), end="\n\n")
    print("All settings (zero_width: largest share of intervals of no width, %)\n")
    both = pd.concat(frames)
    for title, part in (
        ("bump and flat", both[both.profile != "spike"]),
        ("spike", both[both.profile == "spike"]),
    ):
        print(title)
        print(summarise(part).round(1).reset_index().to_string(index=False), end="\n\n")
    chosen = both[both.method == CHOSEN]
    missed = chosen[chosen.coverage < BAND[0]]
    print(f"Chosen method under {BAND[0]:g} %: {len(missed)} of {len(chosen)} settings")
    if len(missed):
        print(missed[[*index[:-1], "column", "coverage", "width"]].to_string(index=False))
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    typer.run(main)
