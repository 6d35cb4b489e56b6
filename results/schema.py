"""The record of a model's cells under one evaluator configuration, and its side file of hits.

A record never needs a new key: a new embedding method, pivot, split or task is a new value of
`Parameters`, a new score a new name in `LanguageScore.values`, a new machine a new `Run`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from results.ids import LanguageCode, ModelId, Revision
from results.methods import EMBEDDINGS, STATISTICS

SCHEMA_VERSION = 1
TIE = 1e-9

Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Format = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,24}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Scalar = str | int | float | bool | None


class Strict(BaseModel):
    """Unknown keys are errors, and so are NaN and infinity."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class ModelKey(Strict):
    """What a score belongs to: these files, computed in this dtype."""

    id: ModelId
    revision: Revision
    weights: Format
    """What the file holds: `bfloat16`, `Q4_1` ..."""
    dtype: Format
    """What was computed in: `float32`, `bfloat16`, `float16`."""


class Model(ModelKey):
    """What was loaded."""

    file: str | None
    """The file inside the repo or package, where it holds several (GGUF)."""
    name: str
    architecture: str
    """`model_type` of its transformers configuration: `llama`, `gemma3_text` ..."""
    parameters: Annotated[int, Field(gt=0)] | None
    """Number of parameters without a language-model head of its own."""
    layers: Annotated[int, Field(gt=1)] | None
    """Hidden states: the embedding output and one a block, L + 1."""
    hidden_size: int | None
    licence: str | None
    base_model: str | None


class Parameters(Strict):
    """What makes two scores comparable; null where a kind of evaluator has no such thing."""

    corpus: Name
    corpus_hash: Sha256
    split: Name | None
    n: Annotated[int, Field(gt=0)]
    """Segments of a corpus, or questions of a task."""
    pivot: LanguageCode | None
    embedding: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*@[0-9]+$")] | None
    """Embedding method and its version, `weighted-mean@1`."""
    seed: int
    options: dict[Name, Scalar] = {}
    """Anything that only one evaluator has: few-shot count, prompt ..."""


class Evaluator(Strict):
    """One evaluator configuration."""

    name: Name
    version: int
    parameters: Parameters

    def key(self) -> str:
        """`{name}-{hash}`: 12 hex digits of the SHA-256 of the canonical JSON."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


class Value(Strict):
    """One score, its 95 % interval, and the level that chance reaches one time in twenty."""

    value: Share
    low: Share | None
    high: Share | None
    chance: Share | None

    @property
    def at_chance(self) -> bool | None:
        """Whether the score is no better than chance; None where chance is unknown.

        A tie is one, whatever the last digit of the two sums says.
        """
        return None if self.chance is None else self.value <= self.chance + TIE

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval has two ends")
        low, high = self.low, self.high
        if low is not None and high is not None and not low <= self.value <= high:
            raise ValueError(f"{self.value} is outside its interval {low} to {high}")
        return self


class LanguageScore(Strict):
    """The cells of one language. The pivot is listed for its token count, with no values."""

    language: LanguageCode
    values: dict[Name, Value] = {}
    """`mean` and `max` over layers for alignment; `accuracy` for a task."""
    layers: list[Share] | None = None
    """Alignment at each hidden state, from the embedding output to the last block."""
    layers_chance: list[Share] | None = None
    curves: dict[Name, list[float]] = {}
    """A statistic of each layer, which is no share: `value`, or one curve for each of several."""
    tokens: Annotated[int, Field(ge=0)] | None
    """Tokens of all segments together, special tokens included."""
    tokens_ratio: Annotated[float, Field(gt=0)] | None
    """`tokens` over those of the same segments in English."""
    cut: Annotated[int, Field(ge=0)] | None
    """Segments longer than the model's positions."""
    questions: Annotated[int, Field(gt=0)] | None = None
    """Questions that a task asked in this language; translations lack some."""
    stderr: Share | None = None
    """Standard error of a task's accuracy, as lm-eval gives it."""
    seconds: Annotated[float, Field(ge=0)]
    run: Annotated[int, Field(ge=0)]
    """Which of the record's runs measured it."""


class Run(Strict):
    """Where and with what cells were measured."""

    started: datetime
    device: str
    """`cpu`, `cuda`, `mps` ..."""
    machine: str
    """Processor or accelerator, as the system names it."""
    threads: int | None
    batch_tokens: int | None
    software: dict[str, str]


class Record(Strict):
    """All cells of one model under one evaluator configuration."""

    schema_version: Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    model: Model
    evaluator: Evaluator
    interval: str | None
    """Method and version of the intervals."""
    scores: list[LanguageScore]
    runs: Annotated[list[Run], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        codes = [score.language for score in self.scores]
        if len(codes) != len(set(codes)):
            raise ValueError("a language is listed twice")
        layers = self._layers()
        for score in self.scores:
            if score.run >= len(self.runs):
                raise ValueError(f"{score.language} names run {score.run}, which is not listed")
            for curve in (score.layers, score.layers_chance, *score.curves.values()):
                if curve is not None and layers not in (None, len(curve)):
                    raise ValueError(
                        f"{score.language} has {len(curve)} layers, the model {layers}"
                    )
        return self

    def _layers(self) -> int | None:
        """The length of every curve; None where the model does not say (a decoder's beside)."""
        statistic = STATISTICS.get(self.evaluator.name)
        if statistic and statistic.of_tokens:
            return self.model.layers
        name = (self.evaluator.parameters.embedding or "").partition("@")[0]
        method = EMBEDDINGS.get(name)
        if method and method.single:
            return 1
        return None if method and method.reading == "decoder" else self.model.layers

    def languages(self) -> set[str]:
        """Codes that this record has cells for."""
        return {score.language for score in self.scores}


class Hits(Strict):
    """Which segments counted, a bit each: base64 of `numpy.packbits` of bool (layers, n)."""

    schema_version: Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    layers: Annotated[int, Field(gt=0)]
    n: Annotated[int, Field(gt=0)]
    bits: dict[LanguageCode, str]

    @model_validator(mode="after")
    def _sized(self) -> Self:
        size = -(-self.layers * self.n // 8)
        for language, text in self.bits.items():
            if len(base64.b64decode(text, validate=True)) != size:
                raise ValueError(f"the hits of {language} are not {self.layers} x {self.n} bits")
        return self

    def raw(self, language: str) -> bytes:
        """The packed bits of a language; KeyError when it is not there."""
        return base64.b64decode(self.bits[language])

    def unpack(self, language: str) -> np.ndarray:
        """Bool array (layers, n) of a language; KeyError when it is not there."""
        raw = np.frombuffer(self.raw(language), dtype=np.uint8)
        count = self.layers * self.n
        return np.unpackbits(raw, count=count).astype(bool).reshape(self.layers, self.n)


def pack(hits: np.ndarray) -> str:
    """Bool array (layers, n) as the text that `Hits.bits` holds."""
    return base64.b64encode(np.packbits(hits.astype(bool)).tobytes()).decode()
