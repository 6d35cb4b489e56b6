"""A job whose languages several workers of a Ray cluster share: given out, collected, joined.

The driver loads neither the model nor torch. Each worker loads the model on its node and embeds
the pivots once; then it gets one language after the other, the pivots and costly ones first, so
that a fast node does more and a dead one loses a single language. A language's rows depend on its
own segments and the pivots' alone, so it does not matter which worker measured it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evaluators.corpora import PIVOT, Corpus
from evaluators.keeping import Measured, keep, known, lacking
from evaluators.options import Options
from evaluators.ray_cluster import ClusterError, connected, pinned, place, ray
from evaluators.ray_worker import Order, Ready, Worker
from results.repo import Repo
from results.request import Progress
from results.schema import Evaluator, Model
from results.settings import settings

DEATHS = 3
"""Workers that may die one after the other before a language is finished."""


@dataclass
class Joined:
    """What became of a job."""

    model: Model
    configurations: list[Evaluator]
    measured: dict[int, list[str]] = field(default_factory=dict)
    """Each worker's languages, in the order it measured them."""
    deaths: int = 0
    again: tuple[str, ...] = ()
    """Languages that were given out again after their worker died."""

    def __str__(self) -> str:
        shares = [str(len(codes)) for codes in self.measured.values() if codes]
        text = f"{' + '.join(shares) or 'no'} languages by {len(shares)} workers"
        return f"{text}; {self.deaths} workers lost, {len(self.again)} languages given out again"


@dataclass
class _Hand:
    """A worker: its actor, the language that it has now, and what it said when it was ready."""

    number: int
    actor: Any
    code: str | None = None
    ready: Ready | None = None


def run(
    address: str,
    parts: int,
    model: str,
    corpus: Corpus,
    languages: Sequence[str],
    options: Options,
    repo: Repo,
    report: Callable[[Progress], None] = lambda progress: None,
    *,
    revision: str | None = None,
    file: str | None = None,
    dtype: str = "float32",
    expect_weights: str | None = None,
) -> Joined:
    """`evaluate` on the cluster at an address. HF_TOKEN goes to the workers of a closed model.

    A gated corpus is not theirs to read: this process has it, and hands the segments out.

    Raises what `connected`, `pinned` and `evaluate` raise: ValueError, or a worker's MemoryError.
    """
    model, revision, memory, closed = pinned(model, revision, file, dtype)
    known(f"corpus {corpus.name}", corpus.languages, options.pivots)
    order = Order(
        model,
        revision,
        file,
        dtype,
        options,
        (corpus.name, corpus.hash, corpus.split, corpus.n),
        {code: corpus.languages[code] for code in options.pivots},
        corpus.languages.get(PIVOT),
        os.environ.get("HF_TOKEN") if closed else None,
        settings().quantised,
    )
    with connected(address):
        return evaluate(order, corpus, languages, repo, parts, memory, report, expect_weights)


def evaluate(
    order: Order,
    corpus: Corpus,
    languages: Sequence[str],
    repo: Repo,
    parts: int = 2,
    memory: int = 0,
    report: Callable[[Progress], None] = lambda progress: None,
    expect_weights: str | None = None,
) -> Joined:
    """Measure what the repo lacks on the cluster that this process is connected to.

    Each language is added to the repo as it arrives. `parts` workers; `memory` bytes for each.

    Raises:
        ClusterError: no room on the cluster, DEATHS workers in a row died, or the model cannot give
            an embedding, which is said when the rest is kept.
        ValueError, MemoryError: what a worker could not load or measure; what `Repo.add` raises.
    """
    wanted = list(dict.fromkeys([*order.pivots, *languages]))
    known(f"corpus {corpus.name}", corpus.languages, wanted)
    library = ray()
    parts = max(1, min(parts, len(set(wanted) - order.pivots.keys())))
    kind = library.remote(Worker).options(**place(library.nodes(), parts, memory))
    job = _Job(library, kind, order, corpus, wanted, repo, report, expect_weights)
    try:
        for _ in range(parts):
            job.start()
        while not job.finished:
            job.step()
    finally:
        job.end()
    assert job.joined is not None  # noqa: S101
    if job.refused:
        raise ClusterError(job.refused)
    return replace(job.joined, deaths=job.deaths, again=tuple(job.again))


class _Job:
    """What is still to be measured, who measures what, and where it is kept."""

    def __init__(
        self,
        library: Any,  # noqa: ANN401
        kind: Any,  # noqa: ANN401
        order: Order,
        corpus: Corpus,
        wanted: Sequence[str],
        repo: Repo,
        report: Callable[[Progress], None],
        expect_weights: str | None,
    ) -> None:
        self.ray, self.kind, self.order, self.corpus = library, kind, order, corpus
        self.wanted, self.repo, self.report, self.expect = wanted, repo, report, expect_weights
        self.joined: Joined | None = None
        self.refused: str | None = None
        self.deaths, self.again = 0, list[str]()
        self.tasks: dict[Any, _Hand] = {}
        self.idle: list[_Hand] = []
        self.waiting: deque[str] = deque()
        self.lacking: dict[str, list[Evaluator]] = {}
        self.left: dict[str, int] = {}
        """Languages that are not measured yet, and their cost: bytes of UTF-8."""
        self.total = self.cost = 0
        self.in_a_row = 0
        self.started = 0
        self.begun = time.monotonic()

    @property
    def finished(self) -> bool:
        return self.joined is not None and not self.left

    def start(self) -> None:
        """One more worker; Ray starts it when there is room."""
        hand = _Hand(self.started, self.kind.remote())
        self.started += 1
        self.tasks[hand.actor.load.remote(self.order)] = hand

    def step(self) -> None:
        """Wait for one worker, keep what it brings, and give out what waits."""
        (task,), _ = self.ray.wait(list(self.tasks), num_returns=1)
        hand = self.tasks.pop(task)
        try:
            brought = self.ray.get(task)
        except self.ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self.ray.exceptions.RayError as error:
            if isinstance(error, self.ray.exceptions.RuntimeEnvSetupError):
                raise ClusterError(f"a node cannot set its worker up: {_first(error)}") from None
            self._lost(hand, error)
        else:
            if hand.ready is None:
                self._welcome(hand, brought)
            else:
                self._keep(hand, brought)
            self.idle.append(hand)
        while self.idle and self.waiting:
            hand = self.idle.pop(0)
            hand.code = self.waiting.popleft()
            segments = self.corpus.languages[hand.code]
            asked = self.lacking[hand.code]
            self.tasks[hand.actor.measure.remote(hand.code, segments, asked)] = hand
        self._tell()

    def end(self) -> None:
        """End every worker of this job, also those that Ray has not placed yet."""
        for hand in [*self.tasks.values(), *self.idle]:
            self.ray.kill(hand.actor)

    def _welcome(self, hand: _Hand, ready: Ready) -> None:
        hand.ready = ready
        if self.joined is None:
            self.joined, self.refused = self._plan(ready), ready.refused
        elif self.joined.model != ready.about:
            raise ClusterError("the nodes hold different versions of the model: clear their caches")
        self.joined.measured[hand.number] = []

    def _plan(self, ready: Ready) -> Joined:
        """What the repo lacks of the model that the first worker loaded, costly languages first."""
        if self.expect not in (None, ready.about.weights):
            raise ClusterError(
                f"the file holds {ready.about.weights} weights, the request says {self.expect}"
            )
        joined = Joined(ready.about, ready.configurations)
        self.lacking = lacking(self.repo, ready.about, ready.configurations, self.wanted)
        for code in self.lacking:
            self.left[code] = sum(len(text.encode()) for text in self.corpus.languages[code])
        first = self.order.pivots
        self.waiting.extend(
            sorted(self.left, key=lambda code: (code not in first, -self.left[code], code))
        )
        self.cost, self.begun = sum(self.left.values()), time.monotonic()
        self.total = self._undone()
        return joined

    def _undone(self) -> int:
        """Languages to come; pivots, most of which have a token count alone, are not counted."""
        return len(self.left.keys() - self.order.pivots.keys())

    def _keep(self, hand: _Hand, rows: Sequence[Measured]) -> None:
        assert self.joined and hand.ready and hand.code  # noqa: S101
        keep(self.repo, self.joined.model, hand.ready.run, rows)
        if hand.code not in self.order.pivots:
            self.joined.measured[hand.number].append(hand.code)
        del self.left[hand.code]
        hand.code = None
        self.in_a_row = 0

    def _lost(self, hand: _Hand, error: Any) -> None:  # noqa: ANN401
        """A dead worker's language goes last: should it be what kills, the others are kept."""
        self.ray.kill(hand.actor)
        if hand.code:
            self.waiting.append(hand.code)
            self.again.append(hand.code)
        self.deaths += 1
        self.in_a_row += not getattr(error, "preempted", False)
        if self.in_a_row == DEATHS:
            at = f"at {hand.code}" if hand.code else "while loading the model"
            kept = f"{self.total - self._undone()} languages are kept; " if self.joined else ""
            raise ClusterError(
                f"{DEATHS} workers of the Ray cluster died one after the other, the last {at}: "
                f"the nodes may lack memory; {kept}run it again to go on"
            )
        if not self.joined or (not self.idle and len(self.tasks) < len(self.left)):
            self.start()

    def _tell(self) -> None:
        doing = ", ".join(sorted(hand.code for hand in self.tasks.values() if hand.code))
        undone = sum(self.left.values())
        passed, spent = time.monotonic() - self.begun, self.cost - undone
        seconds = passed / spent * undone if spent else None if undone else 0.0
        done = self.total - self._undone()
        self.report(Progress(done=done, total=self.total, doing=doing, seconds_left=seconds))


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]
