"""What a model's config.json says, checked: it is a stranger's file."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

LARGEST = 1 << 20
"""Bytes of config.json that are read; real ones hold some ten thousand."""


class BadConfig(ValueError):
    """Raised for a config.json that is none."""


class ModelConfig(BaseModel):
    """The parts of a configuration that decide whether and how a model is evaluated."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, protected_namespaces=())

    model_type: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    own_code: bool
    """Whether it names classes of the model's own repository (`auto_map`)."""
    quantised: str | None
    """The quantisation method (`fp8`, `awq` ...), `unnamed` where the file does not say."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, raw: Any) -> Any:  # noqa: ANN401
        if not isinstance(raw, dict):
            raise ValueError("not an object")
        return {
            "model_type": raw.get("model_type"),
            "own_code": bool(raw.get("auto_map")),
            "quantised": _method(raw),
        }


def parse(content: bytes) -> ModelConfig:
    """The configuration in a config.json. Raises BadConfig for one that cannot be read."""
    try:
        return read(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise BadConfig("config.json cannot be read") from error


def read(raw: object) -> ModelConfig:
    """The same from JSON already parsed. Raises BadConfig when it names no model type."""
    try:
        return ModelConfig.model_validate(raw)
    except (ValidationError, RecursionError) as error:
        raise BadConfig("config.json names no model_type") from error


def _method(raw: dict[str, Any]) -> str | None:
    places = [raw]
    if isinstance(raw.get("text_config"), dict):
        places.append(raw["text_config"])
    for place in places:
        # Older checkpoints of compressed-tensors write the second name.
        for key in ("quantization_config", "compression_config"):
            if found := place.get(key):
                return _named(found)
    return None


def _named(quantisation: object) -> str:
    """A name that fits a record's `weights`: letters, digits and underscores."""
    given: object = None
    if isinstance(quantisation, dict):
        given = quantisation.get("quant_method")
        if given is None and {"load_in_4bit", "load_in_8bit"} & set(quantisation):
            given = "bitsandbytes"
    name = re.sub(r"[^A-Za-z0-9]+", "_", given[:24]).strip("_") if isinstance(given, str) else ""
    return name or "unnamed"
