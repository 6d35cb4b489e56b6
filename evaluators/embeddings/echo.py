"""Echo: the segment is read twice, so that its second reading has seen the whole of it.

“Rewrite the sentence: S, rewritten sentence: S”; e is the plain mean of the states of the tokens
of the second S, special tokens left out (Echo embeddings, arXiv 2402.15449, sec. 3).
"""

from __future__ import annotations

from transformers import PreTrainedTokenizerBase

from evaluators.embeddings.reading import Row, fitting

BEFORE, BETWEEN = "Rewrite the sentence: ", ", rewritten sentence: "


def read(tokenizer: PreTrainedTokenizerBase, text: str, most: int) -> Row:
    """Both readings, with the second one's tokens pooled; both cut alike if they are too long."""
    part = fitting(text, most, lambda each: len(tokenizer(_twice(each))["input_ids"]))
    whole = _twice(part)
    if not tokenizer.is_fast:
        return _in_pieces(tokenizer, part, cut=part != text)
    told = tokenizer(whole, return_offsets_mapping=True, return_special_tokens_mask=True)
    begin = len(whole) - len(part)
    # A token that also holds the space before the segment belongs to the segment.
    inside = [
        i
        for i, (span, special) in enumerate(
            zip(told["offset_mapping"], told["special_tokens_mask"], strict=True)
        )
        if not special and span[1] > max(begin, span[0])
    ]
    start, stop = (inside[0], inside[-1] + 1) if inside else (0, 0)
    return Row(told["input_ids"], start, stop, part != text)


def _twice(text: str) -> str:
    return f"{BEFORE}{text}{BETWEEN}{text}"


def _in_pieces(tokenizer: PreTrainedTokenizerBase, text: str, cut: bool) -> Row:
    """For tokenizers without offsets: the second reading is tokenised apart from what precedes."""
    first = tokenizer.encode(f"{BEFORE}{text}{BETWEEN}".rstrip(), add_special_tokens=False)
    second = tokenizer.encode(text, add_special_tokens=False)
    ids = tokenizer.build_inputs_with_special_tokens([*first, *second])
    begin = ids.index(first[0]) + len(first)
    return Row(ids, begin, begin + len(second), cut)
