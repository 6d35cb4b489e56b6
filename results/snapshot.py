"""What pages and the API read: every record of a repo as memory-mapped arrays.

`derived/KEY/` below the repo holds `index.json` and three arrays a sheet. A new snapshot takes from
the one before what has not changed: files of whole sheets, rows of changed ones.
"""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from results.parts import stat_of
from results.repo import Repo
from results.sheet import ARRAYS, Row, Sheet
from results.sheet_writer import INDEX, Writer, array_file, take

log = logging.getLogger(__name__)
MANY = 64
"""Records above which a process of its own reads them, so that pages stay quick."""
BROKEN = (OSError, ValueError, TypeError, KeyError)
"""What opening a damaged snapshot, or one of another version, raises."""
_MODULES = "migrate parts peaks repo schema sheet sheet_writer snapshot".split()  # noqa: SIM905
_SOURCES = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in _MODULES]
CODE = hashlib.sha256(b"".join(_SOURCES)).hexdigest()
"""Of what decides the content of a snapshot: nothing is taken over from another code's."""


@dataclass(frozen=True)
class Snapshot:
    """All models and sheets of a repo at one moment."""

    key: str
    models: list[dict[str, Any]] = field(default_factory=list)
    """As `results.schema.Model`; a row of a sheet names its model by its place here."""
    sheets: list[Sheet] = field(default_factory=list)
    code: str = CODE

    @cached_property
    def by_configuration(self) -> dict[str, Sheet]:
        """The sheets by the key of their configuration."""
        return {sheet.configuration: sheet for sheet in self.sheets}

    @property
    def rows(self) -> int:
        """Records."""
        return sum(len(sheet.rows) for sheet in self.sheets)

    @classmethod
    def open(cls, folder: Path) -> Snapshot:
        """Map what lies in `derived/KEY/`. Raises OSError, ValueError when it does not hold."""
        index = json.loads((folder / INDEX).read_text("utf-8"))
        if index["key"] != folder.name:
            raise ValueError(f"{folder.name} holds another snapshot, {index['key']}")
        sheets = []
        for each in index["sheets"]:
            rows = [Row(**row) for row in each.pop("rows")]
            there = each.pop("arrays")
            # Plain views of the mappings: numpy's own class costs microseconds at every use.
            arrays: dict[str, Any] = dict.fromkeys(ARRAYS)
            for name, (kind, *shape) in there.items():
                path = folder / array_file(each, name)
                arrays[name] = np.asarray(np.memmap(path, kind, "r", shape=tuple(shape)))
            sheets.append(Sheet(**each, rows=rows, **arrays))
        return cls(index["key"], index["models"], sheets, index["code"])


def key(repo: Repo) -> str:
    """What the repo holds now: 16 hex digits over its files' names, sizes and times.

    And over the modules that decide what a snapshot has.
    """
    total, start = hashlib.sha256(CODE.encode()), len(str(repo.root))
    for file in _files(repo.root / "results"):
        try:
            stat = file.stat()
        except FileNotFoundError:
            continue
        total.update(f"{file.path[start:]} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return total.hexdigest()[:16]


def _files(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    """Records and side files, in order. Every look of a board begins here: globs take six times
    as long."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda each: each.name)
    except FileNotFoundError:
        return
    for each in entries:
        if each.is_dir():
            yield from _files(each.path)
        elif each.name.endswith(".json"):
            yield each


class Snapshots:
    """Makes a repo's snapshots and keeps the newest beside the repo."""

    def __init__(self, repo: Repo, folder: Path | None = None) -> None:
        self.repo = repo
        self.folder = folder or repo.root / "derived"

    def load(self, now: str) -> Snapshot:
        """The snapshot for the key `now`: mapped when it is there, else made and kept."""
        try:
            return Snapshot.open(self.folder / now)
        except BROKEN:
            self.folder.mkdir(parents=True, exist_ok=True)
        # Two web processes may share a folder: one makes it, and clears away what is old.
        with FileLock(self.folder / ".lock"):
            try:
                return Snapshot.open(self.folder / now)
            except BROKEN:
                return self._make(now)

    def _make(self, now: str) -> Snapshot:
        target = self.folder / now
        for dead in (target, *self.folder.glob(".new-*")):
            shutil.rmtree(dead, ignore_errors=True)
        before = newest(self.folder)
        if len(list(_changed(self.repo, before))) > MANY:
            _apart(self.repo, self.folder, now)
        else:
            build(self.repo, self.folder, now, before)
        made = Snapshot.open(target)
        for old in self.folder.iterdir():
            if old != target and old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
        return made


def newest(folder: Path) -> Snapshot | None:
    """A whole snapshot, by this code, that an earlier process left in the folder; or None."""
    found = sorted(folder.glob(f"[!.]*/{INDEX}"), key=lambda path: path.stat().st_mtime)
    for path in reversed(found):
        try:
            shot = Snapshot.open(path.parent)
        except BROKEN:
            continue
        if shot.code == CODE:
            return shot
    return None


def build(repo: Repo, folder: Path, now: str, before: Snapshot | None, processes: int = 1) -> None:
    """Write `folder/now` from the repo's records, and from `before` where they are as they were.

    A record that does not hold is logged and left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    writer = Writer(stage, folder, before)
    try:
        groups: dict[str, list[Path]] = {}
        for path in repo.paths():
            groups.setdefault(path.stem, []).append(path)
        with _readers(processes) as each_of:
            for configuration, paths in sorted(groups.items()):
                known = [writer.known(repo.root, path) for path in paths]
                taken = each_of(take, repeat(repo.root), paths, known)
                found = [each for each in taken if each is not None]
                if found:
                    writer.add(configuration, found)
        writer.finish(now, CODE)
        target = folder / now
        if not target.exists():
            stage.replace(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _readers(processes: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """What calls a function for each of several arguments, as `map` does, in so many processes."""
    if processes == 1:
        yield map
        return
    # Without the collector: a record is a hundred thousand objects, none of them in a cycle.
    with ProcessPoolExecutor(processes, initializer=gc.disable) as pool:
        yield partial(pool.map, chunksize=4)


def _changed(repo: Repo, before: Snapshot | None) -> Iterator[Path]:
    """Records that must be read, or at least looked into."""
    known = {
        row.record: row.stat for sheet in (before.sheets if before else []) for row in sheet.rows
    }
    for path in repo.paths():
        try:
            if known.get(path.relative_to(repo.root).as_posix()) != stat_of(path):
                yield path
        except FileNotFoundError:
            continue


def _apart(repo: Repo, folder: Path, now: str) -> None:
    """`build` in a process of its own. Raises OSError when it fails."""
    command = [sys.executable, "-m", "results.snapshot", str(repo.root), str(folder), now]
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, check=False)
    if done.returncode:
        raise OSError(f"the snapshot could not be made (exit code {done.returncode})")


def _main(arguments: Iterable[str]) -> None:
    root, folder, now = arguments
    os.nice(5)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    build(Repo(Path(root)), Path(folder), now, newest(Path(folder)), os.cpu_count() or 1)


if __name__ == "__main__":
    _main(sys.argv[1:])
