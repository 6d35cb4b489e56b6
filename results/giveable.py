"""Which embedding methods a model can give, as far as its architecture tells unloaded."""

from __future__ import annotations

from results import architectures
from results.architectures import STATIC
from results.methods import EMBEDDINGS

USUAL = ("weighted-mean", "last-token")
"""Measured where nothing else is asked for."""
ROUTED = (
    *("gpt_oss", "granitemoe", "granitemoeshared", "jetmoe", "mixtral", "olmoe", "phimoe"),
    *("qwen2_moe", "qwen3_moe"),
)
"""`model_type`s whose routers transformers names, so that their weights can be read."""


def methods(architecture: str | None, *, own: bool = False) -> tuple[str, ...]:
    """Names of the methods, in the catalogue's order.

    architecture: `model_type`, None where it is not known; then of any stack of blocks.
    own: whether the folder says how it pools and prompts (sentence-transformers).
    """
    readings = {"own"} if own or architecture == STATIC else set()
    if architecture != STATIC:
        readings |= {"plain", "echo"}
        two_stacks = architectures.kind(architecture or "") == "encoder-decoder"
        if two_stacks:
            readings.add("decoder")
        elif not architectures.is_encoder(architecture or ""):
            readings |= {"prompt", "prepended"}
        if architecture in ROUTED:
            readings.add("routed")
    return tuple(name for name, each in EMBEDDINGS.items() if each.reading in readings)


def usual(architecture: str | None) -> tuple[str, ...]:
    """What is measured of a model where nothing else is asked for."""
    return ("own",) if architecture == STATIC else USUAL
