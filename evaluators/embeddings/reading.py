"""How a segment is put to the model: its token ids, and which of them are pooled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Row:
    """Token ids of one segment; tokens from `start` up to `stop` are pooled.

    `cut`: whether the segment was longer than the model's positions allow. `place`: where a
    placeholder stands, if there is one. `text`: what was put to the tokenizer, if not the segment.
    """

    ids: list[int]
    start: int
    stop: int
    cut: bool
    place: int = 0
    text: str = ""


Read = Callable[[PreTrainedTokenizerBase, str, int], Row]
"""From tokenizer, segment and the most tokens that the model takes."""


def fitting(text: str, most: int, length: Callable[[str], int]) -> str:
    """The longest beginning of `text` for which `length`, in tokens, is at most `most`.

    Raises ValueError if not even its first character fits.
    """
    if length(text) <= most:
        return text
    if length(text[:1]) > most:
        raise ValueError(f"the {most} tokens that the model takes do not hold what is put around")
    low, high = 1, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if length(text[:middle]) <= most else (low, middle)
    return text[:low]


def beyond(tokenizer: PreTrainedTokenizerBase, text: str, begin: int) -> tuple[int, int]:
    """From which token up to which `text` from its character `begin` on goes, without the special
    tokens; a token that lies across `begin` belongs to it.

    Raises ValueError if there is none.
    """
    told = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
    marks = zip(told["offset_mapping"], told["special_tokens_mask"], strict=True)
    found = [i for i, ((a, b), special) in enumerate(marks) if not special and b > max(begin, a)]
    if not found:
        raise ValueError(f"no token of “{text[:40]}” lies after its {begin} first characters")
    return found[0], found[-1] + 1


def lacks_offsets(loaded: Any) -> str | None:  # noqa: ANN401
    """Why tokens cannot be found in a text, or None."""
    if loaded.tokenizer.is_fast:
        return None
    return f"the tokenizer of {loaded.about.id} does not tell where in a text its tokens lie"
