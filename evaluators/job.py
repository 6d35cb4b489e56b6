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
from evaluators.keeping import Measured, keep, known, lacking, passes
from evaluators.measurer import Measurer, able
from evaluators.models.load import Loaded
from results.evaluation import Wanted
from results.repo import Repo
from results.request import Progress
from results.schema import Evaluator, Run

ENGLISH = "eng_Latn"
WRITING = 0.1
"""Share of a job's time that writing records takes at the most, but for the last languages."""


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
    wanted: Wanted,
    repo: Repo,
    report: Callable[[Progress], None] = lambda progress: None,
) -> list[Evaluator]:
    """Measure what the repo lacks, language by language.

    Each is kept as soon as it is done, or, where records take long to write beside a fast model,
    when writing has its `WRITING` share of the time; an error keeps all that was done before.

    Returns the configurations. What the model cannot give is refused when the rest is kept.

    Raises:
        UnknownLanguages: the corpus lacks a language, or a pivot.
        BadRecord: a record of this model in the repo does not hold.
        ValueError: the model cannot give an embedding, or its hidden states are not finite.
    """
    codes = list(dict.fromkeys([*wanted.pivots, *languages]))
    known(f"corpus {corpus.name}", corpus.languages, codes)
    asked = wanted.configurations(corpus.name, corpus.hash, corpus.split, corpus.n)
    configurations, refused = able(loaded, asked)
    todo = lacking(repo, loaded.about, configurations, codes)
    if not todo:
        return _unless(refused, configurations)
    pivots = {code: corpus.languages[code] for code in wanted.pivots}
    needed = [each for each in configurations if any(each in some for some in todo.values())]
    measurer = Measurer(loaded, pivots, needed, corpus.languages.get(ENGLISH))
    run = this_run(measurer.device, measurer.batch_tokens)
    sizes = {
        code: measurer.count(corpus.languages[code]) * passes(some) for code, some in todo.items()
    }
    others = [code for code in todo if code not in wanted.pivots]
    total, spent, begun = sum(sizes.values()), 0, time.monotonic()
    done = 0
    waiting: list[Measured] = []
    written, took = begun, 0.0
    try:
        for code, some in todo.items():
            passed = time.monotonic() - begun
            left = passed / spent * (total - spent) if spent else None
            report(Progress(done=done, total=len(others), doing=code, seconds_left=left))
            waiting += measurer.measure(code, corpus.languages[code], some)
            now = time.monotonic()
            if took <= (now - written) * WRITING:
                keep(repo, loaded.about, run, waiting)
                waiting.clear()
                written = time.monotonic()
                took = written - now
            spent += sizes[code]
            done += code in others
    finally:
        keep(repo, loaded.about, run, waiting)
    report(Progress(done=done, total=len(others), doing="", seconds_left=0))
    return _unless(refused, configurations)


def _unless(refused: str | None, configurations: list[Evaluator]) -> list[Evaluator]:
    if refused:
        raise ValueError(refused)
    return configurations
