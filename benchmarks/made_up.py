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
import hashlib
import json
import math
import re
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from results.corpora import Card, CardLanguage, write_card
from results.interval import mean_intervals
from results.language_sets import CORE
from results.languages import load_table, resolve
from results.repo import SHIPPED, record_path
from results.schema import SCHEMA_VERSION, Evaluator, Model, Parameters

SEED = 4
PIVOT = "eng_Latn"
METHOD = "made-up@1"
EMBEDDINGS = ("weighted-mean@1", "last-token@1")
ARCHITECTURES = ("llama", "qwen2", "qwen3", "gemma3_text", "mistral", "gpt_neox", "xlm-roberta")
LICENCES = ("apache-2.0", "mit", "gemma", "llama3.2", "cc-by-nc-4.0", None)
WEIGHTS = (("bfloat16", "float32"), ("float32", "float32"), ("Q4_K_M", "float32"))
SHARES = (0.7, 0.9, 1.0)
"""Of models with the first, the first two, and all of the kinds of weights."""
ORGANISATIONS = ("acme", "bantu-nlp", "Cirrus", "delta-lab", "Eider", "fjord-ai", "Gnu-Models")
STEMS = ("Baobab", "Heron", "Kestrel", "Lynx", "Marula", "Osprey", "Quokka", "Sable", "Tern")
STARTED = "2026-11-{day:02d}T{hour:02d}:00:00Z"


@dataclass(frozen=True)
class Corpus:
    """What a made-up corpus has."""

    name: str
    n: int
    languages: tuple[str, ...]
    """The pivot among them."""

    @property
    def hash(self) -> str:
        """A SHA-256 that no real corpus has."""
        return hashlib.sha256(f"made up {self.name} {len(self.languages)}".encode()).hexdigest()

    def evaluator(self, embedding: str) -> Evaluator:
        """Its configuration with an embedding method."""
        return Evaluator(
            name="alignment",
            version=1,
            parameters=Parameters(
                corpus=self.name,
                corpus_hash=self.hash,
                split=None,
                n=self.n,
                pivot=PIVOT,
                embedding=embedding,
                seed=0,
            ),
        )

    def card(self) -> Card:
        """Its card: the first declaration of each ISO code counts, variants do not."""
        seen: set[str] = set()
        rows = []
        for code in self.languages:
            language = resolve(code)
            rows.append(
                CardLanguage(code=code, counted=not language.variant and language.iso not in seen)
            )
            seen.add(language.iso)
        return Card(
            schema_version=SCHEMA_VERSION,
            name=self.name,
            split=None,
            hash=self.hash,
            n=self.n,
            licence="made up",
            text_public=False,
            languages=rows,
            left_out=[],
            warnings=[],
        )


def corpora(sizes: tuple[int, int]) -> list[Corpus]:
    """Two corpora of so many languages: those of UDHR first, then the most spoken ones."""
    shipped = [json.loads(path.read_text("utf-8")) for path in SHIPPED.glob("corpora/udhr-*.json")]
    codes = [PIVOT, *CORE, *(each["code"] for card in shipped for each in card["languages"])]
    rows = [row for row in load_table().languages.values() if row.get("scripts")]
    rows.sort(key=lambda row: (-row.get("population", 0), row["iso"]))
    codes += [f"{row['iso']}_{row['scripts'].split()[0]}" for row in rows]
    codes = list(dict.fromkeys(codes))
    names = (("udhr", 50), ("bible", 103))
    return [
        Corpus(name, n, tuple(sorted(codes[:size])))
        for (name, n), size in zip(names, sizes, strict=True)
    ]


def models(count: int) -> list[Model]:
    """Models of 70 M to 70 B parameters and 12 to 48 blocks; a third were made from another."""
    rng = np.random.default_rng([SEED, count])
    found: list[Model] = []
    for at in range(count):
        size = int(70e6 * 1000 ** rng.random())
        blocks = int(np.clip(12 + 36 * math.log(size / 70e6, 1000) + rng.integers(-4, 5), 12, 48))
        weights, dtype = WEIGHTS[int(np.searchsorted(SHARES, rng.random(), side="right"))]
        said = f"{size / 1e9:.1f}B" if size >= 1e9 else f"{size / 1e6:.0f}M"
        name = f"{STEMS[at % len(STEMS)]}-{at // len(STEMS) + 1}-{said}"
        base = found[int(rng.integers(at))] if at and rng.random() < 1 / 3 else None
        organisation = ORGANISATIONS[int(rng.integers(len(ORGANISATIONS)))]
        tuned = "-Instruct" if base else ""
        found.append(
            Model(
                id=f"{organisation}/{name}{tuned}",
                revision=hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(),
                weights=weights,
                dtype=dtype,
                file=f"{name}.gguf" if weights.startswith("Q") else None,
                name=f"{name}{tuned}".replace("-", " "),
                architecture=ARCHITECTURES[int(rng.integers(len(ARCHITECTURES)))],
                parameters=size,
                layers=blocks + 1,
                hidden_size=int(math.sqrt(size / (12 * blocks)) // 64 + 1) * 64,
                licence=LICENCES[int(rng.integers(len(LICENCES)))],
                base_model=base.id if base else None,
            )
        )
    return found


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
    max_ends = _wilson(largest, n)
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


def _wilson(share: np.ndarray, n: int) -> np.ndarray:
    """(m, 2) Wilson score intervals of shares of n, holding the share."""
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = np.clip(middle - half, 0, share), np.clip(middle + half, share, 1)
    return np.column_stack([low, high])


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
