"""What a page, an option and a record need to know of something that can be measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True)
class Described:
    """A named, versioned measure, told in a line."""

    name: str
    version: int
    """Rises when the same parameters would give another number."""
    title: str
    formula: str
    source: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True)
class Embedding(Described):
    """How token states become one vector a segment and layer."""

    reading: str = "plain"
    """Methods of one reading share a forward pass; `routed`, `own` and `decoder` need a kind of
    model that not all are."""
    single: bool = False
    """One vector a segment, not one a layer."""


@dataclass(frozen=True)
class Score(Described):
    """How well segments find their translations."""

    hits: bool = True
    """A segment counts or does not, which the record's side file keeps; else its credit is a
    fraction."""


@dataclass(frozen=True)
class Statistic(Described):
    """Something of each layer that is no share, so that it is never ranked."""

    pivoted: bool = False
    """Whether it relates a language to the pivot."""
    higher: str = ""
    """What a higher value means, in a few words."""
    of_tokens: bool = False
    """Of every layer's token states, whatever the embedding method makes of them."""


@dataclass(frozen=True)
class Noise(Described):
    """A way to spoil a language's segments, the pivot's left as they are."""


T = TypeVar("T", bound=Described)


def chosen(names: Iterable[str], known: Mapping[str, T], kind: str) -> list[T]:
    """The measures of these names, in order, each once; `all` stands for all of them.

    Raises ValueError naming those there are.
    """
    asked = [each for name in names for each in (known if name == "all" else [name])]
    if unknown := [name for name in asked if name not in known]:
        raise ValueError(f"no {kind} {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(asked)]


def by_name(*measures: T) -> dict[str, T]:
    """Measures by their names, in order."""
    return {each.name: each for each in measures}
