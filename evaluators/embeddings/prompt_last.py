"""Prompt, last token: e = h_T of “This sentence: "S" means in one word: "” (PromptEOL).

The state that would say the next word has to sum the segment up (arXiv 2307.16645, sec. 3). It
needs a model that reads from left to right.
"""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedTokenizerBase

from evaluators.embeddings.reading import Row, fitting
from results import architectures

BEFORE, AFTER = 'This sentence: "', '" means in one word: "'


def read(tokenizer: PreTrainedTokenizerBase, text: str, most: int) -> Row:
    """The prompt with the segment in it; of a segment that is too long the end is left out.

    Special tokens that the tokenizer puts at the end are dropped: the quote is the last token.
    """
    part = fitting(text, most, lambda each: len(_ids(tokenizer, each)))
    ids = _ids(tokenizer, part)
    return Row(ids, 0, len(ids), part != text, text=BEFORE + part + AFTER)


def lacks(loaded: Any) -> str | None:  # noqa: ANN401
    """Why the last token of a prompt says nothing, or None."""
    kind = loaded.about.architecture
    # Of two stacks the encoder's states are read, whether or not its decoder is here.
    if architectures.is_encoder(kind) or architectures.kind(kind) == "encoder-decoder":
        return f"{loaded.about.id} is an encoder, which a prompt does not make say the next word"
    return None


def _ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    told = tokenizer(BEFORE + text + AFTER, return_special_tokens_mask=True)
    ids: list[int] = told["input_ids"]
    special = told["special_tokens_mask"]
    end = len(ids)
    while end and special[end - 1]:
        end -= 1
    return ids[:end]
