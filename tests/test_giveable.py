"""Embedding methods that a model can give, told from its architecture."""

from pathlib import Path

import pytest
import transformers

from results import giveable
from results.architectures import STATIC, kind
from results.methods import EMBEDDINGS


def readings(architecture, **more):
    return {EMBEDDINGS[name].reading for name in giveable.methods(architecture, **more)}


@pytest.mark.parametrize(
    ("architecture", "wanted"),
    [
        ("llama", {"plain", "echo", "prompt", "prepended"}),
        (None, {"plain", "echo", "prompt", "prepended"}),
        ("qwen3_moe", {"plain", "echo", "prompt", "prepended", "routed"}),
        ("xlm-roberta", {"plain", "echo"}),
        ("t5", {"plain", "echo", "decoder"}),
        (STATIC, {"own"}),
    ],
)
def test_readings_follow_the_kind_of_model(architecture, wanted):
    assert readings(architecture) == wanted
    assert readings(architecture, own=True) == wanted | {"own"}
    assert set(giveable.usual(architecture)) <= set(giveable.methods(architecture))


@pytest.mark.parametrize("architecture", giveable.ROUTED)
def test_transformers_names_the_routers(architecture):
    """It is what the job reads routing weights by."""
    assert kind(architecture) in ("text", "encoder-decoder")
    name = architecture.removesuffix("_text")
    root = Path(transformers.__file__).parent / "models" / name
    source = (root / f"modeling_{name}.py").read_text()
    assert '"router_logits":' in source
