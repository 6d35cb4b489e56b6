"""Plain mean: e = sum_t h_t / T over the tokens that are read (SGPT, arXiv 2202.08904)."""

from __future__ import annotations

import torch


def weights(mask: torch.Tensor) -> torch.Tensor:
    """Weights (batch, tokens), float32: 1 / T at the T tokens where the mask is 1."""
    return mask.float() / mask.sum(dim=1, keepdim=True)
