"""Routing weights of a mixture of experts (MoEE, arXiv 2410.10814, sec. 3).

e = softmax(z_1) + ... + softmax(z_R) side by side, z_r the logits of router r at the last token,
over all its experts, before the best are chosen.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


def routers(model: nn.Module) -> list[tuple[nn.Module, int]]:
    """The model's routers, in order, and where their output holds the logits.

    transformers itself tells them: `_can_record_outputs["router_logits"]`. Of a module and one
    inside it, which it names both in JetMoe's attention, the inner one is the router.
    """
    told: dict[str, Any] = getattr(model, "_can_record_outputs", None) or {}
    recorders = told.get("router_logits") or []
    found: dict[str, tuple[nn.Module, int]] = {}
    for name, module in model.named_modules():
        for recorder in recorders if isinstance(recorders, list) else [recorders]:
            kind: Any = getattr(recorder, "target_class", recorder)
            layer = getattr(recorder, "layer_name", None)
            if isinstance(module, kind) and (layer is None or name.endswith(layer)):
                found[name] = module, getattr(recorder, "index", 0)
    return [
        router
        for name, router in found.items()
        if not any(other.startswith(f"{name}.") for other in found)
    ]


def lacks(loaded: Any) -> str | None:  # noqa: ANN401
    """Why there are no routing weights, or None."""
    if loaded.model is None or not routers(loaded.model):
        return f"{loaded.about.id} has no experts that a router chooses among"
    return None


def shares(told: torch.Tensor) -> torch.Tensor:
    """Softmax of logits (batch, experts); some routers tell the softmax itself, which stays."""
    done = bool((told >= 0).all()) and bool(((told.sum(dim=-1) - 1).abs() < 1e-3).all())
    return told if done else told.softmax(dim=-1)


class Routers:
    """Reads the logits of every router while a batch passes; batches may pass at once, each in
    its own thread."""

    def __init__(self, model: nn.Module) -> None:
        self.routers = routers(model)
        self._local = threading.local()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Hooks for the time of the block; they do nothing outside of `reading`."""
        handles = [
            module.register_forward_hook(self._hook(index)) for module, index in self.routers
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @contextmanager
    def reading(self, last: torch.Tensor, width: int) -> Iterator[list[torch.Tensor]]:
        """A list that fills with one (batch, experts) a router.

        `last` is the index of each segment's last token, `width` the padded tokens of one.
        """
        found: list[torch.Tensor] = []
        self._local.found = found
        self._local.tokens = len(last) * width
        self._local.at = torch.arange(len(last), device=last.device) * width + last
        try:
            yield found
        finally:
            self._local.found = None

    def _hook(self, index: int) -> Any:  # noqa: ANN401
        def after(_: nn.Module, __: Any, output: Any) -> None:  # noqa: ANN401
            found = getattr(self._local, "found", None)
            if found is not None:
                logits = output[index] if isinstance(output, tuple) else output
                rows = logits.reshape(-1, logits.shape[-1])
                if len(rows) != self._local.tokens:
                    raise ValueError("a router of this model does not choose token by token")
                found.append(shares(rows[self._local.at.to(rows.device)].float()))

        return after
