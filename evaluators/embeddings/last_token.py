"""Last token: e = h_T, the state of the segment's last own token."""

from __future__ import annotations

import torch


def weights(mask: torch.Tensor) -> torch.Tensor:
    """Weights (batch, tokens), float32: 1 at the last token where the mask is 1."""
    position = mask.cumsum(dim=1) * mask
    return (position == position.amax(dim=1, keepdim=True)).float() * mask
