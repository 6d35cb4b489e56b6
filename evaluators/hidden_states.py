"""Every hidden state of a forward pass, reduced as it appears, so that no layer is kept whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

Reduce = Callable[[torch.Tensor], torch.Tensor]
PROBE = (4, 2)
"""Tokens of the two segments, the second padded, on which the ways are compared."""


class HiddenStates:
    """Calls `reduce` on each of the L + 1 states that transformers returns in `hidden_states`.

    Hooks on the blocks see all but the last, which is read after the final norm. Before the first
    batch two short segments show whether they agree with what transformers itself returns, and
    whether a model that reads from left to right may go without a mask: padding stands on the
    right, where no token sees it. A model whose blocks are not found, or do not agree, is run with
    all its states kept for the length of one batch.

    Batches may pass at once, each in its own thread.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self.blocks = blocks(model)
        self.masked = True
        self.checked = False
        self._lock = threading.Lock()
        self._local = threading.local()

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Hooks for the time of the block; passes are made inside of it."""
        handles: list[Any] = []
        if self.blocks is not None:
            handles = [self.blocks[0].register_forward_pre_hook(self._before, with_kwargs=True)]
            handles += [
                block.register_forward_hook(self._after) for block in list(self.blocks)[:-1]
            ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    @torch.inference_mode()
    def ready(self, ids: torch.Tensor) -> None:
        """Choose how to pass, once, by short passes over the first of these token ids."""
        with self._lock:
            if not self.checked:
                self._check(ids)
                self.checked = True

    @torch.inference_mode()
    def __call__(self, ids: torch.Tensor, mask: torch.Tensor, reduce: Reduce) -> list[torch.Tensor]:
        """Reduced states, L + 1 of them; token ids and mask are (batch, tokens), on the CPU."""
        self.ready(ids)
        if self.blocks is None:
            return self._kept(ids, mask, reduce)
        return self._hooked(ids, mask, reduce)

    def _check(self, ids: torch.Tensor) -> None:
        """Choose the quickest of the ways that agree."""
        long, short = PROBE
        probe = ids[:1, :long].repeat(2, 1)
        mask = torch.ones_like(probe)
        mask[1, short:] = 0

        def own(states: torch.Tensor) -> torch.Tensor:
            # A model over several accelerators returns all on one; a hook sees each where it lies.
            states = states.cpu()
            # Some blocks see a text padded to a window, or turned round: those are not hooked.
            return states[mask.bool()].float() if states.shape[:2] == mask.shape else states

        if self.blocks is None:
            return
        kept = self._kept(probe, mask, own)
        for masked in (False, True) if left_to_right(self.model) else (True,):
            self.masked = masked
            if alike(kept, self._hooked(probe, mask, own), self.model.dtype):
                return
        self.blocks = None

    def _forward(self, ids: torch.Tensor, mask: torch.Tensor | None, **more: Any) -> Any:  # noqa: ANN401
        names = {"use_cache": False} if hasattr(self.model.config, "use_cache") else {}
        device = self.model.device
        seen = None if mask is None else mask.to(device)
        return self.model(input_ids=ids.to(device), attention_mask=seen, **names, **more)

    def _kept(self, ids: torch.Tensor, mask: torch.Tensor, reduce: Reduce) -> list[torch.Tensor]:
        states = self._forward(ids, mask, output_hidden_states=True).hidden_states
        return [reduce(state) for state in states]

    def _hooked(self, ids: torch.Tensor, mask: torch.Tensor, reduce: Reduce) -> list[torch.Tensor]:
        reduced: list[torch.Tensor] = []
        self._local.see = lambda states: reduced.append(reduce(states))
        whole, right = bool(mask.all()), bool(mask[:, 0].all())
        masked = not whole and (self.masked or not right)
        try:
            last = self._forward(ids, mask if masked else None).last_hidden_state
        finally:
            self._local.see = None
        reduced.append(reduce(last))
        return reduced

    def _before(self, _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._see(args[0] if args else kwargs["hidden_states"])

    def _after(self, _: nn.Module, __: Any, output: Any) -> None:  # noqa: ANN401
        self._see(output[0] if isinstance(output, tuple) else output)

    def _see(self, states: torch.Tensor) -> None:
        see = getattr(self._local, "see", None)
        if see is not None:
            see(states)


def left_to_right(model: nn.Module) -> bool:
    """Whether all attention says that a token sees those before it alone."""
    told = {bool(m.is_causal) for m in model.modules() if hasattr(m, "is_causal")}
    return told == {True}


def alike(kept: list[torch.Tensor], hooked: list[torch.Tensor], dtype: torch.dtype) -> bool:
    """Whether two ways to the same states differ by rounding alone."""
    near = 1e-4 if dtype == torch.float32 else 1e-2
    return len(kept) == len(hooked) and all(
        a.shape == b.shape and torch.allclose(a, b, rtol=near, atol=near * float(a.abs().max()))
        for a, b in zip(kept, hooked, strict=True)
    )


def blocks(model: PreTrainedModel) -> nn.ModuleList | None:
    """The list of the decoder's blocks: the first as long as the config says, or None."""
    depth = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    lists = (module for module in model.modules() if isinstance(module, nn.ModuleList))
    return next((found for found in lists if len(found) == depth and depth), None)
