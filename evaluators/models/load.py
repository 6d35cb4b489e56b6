"""A headless model and its tokenizer on the device at hand, and what the record says of it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from transformers import (
    CONFIG_MAPPING,
    AutoModel,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    __version__,
)

from evaluators.models import gguf
from evaluators.models.source import Source, SourceError, complete
from results.schema import Model

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
BROKEN = (ValueError, OSError, KeyError, ImportError, RuntimeError, SafetensorError)
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
    _known(path, source)
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    except BROKEN as error:
        raise SourceError(
            f"{source.id} has no tokenizer that can be loaded: {_said(error, path, source)}"
        ) from error
    try:
        model, found = AutoModel.from_pretrained(
            path,
            dtype=DTYPES[dtype],
            trust_remote_code=False,
            use_safetensors=True,
            low_cpu_mem_usage=True,
            output_loading_info=True,
        )
    except RuntimeError as error:
        raise SourceError(f"the weights of {source.id} do not fit its config.json") from error
    except BROKEN as error:
        raise SourceError(
            f"the weights of {source.id} cannot be loaded: {_said(error, path, source)}"
        ) from error
    complete(source.id, found["missing_keys"])
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


def _known(path: Path, source: Source) -> None:
    """Refuse what only code from the model's repository could load, in words for a person."""
    try:
        config = json.loads((path / "config.json").read_text("utf-8"))
        kind, own = config.get("model_type"), "auto_map" in config
    except (OSError, ValueError, AttributeError):
        raise SourceError(f"{source.id} has no config.json that can be read") from None
    if kind in CONFIG_MAPPING:
        return
    if own:
        raise SourceError(
            f"{source.id} needs code from its own repository, which is never run here; "
            "only architectures that transformers itself knows are evaluated"
        )
    raise SourceError(
        f"transformers {__version__} does not know the architecture “{kind}” of {source.id}"
    )


def _said(error: Exception, path: Path, source: Source) -> str:
    """The first line of a library's message, with no path of this machine."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].replace(str(path), source.id)[:200].strip(" :")


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
