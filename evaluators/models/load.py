"""A headless model and its tokenizer on the device at hand, and what the record says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Literal

import torch
from safetensors import SafetensorError, safe_open
from transformers import (
    CONFIG_MAPPING,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    __version__,
)

from evaluators.models import gguf, text_tower
from evaluators.models.own import Own
from evaluators.models.source import Source, SourceError, complete
from results import architectures, model_config, model_files
from results.quantisation import RUNNABLE
from results.schema import Model

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
BROKEN = (ValueError, OSError, KeyError, ImportError, RuntimeError, SafetensorError)
NAMES = {"F64": "float64", "F32": "float32", "BF16": "bfloat16", "F16": "float16"}


@dataclass(frozen=True)
class Loaded:
    """A model in evaluation mode, its tokenizer, and its description."""

    model: PreTrainedModel | None
    """The stack whose states are read: of an encoder-decoder its encoder, None where a model has
    no states, as static embeddings."""
    tokenizer: PreTrainedTokenizerBase | None
    about: Model
    whole: PreTrainedModel | None = None
    """The encoder-decoder that `model` is the encoder of."""
    own: Own | None = None
    """How its folder says that a text becomes one vector."""


@dataclass(frozen=True)
class Headed(Loaded):
    """A decoder with its language-model head."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase


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


def load(
    source: Source,
    cache: Path,
    dtype: str = "float32",
    quantised: Literal["refuse", "run"] = "refuse",
) -> Loaded:
    """Load a model without its language-model head, in the compute dtype named.

    Of a multimodal model its text tower is loaded. `run` dequantises what can be (RUNNABLE).

    Raises:
        SourceError: an unknown dtype or architecture, an encoder-decoder or quantised model,
            missing tokenizer, or broken weights.
    """
    return _load(source, cache, dtype, quantised, text_tower.load)


def load_with_head(
    source: Source,
    cache: Path,
    dtype: str = "float32",
    quantised: Literal["refuse", "run"] = "refuse",
) -> Headed:
    """Load a decoder with its language-model head, for what asks how likely a text is.

    Described as `load` does, so that the records of both are one model's. Raises SourceError as
    `load` does, and for an encoder.
    """
    found = _load(source, cache, dtype, quantised, text_tower.load_with_head)
    return Headed(found.model, found.tokenizer, found.about)


def _load(
    source: Source,
    cache: Path,
    dtype: str,
    quantised: Literal["refuse", "run"],
    loader: Callable[..., tuple[PreTrainedModel, list[str]]],
) -> Loaded:
    if dtype not in DTYPES:
        raise SourceError(f"no compute dtype {dtype}; there are {', '.join(DTYPES)}")
    path, weights = source.path, None
    head = loader is text_tower.load_with_head
    if path.is_file():
        weights = gguf.weights_format(path)
        path = gguf.converted(path, cache, head=head)
    elif not list(path.glob("*.safetensors")):
        raise SourceError(f"{source.id} holds no safetensors weights; pickles are not loaded")
    known = _known(path, source)
    if head and architectures.is_encoder(known.model_type):
        raise SourceError(
            f"{source.id} is an encoder, which does not say how likely a text is: tasks are "
            "measured on decoders only"
        )
    method = known.quantised
    if method and (quantised == "refuse" or method not in RUNNABLE):
        raise SourceError(
            f"{source.id} is quantised ({method}), which is not evaluated here; "
            "take the model that it was made from"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    except BROKEN as error:
        raise SourceError(
            f"{source.id} has no tokenizer that can be loaded: {_said(error, path, source)}"
        ) from error
    try:
        model, missing = loader(path, dequantise=bool(method), dtype=DTYPES[dtype])
    except text_tower.TwoStacks as error:
        raise SourceError(
            f"{source.id} is an encoder-decoder model ({error}); alignment is measured layer by "
            "layer in one stack of blocks, so only decoders and encoders are evaluated"
        ) from None
    except RuntimeError as error:
        raise SourceError(f"the weights of {source.id} do not fit its config.json") from error
    except BROKEN as error:
        raise SourceError(
            f"the weights of {source.id} cannot be loaded: {_said(error, path, source)}"
        ) from error
    complete(source.id, missing)
    model = model.to(device()).eval()
    config = model.config.get_text_config()
    tower = model.get_decoder() if head else model
    about = Model(
        id=source.id,
        revision=source.revision,
        weights=weights or method or _stored(path),
        dtype=dtype,
        file=source.file,
        name=source.name,
        architecture=config.model_type,
        parameters=tower.num_parameters(),
        layers=config.num_hidden_layers + 1,
        hidden_size=config.hidden_size,
        licence=source.licence,
        base_model=source.base_model,
    )
    return Loaded(model, tokenizer, about)


def _known(path: Path, source: Source) -> model_config.ModelConfig:
    """Refuse what only code from the model's repository could load, in words for a person."""
    try:
        with (path / "config.json").open("rb") as file:
            config = model_config.parse(file.read(model_config.LARGEST))
    except (OSError, model_config.BadConfig):
        raise SourceError(f"{source.id} has no config.json that can be read") from None
    kind = config.model_type
    if kind in CONFIG_MAPPING:
        return config
    if config.own_code:
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
    names = {file.name for file in path.glob("*.safetensors*")}
    for name in model_files.safetensors(names) or sorted(names):
        with safe_open(path / name, framework="pt") as tensors:
            for tensor in tensors.keys():  # noqa: SIM118
                part = tensors.get_slice(tensor)
                count[part.get_dtype()] += prod(part.get_shape())
    if not count:
        raise SourceError("the safetensors files hold no tensor")
    most = count.most_common(1)[0][0]
    return NAMES.get(most, most)
