"""Which parallel texts can be trusted: rules that need no speaker of the language.

A text that is misaligned, unfinished or a copy of another language's would be measured all the
same, and its score would say nothing about its language.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import median

import numpy as np
from scipy.sparse import coo_array, csr_array

MAX_REPEATED = 2
MAX_EQUAL = 0.9
MAY_BE_EQUAL = 0.7
MAX_OUTLIERS = 2
OUTLIER_DEVIATIONS = 5.0
OUTLIER_FACTORS = (2.0, 3.0)
MAD_TO_DEVIATION = 1.4826
# Below one space in this many characters a script does not part words by spaces.
CHARACTERS_PER_SPACE = 25


def without_letter(segments: Sequence[str]) -> int:
    """How many segments hold no letter (placeholders such as `&1` or `@` do, mostly)."""
    return sum(not any(map(str.isalpha, segment)) for segment in segments)


def repeated(segments: Sequence[str]) -> int:
    """How many segments are copies of an earlier one; a copy can never be told from its twin."""
    return len(segments) - len(set(segments))


def length_outliers(segments: Sequence[str], pivot: Sequence[str]) -> list[int]:
    """Segments whose length cannot be that of a translation: misaligned, cut short, or a heading.

    r_i = ln(characters of segment i / characters of the pivot's), d_i = r_i - median(r).
    Segment i is an outlier if |d_i| > 5 s, s = 1.4826 median|d| (the robust standard deviation),
    the limit held between ln 2 and ln 3: a close translation (s near 0.08) is not faulted for
    what a factor of 2 explains, and a text with so many faults that s has grown is still caught.
    """
    ratios = [math.log(len(a) / len(b)) for a, b in zip(segments, pivot, strict=True)]
    middle = median(ratios)
    deviations = [abs(ratio - middle) for ratio in ratios]
    low, high = (math.log(factor) for factor in OUTLIER_FACTORS)
    limit = min(max(OUTLIER_DEVIATIONS * MAD_TO_DEVIATION * median(deviations), low), high)
    return [i for i, deviation in enumerate(deviations) if deviation > limit]


def unfinished(segments: Sequence[str]) -> str | None:
    """The first rule of a whole text that it breaks, whatever it translates, or None."""
    n = len(segments)
    if count := without_letter(segments):
        return f"a segment without a letter: {count} of {n}"
    if (count := repeated(segments)) > MAX_REPEATED:
        return f"fewer than {n - MAX_REPEATED} distinct segments: {n - count}"
    return None


def fault(segments: Sequence[str], pivot: Sequence[str]) -> str | None:
    """The first rule that a text breaks by itself, or None."""
    if found := unfinished(segments):
        return found
    if len(outliers := length_outliers(segments, pivot)) > MAX_OUTLIERS:
        numbers = ", ".join(str(i + 1) for i in outliers)
        return f"three or more outliers in length ratio to the pivot: segments {numbers}"
    return None


def words_in_place(segments: Sequence[str]) -> Counter[tuple[int, str]]:
    """Each word with its segment's number; pairs of characters where spaces do not part words."""
    spaced = sum(s.count(" ") for s in segments) * CHARACTERS_PER_SPACE > sum(map(len, segments))
    found: Counter[tuple[int, str]] = Counter()
    for i, segment in enumerate(segments):
        tokens = segment.split() if spaced else map("".join, pairwise(segment))
        found.update((i, token) for token in tokens)
    return found


def copies(
    texts: Mapping[str, Sequence[str]],
    order: Callable[[str], object],
) -> dict[str, tuple[str, float]]:
    """Texts that are over 90 % equal to another: name to (the one kept, the share).

    Share: words that stand in the same segment of both, 2 |A and B| / (|A| + |B|) over multisets.
    Words, because the share of identical segments misses a spelling reform (German of 1901 and
    1996: 0.86) and a share of characters takes close languages for copies (Bosnian and Croatian:
    0.94). Of two copies the first in `order` is kept.
    """
    names = sorted(texts, key=order)  # type: ignore[arg-type]
    found: dict[str, tuple[str, float]] = {}
    for name, near in zip(names, _near([texts[name] for name in names]), strict=True):
        for at in near:
            other = names[at]
            if other in found:
                continue
            words, other_words = words_in_place(texts[name]), words_in_place(texts[other])
            share = 2 * (words & other_words).total() / (words.total() + other_words.total())
            if share > MAX_EQUAL:
                found[name] = (other, share)
                break
    return found


def _near(texts: Sequence[Sequence[str]]) -> list[list[int]]:
    """For each text the earlier ones that may be copies: 2 |A and B| / (|A| + |B|) of sets, 0.7.

    Few words occur twice in a segment, so the sets' share is near the multisets'. One product of
    sparse matrices, texts by words, for 1,400 languages are a million pairs.
    """
    marks = [np.fromiter(map(hash, words_in_place(text)), np.int64) for text in texts]
    if not marks:
        return []
    sizes = np.array([len(mark) for mark in marks])
    columns = np.unique(np.concatenate(marks), return_inverse=True)[1]
    rows = np.repeat(np.arange(len(texts)), sizes)
    table = csr_array((np.ones(len(rows), np.int32), (rows, columns)))
    shared = coo_array(table @ table.T)
    near = shared.row > shared.col
    near &= 2 * shared.data >= MAY_BE_EQUAL * (sizes[shared.row] + sizes[shared.col])
    found: list[list[int]] = [[] for _ in texts]
    pairs = zip(shared.row[near].tolist(), shared.col[near].tolist(), strict=True)
    for row, column in sorted(pairs):
        found[row].append(column)
    return found
