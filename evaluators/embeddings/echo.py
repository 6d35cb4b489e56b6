"""Echo: the segment is read twice, so that its second reading has seen the whole of it.

“Rewrite the sentence: S, rewritten sentence: S”; e is the plain mean of the states of the tokens
of the second S, special tokens left out (Echo embeddings, arXiv 2402.15449, sec. 3).
"""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from evaluators.embeddings.reading import Row, beyond, fitting

BEFORE, BETWEEN = "Rewrite the sentence: ", ", rewritten sentence: "


def read(tokenizer: PreTrainedTokenizerBase, text: str, most: int) -> Row:
    """Both readings, with the second one's tokens pooled; both cut alike if they are too long."""
    part = fitting(text, most, lambda each: len(tokenizer(_twice(each))["input_ids"]))
    whole = _twice(part)
    # A token that also holds the space before the segment belongs to the segment.
    start, stop = beyond(tokenizer, whole, len(whole) - len(part))
    return Row(tokenizer(whole)["input_ids"], start, stop, part != text, text=whole)


def _twice(text: str) -> str:
    return f"{BEFORE}{text}{BETWEEN}{text}"
