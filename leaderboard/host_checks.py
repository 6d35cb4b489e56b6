"""What must hold before a board is made: the wish itself, and what the tokens may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from huggingface_hub.utils import validate_repo_id
from pydantic import SecretStr, ValidationError

from results.repo import check
from results.settings import Settings


class HostError(ValueError):
    """Raised for what stands in the way, before anything is made. The message is for a person."""


def check_wish(repo: str, ids: Sequence[str], variables: Mapping[str, str], results: Path) -> None:
    """The name, the settings and the records to start with. Raises HostError."""
    parts = repo.split("/")
    try:
        if len(parts) != 2:
            raise HostError(f"“{repo}” is no name of a board: give ORG/NAME")
        for id in ids:
            validate_repo_id(id)
        unknown = [
            key
            for key in variables
            if key.removeprefix("MEXA_").lower() not in Settings.model_fields
            or not key.startswith("MEXA_")
            or key != key.upper()
        ]
        if unknown:
            raise HostError(f"{', '.join(unknown)}: no such setting; the README lists them")
        fields = {key: Settings.model_fields[key[5:].lower()] for key in variables}
        secret = [key for key, each in fields.items() if SecretStr.__name__ in str(each)]
        if secret:
            raise HostError(
                f"{', '.join(secret)} is a secret and does not belong on a command line: "
                "put it into the environment variable of that name"
            )
        if variables.get("MEXA_REPO", repo) != repo:
            raise HostError("MEXA_REPO is the board's own name")
        Settings(repo=repo, **{k[5:].lower(): v for k, v in variables.items()})
    except HFValidationError as error:
        raise HostError(f"“{repo}” cannot be a name on the Hub: {error}") from None
    except ValidationError as error:
        said = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        wrong = "; ".join(line.removeprefix(": ") for line in said)
        raise HostError(f"a setting is not valid: {wrong}") from None
    problems = check(results)
    if problems:
        raise HostError(f"the records in {results} do not hold:\n" + "\n".join(problems))


def check_tokens(
    api: HfApi, repo: str, ids: Sequence[str], token: str | None, secrets: Mapping[str, str]
) -> None:
    """Whether the tokens are known and may do what is asked of them. Raises HostError."""
    owner = repo.split("/")[0]
    if not token:
        raise HostError("no Hugging Face token: type `hf auth login`, or set HF_TOKEN")
    who = _who(api, token, "this token")
    groups = {each["name"]: each.get("roleInOrg") for each in who.get("orgs", [])}
    if owner != who["name"] and owner not in groups:
        raise HostError(f"{who['name']} is no member of {owner}")
    if groups.get(owner) == "read":
        raise HostError(f"{who['name']} may only read in {owner}; ask there for write access")
    allowed = _scopes(who)
    mine = set(ids)
    if allowed is not None and owner not in allowed and not mine <= allowed:
        raise HostError(f"this fine-grained token may not create or write to repos of {owner}")
    for name, value in secrets.items():
        about = _who(api, value, name, write=name == "MEXA_TOKEN")
        if name == "MEXA_TOKEN" and _scopes(about) == set():
            raise HostError("MEXA_TOKEN may not write to anything")


def _who(api: HfApi, token: str, name: str, write: bool = True) -> dict[str, Any]:
    try:
        who = api.whoami(token=token)
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", None)
        if status != 401:
            raise
        raise HostError(f"the Hub does not know {name}") from None
    if write and _role(who).get("role") == "read":
        raise HostError(f"{name} may only read: make one with write permission")
    return dict(who)


def _role(who: Mapping[str, Any]) -> dict[str, Any]:
    return dict(who.get("auth", {}).get("accessToken", {}))


def _scopes(who: Mapping[str, Any]) -> set[str] | None:
    """Owners and repos that a fine-grained token may write to; None for another, or unknown."""
    scoped = _role(who).get("fineGrained", {}).get("scoped")
    if scoped is None:
        return None
    return {
        str(each["entity"].get("name"))
        for each in scoped
        if "repo.write" in each.get("permissions", [])
    }
