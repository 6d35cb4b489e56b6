"""A headless model and its tokenizer on the device at hand, and what the record says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from transformers import (
    CONFIG_MAPPING,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    __version__,
)

from evaluators.models import gguf, low_precision, placement, sentence, static, text_tower
from evaluators.models.own import Own
from evaluators.models.placement import batch_tokens, device
from evaluators.models.positions import positions
from evaluators.models.source import Source, SourceError, complete
from evaluators.models.stack import check
from results import architectures, model_config, model_files
from results.architectures import STATIC
from results.quantisation import RUNNABLE
from results.schema import Model
from results.sentence_folder import Module, is_static

__all__ = ["DTYPES", "Headed", "Loaded", "batch_tokens", "device", "load", "load_with_head"]

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
BROKEN = (ValueError, OSError, KeyError, ImportError, RuntimeError, SafetensorError)
NAMES = {"F64": "float64", "F32": "float32", "BF16": "bfloat16", "F16": "float16"}


@dataclass(frozen=True)
class Loaded:
    """A model in evaluation mode, its tokenizer, and its description."""

    model: PreTrainedModel | None
    """The stack whose states are read: of an encoder-decoder its encoder, None where a model has
    no states, as static embeddings."""
    tokenizer: PreTrainedTokenizerBase
    about: Model
    whole: PreTrainedModel | None = None
    """The encoder-decoder that `model` is the encoder of."""
    own: Own | None = None
    """How its folder says that a text becomes one vector."""
    widths: tuple[int, ...] = ()
    """Of the hidden states, embedding output first."""


@dataclass(frozen=True)
class Headed(Loaded):
    """A decoder with its language-model head."""

    model: PreTrainedModel


def load(
    source: Source,
    cache: Path,
    dtype: str = "float32",
    quantised: Literal["refuse", "run"] = "refuse",
) -> Loaded:
    """Load a model without its language-model head, in the compute dtype named.

    Of a multimodal model its text tower is loaded, of an encoder-decoder the whole. `run`
    dequantises what can be (RUNNABLE).

    Raises:
        SourceError: an unknown dtype or architecture, a quantised model, one whose states cannot be
            read layer by layer, missing tokenizer, or broken weights.
    """
    _check(dtype)
    path, weights = _files(source, cache)
    modules = sentence.modules(path, source.id)
    inside = _inside(path, source, modules)
    if is_static(modules):
        return _static(source, path, modules, dtype)
    known = _known(inside, source)
    if known.model_type == STATIC:
        return _static(source, path, static.MODEL2VEC, dtype)
    method = _quantised(known, source, quantised)
    tokenizer = _tokenizer(inside, source)
    stack = _stack(inside, source, text_tower.load, method, dtype)
    widths = check(source.id, stack.model, tokenizer)
    whole = stack.whole or stack.model
    if whole.device.type == "cpu" and not placement.spread(whole):
        low_precision.quicken(whole)
    own: sentence.Pooled | None = None
    count = whole.num_parameters()
    if modules:
        most = positions(stack.model, tokenizer)
        own = sentence.pooled(path, source.id, modules, stack.model, tokenizer, most)
        count += own.parameters()
    config = stack.model.config.get_text_config()
    about = _about(
        source,
        weights or method or _stored(inside),
        dtype,
        architecture=stack.whole.config.model_type if stack.whole else config.model_type,
        parameters=count,
        layers=len(widths),
        hidden_size=config.hidden_size,
    )
    return Loaded(stack.model, tokenizer, about, stack.whole, own, widths)


def load_with_head(
    source: Source,
    cache: Path,
    dtype: str = "float32",
    quantised: Literal["refuse", "run"] = "refuse",
) -> Headed:
    """Load a decoder with its language-model head, for what asks how likely a text is.

    Described as `load` does, so that the records of both are one model's. Raises SourceError as
    `load` does, and for models of any other kind.
    """
    _check(dtype)
    path, weights = _files(source, cache, head=True)
    modules = sentence.modules(path, source.id)
    inside = _inside(path, source, modules)
    known = None if is_static(modules) else _known(inside, source)
    table = known is None or known.model_type == STATIC
    if known is None or table or architectures.is_encoder(known.model_type):
        kind = "a static embedder" if table else "an encoder"
        raise SourceError(
            f"{source.id} is {kind}, which does not say how likely a text is: tasks are "
            "measured on decoders only"
        )
    method = _quantised(known, source, quantised)
    tokenizer = _tokenizer(inside, source)
    model = _stack(inside, source, text_tower.load_with_head, method, dtype).model
    config = model.config.get_text_config()
    about = _about(
        source,
        weights or method or _stored(inside),
        dtype,
        architecture=config.model_type,
        parameters=model.get_decoder().num_parameters(),
        layers=len(check(source.id, model.get_decoder(), tokenizer)),
        hidden_size=config.hidden_size,
    )
    return Headed(model, tokenizer, about)


def _check(dtype: str) -> None:
    if dtype not in DTYPES:
        raise SourceError(f"no compute dtype {dtype}; there are {', '.join(DTYPES)}")


def _files(source: Source, cache: Path, *, head: bool = False) -> tuple[Path, str | None]:
    """The folder that holds a model as transformers reads it, and a GGUF file's own format."""
    path = source.path
    if path.is_file():
        named = gguf.weights_format(path)
        return gguf.converted(path, cache, head=head), named
    return path, None


def _static(source: Source, path: Path, modules: Sequence[Module], dtype: str) -> Loaded:
    table = static.load(path, source.id, modules, DTYPES[dtype])
    about = _about(
        source,
        _stored(path / modules[0].path),
        dtype,
        architecture=STATIC,
        parameters=table.parameters(),
        layers=None,
        hidden_size=table.width,
    )
    return Loaded(None, table.tokenizer, about, own=table)


def _quantised(
    known: model_config.ModelConfig, source: Source, setting: Literal["refuse", "run"]
) -> str | None:
    """The method that weights are dequantised by, None for plain ones."""
    method = known.quantised
    if method and (setting == "refuse" or method not in RUNNABLE):
        raise SourceError(
            f"{source.id} is quantised ({method}), which is not evaluated here; "
            "take the model that it was made from"
        )
    return method


def _inside(path: Path, source: Source, modules: Sequence[Module]) -> Path:
    """The folder of the transformer, or of the table of a static embedder."""
    inside = path / modules[0].path if modules else path
    if not list(inside.glob("*.safetensors")):
        raise SourceError(f"{source.id} holds no safetensors weights; pickles are not loaded")
    return inside


def _tokenizer(path: Path, source: Source) -> PreTrainedTokenizerBase:
    try:
        return AutoTokenizer.from_pretrained(path, trust_remote_code=False)
    except BROKEN as error:
        raise SourceError(
            f"{source.id} has no tokenizer that can be loaded: {_said(error, path, source)}"
        ) from error


def _stack(
    path: Path,
    source: Source,
    loader: Callable[..., text_tower.Stack],
    method: str | None,
    dtype: str,
) -> text_tower.Stack:
    placement.exact()
    kind = DTYPES[dtype]
    try:
        where = placement.options(_elements(path).total() * kind.itemsize)
        stack = loader(path, dequantise=bool(method), dtype=kind, **where)
    except text_tower.TwoStacks as error:
        raise SourceError(
            f"{source.id} is an encoder-decoder model ({error}), which does not say how likely a "
            "text alone is: tasks are measured on decoders only"
        ) from None
    except RuntimeError as error:
        raise SourceError(f"the weights of {source.id} do not fit its config.json") from error
    except BROKEN as error:
        raise SourceError(
            f"the weights of {source.id} cannot be loaded: {_said(error, path, source)}"
        ) from error
    complete(source.id, stack.missing)
    (stack.whole or stack.model).eval()
    return stack


def _about(source: Source, weights: str, dtype: str, **more: Any) -> Model:  # noqa: ANN401
    return Model(
        id=source.id,
        revision=source.revision,
        weights=weights,
        dtype=dtype,
        file=source.file,
        name=source.name,
        licence=source.licence,
        base_model=source.base_model,
        **more,
    )


def _known(path: Path, source: Source) -> model_config.ModelConfig:
    """Refuse what only code from the model's repository could load, in words for a person."""
    try:
        with (path / "config.json").open("rb") as file:
            config = model_config.parse(file.read(model_config.LARGEST))
    except (OSError, model_config.BadConfig):
        raise SourceError(f"{source.id} has no config.json that can be read") from None
    kind = config.model_type
    if kind in CONFIG_MAPPING or kind == STATIC:
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


def _elements(path: Path) -> Counter[str]:
    """Numbers a stored dtype, from the safetensors headers."""
    count: Counter[str] = Counter()
    names = {file.name for file in path.glob("*.safetensors*")}
    for name in model_files.safetensors(names) or sorted(names):
        with safe_open(path / name, framework="pt") as tensors:
            for tensor in tensors.keys():  # noqa: SIM118
                part = tensors.get_slice(tensor)
                count[part.get_dtype()] += prod(part.get_shape())
    return count


def _stored(path: Path) -> str:
    """The dtype that most parameters are stored in."""
    count = _elements(path)
    if not count:
        raise SourceError("the safetensors files hold no tensor")
    most = count.most_common(1)[0][0]
    return NAMES.get(most, most)
