"""Norms and activations in low precision are those of transformers and torch, to a rounding."""

import copy
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from kinds_tools import STACKS, TEXTS, embedded, loaded, saved
from transformers.activations import GELUTanh
from transformers.models.gemma3.modeling_gemma3 import Gemma3RMSNorm
from transformers.models.gemma4.modeling_gemma4 import Gemma4RMSNorm
from transformers.models.helium.modeling_helium import HeliumRMSNorm
from transformers.models.llama.modeling_llama import LlamaRMSNorm
from transformers.models.mamba2.modeling_mamba2 import MambaRMSNormGated
from transformers.models.qwen4_exp.modeling_qwen4_exp import Qwen4ExpTextRMSNorm

from evaluators.models import low_precision

KNOWN = [LlamaRMSNorm, Gemma3RMSNorm, Gemma4RMSNorm, HeliumRMSNorm]
LOW = {torch.bfloat16: 2**-8, torch.float16: 2**-11}
"""And half the distance between neighbouring numbers, in parts of them."""


def made(kind, dtype, *args):
    """A norm over 48 values with random weights, and one that is quickened."""
    plain = kind(48, *args)
    torch.nn.init.normal_(plain.weight, 0.5, 0.3, generator=torch.Generator().manual_seed(1))
    plain = plain.to(dtype)
    quick = copy.deepcopy(plain)
    low_precision.quicken(holding(quick, dtype))
    return plain, quick


def holding(module, dtype):
    """What `quicken` asks of a model: its dtype and its modules."""
    return SimpleNamespace(dtype=dtype, modules=lambda: [module])


def states(dtype, *shape):
    """States from tiny to large, and a token that is all zeros."""
    torch.manual_seed(2)
    found = torch.randn(*shape, 48) * torch.logspace(-4, 2, shape[-1])[:, None]
    found[..., 0, :] = 0
    return found.to(dtype)


@pytest.mark.parametrize("dtype", LOW)
@pytest.mark.parametrize("kind", KNOWN)
def test_a_norm_gives_what_transformers_gives(kind, dtype):
    plain, quick = made(kind, dtype)
    assert "forward" in vars(quick)
    given = states(dtype, 2, 5, 40)
    for each in (given, given.transpose(1, 2), given[..., :1, :]):
        before = each.clone()
        wanted, found = plain(each), quick(each)
        assert found.dtype == dtype
        assert torch.equal(each, before)
        # Sums in another order can fall on the other side of a rounding, or of two in a row.
        assert (wanted == found).float().mean() > 0.99
        assert torch.allclose(wanted.float(), found.float(), rtol=4 * LOW[dtype], atol=0)


@pytest.mark.parametrize("kind", KNOWN)
def test_the_forms_are_told_apart(kind):
    plain, _ = made(kind, torch.bfloat16)
    given = states(torch.bfloat16, 9)
    found = [low_precision._norm(plain.weight, form, 1e-6, given) for form in low_precision.FORMS]
    same = [float((each == plain(given)).float().mean()) for each in found]
    assert sorted(share > low_precision.SAME for share in same) == [False, False, True]


def test_a_norm_in_float32_stays_and_so_do_states_in_float32():
    _, quick = made(LlamaRMSNorm, torch.float32)
    assert "forward" not in vars(quick)
    plain, quick = made(LlamaRMSNorm, torch.bfloat16)
    given = states(torch.float32, 7)
    assert quick(given).dtype == plain(given).dtype == torch.float32
    assert torch.equal(quick(given), plain(given))


@pytest.mark.parametrize(
    ("kind", "args"), [(Qwen4ExpTextRMSNorm, (16,)), (MambaRMSNormGated, (16,))]
)
def test_a_norm_of_another_form_stays_as_it_is(kind, args):
    _, quick = made(kind, torch.bfloat16, *args)
    assert "forward" not in vars(quick)


@pytest.mark.parametrize("dtype", LOW)
def test_gelu_of_every_number_is_the_formula_in_float64_rounded_once(dtype):
    """All 65,536 patterns of 16 bits that are finite numbers."""
    every = torch.arange(1 << 16, dtype=torch.int32).to(torch.int16).view(dtype)
    x = every[every.isfinite()]
    wide = x.double()
    y = math.sqrt(2 / math.pi) * (wide + 0.044715 * wide**3)
    exact = wide * torch.sigmoid(2 * y)
    module = GELUTanh()
    low_precision.quicken(holding(module, dtype))
    error = (module(x).double() - exact).abs()
    # Below the smallest normal number digits are lost, and a sigmoid below float32's is zero.
    lost = torch.finfo(dtype).smallest_normal + wide.abs() * torch.finfo(torch.float32).tiny
    assert (error <= 1.01 * LOW[dtype] * exact.abs() + lost).all()


def test_gelu_of_states_that_lie_apart_and_do_not_fill_a_piece():
    torch.manual_seed(3)
    given = torch.randn(300, 7, 500, dtype=torch.bfloat16).transpose(0, 1)
    wanted = torch.nn.functional.gelu(given.float(), approximate="tanh").bfloat16()
    assert (low_precision.gelu(given) == wanted).float().mean() > 0.999


@pytest.mark.parametrize("kind", ["llama", "gemma3_text", "olmo2", "qwen3", "mixtral"])
def test_a_model_gives_the_vectors_that_it_gives_without(kind, words, tmp_path, monkeypatch):
    folder = saved(tmp_path / kind, words, kind, STACKS[kind])
    found = loaded(folder, tmp_path, dtype="bfloat16")
    assert any("forward" in vars(module) for module in found.model.modules())
    monkeypatch.setattr(low_precision, "quicken", lambda model: None)
    plain = loaded(folder, tmp_path, dtype="bfloat16")
    assert not any("forward" in vars(module) for module in plain.model.modules())
    mine, other = (embedded(each, TEXTS, ["weighted-mean"]).vectors for each in (found, plain))
    (mine,), (other,) = mine.values(), other.values()
    for a, b in zip(mine, other, strict=True):
        assert np.linalg.norm(a - b) < 0.02 * np.linalg.norm(b)
