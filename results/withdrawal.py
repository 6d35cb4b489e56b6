"""Taking records back: they leave the board, are kept apart with the reason, and do not return."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from results.ids import folder
from results.repo import Repo
from results.store import Changes, Store


def withdraw(store: Store, model: str, revision: str | None, reason: str) -> list[str]:
    """Move a model's records, or those of one revision, to `withdrawn/`; returns their paths.

    Each becomes `withdrawn/<its path below results>` with the reason, the time and the record as
    it was; `results.repo.withdrawn` says so ever after.

    Raises:
        ValueError: no reason, not a model id, or there is no such record.
        OSError: as `Store.change`.
    """
    reason = reason.strip()
    if not reason:
        raise ValueError("say why: the reason is kept with what is withdrawn")
    here = folder(model)
    moved: list[str] = []

    def edit() -> Changes:
        before = list(moved)
        moved.clear()
        files: dict[str, bytes | None] = {}
        for path in Repo(store.root).paths():
            name = path.relative_to(store.root)
            if name.parts[1] != here or revision not in (None, name.parts[2]):
                continue
            document = {
                "reason": reason,
                "when": datetime.now(UTC).replace(microsecond=0).isoformat(),
                "record": _content(path),
            }
            kept = Path("withdrawn") / name.relative_to("results")
            files[kept.as_posix()] = f"{json.dumps(document, ensure_ascii=False)}\n".encode()
            files[name.as_posix()] = files[name.with_suffix(".hits.json").as_posix()] = None
            moved.append(name.as_posix())
        if not moved and before:
            # Done already, by a commit whose answer was lost.
            moved.extend(before)
            return {}
        if not moved:
            raise ValueError(f"there is no record of {model} at {revision or 'any revision'}")
        return files

    store.change(f"withdraw {model}", edit)
    return moved


def _content(path: Path) -> object:
    """The record as JSON; one that is damaged as text."""
    text = path.read_text("utf-8", errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
