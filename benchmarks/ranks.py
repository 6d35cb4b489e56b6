"""How often tests call equal models different, find a true difference, and rank truly.

`python -m benchmarks.ranks`. Made-up models: at layer l of language j, segment i counts for model
m when `sqrt(s) a_i + sqrt(t) c_mi + sqrt(u) d_ji + sqrt(r - s - t - u) b_mji + sqrt(1 - r) e_mjil`
is under Phi^-1(p_mjl), all standard normal: a segment's difficulty for all, for a model, for a
language and for both; r is the latent correlation of layers. p is a bump over 13 layers
(benchmarks.intervals), its peaks spread over languages by 0.4 on the probit scale around the
strength. Mean pooling compares shares of layers, max pooling as `results.ranks.better_max`.

Equal models have the same peaks in another order, so every language differs and the average does
not; a single language is compared at the same peak.
"""

from __future__ import annotations

import itertools
import sys
import time
from functools import lru_cache

import numpy as np
import pandas as pd
import typer
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from benchmarks.made_up_cells import profile
from benchmarks.max_averages import cuts, layered
from results.peaks import peaks
from results.ranks import LEVEL, better, better_max, difference, difference_max, ranges

SEED = 20411
LAYERS, LANGUAGES, FEWER, SINGLE = 13, 300, 40, 8
SEGMENTS = (50, 100)
SPREAD = 0.4
MARK = 5.0
FOUND = 80.0
MODELS = 8  # equal models a drawing: 28 pairs
# the gemma record that ships gives s + t of 0.10 and 0.25 under its two configurations, 0.09 of
# it shared by both; the second row is a stress test
WORLDS = {"as measured": (0.1, 0.05, 0.05, 0.7), "more varied": (0.2, 0.15, 0.05, 0.8)}
STRENGTHS: dict[str, tuple[float, ...]] = {
    "0.02": (0.02,),
    "0.1": (0.1,),
    "0.3": (0.3,),
    "0.8": (0.8,),
    "0.02-0.8": (0.02, 0.1, 0.3, 0.8),
}
SETS = {1: slice(SINGLE), FEWER: slice(SINGLE, SINGLE + 1), LANGUAGES: slice(SINGLE + 1, None)}
"""Where the values of a number of languages stand: SINGLE languages alone, then two averages."""
Values = dict[str, np.ndarray]


def abilities(strengths: tuple[float, ...], rng: np.random.Generator) -> np.ndarray:
    """True peaks, (languages,)."""
    centre = ndtri(np.resize(strengths, LANGUAGES))
    return ndtr(centre + SPREAD * rng.standard_normal(LANGUAGES))


@lru_cache
def limits(kind: str, strength: str, up: float = 0.0) -> np.ndarray:
    """Where latent values count, for peaks around a strength, their average raised by `up`."""
    level = abilities(STRENGTHS[strength], np.random.default_rng([SEED, 2]))
    return cuts(kind, LAYERS, moved(level, up) if up else level)


def reordered(rng: np.random.Generator) -> np.ndarray:
    """An order of the languages that keeps the first SINGLE in place and the first FEWER first."""
    first = SINGLE + rng.permutation(FEWER - SINGLE)
    return np.concatenate([np.arange(SINGLE), first, FEWER + rng.permutation(LANGUAGES - FEWER)])


def moved(level: np.ndarray, by: float) -> np.ndarray:
    """The peaks, shifted on the probit scale until their average is higher by `by`."""

    def excess(shift: float) -> float:
        return float(ndtr(ndtri(level) + shift).mean() - level.mean()) - by

    return ndtr(ndtri(level) + brentq(excess, -4.0, 4.0))


class World:
    """Segments' difficulties that all models of one drawing share."""

    def __init__(self, rng: np.random.Generator, name: str) -> None:
        self.rng = rng
        self.s, self.t, self.u, self.within = WORLDS[name]
        self.n = max(SEGMENTS)
        self.common = self.s**0.5 * rng.standard_normal(self.n)
        self.common = self.common + self.u**0.5 * rng.standard_normal((LANGUAGES, self.n))

    def model(self) -> np.ndarray:
        """Latent values of one model, (languages, layers, n)."""
        rest = self.within - self.s - self.t - self.u
        cells = self.common + self.t**0.5 * self.rng.standard_normal(self.n)
        cells = cells + rest**0.5 * self.rng.standard_normal((LANGUAGES, self.n))
        return layered(self.rng, cells, self.within, LAYERS)


def pooled(hits: np.ndarray, n: int) -> Values:
    """Values of each set of SETS by the first n segments, (sets, n): by mean pooling, at the best
    layer, and cross-fitted."""
    hits = hits[:, :, :n]
    best, crossfit = peaks(hits)
    mean = hits.sum(axis=1, dtype=np.uint8)
    kinds = {"mean": (mean, LAYERS), "best": (best, 1), "crossfit": (crossfit, 1)}
    averages = (FEWER, LANGUAGES)
    return {
        name: np.concatenate([z[:SINGLE], [z[:size].mean(axis=0) for size in averages]]) / scale
        for name, (z, scale) in kinds.items()
    }


def called(models: list[Values]) -> dict[str, np.ndarray]:
    """For each test 1, -1 or 0, (sets, pairs): the first of a pair is better, worse, neither."""
    first, second = np.triu_indices(len(models), 1)
    stacked = {name: np.stack([m[name] for m in models], axis=1) for name in models[0]}
    a = {name: z[:, first] for name, z in stacked.items()}
    b = {name: z[:, second] for name, z in stacked.items()}
    found = {name: difference(a[name], b[name]) for name in stacked}
    found["max"] = difference_max(a["best"], a["crossfit"], b["best"], b["crossfit"])
    return {name: np.where(d.p < LEVEL, np.sign(d.value), 0.0) for name, d in found.items()}


def equal_models(drawings: int) -> pd.DataFrame:
    """% of equal pairs called different by each test, and of pairs of equal true peaks of which
    one model is a bump over layers and one is flat."""
    rows: list[dict[str, object]] = []
    for world, drawing in itertools.product(WORLDS, range(drawings)):
        rng = np.random.default_rng([SEED, 1, list(WORLDS).index(world), drawing])
        shared = World(rng, world)
        latent = [shared.model() for _ in range(MODELS)]
        orders = [reordered(rng) for _ in range(MODELS)]
        for strength in STRENGTHS:
            limit = limits("bump", strength)
            hits = [x < limit[order] for x, order in zip(latent, orders, strict=True)]
            other = latent[1] < limits("flat", strength)[orders[1]]
            for n in SEGMENTS:
                models = [pooled(h, n) for h in hits]
                for profiles, compared in (
                    ("same", models),
                    ("other", [models[0], pooled(other, n)]),
                ):
                    for test, signs in called(compared).items():
                        for size, part in SETS.items():
                            row: dict[str, object] = {
                                "profiles": profiles,
                                "test": test,
                                "world": world,
                            }
                            row |= {"segments": n, "languages": size, "strength": strength}
                            rows.append({**row, "rate": 100 * np.mean(signs[part] != 0)})
    keys = ["profiles", "test", "world", "segments", "languages", "strength"]
    grouped = pd.DataFrame(rows).groupby(keys, sort=False).rate
    return grouped.agg(rate="mean", error="sem").reset_index()


def true_differences(drawings: int, by: float = 0.05) -> pd.DataFrame:
    """% of pairs found whose averages over all languages truly differ by `by`, % found the wrong
    way round, and what a z test that knows the variance would find."""
    rows: list[dict[str, object]] = []
    # a mean over layers is `part` of the peak, so the peaks must move by more
    part = float(profile("bump", LAYERS, 1.0).mean())
    for world, drawing in itertools.product(WORLDS, range(drawings)):
        rng = np.random.default_rng([SEED, 3, list(WORLDS).index(world), drawing])
        shared = World(rng, world)
        first, second = shared.model(), shared.model()
        order = reordered(rng)
        for strength in STRENGTHS:
            sign = -1 if strength == "0.8" else 1  # no room above
            hits = first < limits("bump", strength)
            for test, size in (("mean", by / part), ("max", by)):
                other = second < limits("bump", strength, sign * size)[order]
                for n in SEGMENTS:
                    a, b = pooled(other, n), pooled(hits, n)
                    found = sign * called([a, b])[test][-1, 0]
                    name = "best" if test == "max" else test
                    row = {"test": test, "world": world, "segments": n, "strength": strength}
                    row |= {"found": 100 * (found > 0), "wrong": 100 * (found < 0)}
                    rows.append({**row, "value": (a[name] - b[name])[-1].mean()})
    keys = ["test", "world", "segments", "strength"]
    grouped = pd.DataFrame(rows).groupby(keys, sort=False)
    error = grouped.value.std().to_numpy()
    frame = grouped[["found", "wrong"]].mean().reset_index()
    return frame.assign(limit=100 * ndtr(by / error - 1.96))


def rank_ranges(drawings: int, models: int = 20) -> pd.DataFrame:
    """% of ranges that hold the true rank of 20 models over 40 languages, and their mean width."""
    rows: list[dict[str, object]] = []
    for world, drawing in itertools.product(WORLDS, range(drawings)):
        rng = np.random.default_rng([SEED, 4, list(WORLDS).index(world), drawing])
        shared = World(rng, world)
        strengths = ndtr(np.linspace(-2.0, 0.8, models) + 0.1 * rng.standard_normal(models))
        values: dict[int, list[Values]] = {n: [] for n in SEGMENTS}
        truth = []
        for strength in strengths:
            level = abilities((float(strength),), rng)
            truth.append(level[:FEWER].mean())
            hits = shared.model() < cuts("bump", LAYERS, level)
            for n in SEGMENTS:
                values[n].append(pooled(hits, n))
        true = 1 + np.argsort(np.argsort(-np.array(truth)))
        for n in SEGMENTS:
            z = {k: np.array([v[k][SETS[FEWER]][0] for v in values[n]]) for k in values[n][0]}
            tests = {"mean": better(z["mean"]), "max": better_max(z["best"], z["crossfit"])}
            for test, found in tests.items():
                low, high = ranges(found).T
                rows.append(
                    {
                        "test": test,
                        "world": world,
                        "segments": n,
                        "held": 100.0 * ((low <= true) & (true <= high)).mean(),
                        "all_held": 100.0 * ((low <= true) & (true <= high)).all(),
                        "ranks": (high - low + 1).mean(),
                    }
                )
    return (
        pd.DataFrame(rows).groupby(["test", "world", "segments"], sort=False).mean().reset_index()
    )


def wide(frame: pd.DataFrame, column: str) -> str:
    """A column as a table with one column a strength."""
    index = [k for k in ("test", "world", "segments", "languages") if k in frame]
    table = frame.assign(cell=frame[column].map("{:.1f}".format)).set_index([*index, "strength"])
    return table.cell.unstack("strength", sort=False).reset_index().to_string(index=False)


def print_equal(frame: pd.DataFrame, drawings: int) -> None:
    judged = frame[(frame.profiles == "same") & frame.test.isin(["mean", "max"])]
    print(f"\n(a) % of equal pairs called different; at most {MARK:g} wanted\n")
    print(f"{drawings} drawings of {MODELS} models; standard error, from the spread over drawings,")
    print(
        f"{judged.error.median():.1f} points in the median and at most {judged.error.max():.1f}; ",
        end="",
    )
    print("settings share drawings.\n")
    print(wide(judged, "rate"))
    missed = judged[judged.rate > MARK]
    print(f"\nOver {MARK:g} %: {len(missed)} of {len(judged)} settings;", end=" ")
    print(f"most {judged.rate.max():.2f} %")
    if len(missed):
        print(missed.drop(columns=["profiles"]).round(2).to_string(index=False))
    print("\nMax pooling by one of its two parts alone: median and most of all settings\n")
    alone = frame[(frame.profiles == "same") & frame.test.isin(["best", "crossfit"])]
    print(alone.groupby("test", sort=False).rate.agg(["median", "max"]).round(1).to_string())
    print("\nNo mark: max pooling of two models with equal true peaks, one a bump over layers and")
    print(f"one flat ({drawings} pairs). The best of many equal layers is higher by chance, and a")
    print("layer chosen from few hits is often not the best one, so the two seem to differ:\n")
    other = frame[(frame.profiles == "other") & (frame.test == "max")]
    print(wide(other, "rate"))
    alone = frame[(frame.profiles == "other") & frame.test.isin(["best", "crossfit"])]
    print("\nThe same, by one part alone: median and most of all settings\n")
    print(alone.groupby("test", sort=False).rate.agg(["median", "max"]).round(1).to_string())


def print_differences(frame: pd.DataFrame, pairs: int) -> None:
    print(f"\n(b) % found of true differences of 0.05 over {LANGUAGES} languages; {FOUND:g} wanted")
    print(f"{pairs} pairs a setting, binomial error at most {50 / pairs**0.5:.1f} points\n")
    print(wide(frame, "found"))
    print("\nWhat a z test that knew the variance would find\n")
    print(wide(frame, "limit"))
    print()
    for world, part in frame.groupby("world", sort=False):
        under = part[part.found < FOUND]
        print(f"{world}: under {FOUND:g} %: {len(under)} of {len(part)} settings,", end=" ")
        print(f"{(under.limit < FOUND).sum()} of them where that z test is too;", end=" ")
        print(f"least {part.found.min():.1f} %; wrong way round {part.wrong.mean():.2f} %")


def main(
    drawings: int = typer.Option(400, min=2, help="Drawings of equal models, a world."),
    pairs: int = typer.Option(400, min=2, help="Drawings of two different models, a world."),
    boards: int = typer.Option(40, min=1, help="Drawings of 20 models, a world."),
    quick: bool = typer.Option(False, help="Two drawings of each, for tests."),
) -> None:
    """Print false alarms, true differences found and rank ranges."""
    started = time.perf_counter()
    if quick:
        drawings, pairs, boards = 2, 2, 1
    print(__doc__)
    for name, (s, t, u, r) in WORLDS.items():
        print(f"{name}: s {s}, t {t}, u {u}, r {r}")
    print(f"Seed {SEED}. Columns of strengths: the peak that languages spread around.")
    print_equal(equal_models(drawings), drawings)
    print_differences(true_differences(pairs), pairs)
    print(
        f"\n(c) Rank ranges of 20 models over {FEWER} languages, {boards} boards a row: % that hold"
    )
    print("the true rank, % of boards where all 20 do, and how many ranks a range spans\n")
    print(rank_ranges(boards).round(1).to_string(index=False))
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    typer.run(main)
