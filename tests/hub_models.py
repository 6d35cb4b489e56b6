"""The models of a Hub: folders on disk, a folder a revision, read only."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

DEFAULT_BRANCH = "main"


def commit(folder: Path) -> str:
    """40 hex digits that stand for the folder's content."""
    total = hashlib.sha1(usedforsecurity=False)
    for name in names(folder):
        total.update(f"{name} {blob((folder / name).read_bytes())}\n".encode())
    return total.hexdigest()


def blob(content: bytes) -> str:
    """git's hash of a file's content, the ETag of a small file on the Hub."""
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def names(folder: Path) -> list[str]:
    """The folder's files, as paths below it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in files)


def stored(folder: Path) -> dict[str, int]:
    """Parameters a stored dtype, from the safetensors headers; files that are none do not count."""
    count: Counter[str] = Counter()
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size + 8 > path.stat().st_size:
                continue
            header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        for tensor in header.values():
            count[tensor["dtype"]] += prod(tensor["shape"])
    return dict(count)


@dataclass
class Served:
    """One model repo: a folder a revision."""

    id: str
    revisions: dict[str, Path]
    gated: str | bool = False
    private: bool = False
    granted: Set[str] = frozenset()
    """Names of the users who may download although it is gated."""
    card: dict[str, Any] | None = None
    counted: bool = True
    """Whether the Hub has read the safetensors headers, which it does some time after a push."""

    def find(self, revision: str) -> tuple[str, Path] | None:
        """(commit, folder) of a branch, tag or commit."""
        for name, folder in self.revisions.items():
            sha = commit(folder)
            if revision in (name, sha):
                return sha, folder
        return None

    def info(self, sha: str, folder: Path) -> dict[str, Any]:
        config = folder / "config.json"
        counts = stored(folder) if self.counted else {}
        total = {"parameters": counts, "total": sum(counts.values())}
        return {
            "id": self.id,
            "modelId": self.id,
            "author": self.id.partition("/")[0],
            "sha": sha,
            "private": self.private,
            "gated": self.gated,
            "disabled": False,
            "tags": [],
            "cardData": self.card,
            "config": json.loads(config.read_text()) if config.exists() else None,
            "siblings": [{"rfilename": name} for name in names(folder)],
            **({"safetensors": total} if counts else {}),
        }


def tree(folder: Path) -> list[dict[str, Any]]:
    return [
        {"type": "file", "path": name, "size": len(content), "oid": blob(content)}
        for name in names(folder)
        for content in [(folder / name).read_bytes()]
    ]
