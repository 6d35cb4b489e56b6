"""Where a model's weights lie: on the processor, on an accelerator, or over several."""

from __future__ import annotations

from typing import Any

import torch
from transformers import PreTrainedModel

from evaluators.models.stack import ONE_BY_ONE

ROOM = 1.5
"""An accelerator must hold the weights this many times over, for what a forward pass needs."""


def device() -> torch.device:
    """The accelerator when there is one, else the processor."""
    found = torch.accelerator.current_accelerator(check_available=True)
    return found or torch.device("cpu")


def options(size: int) -> dict[str, Any]:
    """What `from_pretrained` needs to put `size` bytes of weights where they are computed with.

    On an accelerator they are read straight into it. Where the first of several has too little
    room, accelerate spreads the blocks over all of them, and over main memory if need be.
    """
    here = device()
    if here.type == "cpu":
        return {}
    if torch.accelerator.device_count() > 1 and free(here) < ROOM * size:
        return {"device_map": "auto"}
    return {"device_map": {"": here}}


def spread(model: PreTrainedModel) -> bool:
    """Whether weights are moved while it computes, so that only one batch may pass at a time."""
    return any(hasattr(module, "_hf_hook") for module in model.modules())


def free(where: torch.device) -> int:
    """Bytes of an accelerator's memory that nothing uses."""
    found: int = torch.accelerator.get_memory_info(where)[0]
    return found


def exact() -> None:
    """Multiply float32 as float32: no TF32, which keeps 10 bits of 23."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def batch_tokens(model: PreTrainedModel | None) -> int:
    """Padded tokens a batch: 512 on a processor; on an accelerator by its free memory.

    1, which is a segment alone, where padding would change the states.

    A token takes about 40 values of the hidden size in a block's widest step; a quarter of what
    is free is left to them. Running out of memory halves the batch in any case.
    """
    if model is not None and model.config.model_type in ONE_BY_ONE:
        return 1
    if model is None or model.device.type != "cuda":
        return 512
    width = model.config.get_text_config().hidden_size * model.dtype.itemsize * 40
    return int(min(65_536, max(512, free(model.device) // 4 // width)))
