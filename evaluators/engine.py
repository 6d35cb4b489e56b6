"""Segments in, one vector a segment, layer and embedding method out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from evaluators import embeddings
from evaluators.batcher import Batcher, collate
from evaluators.embeddings import PLAIN
from evaluators.embeddings.kinds import Apart
from evaluators.embeddings.moe_routing import Routers
from evaluators.embeddings.reading import Row
from evaluators.embeddings.token_prepending import Prepending
from evaluators.hidden_states import HiddenStates
from evaluators.models import placement
from evaluators.models.load import Loaded
from evaluators.models.positions import positions
from evaluators.models.stack import padding
from evaluators.pooling import Pool, Vectors
from results.described import Embedding

PREPENDED = "prepended"


@dataclass(frozen=True)
class Embedded:
    """What a language's segments became.

    `vectors[str(method)][layer]` is float32 (n, d), one layer in all for a method that is `single`.
    Methods that follow from another's vectors are not in it: `embeddings.vectors` makes them.
    `tokens` counts all segments' own tokens before any was cut; `cuts[reading]` counts segments
    longer than the model's positions under a reading, which took `seconds[reading]`. `curvature`
    is float64 (layers, n), radians.
    """

    vectors: dict[str, list[np.ndarray]]
    tokens: int
    cuts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    curvature: np.ndarray | None = None


class Engine:
    """A model and its tokenizer, ready to embed segments in batches of bounded size.

    Raises ValueError if the model cannot give one of the methods.
    """

    def __init__(
        self,
        loaded: Loaded,
        methods: Sequence[Embedding],
        batch_tokens: int,
        curvature: bool = False,
    ) -> None:
        embeddings.check(methods, loaded)
        self.loaded = loaded
        self.tokenizer: PreTrainedTokenizerBase = loaded.tokenizer
        self.methods = list(methods)
        self.bases = embeddings.bases(methods)
        self.curvature = curvature
        model = loaded.model if loaded.model is not None else getattr(loaded, "whole", None)
        self.device = model.device if model is not None else torch.device("cpu")
        self.batcher = Batcher(batch_tokens, self.device)
        if model is not None and placement.spread(model):
            self.batcher.threads = 1
        if loaded.model is not None:
            self.hidden_states = HiddenStates(loaded.model)
            self.positions = positions(loaded.model, self.tokenizer)
            self.pad = padding(self.tokenizer, loaded.model)
            self.routers = Routers(loaded.model)
            prepended = any(base.reading == PREPENDED for base in self.bases)
            self.prepending = Prepending(loaded.model) if prepended else None

    @property
    def batch_tokens(self) -> int:
        """Padded tokens of a batch; less once memory has run out."""
        return self.batcher.budget

    @property
    def halvings(self) -> int:
        """How often a batch did not fit."""
        return self.batcher.halvings

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids that the tokenizer gives each segment alone, special tokens included."""
        ids: list[list[int]] = self.tokenizer(list(texts))["input_ids"]
        return ids

    def count(self, texts: Sequence[str]) -> int:
        """Tokens of all the segments together."""
        return sum(map(len, self.encode(texts)))

    def embed(self, texts: Sequence[str]) -> Embedded:
        """Vectors of every segment.

        Raises:
            ValueError: a segment without a token, or a state that is not a finite number.
            MemoryError: one segment alone does not fit.
        """
        encoded = self.encode(texts)
        if not all(encoded):
            raise ValueError(
                f"segment {[bool(row) for row in encoded].index(False) + 1} has no token"
            )
        vectors: dict[str, list[np.ndarray]] = {}
        cuts: dict[str, int] = {}
        seconds: dict[str, float] = {}
        curvature = None
        readings: dict[str, list[Embedding]] = {PLAIN: []} if self.curvature else {}
        for base in self.bases:
            kind = embeddings.METHODS[base.name]
            if isinstance(kind, Apart):
                begun = time.monotonic()
                vectors[str(base)], _, cuts[base.reading] = kind.embed(
                    self.loaded, texts, self.batcher
                )
                seconds[base.reading] = time.monotonic() - begun
            else:
                readings.setdefault(embeddings.reading(base), []).append(base)
        for reading, bases in readings.items():
            begun = time.monotonic()
            rows = self._read(reading, texts, encoded)
            cuts[reading] = sum(row.cut for row in rows)
            found = self._pass(reading, bases, rows)
            for at, base in enumerate(bases):
                of_rows = [pooled[at] for pooled, _ in found]
                vectors[str(base)] = [np.stack(layer) for layer in zip(*of_rows, strict=True)]
            if self.curvature and reading == PLAIN:
                curvature = np.stack([angles for _, angles in found], 1).astype(np.float64)
            seconds[reading] = time.monotonic() - begun
        if not all(np.isfinite(layer).all() for method in vectors.values() for layer in method):
            raise ValueError("the model's hidden states hold NaN or infinity in this compute dtype")
        return Embedded(vectors, sum(map(len, encoded)), cuts, seconds, curvature)

    def _read(self, reading: str, texts: Sequence[str], encoded: Sequence[list[int]]) -> list[Row]:
        if reading != PLAIN:
            read = embeddings.READINGS[reading]
            return [read(self.tokenizer, text, self.positions) for text in texts]
        rows = []
        for text, ids in zip(texts, encoded, strict=True):
            cut = len(ids) > self.positions
            if cut:
                ids = self.tokenizer(text, truncation=True, max_length=self.positions)["input_ids"]
            rows.append(Row(ids, 0, len(ids), cut))
        return rows

    def _pass(
        self, reading: str, bases: Sequence[Embedding], rows: Sequence[Row]
    ) -> list[tuple[list[Vectors], np.ndarray]]:
        """For each segment the vectors of each base, and the angle of each layer."""
        with ExitStack() as hooks:
            hooks.enter_context(self.hidden_states.attached())
            hooks.enter_context(self.routers.attached())
            if self.prepending and reading == PREPENDED:
                hooks.enter_context(self.prepending.attached())
            return self.batcher.run(
                [len(row.ids) for row in rows],
                lambda batch: self._forward(reading, bases, [rows[i] for i in batch]),
            )

    def _forward(
        self, reading: str, bases: Sequence[Embedding], rows: Sequence[Row]
    ) -> list[tuple[list[Vectors], np.ndarray]]:
        ids, mask = collate([row.ids for row in rows], self.pad)
        kinds = [embeddings.passed(base) for base in bases]
        pool = Pool(kinds, _pooled(mask, rows), self.curvature and reading == PLAIN)
        last = (mask * torch.arange(1, mask.shape[1] + 1)).argmax(dim=1)
        self.hidden_states.ready(ids)
        with ExitStack() as watched:
            routed = watched.enter_context(self.routers.reading(last, mask.shape[1]))
            if self.prepending and reading == PREPENDED:
                place = mask.argmax(dim=1) + torch.tensor([row.place for row in rows])
                watched.enter_context(self.prepending.reading(place, last))
            layers = self.hidden_states(ids, mask, pool)
        return pool.rows(layers, routed)


def _pooled(mask: torch.Tensor, rows: Sequence[Row]) -> torch.Tensor:
    """The mask of the tokens that are pooled, wherever the padding stands."""
    position = mask.cumsum(dim=1)
    start = torch.tensor([[row.start] for row in rows])
    stop = torch.tensor([[row.stop] for row in rows])
    return mask * (position > start) * (position <= stop)
