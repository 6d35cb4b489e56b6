"""What one worker of a Ray cluster does: load the model, then measure languages one by one.

The driver imports this without torch; everything heavy is imported where it is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from evaluators import exits
from evaluators.keeping import Measured
from evaluators.options import Options
from results.schema import Evaluator, Model, Run

if TYPE_CHECKING:
    from evaluators.measurer import Measurer

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
    options: Options
    """What to measure, in a person's words: what `all` means depends on the model."""
    of_corpus: tuple[str, str, str | None, int]
    """Name, hash, split and segments of the corpus."""
    pivots: dict[str, tuple[str, ...]]
    """Segments of each pivot by its code."""
    english: tuple[str, ...] | None
    token: str | None = field(default=None, repr=False)
    """Hub token for a gated model; it travels here because a Ray environment is no secret."""
    quantised: Literal["refuse", "run"] = "refuse"
    """What the board does with quantised models; a node has no such setting."""


@dataclass(frozen=True)
class Ready:
    """A loaded worker: the model as the record tells of it, and what it will measure."""

    about: Model
    configurations: list[Evaluator]
    run: Run
    refused: str | None = None
    """What was asked for and the model cannot give."""


class Worker:
    """One process of the cluster that holds the model and the pivots' vectors."""

    measurer: Measurer

    def load(self, order: Order) -> Ready:
        """Fetch and load the model on this node.

        Raises:
            ValueError, MemoryError: whatever went wrong, in words that need no torch to be read.
        """
        scrub(os.environ, order.token)
        with _plain(f"loading {order.model}"):
            from evaluators.job import this_run
            from evaluators.measurer import Measurer, able
            from evaluators.models.load import load
            from evaluators.models.source import find
            from evaluators.options import wanted
            from results.settings import settings

            cache = settings().cache
            found = find(order.model, cache, order.revision, order.file)
            loaded = load(found, cache, order.dtype, order.quantised)
            asked, refused = able(
                loaded, wanted(order.options, loaded).configurations(*order.of_corpus)
            )
            self.measurer = Measurer(loaded, order.pivots, asked, order.english)
            run = this_run(self.measurer.device, self.measurer.batch_tokens)
        return Ready(loaded.about, asked, run, refused)

    def measure(
        self, code: str, segments: Sequence[str], configurations: Sequence[Evaluator]
    ) -> list[Measured]:
        """The rows and hits of one language that they ask for. Raises what `load` does."""
        with _plain(code):
            return self.measurer.measure(code, segments, configurations)


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
