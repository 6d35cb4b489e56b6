"""Quantised checkpoints: which methods can be turned back into plain weights."""

from __future__ import annotations

from collections.abc import Mapping

RUNNABLE = ("fp8",)
"""Methods whose weights transformers dequantises on loading, so that the dtype computed in is the
one that the record says. The others compute in their kernels' own precision, or are untried."""


def parameters(counts: Mapping[str, int], method: str | None) -> int | None:
    """Parameters of a model from what its safetensors headers count a stored dtype.

    fp8 keeps one element a parameter, and few scales. None for packed formats, whose elements say
    nothing of the number of parameters.
    """
    return sum(counts.values()) if method in (None, *RUNNABLE) else None
