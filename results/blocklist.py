"""Models that a board does not take: `blocklist.json` in its requests store."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter, ValidationError

from results.ids import ModelId
from results.schema import Strict
from results.store import Changes, Store

NAME = "blocklist.json"


class Entry(Strict):
    """A model that is not taken, and why; the reason is shown to whoever submits it."""

    id: ModelId
    reason: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    since: datetime


_ENTRIES = TypeAdapter(list[Entry])


def entries(root: Path) -> list[Entry]:
    """The list; a damaged one raises ValueError rather than let everything through."""
    path = root / NAME
    if not path.exists():
        return []
    try:
        return _ENTRIES.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{NAME} of this board cannot be read: {error}") from error


def blocked(root: Path, model: str) -> str | None:
    """Why a model is not taken; None when it is. Upper and lower case are alike."""
    name = model.partition("@")[0].casefold()
    found = (e for e in entries(root) if e.id.partition("@")[0].casefold() == name)
    entry = next(found, None)
    return entry.reason if entry else None


def block(store: Store, model: str, reason: str | None) -> None:
    """Put a model on the list, or with no reason take it off. Raises what `Store.change` does."""

    def edit() -> Changes:
        name = model.casefold()
        kept = [entry for entry in entries(store.root) if entry.id.casefold() != name]
        if reason:
            kept.append(Entry(id=model, reason=reason, since=datetime.now(UTC)))
        plain = [entry.model_dump(mode="json") for entry in kept]
        return {NAME: f"{json.dumps(plain, indent=1, ensure_ascii=False)}\n".encode()}

    store.change(f"{'block' if reason else 'unblock'} {model}", edit)
