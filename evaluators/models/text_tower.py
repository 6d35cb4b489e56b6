"""Loading the stack whose states are read: of a multimodal model its text tower alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import (
    CONFIG_MAPPING,
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMultimodalLM,
    AutoModelForTextEncoding,
    GenerationConfig,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES,
    MODEL_MAPPING_NAMES,
)

WRAPPED = {r"^(?:model\.)?(?:language_model|text_model)\.(?:model\.)?": "model."}
"""Where multimodal checkpoints keep the tensors of their text tower, in old and new spelling."""


class TwoStacks(ValueError):
    """Raised for encoder-decoder models where a single stack is needed."""


@dataclass(frozen=True)
class Stack:
    """The model whose states are read, and the names of the tensors that a folder lacks of it."""

    model: PreTrainedModel
    missing: list[str]
    whole: PreTrainedModel | None = None
    """The encoder-decoder that `model` is the encoder of."""


def load(path: Path, *, dequantise: bool, **options: Any) -> Stack:  # noqa: ANN401
    """The text model in a folder, without a language-model head.

    Of an encoder-decoder its encoder, and the whole, whose configuration then says which token the
    decoder starts with, None where no file does; a folder may hold an encoder alone.

    `options` go to `from_pretrained`. `dequantise` turns fp8 weights into plain ones. Raises
    whatever transformers raises on broken files.
    """
    config = AutoConfig.from_pretrained(path, trust_remote_code=False)
    if dequantise:
        _plain(config)
    alone = MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES.get(config.model_type, "")
    if alone.endswith("EncoderModel") and alone in (config.architectures or ()):
        return Stack(*_load(path, config, AutoModelForTextEncoding, **options))
    if config.is_encoder_decoder:
        whole, missing = _load(path, config, **options)
        whole.config.decoder_start_token_id = _start(path, config)
        return Stack(whole.get_encoder(), missing, whole)
    text = config.get_text_config(decoder=True)
    if dequantise:
        text.quantization_config = config.quantization_config
    if text is config:
        return Stack(*_load(path, config, **options))
    if text.model_type in CONFIG_MAPPING and text.model_type in MODEL_MAPPING_NAMES:
        model, missing = _load(path, text, key_mapping=WRAPPED, **options)
        if not missing:
            return Stack(model, missing)
        del model
    # Tensors under other names: the whole model knows them, and what is not text is let go.
    whole, missing = _load(path, config, **options)
    tower = whole.get_decoder().base_model
    (prefix,) = (name for name, module in whole.named_modules() if module is tower)
    inside = f"{prefix}." if prefix else ""
    return Stack(tower, [name.removeprefix(inside) for name in missing if name.startswith(inside)])


def load_with_head(path: Path, *, dequantise: bool, **options: Any) -> Stack:  # noqa: ANN401
    """The whole model in a folder with its language-model head.

    Raises TwoStacks for an encoder-decoder, and as `load` does.
    """
    config = AutoConfig.from_pretrained(path, trust_remote_code=False)
    if config.is_encoder_decoder:
        raise TwoStacks(config.model_type)
    if dequantise:
        _plain(config)
    text = config.model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    return Stack(
        *_load(path, config, AutoModelForCausalLM if text else AutoModelForMultimodalLM, **options)
    )


def _start(path: Path, config: PreTrainedConfig) -> int | None:
    try:
        generation = GenerationConfig.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError):
        generation = None
    for place, name in (
        (config, "decoder_start_token_id"),
        (generation, "decoder_start_token_id"),
        (getattr(config, "decoder", None), "bos_token_id"),
        (config, "bos_token_id"),
    ):
        if isinstance(said := getattr(place, name, None), int):
            return said
    return None


def _plain(config: PreTrainedConfig) -> None:
    config.quantization_config = {**config.quantization_config, "dequantize": True}


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
    return model, sorted(key for key in found["missing_keys"] if not _computed(model, key))


def _computed(model: PreTrainedModel, key: str) -> bool:
    """Whether a tensor is a table of sines, which no file needs to hold."""
    return "Sinusoidal" in type(model.get_submodule(key.rpartition(".")[0])).__name__
