"""Bakes `results/data/architectures.json`: run `python -m results.bake_architectures`.

Needed only after another version of transformers is pinned; the application reads the JSON, so
that the web process never imports transformers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "data" / "architectures.json"
WRAPPERS = ("IMAGE_TEXT_TO_TEXT", "MULTIMODAL_LM", "CAUSAL_LM", "MASKED_LM", "SEQ_TO_SEQ_CAUSAL_LM")
"""Mappings of heads that say that a model with a text tower produces text."""
TEXT = ("CAUSAL_LM", "MASKED_LM", "TEXT_ENCODING")
TWO_STACKS, SPEECH = ("SEQ_TO_SEQ_CAUSAL_LM",), ("SPEECH_SEQ_2_SEQ",)


def table() -> dict[str, Any]:
    """What the installed transformers knows: a kind for each model type, and its GGUF names."""
    import transformers
    from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES
    from transformers.models.auto import modeling_auto

    def heads(names: tuple[str, ...]) -> set[str]:
        return {
            kind for n in names for kind in getattr(modeling_auto, f"MODEL_FOR_{n}_MAPPING_NAMES")
        }

    loaded = set(modeling_auto.MODEL_MAPPING_NAMES)
    wrappers, text, two = heads(WRAPPERS), heads(TEXT), heads(TWO_STACKS)
    speech = heads(SPEECH)
    kinds, towers = {}, set()
    for kind, config in transformers.CONFIG_MAPPING.items():
        tower = (getattr(config, "sub_configs", None) or {}).get("text_config")
        if kind not in loaded or kind not in wrappers | text | two | speech:
            kinds[kind] = "other"
        elif config().is_encoder_decoder or (kind in two | speech and tower is None):
            kinds[kind] = "encoder-decoder" if kind in two - speech else "other"
        elif tower is not None:
            kinds[kind] = "wrapper"
            towers.add(getattr(tower, "model_type", ""))
        else:
            kinds[kind] = "text" if kind in wrappers | text else "other"
    # A text tower may be published alone.
    kinds |= {kind: "text" for kind in towers & loaded if kinds[kind] == "other"}
    return {
        "transformers": transformers.__version__,
        "kinds": dict(sorted(kinds.items())),
        "encoders": sorted(kind for kind in heads(("MASKED_LM",)) if kinds.get(kind) == "text"),
        "gguf": sorted(set(GGUF_SUPPORTED_ARCHITECTURES) - {"general", "tokenizer"}),
    }


if __name__ == "__main__":
    found = table()
    TARGET.write_text(json.dumps(found, indent=0) + "\n", "utf-8")
    sys.stdout.write(f"{len(found['kinds'])} model types of transformers {found['transformers']}\n")
