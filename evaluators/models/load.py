"""A headless model and its tokenizer on the device at hand, and what the record says of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from transformers import (
    AutoModel,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from evaluators.models import gguf
from evaluators.models.source import Source, SourceError
from results.schema import Model

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
NAMES = {"F64": "float64", "F32": "float32", "BF16": "bfloat16", "F16": "float16"}


@dataclass(frozen=True)
class Loaded:
    """A model in evaluation mode, its tokenizer, and its description."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    about: Model


def device() -> torch.device:
    """The accelerator when there is one, else the processor."""
    found = torch.accelerator.current_accelerator(check_available=True)
    return found or torch.device("cpu")


def batch_tokens(model: PreTrainedModel) -> int:
    """Padded tokens a batch: 512 on a processor; on an accelerator by its free memory.

    A token takes about 40 values of the hidden size in a block's widest step; a quarter of what
    is free is left to them. Running out of memory halves the batch in any case.
    """
    if model.device.type != "cuda":
        return 512
    free, _ = torch.cuda.mem_get_info(model.device)
    width = model.config.get_text_config().hidden_size * model.dtype.itemsize * 40
    return int(min(65_536, max(512, free // 4 // width)))


def load(source: Source, cache: Path, dtype: str = "float32") -> Loaded:
    """Load a model without its language-model head, in the compute dtype named.

    Raises:
        SourceError: an unknown dtype or architecture, missing tokenizer, or broken weights.
    """
    if dtype not in DTYPES:
        raise SourceError(f"no compute dtype {dtype}; there are {', '.join(DTYPES)}")
    path, weights = source.path, None
    if path.is_file():
        weights = gguf.weights_format(path)
        path = gguf.converted(path, cache)
    elif not list(path.glob("*.safetensors")):
        raise SourceError(f"{source.id} holds no safetensors weights; pickles are not loaded")
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    except (ValueError, OSError, KeyError) as error:
        raise SourceError(f"the tokenizer of {source.id} cannot be loaded: {error}") from error
    try:
        model = AutoModel.from_pretrained(
            path,
            dtype=DTYPES[dtype],
            trust_remote_code=False,
            use_safetensors=True,
            low_cpu_mem_usage=True,
        )
    except (ValueError, OSError, KeyError, SafetensorError) as error:
        raise SourceError(f"{source.id} cannot be loaded: {error}") from error
    model = model.to(device()).eval()
    config = model.config.get_text_config()
    about = Model(
        id=source.id,
        revision=source.revision,
        weights=weights or _stored(path),
        dtype=dtype,
        file=source.file,
        name=source.name,
        architecture=config.model_type,
        parameters=model.num_parameters(),
        layers=config.num_hidden_layers + 1,
        hidden_size=config.hidden_size,
        licence=source.licence,
        base_model=source.base_model,
    )
    return Loaded(model, tokenizer, about)


def _stored(path: Path) -> str:
    """The dtype that most parameters are stored in, from the safetensors headers."""
    count: Counter[str] = Counter()
    for file in path.glob("*.safetensors"):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118
                part = tensors.get_slice(name)
                count[part.get_dtype()] += prod(part.get_shape())
    if not count:
        raise SourceError("the safetensors files hold no tensor")
    name = count.most_common(1)[0][0]
    return NAMES.get(name, name)
