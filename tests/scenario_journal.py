"""Everything that a scenario's stores ever took, in order."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from hub_server import Hub


class Write(NamedTuple):
    """A file that a store took, in order; `by` names the change that it was part of."""

    at: float
    store: str
    path: str
    data: bytes
    by: str


def commits(hub: Hub, board: str) -> list[Write]:
    """By the history of the board's two datasets."""
    found = []
    for kind in ("results", "requests"):
        repo = hub.datasets[f"{board}-{kind}"]
        assert len(repo.history) == len(repo.made) + 1
        pairs = zip(repo.history, repo.history[1:], repo.made, strict=False)
        for before, commit, made in pairs:
            for path, entry in commit.files.items():
                if before.files.get(path) != entry:
                    found.append(Write(made.at, kind, path, entry.content, commit.id))
    return sorted(found, key=lambda write: write.at)


def traced(board: Path, trace: Path) -> list[Write]:
    """By what the processes noted while they held the lock of a local folder."""
    found: list[Write] = []
    change: Counter[int] = Counter()
    for line in map(json.loads, trace.read_text().splitlines()):
        path = Path(line["path"]).relative_to(board).as_posix()
        kind = "requests" if path.startswith("requests/") else "results"
        by = f"{line['pid']} {change[line['pid']]}"
        data = line["text"].encode()
        found.append(Write(line["at"], kind, path.removeprefix("requests/"), data, by))
        # The lease is the last file of a worker's change.
        change[line["pid"]] += path.startswith("leases/")
    return found
