"""Every hidden state of a forward pass, reduced as it appears, so that no layer is kept whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

Reduce = Callable[[torch.Tensor], torch.Tensor]


class HiddenStates:
    """Calls `reduce` on each of the L + 1 states that transformers returns in `hidden_states`.

    Hooks on the blocks see all but the last, which is read after the final norm. The first call
    compares with what transformers itself returns; a model whose blocks are not found, or do not
    agree, is run with all its states kept for the length of one batch.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self.blocks = _blocks(model)
        self.checked = False

    @torch.inference_mode()
    def __call__(self, ids: torch.Tensor, mask: torch.Tensor, reduce: Reduce) -> list[torch.Tensor]:
        """Reduced states, L + 1 of them, for token ids and mask (batch, tokens)."""
        if self.blocks is None:
            return self._kept(ids, mask, reduce)
        if not self.checked:
            kept, hooked = self._kept(ids, mask, reduce), self._hooked(ids, mask, reduce)
            alike = len(kept) == len(hooked) and all(
                a.shape == b.shape
                and torch.allclose(a, b, rtol=1e-2, atol=1e-3 * float(a.abs().max()))
                for a, b in zip(kept, hooked, strict=False)
            )
            self.checked = True
            if not alike:
                self.blocks = None
            return kept
        return self._hooked(ids, mask, reduce)

    def _forward(self, ids: torch.Tensor, mask: torch.Tensor, **more: Any) -> Any:  # noqa: ANN401
        names = {"use_cache": False} if hasattr(self.model.config, "use_cache") else {}
        return self.model(input_ids=ids, attention_mask=mask, **names, **more)

    def _kept(self, ids: torch.Tensor, mask: torch.Tensor, reduce: Reduce) -> list[torch.Tensor]:
        states = self._forward(ids, mask, output_hidden_states=True).hidden_states
        return [reduce(state) for state in states]

    def _hooked(self, ids: torch.Tensor, mask: torch.Tensor, reduce: Reduce) -> list[torch.Tensor]:
        assert self.blocks is not None  # noqa: S101
        reduced: list[torch.Tensor] = []

        def before(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            reduced.append(reduce(args[0] if args else kwargs["hidden_states"]))

        def after(_: nn.Module, __: Any, output: Any) -> None:  # noqa: ANN401
            reduced.append(reduce(output[0] if isinstance(output, tuple) else output))

        handles = [self.blocks[0].register_forward_pre_hook(before, with_kwargs=True)]
        handles += [block.register_forward_hook(after) for block in list(self.blocks)[:-1]]
        try:
            last = self._forward(ids, mask).last_hidden_state
        finally:
            for handle in handles:
                handle.remove()
        reduced.append(reduce(last))
        return reduced


def _blocks(model: PreTrainedModel) -> nn.ModuleList | None:
    """The list of the decoder's blocks: the first as long as the config says, or None."""
    depth = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    lists = (module for module in model.modules() if isinstance(module, nn.ModuleList))
    return next((blocks for blocks in lists if len(blocks) == depth and depth), None)
