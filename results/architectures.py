"""Which architectures transformers loads without code of the model's own, known without it."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "wrapper", "encoder-decoder", "other"]
"""`text`: one stack of blocks over tokens. `wrapper`: a text tower beside others, for images or
sound. `encoder-decoder`: two stacks, the first over tokens. `other`: nothing that reads text
alone."""

Family = Literal["decoder", "encoder", "encoder-decoder", "static"]

STATIC = "model2vec"
"""What records name as the architecture of static embedders, and model2vec its folders."""

UNREADABLE = frozenset(
    {"fsmt", "funnel", "gemma3n", "gemma3n_text", "pegasus_x", "reformer", "xmod"}
)
"""Architectures of text whose blocks do not return one state a token, or that do not run over a
text and nothing else: a test holds this list to what loading finds."""

_DATA = Path(__file__).parent / "data" / "architectures.json"


@lru_cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_DATA.read_text("utf-8"))
    return table


def transformers_version() -> str:
    """The version of transformers that the table was baked from."""
    return str(_table()["transformers"])


def family(model_type: str) -> Family:
    """How a model of this architecture reads a text; only a decoder says how likely one is."""
    if model_type == STATIC:
        return "static"
    if kind(model_type) == "encoder-decoder":
        return "encoder-decoder"
    return "encoder" if is_encoder(model_type) else "decoder"


def kind(model_type: str) -> Kind | None:
    """The kind of a configuration's `model_type`; None when transformers does not know it."""
    found: Kind | None = _table()["kinds"].get(model_type)
    return found


def is_encoder(model_type: str) -> bool:
    """Whether its blocks see a text in both directions, as masked language models do."""
    return model_type in _table()["encoders"]


def reads_gguf(architecture: str) -> bool:
    """Whether transformers reads GGUF files of this `general.architecture` (`llama`, `qwen2moe`).

    llama.cpp writes names without the underscores of transformers.
    """
    return _plain(architecture) in {_plain(name) for name in _table()["gguf"]}


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "")
