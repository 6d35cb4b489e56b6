"""How a segment is put to the model: its token ids, and which of them are pooled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Row:
    """Token ids of one segment; tokens from `start` up to `stop` are pooled. `cut`: whether the
    segment was longer than the model's positions allow."""

    ids: list[int]
    start: int
    stop: int
    cut: bool


Read = Callable[[PreTrainedTokenizerBase, str, int], Row]
"""From tokenizer, segment and the most tokens that the model takes."""


def fitting(text: str, most: int, length: Callable[[str], int]) -> str:
    """The longest beginning of `text` for which `length`, in tokens, is at most `most`."""
    if length(text) <= most:
        return text
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if length(text[:middle]) <= most else (low, middle)
    return text[:low]
