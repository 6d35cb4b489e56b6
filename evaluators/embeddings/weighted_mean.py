"""Position-weighted mean: e = sum_t w_t h_t, w_t = t / sum_k k (SGPT, arXiv 2202.08904)."""

from __future__ import annotations

import torch


def weights(mask: torch.Tensor) -> torch.Tensor:
    """Weights (batch, tokens), float32, from a mask that is 1 at a segment's own tokens.

    Positions count from 1 over those tokens alone, wherever the padding stands.
    """
    position = mask.cumsum(dim=1) * mask
    return position.float() / position.sum(dim=1, keepdim=True)
