"""Loading a model's text tower alone: of a multimodal model no other tower takes up memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import (
    CONFIG_MAPPING,
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMultimodalLM,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_MAPPING_NAMES,
)

WRAPPED = {r"^(?:model\.)?(?:language_model|text_model)\.(?:model\.)?": "model."}
"""Where multimodal checkpoints keep the tensors of their text tower, in old and new spelling."""


class TwoStacks(ValueError):
    """Raised for encoder-decoder models, whose layers are not one sequence."""


def load(path: Path, *, dequantise: bool, **options: Any) -> tuple[PreTrainedModel, list[str]]:  # noqa: ANN401
    """The text model in a folder, without a language-model head, and the tensors it lacks.

    `options` go to `from_pretrained`. `dequantise` turns fp8 weights into plain ones.

    Raises:
        TwoStacks: an encoder-decoder model. Whatever transformers raises on broken files.
    """
    config = AutoConfig.from_pretrained(path, trust_remote_code=False)
    if config.is_encoder_decoder:
        raise TwoStacks(config.model_type)
    text = config.get_text_config(decoder=True)
    if dequantise:
        plain = {**config.quantization_config, "dequantize": True}
        config.quantization_config = text.quantization_config = plain
    if text is config:
        return _load(path, config, **options)
    if text.model_type in CONFIG_MAPPING and text.model_type in MODEL_MAPPING_NAMES:
        model, missing = _load(path, text, key_mapping=WRAPPED, **options)
        if not missing:
            return model, missing
        del model
    # Tensors under other names: the whole model knows them, and what is not text is let go.
    whole, missing = _load(path, config, **options)
    tower = whole.get_decoder().base_model
    (prefix,) = (name for name, module in whole.named_modules() if module is tower)
    inside = f"{prefix}." if prefix else ""
    return tower, [name.removeprefix(inside) for name in missing if name.startswith(inside)]


def load_with_head(
    path: Path,
    *,
    dequantise: bool,
    **options: Any,  # noqa: ANN401
) -> tuple[PreTrainedModel, list[str]]:
    """The whole model in a folder with its language-model head, and the tensors it lacks.

    Raises as `load` does.
    """
    config = AutoConfig.from_pretrained(path, trust_remote_code=False)
    if config.is_encoder_decoder:
        raise TwoStacks(config.model_type)
    if dequantise:
        config.quantization_config = {**config.quantization_config, "dequantize": True}
    text = config.model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    return _load(
        path, config, AutoModelForCausalLM if text else AutoModelForMultimodalLM, **options
    )


def _load(
    path: Path,
    config: PreTrainedConfig,
    kind: Any = AutoModel,  # noqa: ANN401
    **options: Any,  # noqa: ANN401
) -> tuple[PreTrainedModel, list[str]]:
    dtype = options["dtype"]
    model, found = kind.from_pretrained(
        path,
        config=config,
        trust_remote_code=False,
        use_safetensors=True,
        low_cpu_mem_usage=True,
        output_loading_info=True,
        **options,
    )
    if getattr(config, "quantization_config", None):
        # Dequantising leaves some of them in another dtype; buffers keep the one they need.
        for parameter in model.parameters():
            parameter.data = parameter.data.to(dtype)
    return model, sorted(found["missing_keys"])
