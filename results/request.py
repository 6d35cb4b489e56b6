"""A request: what somebody asked for, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from results.corpora import GATED
from results.ids import LanguageCode
from results.schema import SCHEMA_VERSION, Evaluator, ModelKey, Strict

State = Literal["pending", "running", "finished", "failed", "cancelled", "gated"]
Outcome = Literal["finished", "failed", "killed", "lost", "preempted", "cancelled"]
RequestId = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}T[0-9]{12}-[0-9a-f]{8}$")]
Short = Annotated[str, StringConstraints(max_length=400)]


class RequestedModel(ModelKey):
    """The model as it will be loaded: the revision pinned, weights and dtype fixed by the board."""

    file: str | None
    parameters: int | None
    gated: bool = False
    """Whether its files are read with the board's read token."""
    licence: Short | None = None
    base_model: Short | None = None
    architecture: Short | None = None
    size: Annotated[int, Field(ge=0)] | None = None
    """Bytes of the weights to download."""


class Progress(Strict):
    """How far a running job is; `seconds_left` is null until it can be told."""

    done: Annotated[int, Field(ge=0)]
    total: Annotated[int, Field(ge=0)]
    doing: str
    seconds_left: Annotated[float, Field(ge=0)] | None


class Attempt(Strict):
    """One time that a worker took the request up."""

    worker: str
    started: datetime
    ended: datetime | None
    outcome: Outcome | None
    """Null while it runs. `lost`: its lease lapsed; `preempted`: its machine was taken away."""


class Request(Strict):
    """A model, the configurations asked for, the languages; the job measures what is missing."""

    schema_version: Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    id: RequestId
    model: RequestedModel
    configurations: Annotated[list[Evaluator], Field(min_length=1)]
    languages: Annotated[list[LanguageCode], Field(min_length=1)]
    submitter: Short | None
    """The `sub` of whoever asked, where people sign in."""
    submitter_name: Short | None = None
    created: datetime
    state: State
    attempts: list[Attempt]
    forgiven: Annotated[int, Field(ge=0)] = 0
    """Killed and lost attempts before somebody had it tried again: they count no more."""
    progress: Progress | None = None
    """Written by the first version alone, and read so that its requests are not lost."""
    reason: str | None = None
    """One sentence for a person: why it failed or waits."""
    log: str | None = None
    """The end of the job's log, when it failed."""

    @property
    def gated(self) -> bool:
        """Whether its job needs the board's read token: for the model or for the corpus."""
        return self.model.gated or any(e.parameters.corpus in GATED for e in self.configurations)
