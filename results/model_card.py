"""Licence and base model as a model card gives them, cleaned: anybody may have written them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from results.ids import BadId, model_id

LONGEST = 80


def licence(card: Mapping[str, object]) -> str | None:
    """The card's licence, several with commas between; for `other` its `license_name` beside it."""
    given = card.get("license")
    several = given if isinstance(given, list) else [given]
    text = ", ".join(each for each in map(_clean, several[:5]) if each)
    if text == "other" and (name := _clean(card.get("license_name"))):
        text = f"other ({name})"
    return text[:LONGEST].strip() or None


def base_model(card: Mapping[str, object]) -> str | None:
    """The first of the card's base models whose id is well formed."""
    given = card.get("base_model")
    for each in given[:20] if isinstance(given, list) else [given]:
        if isinstance(each, str):
            try:
                return model_id(each.strip())
            except BadId:
                continue
    return None


def _clean(value: object) -> str:
    """What stands in names of licences: letters, digits, spaces and `.+-_/`."""
    if not isinstance(value, str):
        return ""
    return re.sub(r"[^A-Za-z0-9 .+_/-]", "", value[:LONGEST]).strip()
