"""A results repo of made-up records, as large as a board may be: `python -m benchmarks.made_up`.

500 models x 2 corpora (442 languages of 50 segments, 1,401 of 103) x 2 embedding methods, in the
files that `results.repo` writes. A model has a strength that grows with its size and a profile
over its layers; a language is near to English or far; a segment is easy or hard. Hits are drawn
from these, and shares, means and maxima follow from the hits. Intervals of the mean are the
board's; those of the maximum are Wilson's at the best layer, since the board's take half a
millisecond a cell: the records name no method that they do not have.
"""

from __future__ import annotations

import base64
import json
import math
import re
import time
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from statsmodels.stats.proportion import proportion_confint

from benchmarks.made_up_board import PIVOT, SEED, Corpus, corpora, models
from results.corpora import write_card
from results.interval import mean_intervals
from results.languages import resolve
from results.repo import record_path
from results.schema import SCHEMA_VERSION, Model

METHOD = "made-up@1"
EMBEDDINGS = ("weighted-mean@1", "last-token@1")
STARTED = "2026-11-{day:02d}T{hour:02d}:00:00Z"


def write(root: Path, count: int, sizes: tuple[int, int], workers: int = 2) -> None:
    """Fill the folder; two records at a time are in memory."""
    tasks = []
    for where, corpus in enumerate(corpora(sizes)):
        write_card(corpus.card(), root)
        tasks += [
            (at, model, where, corpus, method)
            for at, model in enumerate(models(count))
            for method in range(len(EMBEDDINGS))
        ]
    with ProcessPoolExecutor(workers) as pool:
        for _ in pool.map(partial(_record, root), tasks, chunksize=8):
            pass


def _record(root: Path, task: tuple[int, Model, int, Corpus, int]) -> None:
    at, model, where, corpus, method = task
    layers, n, codes = model.layers or 0, corpus.n, corpus.languages
    evaluator = corpus.evaluator(EMBEDDINGS[method])
    hits = draw(at, model, where, corpus, method)
    count = hits.sum(axis=2, dtype=np.uint16)
    chance = _chance(at, corpus, layers)
    mean, largest = count.sum(axis=1) / (layers * n), count.max(axis=1) / n
    mean_ends = mean_intervals(hits.sum(axis=1, dtype=np.uint16) / layers)
    low, high = proportion_confint(largest * n, n, method="wilson")
    max_ends = np.column_stack([np.clip(low, 0, largest), np.clip(high, largest, 1)])
    mean_chance, max_chance = (chance / n).mean(axis=1), chance.max(axis=1) / n
    rng = np.random.default_rng([SEED, at, where])
    ratio = np.exp(rng.normal(0.35, 0.3, len(codes)) + 0.5 * _far(corpus))
    ratio[codes.index(PIVOT)] = 1.0
    tokens = (ratio * n * 31).astype(int)
    seconds = tokens * (model.parameters or 0) / 4e11
    bits = base64.b64encode
    packed = np.packbits(hits.reshape(len(codes), -1), axis=1)
    lines, sides = [], []
    for k, code in enumerate(codes):
        row: dict[str, Any] = {"language": code, "values": {}, "layers": None}
        row["layers_chance"] = None
        if code != PIVOT:
            row["values"] = {
                name: {"value": float(value[k]), "low": low, "high": high, "chance": float(by[k])}
                for name, value, (low, high), by in (
                    ("mean", mean, mean_ends[k].tolist(), mean_chance),
                    ("max", largest, max_ends[k].tolist(), max_chance),
                )
            }
            row["layers"], row["layers_chance"] = "L", "C"
            sides.append(f'  "{code}":"{bits(packed[k]).decode()}"')
        row |= {"tokens": int(tokens[k]), "tokens_ratio": float(ratio[k]), "cut": 0}
        row |= {"seconds": round(float(seconds[k]), 3), "run": 0}
        line = json.dumps(row, separators=(",", ":"))
        if code != PIVOT:
            line = line.replace('"L"', _curve(count[k], n), 1).replace(
                '"C"', _curve(chance[k], n), 1
            )
        lines.append(f"  {line}")
    head = {
        "schema_version": SCHEMA_VERSION,
        "model": model.model_dump(mode="json"),
        "evaluator": evaluator.model_dump(mode="json"),
        "interval": METHOD,
        "runs": [_run(at, model)],
    }
    beside = {"schema_version": SCHEMA_VERSION, "layers": layers, "n": n}
    path = root / record_path(model, evaluator)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_document(head, "scores", "[]", lines), "utf-8")
    path.with_suffix(".hits.json").write_text(_document(beside, "bits", "{}", sides), "utf-8")


def draw(at: int, model: Model, where: int, corpus: Corpus, method: int) -> np.ndarray:
    """Bool (languages, layers, n): which segments count.

    A segment counts at a layer where the model's strength there exceeds what the segment asks in
    that language, plus noise of the layer.
    """
    layers, n = model.layers or 0, corpus.n
    rng = np.random.default_rng([SEED, at, where, method])
    own = np.random.default_rng([SEED, at])
    strength = 0.55 + 0.35 * math.log((model.parameters or 1) / 70e6, 1000) + own.normal(0, 0.12)
    best, width = own.uniform(0.45, 0.75), own.uniform(0.25, 0.45)
    place = np.arange(layers) / (layers - 1)
    profile = (strength - 0.12 * method) * np.exp(-(((place - best) / width) ** 2)) - 0.25
    taste = own.normal(0, 0.12, 4000)[: len(corpus.languages)]
    reach = profile[None, :] - (0.75 * _far(corpus) + taste)[:, None]
    asked = rng.normal(0, 0.22, (len(corpus.languages), 1, n)).astype(np.float32)
    asked += np.random.default_rng([SEED, where]).normal(0, 0.1, n).astype(np.float32)
    noise = np.frombuffer(rng.bytes(len(corpus.languages) * layers * n), np.int8)
    noise = noise.reshape(len(corpus.languages), layers, n) * np.float32(0.12 / 74)
    hits: np.ndarray = asked + noise < reach[:, :, None].astype(np.float32)
    return hits


@lru_cache(maxsize=4)
def _far(corpus: Corpus) -> np.ndarray:
    """(languages,) 0 to 1: how far a language is, less where many speak it."""
    rng = np.random.default_rng([SEED, len(corpus.languages)])
    speakers = [resolve(code).population or 1000 for code in corpus.languages]
    near = np.log10(np.maximum(speakers, 1000)) / 9
    return np.clip(1.25 - near + rng.normal(0, 0.1, len(speakers)), 0, 1)


def _chance(at: int, corpus: Corpus, layers: int) -> np.ndarray:
    """(languages, layers) segments that chance reaches: 0 to 2."""
    rng = np.random.default_rng([SEED, at, corpus.n, 9])
    return rng.choice(np.arange(3), (len(corpus.languages), layers), p=[0.6, 0.3, 0.1])


@lru_cache(maxsize=4)
def _texts(n: int) -> list[str]:
    return [repr(count / n) for count in range(n + 1)]


def _curve(count: np.ndarray, n: int) -> str:
    return f"[{','.join(map(_texts(n).__getitem__, count.tolist()))}]"


def _run(at: int, model: Model) -> dict[str, Any]:
    large = (model.parameters or 0) > 3e9
    return {
        "started": STARTED.format(day=1 + at % 28, hour=at % 24),
        "device": "cuda" if large else "cpu",
        "machine": "NVIDIA L4" if large else "AMD EPYC, 2 cores",
        "threads": 2,
        "batch_tokens": 512,
        "software": {"python": "3.11.7", "torch": "2.13.0", "transformers": "5.23.0"},
    }


def _document(head: dict[str, Any], key: str, ends: str, lines: list[str]) -> str:
    """A language a line, as `results.repo` writes it."""
    text = re.sub(r"\n}$", "", json.dumps(head, indent=1, ensure_ascii=False))
    return f'{text},\n "{key}": {ends[0]}\n' + ",\n".join(lines) + f"\n {ends[1]}\n}}\n"


def main(
    folder: Annotated[Path, typer.Argument(help="where to write the results repo")],
    count: Annotated[int, typer.Option("--models")] = 500,
    quick: Annotated[bool, typer.Option(help="30 and 60 languages")] = False,
) -> None:
    """Write the repo, and say how long it took and how large it is."""
    begun = time.perf_counter()
    write(folder, count, (30, 60) if quick else (442, 1401))
    took = time.perf_counter() - begun
    size = sum(path.stat().st_size for path in folder.rglob("*.json"))
    print(f"{count * 2 * len(EMBEDDINGS):,} records, {size / 1e9:.2f} GB, {took:.0f} s")


if __name__ == "__main__":
    typer.run(main)
