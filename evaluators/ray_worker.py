"""What one worker of a Ray cluster does: load the model, then measure languages one by one.

The driver imports this without torch; everything heavy is imported where it is used.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from evaluators import exits
from results.schema import LanguageScore, Model, Run

if TYPE_CHECKING:
    import numpy as np

    from evaluators.engine import Embedded, Engine
    from results.described import Embedding

SECRET = re.compile(r"TOKEN(?!IZER)|SECRET|PASSWORD|PASSWD|CREDENTIAL|_KEY$", re.IGNORECASE)
"""Names of environment variables that no worker needs; Ray's own are left to Ray."""


def secrets(names: Sequence[str]) -> list[str]:
    """Those of the environment variables' names that a worker must not inherit."""
    return [name for name in names if SECRET.search(name) and not name.startswith("RAY_")]


@dataclass(frozen=True)
class Order:
    """What every worker is told at its start. The corpus text comes from the driver."""

    model: str
    revision: str | None
    file: str | None
    dtype: str
    methods: tuple[str, ...]
    """Names of embedding methods; all that there are when empty."""
    pivot: tuple[str, ...]
    """The pivot's segments."""
    pivot_code: str
    english: tuple[str, ...] | None
    token: str | None = field(default=None, repr=False)
    """Hub token for a gated model; it travels here because a Ray environment is no secret."""
    quantised: Literal["refuse", "run"] = "refuse"
    """What the board does with quantised models; a node has no such setting."""


Rows = list[tuple[LanguageScore, "np.ndarray | None"]]
"""For each method the row of one language, `run` still 0, and its hits, bool (layers, n)."""


@dataclass(frozen=True)
class Ready:
    """A loaded worker: the model as the record tells of it, the methods with their versions."""

    about: Model
    methods: tuple[str, ...]
    run: Run
    pivot: Rows


class Worker:
    """One process of the cluster that holds the model and the pivot's vectors."""

    engine: Engine
    methods: list[Embedding]
    reference: Embedded
    in_english: int | None

    def load(self, order: Order) -> Ready:
        """Fetch and load the model on this node and embed the pivot.

        Raises:
            ValueError, MemoryError: whatever went wrong, in words that need no torch to be read.
        """
        scrub(os.environ, order.token)
        with _plain(f"loading {order.model}"):
            from evaluators import embeddings
            from evaluators.engine import Engine
            from evaluators.job import this_run
            from evaluators.models.load import batch_tokens, load
            from evaluators.models.source import find
            from results.settings import settings

            cache = settings().cache
            self.methods = embeddings.methods(order.methods or embeddings.DEFAULT)
            found = find(order.model, cache, order.revision, order.file)
            loaded = load(found, cache, order.dtype, order.quantised)
            self.engine = Engine(loaded, self.methods, batch_tokens(loaded.model))
            english = order.english
            self.in_english = self.engine.count(english) if english else None
            run = this_run(self.engine.device, self.engine.batch_tokens)
        with _plain(order.pivot_code):
            begun = time.monotonic()
            self.reference = self.engine.embed(order.pivot)
            rows = self._rows(order.pivot_code, None, self.reference, begun)
        return Ready(loaded.about, tuple(map(str, self.methods)), run, rows)

    def measure(self, code: str, segments: Sequence[str]) -> Rows:
        """The rows and hits of one language. Raises what `load` does."""
        with _plain(code):
            begun = time.monotonic()
            embedded = self.engine.embed(segments)
            return self._rows(code, self.reference, embedded, begun)

    def _rows(self, code: str, reference: Embedded | None, new: Embedded, begun: float) -> Rows:
        from evaluators.scoring import row

        seconds = time.monotonic() - begun
        return [
            row(code, str(method), reference, new, self.in_english, seconds)
            for method in self.methods
        ]


def scrub(environment: MutableMapping[str, str], token: str | None) -> None:
    """Take every secret out of a worker's environment; leave it the Hub token it was given."""
    for name in secrets(list(environment)):
        del environment[name]
    if token:
        environment["HF_TOKEN"] = token
        environment.pop("HF_HUB_DISABLE_IMPLICIT_TOKEN", None)
    else:
        environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"  # noqa: S105


@contextmanager
def _plain(doing: str) -> Iterator[None]:
    """Errors as a plain ValueError or MemoryError: the driver must not need torch to read one."""
    try:
        yield
    except ValueError as error:
        raise ValueError(str(error)) from None
    except Exception as error:
        said = (str(error).strip().splitlines() or [""])[0]
        kind = MemoryError if exits.out_of_memory(error) else ValueError
        raise kind(f"{doing}: {type(error).__name__}: {said}"[:300]) from None
