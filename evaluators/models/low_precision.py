"""Norms and activations of a model in low precision on a processor, in fewer passes over memory.

Matrix products in bfloat16 are so quick on a processor with tiles for them that what stands between
the products takes as long. transformers writes a root-mean-square norm (1910.07467) as six
operations with a new float32 tensor each; torch computes the tanh of GELU (1606.08415, section 2)
to the last bit of float32, of which bfloat16 keeps a third. Here each is computed in place in
float32 and rounded where the model rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import pi, sqrt

import torch
from torch import nn
from transformers import PreTrainedModel
from transformers.activations import GELUTanh

Forward = Callable[[torch.Tensor], torch.Tensor]
LOW = (torch.bfloat16, torch.float16)
SAME = 0.99
"""Of the values of a probe, this share must be the very same; the others are a rounding apart."""
PIECE = 1 << 16
"""Values of an activation at a time: 256 KiB in float32, which stay in the cache."""


@dataclass(frozen=True)
class Form:
    """How a class of norms weighs what it has scaled."""

    factor: Forward
    rounded_first: bool = False
    """Whether what is scaled is rounded to the model's dtype before it is weighed."""


FORMS = (
    Form(lambda weight: weight, rounded_first=True),
    Form(lambda weight: weight.float()),
    Form(lambda weight: 1.0 + weight.float()),
)
"""Of Llama and most others; of OLMo and Gemma 4; of Gemma to Gemma 3."""


@torch.inference_mode()
def quicken(model: PreTrainedModel) -> None:
    """Have this file compute what it knows among the modules, wherever states are in low precision.

    A norm's class name says that it may be one and a probe that it is of a known form; any other
    stays as it is.
    """
    if model.dtype not in LOW:
        return
    for module in model.modules():
        if isinstance(module, GELUTanh):
            _give(module, gelu)
        elif type(module).__name__.endswith("RMSNorm") and (norm := _like(module)):
            _give(module, norm)


def gelu(states: torch.Tensor) -> torch.Tensor:
    """0.5 x (1 + tanh y) as x sigmoid(2 y), y = sqrt(2 / pi) (x + 0.044715 x^3); of any shape."""
    states = states.contiguous()
    found = torch.empty_like(states)
    for piece, out in zip(states.view(-1).split(PIECE), found.view(-1).split(PIECE), strict=True):
        x = piece.float()
        twice = torch.addcmul(x, x.square(), x, value=0.044715).mul_(2 * sqrt(2 / pi))
        out.copy_(twice.sigmoid_().mul_(x))
    return found


def _give(module: nn.Module, forward: Forward) -> None:
    own = module.forward

    def chosen(states: torch.Tensor) -> torch.Tensor:
        return forward(states) if states.dtype in LOW else own(states)

    module.forward = chosen


def _like(module: nn.Module) -> Forward | None:
    """A quicker forward that gives what the norm gives, or None."""
    weight = getattr(module, "weight", None)
    eps = getattr(module, "variance_epsilon", getattr(module, "eps", None))
    if not isinstance(weight, torch.Tensor) or weight.dim() != 1 or not isinstance(eps, float):
        return None
    spread = torch.tensor([[1.0], [30.0], [eps**0.5]])
    noise = torch.randn(3, len(weight), generator=torch.Generator().manual_seed(0))
    probe = (spread * noise).to(weight.dtype)
    wanted = module(probe)
    for form in FORMS:
        forward = partial(_norm, weight, form, eps)
        found = forward(probe)
        if found.dtype == wanted.dtype and float((found == wanted).float().mean()) >= SAME:
            return forward
    return None


def _norm(weight: torch.Tensor, form: Form, eps: float, states: torch.Tensor) -> torch.Tensor:
    """The norm over the last dimension of states of any shape, in their dtype."""
    scaled = states.to(torch.float32, copy=True)
    scale = torch.linalg.vector_norm(scaled, dim=-1, keepdim=True)
    scaled.mul_(scale.square_().div_(len(weight)).add_(eps).rsqrt_())
    if form.rounded_first:
        scaled = scaled.to(states.dtype)
    return scaled.mul_(form.factor(weight)).to(states.dtype)
