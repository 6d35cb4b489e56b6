"""The derived table that pages read: a row a (model, configuration, language), as Parquet."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

import pandas as pd

from results.files import write_atomic
from results.repo import BadRecord, Repo, read_hits, read_record
from results.schema import Record

log = logging.getLogger(__name__)


def key(repo: Repo) -> str:
    """What the repo holds now: 16 hex digits over its files' names, sizes and times.

    And over this module, whose columns the table has.
    """
    total = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(repo.root.glob("results/*/*/*/*.json")):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        name = path.relative_to(repo.root).as_posix()
        total.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return total.hexdigest()[:16]


def rows(path: Path, record: Record) -> list[dict[str, Any]]:
    """A row a language. `segments` is the share of layers at which each segment counts, (n,)."""
    parameters = record.evaluator.parameters
    side = path.with_suffix(".hits.json")
    hits = read_hits(path) if side.exists() else None
    shared = {
        **record.model.model_dump(exclude={"layers"}),
        "states": record.model.layers,
        "evaluator": record.evaluator.name,
        "version": record.evaluator.version,
        **parameters.model_dump(exclude={"options"}),
        "configuration": record.evaluator.key(),
        "record": path.name,
    }
    found = []
    for score in record.scores:
        run = record.runs[score.run]
        row = shared | score.model_dump(exclude={"values", "run"})
        for name, value in score.values.items():
            row |= {name: value.value, f"{name}_low": value.low}
            row |= {f"{name}_high": value.high, f"{name}_chance": value.chance}
        row["segments"] = None
        if hits is not None and score.layers and score.language in hits.bits:
            row["segments"] = hits.unpack(score.language).mean(axis=0).tolist()
        row |= {"device": run.device, "machine": run.machine, "started": run.started}
        found.append(row)
    return found


class Snapshots:
    """Builds a repo's table, record by record as files change, and keeps it beside the repo."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.folder = repo.root / "derived"
        self._known: dict[Path, tuple[tuple[int, int], list[dict[str, Any]]]] = {}

    def load(self, now: str) -> pd.DataFrame:
        """The table for the key `now`: from Parquet when it is there, else built and written."""
        target = self.folder / f"snapshot-{now}.parquet"
        if target.exists():
            return pd.read_parquet(target)
        table = pd.DataFrame([row for path in self.repo.paths() for row in self._rows(path)])
        if table.empty:
            return table
        write_atomic(target, table.to_parquet(index=False))
        for old in self.folder.glob("snapshot-*.parquet"):
            if old != target:
                old.unlink(missing_ok=True)
        return table

    def _rows(self, path: Path) -> list[dict[str, Any]]:
        try:
            stat = path.stat()
            mark = (stat.st_size, stat.st_mtime_ns)
            if path not in self._known or self._known[path][0] != mark:
                self._known[path] = (mark, rows(path, read_record(path)))
        except (BadRecord, FileNotFoundError) as error:
            log.warning("left out of the board: %s", error)
            return []
        return self._known[path][1]
