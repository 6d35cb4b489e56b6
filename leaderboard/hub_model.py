"""What the Hub says of a model, in as few requests as can be, checked before it is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from huggingface_hub import HfApi, get_session, hf_hub_url
from huggingface_hub.errors import (
    DisabledRepoError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    SafetensorsParsingError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from results import model_config, model_files, sentence_folder
from results.hub import REFUSED
from results.ids import ModelId
from results.sentence_folder import Module

TIMEOUT = 15.0
"""Seconds that the Hub has to answer."""
MOST_SHARDS = 64
"""Headers read at most, one request each; a model of more shards fits no single machine."""
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError)
"""What the client raises on half an answer, or one of another shape: it does not check them."""
GATED = (GatedRepoError, RepositoryNotFoundError)


class Refused(ValueError):
    """Raised for a submission that cannot be evaluated; the message says what to do instead."""


class Unreachable(Refused):
    """Raised when the Hub does not answer, or not sensibly."""

    def __init__(self) -> None:
        super().__init__("The Hub cannot be reached just now. Try again in a few minutes.")


def _counts(raw: object) -> dict[str, int]:
    """Parameters a stored dtype; what is no such table is none."""
    if not isinstance(raw, dict):
        return {}
    return {
        kind: count
        for kind, count in raw.items()
        if isinstance(kind, str) and kind.isidentifier() and kind.isascii() and len(kind) <= 24
        if type(count) is int and 0 < count < 1 << 50
    }


def _sizes(raw: object) -> dict[str, int | None]:
    """Bytes a file, for the files with ordinary names."""
    if not isinstance(raw, list):
        return {}
    found = {each.rfilename: each.size for each in raw if isinstance(each.rfilename, str)}
    return {
        name: size if type(size := found[name]) is int and 0 <= size < 1 << 60 else None
        for name in model_files.ordinary(found)
    }


def _gated(raw: object) -> object:
    """`auto`, `manual` or None; older answers say true for what is now called auto."""
    return "auto" if raw is True else raw or None


class HubModel(BaseModel):
    """One revision of a model repo; anything unexpected in it is dropped, or refused as a whole."""

    model_config = ConfigDict(frozen=True)

    id: ModelId
    sha: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    private: Annotated[bool, BeforeValidator(bool)]
    disabled: Annotated[bool, BeforeValidator(bool)]
    gated: Literal["auto", "manual"] | None
    files: Annotated[dict[str, int | None], BeforeValidator(_sizes)]
    card: Annotated[dict[str, Any], BeforeValidator(lambda raw: raw if type(raw) is dict else {})]
    config: Any
    """The summary of config.json that the Hub makes some time after a push."""
    counts: Annotated[dict[str, int], BeforeValidator(_counts)]
    """Parameters a stored dtype, `BF16` ...; empty while the Hub has not read the headers."""
    gguf: Any


@contextmanager
def answering() -> Iterator[None]:
    """Turns every way that the Hub can fail to answer into Unreachable."""
    try:
        yield
    except Refused:
        raise
    except (*REFUSED, *MALFORMED) as error:
        raise Unreachable from error


def look_up(name: str, revision: str | None) -> HubModel:
    """The model at a branch, tag or commit, as anybody sees it: one request, without a token.

    Raises:
        Refused: not there, private, disabled, no such revision. Unreachable: the Hub fails.
    """
    with answering():
        try:
            info = HfApi(token=False).model_info(
                name, revision=revision, timeout=TIMEOUT, files_metadata=True
            )
        except DisabledRepoError:
            raise Refused(_disabled(name)) from None
        except GatedRepoError:
            raise Refused(
                f"{name} is gated so that even its page is closed; it cannot be evaluated here."
            ) from None
        except RevisionNotFoundError:
            raise Refused(f"{name} has no revision “{revision}”.") from None
        except RepositoryNotFoundError:
            raise Refused(
                f"{name} is not on the Hub, or it is private. Is the id spelled right?"
            ) from None
        found = HubModel(
            id=info.id,
            sha=info.sha,
            private=info.private,
            disabled=info.disabled,
            gated=_gated(info.gated),
            files=info.siblings,
            card=info.card_data.to_dict() if info.card_data else {},
            config=info.config,
            counts=info.safetensors.parameters if info.safetensors else {},
            gguf=info.gguf,
        )
    if found.disabled:
        raise Refused(_disabled(found.id))
    if found.private:
        raise Refused(f"{found.id} is private. Make it public, or gated, to have it evaluated.")
    return found


def _disabled(name: str) -> str:
    return f"{name} has been disabled on the Hub, so its files cannot be had."


def read_config(
    model: HubModel, token: str | None, name: str = "config.json"
) -> model_config.ModelConfig:
    """The configuration of the pinned commit, one request, never more than LARGEST bytes.

    Raises:
        Refused: there is none, or it is none. Unreachable: the Hub fails.
    """
    if name not in model.files:
        raise Refused(f"{model.id} has no {name}, so its architecture is not known.")
    content = _read(model, token, name, model_config.LARGEST)
    try:
        return model_config.parse(content)
    except model_config.BadConfig:
        raise Refused(
            f"The {name} of {model.id} cannot be read, or names no model_type that is one."
        ) from None


def read_modules(model: HubModel, token: str | None) -> list[Module]:
    """The modules of a sentence-transformers folder; none, and no request, for other repos.

    Raises:
        Refused: one is not followed here, or the file is none. Unreachable: the Hub fails.
    """
    if sentence_folder.NAME not in model.files:
        return []
    content = _read(model, token, sentence_folder.NAME, sentence_folder.LARGEST)
    try:
        return sentence_folder.parse(content)
    except sentence_folder.BadFolder as error:
        raise Refused(f"{model.id} {error}.") from None


def _read(model: HubModel, token: str | None, name: str, largest: int) -> bytes:
    size = model.files[name]
    if size is not None and size >= largest:
        raise Refused(f"The {name} of {model.id} is too large to be one.")
    where = hf_hub_url(model.id, name, revision=model.sha)
    headers = build_hf_headers(token=token or False) | {"range": f"bytes=0-{largest - 1}"}
    with answering():
        try:
            answer = get_session().get(where, headers=headers, timeout=TIMEOUT)
            if answer.status_code == 416:
                raise Refused(f"The {name} of {model.id} is empty.")
            hf_raise_for_status(answer)
        except EntryNotFoundError:
            raise Refused(f"{model.id} has no {name}.") from None
        content: bytes = answer.content
    return content


def read_headers(model: HubModel, names: Sequence[str], token: str | None) -> dict[str, int]:
    """Parameters a stored dtype from the files' safetensors headers, a request or two each.

    Raises:
        Refused: a header cannot be read, or there are too many files. Unreachable: the Hub fails.
    """
    if len(names) > MOST_SHARDS:
        raise Refused(
            f"The Hub does not know the parameters of {model.id} yet, and it has {len(names)} "
            "weight files; try again later."
        )
    total: Counter[str] = Counter()
    for name in names:
        with answering():
            try:
                found = HfApi(token=token or False).parse_safetensors_file_metadata(
                    model.id, name, revision=model.sha, timeout=TIMEOUT
                )
            except SafetensorsParsingError:
                raise Refused(
                    f"{name} of {model.id} has no safetensors header that can be read: "
                    "is the file whole?"
                ) from None
            except GatedRepoError:
                raise Refused(
                    f"The Hub does not know the parameters of {model.id}; try again later."
                ) from None
            total.update(_counts(found.parameter_count))
    return dict(total)


def access(model: HubModel, token: str) -> str | None:
    """None when the token's account may read the gated model, else who must be granted what.

    Raises:
        Unreachable: the Hub does not answer.
    """
    api = HfApi(token=token)
    page = f"https://huggingface.co/{model.id}"
    with answering():
        try:
            api.auth_check(model.id)
            return None
        except GATED as error:
            said = (error.server_message or "").lower()
        except HfHubHTTPError as error:
            if error.response.status_code not in (401, 403):
                raise
            said = (error.server_message or "").lower()
            if error.response.status_code == 401:
                return (
                    f"{model.id} is gated and the Hub does not accept this board's read token any "
                    "more: its owner must renew it (MEXA_READ_TOKEN)."
                )
    who = _account(api)
    if "fine-grained" in said:
        return (
            f"{model.id} is gated and the read token of {who} may not read gated models: its owner "
            "must allow “public gated repositories” in the token's settings."
        )
    if "awaiting" in said or "pending" in said:
        return (
            f"{model.id} is gated: the request of {who} awaits its authors' approval. They can "
            f"grant it at {page}/settings, and the evaluation then starts by itself."
        )
    if model.gated == "manual":
        return (
            f"{model.id} is gated: its authors must grant {who} access. This board's owner asks "
            f"for it at {page}, and the evaluation starts once it is granted."
        )
    return (
        f"{model.id} is gated: this board's owner must accept its terms as {who} at {page}, and "
        "the evaluation then starts by itself."
    )


def _account(api: HfApi) -> str:
    """The name of the token's account: who has to be granted access."""
    try:
        with answering():
            name = api.whoami(cache=True)["name"]
    except Unreachable:
        name = None
    known = isinstance(name, str) and name.replace("-", "").replace("_", "").isalnum()
    return f"the account “{name[:60]}”" if known and isinstance(name, str) else "its account"
