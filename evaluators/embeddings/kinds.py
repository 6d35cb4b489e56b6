"""What an embedding method is made of: weights over a reading's tokens, numbers made of another
method's vectors, or something that needs no stack of blocks at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

    from evaluators.batcher import Batcher

Layers = list[np.ndarray]
"""One float32 (n, d) a layer; a single one for methods that give one vector a segment."""
Lacks = Callable[[Any], "str | None"]
"""From a Loaded, the sentence that says why the method is not to be had, or None."""


def lacks_nothing(loaded: Any) -> None:  # noqa: ANN401
    """For methods that every stack of blocks gives."""


def lacks_one_width(loaded: Any) -> str | None:  # noqa: ANN401
    """Why states of different layers cannot be averaged, or None."""
    widths = sorted(set(loaded.widths))
    if len(widths) < 2:
        return None
    return (
        f"the layers of {loaded.about.id} are {' and '.join(map(str, widths))} numbers wide, and "
        "cannot be averaged"
    )


@dataclass(frozen=True)
class Weighted:
    """Token states summed with weights; `weights` maps a mask (batch, tokens) of the tokens that
    are read to float32 rows that sum to 1.

    `normalised`: each state is layer-normalised first, and the layers are averaged.
    """

    weights: Callable[[torch.Tensor], torch.Tensor]
    normalised: bool = False
    lacks: Lacks = lacks_nothing


@dataclass(frozen=True)
class Routed:
    """The routing weights of a mixture of experts at the segment's last token."""

    lacks: Lacks


@dataclass(frozen=True)
class Derived:
    """Numbers made of other methods' vectors: `derive(bases, pivots)`, both in the order of `of`,
    the pivot's vectors being those of the same methods."""

    of: tuple[str, ...]
    derive: Callable[[Sequence[Layers], Sequence[Layers]], Layers]
    lacks: Lacks = lacks_nothing


@dataclass(frozen=True)
class Apart:
    """A method with a forward pass of its own: `embed(loaded, texts, batcher)` gives the
    vectors, the segments' tokens and how many segments were cut."""

    embed: Callable[[Any, Sequence[str], Batcher], tuple[Layers, int, int]]
    lacks: Lacks


Kind = Weighted | Routed | Derived | Apart
