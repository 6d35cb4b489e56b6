"""Where the time of a job goes, and what memory it takes, language by language."""

from __future__ import annotations

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
from torch._C._profiler import _ExperimentalConfig
from torch.profiler import ProfilerActivity, profile, record_function

from evaluators import corpora
from evaluators.corpora import Corpus
from evaluators.models.load import Loaded
from results.evaluation import Wanted
from results.request import Progress

MIB = 2**20
USUAL = ("weighted-mean", "last-token")
"""The embedding methods of a job where nothing else is asked for."""
EMBEDDING, TOKENISING, POOLING = "embedding", "tokenising", "pooling"
SCORING, WRITING, JOB = "scoring", "writing", "job"
REST = "Python and waiting"
POINTS = (
    (TOKENISING, "transformers:PreTrainedTokenizerBase.__call__"),
    (EMBEDDING, "evaluators.engine:Engine.embed"),
    (SCORING, "evaluators.measurer:Measurer.measure"),
    (WRITING, "results.repo:Repo.add"),
)
"""Functions whose time, less that of others within, is a line of the account."""
PRODUCTS = ("aten::linear", "aten::matmul", "aten::mm", "aten::addmm")
ATTENTION = ("aten::scaled_dot_product_attention", "aten::bmm", "aten::baddbmm")
_COPIES = """
    copy_ clone contiguous cat stack to _to_copy fill_ zero_ repeat embedding index index_select
    empty empty_like empty_strided arange full ones zeros view _unsafe_view reshape transpose t
    slice select expand unsqueeze squeeze permute as_strided chunk split narrow unbind alias detach
    resolve_conj resolve_neg
"""
COPIES = frozenset(f"aten::{name}" for name in _COPIES.split())
"""Operations that compute nothing: copies, look-ups, and changes of shape."""


class Spans:
    """Seconds by label, each less those of what was labelled within it; by thread."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._clock, self._lock, self._open = clock, threading.Lock(), threading.local()

    @contextmanager
    def span(self, label: str) -> Iterator[None]:
        """Time that passes under the label."""
        stack = self._open.__dict__.setdefault("stack", [])
        stack.append(0.0)
        begun = self._clock()
        try:
            with record_function(label):
                yield
        finally:
            passed = self._clock() - begun
            within = stack.pop()
            if stack:
                stack[-1] += passed
            with self._lock:
                self.seconds[label] += passed - within
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
    """Label the calls of these functions meanwhile, and the pooling of every hidden state.

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
        stack.enter_context(_pooling(spans))
        yield spans
    if missing := {POOLING, *(label for label, _ in points)} - set(spans.calls):
        raise RuntimeError(f"never called: {', '.join(sorted(missing))}")


def _pooling(spans: Spans) -> Any:  # noqa: ANN401
    from evaluators.hidden_states import HiddenStates

    original = HiddenStates.__call__

    def call(self: HiddenStates, ids: Any, mask: Any, reduce: Callable[..., Any]) -> Any:  # noqa: ANN401
        return original(self, ids, mask, spans.labelled(POOLING, reduce))

    return patch.object(HiddenStates, "__call__", call)


def kind(event: Any) -> str:  # noqa: ANN401
    """The line of the account that a profiled event's own time belongs to."""
    above, names = event, set()
    while above is not None and above.name not in (EMBEDDING, JOB):
        if above.name in (TOKENISING, POOLING, SCORING, WRITING):
            return str(above.name)
        names.add(above.name)
        above = above.cpu_parent
    if not names:
        return REST
    if names.intersection(ATTENTION):
        return "attention"
    if names.intersection(PRODUCTS):
        return "matrix products"
    return "copies and look-ups" if event.name in COPIES else "elementwise and norms"


def account(act: Callable[[], object]) -> dict[str, float]:
    """Shares of the time that `act` takes, by line, largest first.

    Where several threads run batches, of the time that they have together. What no operation took
    is the interpreter's, or waiting.
    """
    everywhere = _ExperimentalConfig(profile_all_threads=True)
    with (
        watched() as spans,
        profile(activities=[ProfilerActivity.CPU], experimental_config=everywhere) as found,
    ):
        begun = time.perf_counter()
        with spans.span(JOB):
            act()
        wall = time.perf_counter() - begun
    events = found.events()
    seconds: Counter[str] = Counter()
    for event in events:
        seconds[kind(event)] += event.self_cpu_time_total / 1e6
    there = wall * max(1, len({event.thread for event in events if event.name in PRODUCTS}))
    seconds[REST] = there - (seconds.total() - seconds[REST])
    return {name: each / there for name, each in seconds.most_common()}


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
    """A job over many languages: its seconds by label, and memory on the way."""

    seconds: dict[str, float]
    wall: float
    memory: dict[str, Memory]
    resident: list[float]
    """MiB after 0, 1, 2 ... languages."""

    @property
    def scoring(self) -> float:
        """Share of the job's time."""
        return self.seconds.get(SCORING, 0.0) / self.wall

    @property
    def slope(self) -> float:
        """MiB a language, by least squares, after the first quarter."""
        rest = self.resident[len(self.resident) // 4 :]
        return float(np.polyfit(np.arange(len(rest)), rest, 1)[0])


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
    return Job(dict(spans.seconds), wall, memory, resident)


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
