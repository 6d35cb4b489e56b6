"""Which embedding methods a model can give, as far as its architecture tells unloaded."""

from __future__ import annotations

from results import architectures
from results.architectures import STATIC
from results.methods import EMBEDDINGS

USUAL = ("weighted-mean", "last-token")
"""Measured where nothing else is asked for."""
ROUTED = (
    *("deepseek_v3", "gpt_oss", "granitemoe", "granitemoeshared", "jetmoe", "llama4_text"),
    *("mixtral", "olmoe", "phimoe", "qwen2_moe", "qwen3_moe", "switch_transformers"),
)
"""`model_type`s whose models all have routers that transformers names."""


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
