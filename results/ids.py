"""What a model id, a revision and a language code look like, checked before they reach a path."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?"
_HUB = re.compile(rf"(?:{_PART}/)?{_PART}")
_PYPI = re.compile(rf"pypi:{_PART}@{_PART}")
_LOCAL = re.compile(rf"local:{_PART}")
REVISION = r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$"
LANGUAGE = r"^[a-z]{3}_[A-Z][a-z]{3}(?:_[a-z0-9]+)?$"


class BadId(ValueError):
    """Raised for a model id that is not well formed; the message says what one looks like."""


def model_id(text: str) -> str:
    """The id unchanged when it is well formed: `org/name`, `pypi:NAME@VERSION` or `local:NAME`.

    Raises:
        BadId: anything else (a path, a URL, markup, `..`, `--`).
    """
    known = _HUB.fullmatch(text) or _PYPI.fullmatch(text) or _LOCAL.fullmatch(text)
    if not known or ".." in text or "--" in text or text.endswith((".git", ".ipynb")):
        shown = text if len(text) <= 80 else text[:77] + "..."
        raise BadId(
            f"“{shown}” is not a model id. Give the id as it stands on the Hub, "
            "“organisation/model”, for example “google/gemma-3-270m”."
        )
    return text


def folder(model: str) -> str:
    """The id as one folder name: `org/name` is `org__name`, the colon of a scheme an `=`."""
    return model_id(model).replace("/", "__").replace(":", "=")


ModelId = Annotated[str, AfterValidator(model_id)]
Revision = Annotated[str, StringConstraints(pattern=REVISION)]
LanguageCode = Annotated[str, StringConstraints(pattern=LANGUAGE)]
