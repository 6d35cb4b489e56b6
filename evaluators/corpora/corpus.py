"""What a corpus is: parallel segments in many languages, with what was left out and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PIVOT = "eng_Latn"
SHOWN_PROBLEMS = 20


class CorpusError(ValueError):
    """Raised for a corpus that cannot be used; the message lists what was found, up to 20."""

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        shown = list(self.problems[:SHOWN_PROBLEMS])
        if len(self.problems) > SHOWN_PROBLEMS:
            shown.append(f"and {len(self.problems) - SHOWN_PROBLEMS} more")
        super().__init__("\n".join(shown))


@dataclass(frozen=True)
class LeftOut:
    """A text that is not in the corpus. reason: the rule, then a colon and the particulars."""

    code: str
    source: str
    reason: str

    @property
    def rule(self) -> str:
        return self.reason.split(":", 1)[0]


@dataclass(frozen=True)
class Corpus:
    """Parallel segments: segment i of every language says the same thing.

    hash: sha256 hex over the ordered codes and texts, and the revision where there is one;
    languages: canonical code to its n segments, pivot first, then sorted; text_public: whether the
    segments may be shown and kept; counted: the codes that count in averages, one per ISO 639-3
    code (the pivot among them); revision: commit of the Hub's dataset that it was read from.
    """

    name: str
    split: str | None
    hash: str
    languages: Mapping[str, tuple[str, ...]]
    n: int
    text_public: bool
    licence: str
    counted: frozenset[str]
    warnings: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    revision: str | None = None


def in_order(
    languages: Mapping[str, Sequence[str]], pivot: str = PIVOT
) -> dict[str, tuple[str, ...]]:
    """The languages with the pivot first, then by code."""
    codes = sorted(languages, key=lambda code: (code != pivot, code))
    return {code: tuple(languages[code]) for code in codes}


def content_hash(languages: Mapping[str, Sequence[str]], revision: str | None = None) -> str:
    """sha256 hex of `[[code, [segment, ...]], ...]` in the given order, compact JSON in UTF-8.

    With a revision, of `[revision, [[code, ...], ...]]`.
    """
    content: list[object] = [[code, list(segments)] for code, segments in languages.items()]
    content = content if revision is None else [revision, content]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
