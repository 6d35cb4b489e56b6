"""Curvature of a segment's path through its token states.

Source: Hosseini and Fedorenko, arXiv 2311.04930; used so by Skean et al., arXiv 2502.02013, sec. 3.
"""

from __future__ import annotations

import torch


def angles(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """(batch,), radians from 0 to π: mean over k of the angle between v_k and v_k+1.

    v_k = h_k+1 - h_k, of states (batch, tokens, hidden) where the mask (batch, tokens) is 1, the
    tokens of a segment side by side. Angles with a v of length 0 are left out; NaN where none is
    left, as for fewer than three tokens. In float32 at least.
    """
    real = mask.bool()
    wide = states if states.dtype == torch.float64 else states.float()
    steps = wide.diff(dim=1)
    length = steps.norm(dim=-1)
    moved = real[:, 1:] & real[:, :-1] & (length > 0)
    turns = moved[:, 1:] & moved[:, :-1]
    product = (steps[:, 1:] * steps[:, :-1]).sum(dim=-1)
    cosine = product / (length[:, 1:] * length[:, :-1])
    angle = cosine.clamp(-1, 1).acos().where(turns, 0.0)
    return angle.sum(dim=1) / turns.sum(dim=1)
