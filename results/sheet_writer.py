"""Puts records together as the sheets of a new snapshot, in a folder."""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from results.files import write_atomic
from results.parts import Part, columns_of, content_of, read_part, stat_of
from results.repo import BadRecord
from results.sheet import Row, Sheet

if TYPE_CHECKING:
    from results.snapshot import Snapshot

log = logging.getLogger(__name__)
INDEX = "index.json"
IDENTITY = ("id", "revision", "weights", "dtype")


@dataclass(frozen=True)
class Kept:
    """A record that is as it was in the snapshot before, at this row of its sheet."""

    at: int
    row: Row


def take(root: Path, path: Path, known: Kept | None) -> Part | Kept | None:
    """The record at `path`: kept when neither its time nor its content moved, else read.

    None when it does not hold, which is logged.
    """
    try:
        if known:
            stat = stat_of(path)
            if known.row.stat == stat or content_of(path) == known.row.content:
                return replace(known, row=replace(known.row, stat=stat))
        part = read_part(root, path)
        return part if part.languages else None
    except (BadRecord, FileNotFoundError) as error:
        log.warning("left out of the board: %s", error)
        return None


class Writer:
    """One snapshot in the making."""

    def __init__(self, folder: Path, kept_in: Path, before: Snapshot | None) -> None:
        """folder: where to write. kept_in: the folder that has `before`'s folder."""
        self._folder = folder
        self._models: dict[tuple[str, ...], int] = {}
        self._descriptions: list[dict[str, Any]] = []
        self._sheets: list[dict[str, Any]] = []
        self._before = before
        self._old_folder = kept_in / before.key if before else kept_in
        self._old = {
            row.record: Kept(at, row)
            for sheet in (before.sheets if before else [])
            for at, row in enumerate(sheet.rows)
        }

    def known(self, root: Path, path: Path) -> Kept | None:
        """What the snapshot before had of the record at `path`."""
        return self._old.get(path.relative_to(root).as_posix())

    def add(self, configuration: str, found: list[Part | Kept]) -> None:
        """One sheet from its records, in their order."""
        old = self._before.by_configuration.get(configuration) if self._before else None
        kept = [(at, each) for at, each in enumerate(found) if isinstance(each, Kept)]
        parts = [(at, each) for at, each in enumerate(found) if isinstance(each, Part)]
        if old and not parts and [each.at for _, each in kept] == list(range(len(old.rows))):
            self._link(old, [each for _, each in kept])
            return
        here = np.array([at for at, _ in kept], dtype=int)
        there = np.array([each.at for _, each in kept], dtype=int)
        codes = {code for _, part in parts for code in part.languages}
        if old is not None and kept:
            measured = ~np.isnan(old.column("seconds")[there]).all(axis=0)
            codes |= {old.languages[at] for at in np.flatnonzero(measured)}
        evaluator = parts[0][1].evaluator if parts else old.evaluator if old else {}
        sheet = self._sheet(configuration, evaluator, sorted(codes), found, old)
        if old is not None and kept:
            _copy(old, sheet, there, here)
        for at, part in parts:
            _fill(sheet, at, part)
        self._list(sheet)

    def finish(self, now: str, code: str) -> None:
        """Write the index, last and to the disk: what it names is whole."""
        index = {"key": now, "code": code, "models": self._descriptions, "sheets": self._sheets}
        text = json.dumps(index, ensure_ascii=False)
        write_atomic(self._folder / INDEX, text.encode())

    def _sheet(
        self,
        configuration: str,
        evaluator: dict[str, Any],
        languages: list[str],
        found: list[Part | Kept],
        old: Sheet | None,
    ) -> Sheet:
        """The new sheet, its arrays files of the folder that hold nothing yet."""
        columns = {name for each in found if isinstance(each, Part) for name in each.columns}
        columns |= set(old.columns) if old else set()
        names = columns_of({c.removesuffix("_chance") for c in columns if c.endswith("_chance")})
        rows = [self._row(each, old) for each in found]
        n = int(evaluator["parameters"]["n"])
        shape = (len(languages), len(rows))
        values = self._array(configuration, "values", "f4", (len(names), *shape[::-1]))
        values[:] = np.nan
        segments = peaks = None
        if any(row.hits for row in rows):
            wide = max(row.layers or 0 for row in rows) > 255
            segments = self._array(configuration, "segments", "u2" if wide else "u1", (*shape, n))
            peaks = self._array(configuration, "peaks", "u1", (*shape, 2, -(-n // 64) * 8))
        return Sheet(configuration, evaluator, names, languages, rows, values, segments, peaks)

    def _row(self, each: Part | Kept, old: Sheet | None) -> Row:
        if isinstance(each, Kept):
            assert self._before is not None  # noqa: S101
            return replace(each.row, model=self._model(self._before.models[each.row.model]))
        return Row(
            model=self._model(each.model),
            record=each.record,
            stat=each.marks.stat,
            content=each.marks.content,
            hits=each.segments is not None,
            interval=each.interval,
            runs=each.runs,
            layers=each.layers,
        )

    def _model(self, description: dict[str, Any]) -> int:
        identity = tuple(str(description[name]) for name in IDENTITY)
        if identity not in self._models:
            self._models[identity] = len(self._descriptions)
            self._descriptions.append(description)
        return self._models[identity]

    def _link(self, old: Sheet, kept: list[Kept]) -> None:
        """The sheet's files as they are, under a second name."""
        for name in old.arrays:
            path = self._old_folder / array_file({"configuration": old.configuration}, name)
            try:
                os.link(path, self._folder / path.name)
            except OSError:  # a file system without such names
                shutil.copyfile(path, self._folder / path.name)
        self._list(replace(old, rows=[self._row(each, old) for each in kept]))

    def _list(self, sheet: Sheet) -> None:
        for name in sheet.arrays:
            array = getattr(sheet, name)
            if isinstance(array, np.memmap):
                array.flush()
        self._sheets.append(described(sheet))

    def _array(self, stem: str, name: str, kind: str, shape: tuple[int, ...]) -> np.ndarray:
        path = self._folder / array_file({"configuration": stem}, name)
        return np.memmap(path, kind, "w+", shape=shape)


def array_file(sheet: dict[str, Any], name: str) -> str:
    """Where an array of a sheet lies below its snapshot's folder.

    Without a header: numpy parses its own as Python, which fails in CPython 3.11 when two threads
    do so at once (gh-106905).
    """
    return f"{sheet['configuration']}.{name}.bin"


def described(sheet: Sheet) -> dict[str, Any]:
    """A sheet as the index has it: all but its arrays, which it names."""
    return {
        "configuration": sheet.configuration,
        "evaluator": sheet.evaluator,
        "columns": sheet.columns,
        "languages": sheet.languages,
        "rows": [asdict(row) for row in sheet.rows],
        "arrays": sheet.arrays,
    }


def _copy(old: Sheet, new: Sheet, there: np.ndarray, here: np.ndarray) -> None:
    """Rows `there` of the old sheet to rows `here` of the new one."""
    pairs = [(at, new.places[code]) for at, code in enumerate(old.languages) if code in new.places]
    from_language, to_language = (np.array(side, dtype=int) for side in zip(*pairs, strict=True))
    for at, name in enumerate(old.columns):
        target = new.values[new.columns.index(name)]
        target[np.ix_(here, to_language)] = old.values[at][np.ix_(there, from_language)]
    for name in ("segments", "peaks"):
        source, target = getattr(old, name), getattr(new, name)
        if source is not None and target is not None:
            for before, after in pairs:
                target[after, here] = source[before, there]


def _fill(sheet: Sheet, at: int, part: Part) -> None:
    """A part into row `at`."""
    where = np.array([sheet.places[code] for code in part.languages], dtype=int)
    for name, column in zip(part.columns, part.values, strict=True):
        sheet.values[sheet.columns.index(name), at, where] = column
    if sheet.segments is not None and sheet.peaks is not None and part.segments is not None:
        sheet.segments[where, at] = part.segments
        sheet.peaks[where, at] = part.peaks
