"""How far forecasts are off, how often their intervals hold, and how often they are offered.

Run: `python -m benchmarks.forecast`, `--boards 4` for fewer. Made-up boards whose true scores are
known, each measured with the noise of 50 segments at 20 layers that are correlated. With traits,
models and languages have two things in common beside strength and ease; without, both effects are
added and nothing can beat them. Missing are single scores, and most of a quarter of the models,
which have 12 to all of the core languages. Forecasts are compared with the measurement that was
missing, since that is what an interval is for. said: the coverage that a page would say; s: seconds
of processor time a board.
"""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.stats import beta

from results.forecast import ALIGNMENT, Table, work_out
from results.forecast_check import WAYS
from results.language_sets import CORE
from results.low_rank import additive

SEED = 2410
SHARES = 50 * 4
"""Independent answers as noisy as a score: segments times what correlated layers are worth."""
SINGLE, QUARTER = 0.04, 4


def board(models: int, languages: int, traits: bool, seed: int) -> tuple[Table, np.ndarray]:
    """A table with gaps, and (models, languages) what a measurement says everywhere."""
    random = np.random.default_rng([SEED, models, languages, traits, seed])
    strength, ease = random.normal(0, 1, (models, 1)), random.normal(0, 1, (1, languages))
    if traits:
        alike = random.normal(0, 0.6, (models, 2)) @ random.normal(0, 1, (2, languages))
        true = 1 / (1 + np.exp(1.5 - 0.9 * strength - 1.2 * ease - alike))
    else:
        true = np.clip(0.4 + 0.1 * strength + 0.1 * ease, 0.01, 0.99)
    measured = random.binomial(SHARES, true) / SHARES
    gaps = random.random(measured.shape) < SINGLE
    core = min(len(CORE), languages // 2)
    for row in random.permutation(models)[: models // QUARTER]:
        kept = random.permutation(core)[: random.integers(12, core + 1)]
        gaps[row] = True
        gaps[row, kept] = False
    codes = [*CORE[:core], *(f"made-up-{k}" for k in range(languages - core))]
    names = [f"model-{row}" for row in range(models)]
    return Table(np.where(gaps, np.nan, measured), names, codes, [ALIGNMENT] * languages), measured


def processor() -> str:
    """The processor's name, as Linux has it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main(
    boards: Annotated[int, typer.Option(help="made-up boards of a kind")] = 12,
    models: Annotated[str, typer.Option(help="how many models, with commas")] = "20,30,60",
    languages: Annotated[int, typer.Option()] = 100,
) -> None:
    """Print it."""
    print(f"{processor()}, {os.cpu_count()} cores, one of them used, load {os.getloadavg()[0]:.1f}")
    print(f"{boards} boards a line, {languages} languages; errors are mean absolute ones")
    for traits in (True, False):
        print(f"\n{'two traits in common' if traits else 'both effects added, nothing in common'}")
        print(
            "models offered  missing  off by  held out  both means  intervals hold  said  wide  s"
        )
        for count in map(int, models.split(",")):
            _lines(count, languages, traits, boards)


def _lines(models: int, languages: int, traits: bool, boards: int) -> None:
    offered, seconds = 0, []
    rows: dict[str, list[tuple[float, ...]]] = {way: [] for way in WAYS}
    for seed in range(boards):
        of, measured = board(models, languages, traits, seed)
        begun = time.process_time()
        found = work_out(of)
        seconds.append(time.process_time() - begun)
        offered += found.parts[0].reason is None
        said = {check["way"]: check for check in found.parts[0].checks}
        means = np.clip(additive(of.values), 0, 1)
        for way in WAYS:
            there = ~np.isnan(found.values) & (found.blocks == (way == "blocks"))
            if there.any():
                held = (found.low <= measured) & (measured <= found.high)
                off = np.abs(found.values - measured)[there].mean()
                other = np.abs(means - measured)[there].mean()
                wide = (found.high - found.low)[there].mean()
                coverage = said[way]["coverage"]
                share = held[there].mean()
                rows[way].append((off, said[way]["error"], other, share, coverage, wide))
    low, high = beta.ppf(
        [0.025, 0.975],
        [offered + 1e-9, offered + 1],
        [boards - offered + 1, boards - offered + 1e-9],
    )
    head = f"{models:6} {offered:3}/{boards:<3} ({low:.0%} to {high:.0%})"
    for way in WAYS:
        if not rows[way]:
            continue
        off, error, other, held, coverage, wide = np.mean(rows[way], axis=0)
        print(
            f"{head:26} {way:7} {off:7.3f} {error:9.3f} {other:11.3f} {held:13.1%} {coverage:9.1%}"
            f" {wide:5.2f} {np.mean(seconds):5.1f}"
        )
        head = ""
    if head:
        print(f"{head:26} none {np.mean(seconds):58.1f}")


if __name__ == "__main__":
    typer.run(main)
