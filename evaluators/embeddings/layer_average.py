"""Average over all layers of layer-normalised states: e = sum_t sum_l LN(h_t,l) / (T (L + 1)).

LN takes a state's own mean and divides by sqrt(variance + 1e-5), without scale or shift.
"""

from __future__ import annotations

import torch
from torch.nn import functional


def normalised(states: torch.Tensor) -> torch.Tensor:
    """States (batch, tokens, hidden), each layer-normalised, in float32."""
    return functional.layer_norm(states.float(), states.shape[-1:])
