"""What a word is, for text with spaces and for text without."""

from __future__ import annotations

from collections.abc import Callable

import regex  # type: ignore[import-untyped]

# The Ethiopic word space stands between words as a space does.
SPACE = r"[\s\u1361]"
UNSPACED = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
    r"\p{Tibetan}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Javanese}\p{Balinese}\p{Yi}]"
)
_unspaced = regex.compile(UNSPACED)
_letter = regex.compile(r"\p{L}")
_cluster = regex.compile(r"\X")
_spaces = regex.compile(rf"({SPACE}+)")
_repeated = regex.compile(rf"({SPACE}){SPACE}+")
_boundary = regex.compile(r"(?wV1)\b")
_ends = regex.compile(rf"^{SPACE}+|{SPACE}+$")
_word = regex.compile(r"[\p{L}\p{N}]")
_printed = regex.compile(r"[^\s\u1361]")
# Unspaced scripts that UAX 29 finds no boundaries in.
_unbroken = regex.compile(r"[\p{Javanese}\p{Balinese}\p{Yi}]")


def is_unspaced(text: str) -> bool:
    """Whether most of its letters are of a script that puts no spaces between words."""
    return 2 * len(_unspaced.findall(text)) > len(_letter.findall(text))


def clusters(text: str) -> list[str]:
    """Grapheme clusters: a letter with the marks that belong to it."""
    return _cluster.findall(text)


def is_letter(cluster: str) -> bool:
    """Whether a grapheme cluster begins with a letter (Unicode category L)."""
    return bool(_letter.match(cluster))


def pieces(text: str) -> tuple[list[str], list[int]]:
    """The text in pieces, joined it is the text again, and the places of those that are words.

    In text with spaces a word is what stands between them, its punctuation included. In text
    without (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan ...) it is what stands between
    the default word boundaries of Unicode (UAX 29) and holds a letter or digit: one character of
    Chinese or Thai with its marks, a syllable of Tibetan, a run of katakana; and a grapheme cluster
    where Unicode has no boundaries (Javanese, Balinese, Yi). No dictionary is asked.
    """
    is_word: Callable[[str], object]
    if is_unspaced(text):
        runs, is_word = _boundary.split(text), _word.search
        parts = [
            part for run in runs for part in (clusters(run) if _unbroken.match(run) else [run])
        ]
    else:
        parts, is_word = _spaces.split(text), _printed.search
    parts = [part for part in parts if part]
    return parts, [place for place, part in enumerate(parts) if is_word(part)]


def tidy(text: str) -> str:
    """The text with one space where several stand, and none at its ends."""
    single: str = _ends.sub("", _repeated.sub(r"\1", text))
    return single
