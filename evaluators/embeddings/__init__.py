"""Embedding methods: how the states of a segment's tokens become one vector a layer.

A method is a weight for each token, so that several share one forward pass. To add one, write a
file beside these and list it in METHODS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluators.embeddings import last_token, weighted_mean

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Method:
    """A named, versioned method; `weights` maps a mask (batch, tokens) to rows that sum to 1."""

    name: str
    version: int
    weights: Callable[[torch.Tensor], torch.Tensor]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


METHODS = {
    method.name: method
    for method in (
        Method("weighted-mean", 1, weighted_mean.weights),
        Method("last-token", 1, last_token.weights),
    )
}


def methods(names: Iterable[str]) -> list[Method]:
    """The methods of these names, in order, each once. Raises ValueError naming those there are."""
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise ValueError(
            f"no embedding method {', '.join(unknown)}; there are {', '.join(METHODS)}"
        )
    return [METHODS[name] for name in dict.fromkeys(names)]
