"""A question to the API: parameters checked before anything is computed, refused in one sentence.

They come as a query string or as the inputs of a Gradio function; either way an empty value is as
good as none, and a list is written with commas.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Self, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

MOST = 1 << 53
"""Whole numbers up to here are the same in every JSON reader."""


class BadQuestion(ValueError):
    """Raised for parameters that do not fit; the message is one sentence for a person."""


def split(value: object) -> object:
    """A text with commas as a tuple, each part once; anything else as it is."""
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        return tuple(dict.fromkeys(each.strip() for each in value if each.strip()))
    return value


class Asked(BaseModel):
    """No parameters; what all questions share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The question that a query string asks. Raises BadQuestion."""
        given: dict[str, list[str]] = defaultdict(list)
        for name, text in pairs:
            given[name].append(text)
        for name, texts in given.items():
            if len(texts) > 1 and name in cls.model_fields and not cls.is_list(name):
                raise BadQuestion(f"“{name}” is given more than once")
        return cls.of({name: ",".join(texts) for name, texts in given.items()})

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The question of these parameters, texts or of their own types. Raises BadQuestion."""
        unknown = [name for name in values if name not in cls.model_fields]
        if unknown:
            raise BadQuestion(_unknown(unknown[0], list(cls.model_fields)))
        try:
            return cls(**{name: v for name, v in values.items() if v is not None and v != ""})
        except ValidationError as error:
            raise BadQuestion(_sentence(error)) from None

    @classmethod
    def is_list(cls, name: str) -> bool:
        """Whether a parameter is a list with commas."""
        return get_origin(cls.model_fields[name].annotation) is tuple

    def canonical(self) -> dict[str, Any]:
        """Parameters that are not the default's, in order: the same for every way of asking."""
        return self.model_dump(mode="json", exclude_defaults=True)


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    if near:
        return f"there is no parameter “{name[:60]}”; do you mean “{near[0]}”?"
    if not known:
        return f"there is no parameter “{name[:60]}”; this takes none"
    return f"there is no parameter “{name[:60]}”; there are {', '.join(known)}"


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    kind, told = first["type"], first.get("ctx", {})
    name = str(first["loc"][0]) if first["loc"] else ""
    given = first["input"] if isinstance(first["input"], (str, int, float)) else ""
    but = f", not “{str(given)[:60]}”" if given != "" else ""
    match kind:
        case "one":
            return str(first["msg"])
        case "missing":
            return f"“{name}” is missing"
        case "literal_error":
            return f"“{name}” must be {told['expected'].replace(chr(39), '')}{but}"
        case "bool_parsing" | "bool_type":
            return f"“{name}” must be 1 or 0{but}"
        case "too_long":
            return f"“{name}” may be a list of {told['max_length']}"
        case "too_short":
            return f"“{name}” must have at least {told['min_length']}"
        case "string_too_long":
            return f"“{name}” may have {told['max_length']} characters"
        case "string_too_short":
            return f"“{name}” is missing"
        case "less_than_equal" | "greater_than_equal":
            return f"“{name}” must be from 0 to {MOST}{but}"
        case kind if kind.startswith("int"):
            return f"“{name}” must be a whole number{but}"
    return f"“{name}” is not of the right type"
