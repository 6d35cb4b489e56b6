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
from dataclasses import dataclass

import numpy as np
import pandas as pd
import typer

from benchmarks.interval_candidates import CHOSEN, MAX_METHODS, MEAN_METHODS, Limits, top_share
from benchmarks.made_up_cells import SEED, profile, simulate_cells, simulate_models

PEAKS = (0.02, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9)
BAND = (93.0, 97.0)
LANGUAGES = 40
MIXES = {
    "all 0.02": (0.02,),
    "0.02-0.1": (0.02, 0.05, 0.1),
    "0.02-0.9": PEAKS,
    "0.5-0.9": (0.5, 0.7, 0.9),
}


@dataclass(frozen=True)
class Setting:
    score: str
    profile: str
    layers: int
    segments: int
    correlation: str


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
