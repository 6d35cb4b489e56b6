"""Segments in, one vector a segment, layer and embedding method out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from evaluators.embeddings import Method
from evaluators.exits import out_of_memory
from evaluators.hidden_states import HiddenStates


@dataclass(frozen=True)
class Embedded:
    """What a language's segments became.

    `vectors[method][layer]` is float32 (n, hidden); `tokens` counts all segments' tokens before any
    was cut; `cut` counts segments longer than the model's positions.
    """

    vectors: dict[str, list[np.ndarray]]
    tokens: int
    cut: int


def collate(
    rows: Sequence[Sequence[int]], pad: int, side: str = "right"
) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and mask (batch, tokens), padded on one side.

    Padding is on the right: absolute positions then hold without being passed.
    """
    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), pad)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for i, row in enumerate(rows):
        at = slice(0, len(row)) if side == "right" else slice(width - len(row), width)
        ids[i, at] = torch.tensor(row)
        mask[i, at] = 1
    return ids, mask


class Engine:
    """A model and its tokenizer, ready to embed segments in batches of bounded size."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        methods: Sequence[Method],
        batch_tokens: int,
    ) -> None:
        self.tokenizer = tokenizer
        self.methods = methods
        self.batch_tokens = batch_tokens
        self.halvings = 0
        self.device = model.device
        self.hidden_states = HiddenStates(model)
        self.positions = _positions(model, tokenizer)

    def encode(self, text: str) -> list[int]:
        """Token ids that the tokenizer gives the segment alone, special tokens included."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=True)["input_ids"]
        return ids

    def count(self, texts: Sequence[str]) -> int:
        """Tokens of all the segments together."""
        return sum(len(ids) for ids in self.tokenizer(list(texts))["input_ids"])

    def embed(self, texts: Sequence[str], stop: Callable[[], None] = lambda: None) -> Embedded:
        """Vectors of every segment; `stop` is called before each batch and may raise.

        Raises:
            ValueError: a segment without a token, or a state that is not a finite number.
            MemoryError: one segment alone does not fit.
        """
        rows = [self.encode(text) for text in texts]
        if not all(rows):
            raise ValueError(f"segment {[bool(row) for row in rows].index(False) + 1} has no token")
        tokens, cut = sum(map(len, rows)), sum(len(row) > self.positions for row in rows)
        if cut:
            rows = [self._cut(text, row) for text, row in zip(texts, rows, strict=True)]
        found: dict[int, list[torch.Tensor]] = {}
        waiting = sorted(range(len(rows)), key=lambda i: len(rows[i]), reverse=True)
        while waiting:
            stop()
            batch = next(batches(waiting, rows, self.batch_tokens))
            longest = len(rows[batch[0]])
            try:
                layers = self._forward([rows[i] for i in batch])
            except (RuntimeError, MemoryError) as error:
                if not out_of_memory(error):
                    raise
                if len(batch) == 1:
                    raise MemoryError(
                        f"one segment of {longest} tokens alone does not fit beside the model"
                    ) from error
                layers = None
            if layers is None:
                # Not while the error is at hand: its trace keeps the batch's tensors alive.
                self.batch_tokens = max(1, longest * len(batch) // 2)
                self.halvings += 1
                if self.device.type != "cpu":
                    torch.get_device_module(self.device).empty_cache()
                continue
            waiting = waiting[len(batch) :]
            for at, i in enumerate(batch):
                found[i] = [layer[:, at] for layer in layers]
        order = [found[i] for i in range(len(rows))]
        vectors = {
            str(method): [
                np.stack([segment[layer][m].numpy() for segment in order])
                for layer in range(len(order[0]))
            ]
            for m, method in enumerate(self.methods)
        }
        if not all(np.isfinite(layer).all() for method in vectors.values() for layer in method):
            raise ValueError("the model's hidden states hold NaN or infinity in this compute dtype")
        return Embedded(vectors, tokens, cut)

    def _cut(self, text: str, row: list[int]) -> list[int]:
        if len(row) <= self.positions:
            return row
        ids: list[int] = self.tokenizer(text, truncation=True, max_length=self.positions)[
            "input_ids"
        ]
        return ids

    def _forward(self, rows: Sequence[Sequence[int]]) -> list[torch.Tensor]:
        """One batch: L + 1 tensors (methods, batch, hidden), float32, on the CPU."""
        ids, mask = collate(rows, self.tokenizer.pad_token_id or 0)
        weights = torch.stack([method.weights(mask) for method in self.methods])

        def pool(states: torch.Tensor) -> torch.Tensor:
            on = weights.to(states.device)
            return torch.einsum("mbt,btd->mbd", on, states.float()).cpu()

        return self.hidden_states(ids.to(self.device), mask.to(self.device), pool)


def batches(
    order: Sequence[int], rows: Sequence[Sequence[int]], budget: int
) -> Iterator[list[int]]:
    """Runs of `order` whose padded size, longest times count, stays within `budget` tokens."""
    batch: list[int] = []
    for i in order:
        longest = max(len(rows[j]) for j in [*batch, i])
        if batch and longest * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _positions(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    limit = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    limits = [n for n in (limit, tokenizer.model_max_length) if isinstance(n, int) and n > 0]
    return min(limits, default=1 << 30)
