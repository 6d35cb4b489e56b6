"""A job: one model over the languages of a corpus that its records still lack."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from evaluators.corpora import Corpus
from evaluators.engine import Embedded, Engine
from evaluators.models.load import Loaded, batch_tokens
from evaluators.scoring import row
from results.described import Embedding
from results.evaluation import alignment
from results.interval import METHOD
from results.repo import Repo
from results.request import Progress
from results.schema import Evaluator, Run

ENGLISH = "eng_Latn"


class UnknownLanguages(ValueError):
    """Raised when a corpus does not have a language that was asked for."""


def this_run(device: torch.device, batch_tokens: int | None = None) -> Run:
    """Where and with what this process measures."""
    kind = device.type
    return Run(
        started=datetime.now(UTC).replace(microsecond=0),
        device=kind,
        machine=torch.cuda.get_device_name(device) if kind == "cuda" else _processor(),
        threads=torch.get_num_threads(),
        batch_tokens=batch_tokens,
        software={
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "transformers", "tokenizers", "numpy")},
        },
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores"


def evaluate(
    loaded: Loaded,
    corpus: Corpus,
    languages: Sequence[str],
    methods: Sequence[Embedding],
    repo: Repo,
    report: Callable[[Progress], None] = lambda progress: None,
    pivot: str = ENGLISH,
) -> list[Evaluator]:
    """Measure what the repo lacks, language by language; each is kept as soon as it is done.

    Returns the configurations.

    Raises:
        UnknownLanguages: the corpus lacks a language, or the pivot.
        BadRecord: a record of this model in the repo does not hold.
        ValueError: the model's hidden states are not finite.
    """
    missing = [code for code in [pivot, *languages] if code not in corpus.languages]
    if missing:
        raise UnknownLanguages(f"corpus {corpus.name} has no {', '.join(missing)}")
    of_corpus = (corpus.name, corpus.hash, corpus.split, corpus.n)
    configurations = [alignment(*of_corpus, pivot, str(method)) for method in methods]
    wanted = list(dict.fromkeys([pivot, *languages]))
    old = [repo.record(loaded.about, each) for each in configurations]
    done = set.intersection(*(record.languages() if record else set() for record in old))
    todo = [code for code in wanted if code not in done]
    if not todo:
        return configurations
    engine = Engine(loaded, methods, batch_tokens(loaded.model))
    run = this_run(engine.device, engine.batch_tokens)
    sizes = {code: engine.count(corpus.languages[code]) for code in {*todo, pivot}}
    english = corpus.languages.get(ENGLISH)
    in_english = engine.count(english) if english else None
    others = [code for code in todo if code != pivot]
    total, spent, begun = sum(sizes.values()), 0, time.monotonic()
    reference: Embedded | None = None
    for at, code in enumerate([pivot, *others]):
        passed = time.monotonic() - begun
        left = passed / spent * (total - spent) if spent else None
        report(Progress(done=max(at - 1, 0), total=len(others), doing=code, seconds_left=left))
        start = time.monotonic()
        embedded = engine.embed(corpus.languages[code])
        reference = reference or embedded
        for method, each in zip(methods, configurations, strict=True):
            against = reference if code != pivot else None
            seconds = time.monotonic() - start
            scored, hits = row(code, str(method), against, embedded, in_english, seconds)
            side = {} if hits is None else {code: hits}
            repo.add(loaded.about, each, METHOD, run, [scored], side)
        spent += sizes[code]
    report(Progress(done=len(others), total=len(others), doing="", seconds_left=0))
    return configurations
