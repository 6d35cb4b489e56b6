"""Where the time of a job goes, and what memory it takes, language by language."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from unittest.mock import patch

import numpy as np
import psutil
import torch
from torch import nn

from evaluators import corpora
from evaluators.corpora import Corpus
from evaluators.hidden_states import HiddenStates
from evaluators.models.load import Loaded
from results.evaluation import Wanted
from results.request import Progress

MIB = 2**20
FEW, AGAIN = 4, 10
"""Languages that are measured again, the shortest, and how often."""
USUAL = ("weighted-mean", "last-token")
"""The embedding methods of a job where nothing else is asked for."""
TOKENISING, SCORING, WRITING, JOB = "tokenising", "scoring", "writing", "job"
EMBEDDING, BATCHES = "embedding but for batches", "batches"
POINTS = (
    (TOKENISING, "transformers:PreTrainedTokenizerBase.__call__"),
    (EMBEDDING, "evaluators.engine:Engine.embed"),
    (BATCHES, "evaluators.batcher:Batcher.run"),
    (SCORING, "evaluators.measurer:Measurer.measure"),
    (WRITING, "results.repo:Repo.add"),
)
"""Functions of a job whose time, less that of others within, is a line of the account."""
PRODUCTS, ATTENTION, ROTARY, NORMS = "matrix products", "attention", "rotary positions", "norms"
GATES, POOLING = "activations and gates", "pooling"
REST, WAITING = "all else in a batch", "a thread without a batch"
KINDS = ((ROTARY, "Rotary"), (ATTENTION, "Attention"), (NORMS, "Norm"), (GATES, "MLP"))
"""Lines that a module belongs to by a part of its class's name, less the modules within."""


class Spans:
    """Seconds by label, each less those of what was labelled within it.

    `seconds` are those of the thread that made this, `beside` those of all others.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: Counter[str] = Counter()
        self.beside: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._clock, self._lock, self._open = clock, threading.Lock(), threading.local()
        self._thread = threading.get_ident()

    @contextmanager
    def span(self, label: str) -> Iterator[None]:
        """Time that passes under the label."""
        stack = self._open.__dict__.setdefault("stack", [])
        stack.append(0.0)
        begun = self._clock()
        try:
            yield
        finally:
            passed = self._clock() - begun
            within = stack.pop()
            if stack:
                stack[-1] += passed
            with self._lock:
                here = threading.get_ident() == self._thread
                (self.seconds if here else self.beside)[label] += passed - within
                self.calls[label] += 1

    def labelled(self, label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed under a label."""

        @wraps(function)
        def call(*args: object, **more: object) -> object:
            with self.span(label):
                return function(*args, **more)

        return call


@contextmanager
def watched(points: Sequence[tuple[str, str]] = POINTS) -> Iterator[Spans]:
    """Label the calls of these functions meanwhile.

    Raises RuntimeError at the end where one was never called: its line would be empty for want of
    looking.
    """
    spans = Spans()
    with ExitStack() as stack:
        for label, point in points:
            module, _, path = point.partition(":")
            owner, _, name = path.rpartition(".")
            holder = resolve_name(f"{module}:{owner}") if owner else resolve_name(module)
            held = getattr(holder, name)
            stack.enter_context(patch.object(holder, name, spans.labelled(label, held)))
        yield spans
    if missing := {label for label, _ in points} - set(spans.calls):
        raise RuntimeError(f"never called: {', '.join(sorted(missing))}")


@contextmanager
def inside(model: nn.Module, spans: Spans) -> Iterator[None]:
    """Label what batches do, by the model's modules; only where operations end before they return,
    on a processor."""
    pooled = HiddenStates.__call__

    def call(self: HiddenStates, ids: Any, mask: Any, reduce: Callable[..., Any]) -> Any:  # noqa: ANN401
        return pooled(self, ids, mask, spans.labelled(POOLING, reduce))

    functions = [(ATTENTION, nn.functional, "scaled_dot_product_attention")]
    code = sys.modules[type(model).__module__]
    if hasattr(code, "apply_rotary_pos_emb"):
        functions.append((ROTARY, code, "apply_rotary_pos_emb"))
    functions += [
        (label, module, "forward")
        for module in model.modules()
        if (label := kind(module)) is not None
    ]
    with ExitStack() as stack:
        stack.enter_context(patch.object(HiddenStates, "__call__", call))
        for label, holder, name in functions:
            held = getattr(holder, name)
            stack.enter_context(patch.object(holder, name, spans.labelled(label, held)))
        yield


def kind(module: nn.Module) -> str | None:
    """The line of the account that a module's own time belongs to, or None."""
    if isinstance(module, nn.Linear):
        return PRODUCTS
    name = type(module).__name__
    if "activation" in type(module).__module__:
        return GATES
    return next((label for label, part in KINDS if part in name), None)


def account(act: Callable[[], object], model: nn.Module) -> dict[str, float]:
    """Shares of the time that `act` takes with a model, by line, largest first.

    Batches that run at once share its time evenly; threads that have none wait.
    """
    points = (*POINTS, (REST, "evaluators.engine:Engine._forward"))
    with watched(points) as spans, inside(model, spans), spans.span(JOB):
        act()
    threads = torch.get_num_threads()
    seconds = spans.seconds + Counter({k: each / threads for k, each in spans.beside.items()})
    if spans.beside:
        seconds[WAITING] = seconds.pop(BATCHES) - spans.beside.total() / threads
    return {name: each / seconds.total() for name, each in seconds.most_common()}


@dataclass(frozen=True)
class Memory:
    """MiB at one moment: resident, its own, and its share of what processes share."""

    rss: float
    uss: float
    pss: float | None

    @classmethod
    def now(cls) -> Memory:
        """Of this process."""
        full = psutil.Process().memory_full_info()
        pss = getattr(full, "pss", None)
        return cls(full.rss / MIB, full.uss / MIB, pss / MIB if pss else None)


@dataclass(frozen=True)
class Job:
    """A job over many languages: seconds of its main thread by label, and memory on the way."""

    seconds: dict[str, float]
    wall: float
    memory: dict[str, Memory]
    resident: list[float]
    """MiB after 0, 1, 2 ... languages."""
    again: list[float]
    """MiB after each of a few of them that were measured again and again."""

    @property
    def scoring(self) -> float:
        """Share of the job's time."""
        return self.seconds.get(SCORING, 0.0) / self.wall

    @property
    def slope(self) -> float:
        """MiB a language, by least squares, while the same ones are measured again.

        Over different ones memory follows the length of their segments.
        """
        return float(np.polyfit(np.arange(len(self.again)), self.again, 1)[0])


def corpus(cache: Path, segments: int) -> Corpus:
    """The default corpus, of it the first so many segments."""
    whole = corpora.load("udhr", cache=cache)
    few = {code: texts[:segments] for code, texts in whole.languages.items()}
    return replace(whole, languages=few, n=min(segments, whole.n))


def job(model: str, dtype: str, codes: Sequence[str], cache: Path, segments: int) -> Job:
    """A whole job, as a worker runs it, into an empty repo; to be called in a fresh process."""
    from evaluators.models.load import load
    from evaluators.models.source import find

    parallel = corpus(cache, segments)
    memory = {"libraries and corpus": Memory.now()}
    loaded = load(find(model, cache), cache, dtype)
    memory["model loaded"] = Memory.now()
    resident: list[float] = []

    def sample(progress: Progress) -> None:
        if progress.done == len(resident):
            resident.append(psutil.Process().memory_info().rss / MIB)

    with watched() as spans:
        wall = once(loaded, parallel, codes, sample, spans)
    memory["all languages measured"] = Memory.now()
    short = sorted(codes, key=lambda code: len("".join(parallel.languages[code]).encode()))[:FEW]
    again = []
    for code in short * AGAIN:
        once(loaded, parallel, [code])
        again.append(psutil.Process().memory_info().rss / MIB)
    return Job(dict(spans.seconds), wall, memory, resident, again)


def once(
    loaded: Loaded,
    corpus: Corpus,
    codes: Sequence[str],
    report: Callable[[Progress], None] = lambda progress: None,
    spans: Spans | None = None,
) -> float:
    """Seconds to measure the languages by the usual methods, into a repo that goes with it."""
    from evaluators.job import evaluate
    from results.repo import Repo

    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with (spans or Spans()).span(JOB):
            evaluate(loaded, corpus, codes, Wanted(USUAL), Repo(Path(folder)), report)
        return time.perf_counter() - begun
