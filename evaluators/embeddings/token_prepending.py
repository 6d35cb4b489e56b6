"""Prompt with token prepending, last token (token prepending, arXiv 2412.11556, sec. 3).

As prompt-last, with a placeholder before the quoted segment: “This sentence:* "S" means in one
word: "”. Its embedding is a fixed random vector, as long as the vocabulary's are on average. In the
input of blocks 2 to K, K being 7/32 of the blocks (7 of 32 in the authors' settings), its state is
replaced by that of the last token, as the block before gave it: the segment's tokens see what
follows them. e = h_T.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from evaluators.embeddings import prompt_last
from evaluators.embeddings.reading import Row, beyond, lacks_offsets
from evaluators.hidden_states import blocks

SEED = 0
CHUNK = 8192
"""Rows of the vocabulary whose lengths are taken at a time."""


def read(tokenizer: PreTrainedTokenizerBase, text: str, most: int) -> Row:
    """The prompt with a placeholder before the segment's quote; `place` is where."""
    row = prompt_last.read(tokenizer, text, most - 1)
    place = beyond(tokenizer, row.text, len(prompt_last.BEFORE.rstrip(' "')))[0]
    ids = [*row.ids[:place], row.ids[0], *row.ids[place:]]
    return Row(ids, 0, len(ids), row.cut, place=place)


def lacks(loaded: Any) -> str | None:  # noqa: ANN401
    """Why states cannot be handed from block to block, or None."""
    if blocks(loaded.model) is None:
        return f"{loaded.about.id} has no list of blocks whose input can be replaced"
    return lacks_offsets(loaded) or prompt_last.lacks(loaded)


class Prepending:
    """Replaces the placeholder's state while a batch passes; batches may pass at once, each in its
    own thread."""

    def __init__(self, model: PreTrainedModel) -> None:
        found = blocks(model)
        assert found is not None  # noqa: S101
        self.embedding: nn.Module = model.get_input_embeddings()
        self.blocks = list(found)[1 : early(len(found))]
        self.vector = placeholder(self.embedding)
        self._local = threading.local()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Hooks for the time of the block; they do nothing outside of `reading`."""
        handles = [self.embedding.register_forward_hook(self._embedded)]
        handles += [
            block.register_forward_pre_hook(self._entered, with_kwargs=True)
            for block in self.blocks
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @contextmanager
    def reading(self, place: torch.Tensor, last: torch.Tensor) -> Iterator[None]:
        """A batch passes: where each segment's placeholder and last token are."""
        self._local.at = (torch.arange(len(place)), place, last)
        try:
            yield
        finally:
            self._local.at = None

    def _embedded(self, _: nn.Module, __: Any, output: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
        at = getattr(self._local, "at", None)
        if at is None:
            return output
        rows, place, _last = at
        replaced = output.clone()
        replaced[rows, place] = self.vector.to(output.device, output.dtype)
        return replaced

    def _entered(
        self, _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        at = getattr(self._local, "at", None)
        if at is None:
            return None
        rows, place, last = at
        states = (args[0] if args else kwargs["hidden_states"]).clone()
        if states.ndim != 3 or len(states) != len(rows) or states.shape[1] <= int(last.max()):
            raise ValueError("a block of this model does not take (batch, tokens, hidden)")
        states[rows, place] = states[rows, last]
        return (
            ((states, *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": states})
        )


def early(depth: int) -> int:
    """Number of the last block whose input is replaced: 7/32 of all, from the second on."""
    return max(2, round(depth * 7 / 32))


@torch.inference_mode()
def placeholder(embedding: Any) -> torch.Tensor:  # noqa: ANN401
    """The fixed random vector (hidden,), float32, scaled to the mean length of a token's."""
    count, device = embedding.weight.shape[0], embedding.weight.device
    total = 0.0
    for start in range(0, count, CHUNK):
        ids = torch.arange(start, min(start + CHUNK, count), device=device)[None]
        rows = embedding(ids).float()
        total += float(rows.norm(dim=-1).sum())
    generator = torch.Generator().manual_seed(SEED)
    vector = torch.randn(rows.shape[-1], generator=generator)
    return vector * (total / count / vector.norm())
