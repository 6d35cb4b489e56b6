"""Forecasts of the scores that a board has not measured; never ranked with those that it has.

EmbedLLM (arXiv 2410.02223): models and languages as a table of low rank. `apart` works them out
in a process of its own, since the library and the checks take seconds that no page should wait.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from results.forecast_check import OWN, WAYS, Check, check, ends, expect
from results.language_sets import CORE
from results.sheet import Sheet

MODELS = 20
"""Models below which nothing is forecast."""
COLUMN = 5
"""Models that a language or task must have been measured in."""
ALIGNMENT = ""
"""The part of a table that is alignment; other parts are keys of tasks."""
MOST = 0.25
"""Share of a model's scores that may be missing for the error of single missing scores to apply."""
SECONDS = 900
BESIDE = {
    "language_mean": "the language's mean",
    "model_mean": "the model's mean",
    "both_effects": "both means added",
}


@dataclass(frozen=True)
class Table:
    """What was measured: models by languages, and by languages of tasks."""

    values: np.ndarray
    """(rows, columns) in [0, 1], NaN where nothing was measured."""
    models: list[str]
    """(rows,) ids: the same model in other weights has the same."""
    languages: list[str]
    """(columns,)."""
    parts: list[str]
    """(columns,) ALIGNMENT or the key of a task."""

    @property
    def hash(self) -> str:
        """The same for the same content."""
        names = json.dumps([self.models, self.languages, self.parts]).encode()
        return hashlib.sha256(names + np.ascontiguousarray(self.values).tobytes()).hexdigest()

    def reason(self) -> str | None:
        """Why nothing is worth working out; None where something is."""
        count = len(set(self.models))
        if count < MODELS:
            return f"they need {MODELS} models, this view has {count}"
        if self.parts.count(ALIGNMENT) < OWN:
            return f"they need {OWN} languages that {COLUMN} models have"
        if not np.isnan(self.values).any():
            return "nothing is missing"
        if np.nanmin(self.values) < 0 or np.nanmax(self.values) > 1:
            return "they are made of scores from 0 to 1 alone"
        return None


@dataclass(frozen=True)
class Part:
    """Alignment, or one task: why it is not forecast, and what was held out to find that."""

    part: str
    reason: str | None
    checks: list[dict[str, Any]]


@dataclass(frozen=True)
class Forecast:
    """Of a table; arrays have its shape, NaN where nothing is forecast."""

    parts: list[Part]
    values: np.ndarray = field(repr=False)
    low: np.ndarray = field(repr=False)
    high: np.ndarray = field(repr=False)
    blocks: np.ndarray = field(repr=False)
    """Bool: whether the error of whole missing blocks applies, else that of single cells."""


def table(
    view: Sheet, models: list[str], pooling: str, codes: list[str], tasks: list[Sheet]
) -> Table:
    """A view's rows by the languages `codes`, and by the tasks that they were measured in.

    models: (rows,) ids. Languages that fewer than COLUMN rows have are left out: nothing can be
    learnt of them.
    """
    blocks = [(ALIGNMENT, view, pooling, [code for code in codes if code in view.places])]
    blocks += [(task.configuration, task, "accuracy", task.languages) for task in tasks]
    places = [row.model for row in view.rows]
    columns, languages, parts = [], [], []
    for part, sheet, column, own in blocks:
        at = {row.model: row_at for row_at, row in enumerate(sheet.rows)}
        rows = np.array([at.get(place, -1) for place in places], dtype=int)
        for code in own:
            found = sheet.column(column)[rows, sheet.places[code]].astype(float)
            found[rows < 0] = np.nan
            if (~np.isnan(found)).sum() >= COLUMN:
                columns.append(found)
                languages.append(code)
                parts.append(part)
    values = np.stack(columns, axis=1) if columns else np.empty((len(places), 0))
    return Table(values, models, languages, parts)


def work_out(of: Table) -> Forecast:
    """Forecasts of all missing cells in those parts where they are offered.

    Takes seconds. A model of fewer than OWN measured scores gets none. Raises ValueError for a
    table that has a `reason`.
    """
    if (why := of.reason()) is not None:
        raise ValueError(why)
    names = list(dict.fromkeys(of.parts))
    parts = np.array([names.index(part) for part in of.parts])
    first = np.isin(of.languages, CORE) & (np.array(of.parts) == ALIGNMENT)
    if first.sum() < OWN:
        first = np.array(of.parts) == ALIGNMENT
        first &= np.cumsum(first) <= max(OWN, first.sum() // 4)
    checks = {way: check(of.values, parts, of.models, first, way) for way in WAYS}
    expected = expect(of.values, parts)
    seen = ~np.isnan(of.values)
    able = seen.sum(axis=1) >= OWN
    shape = of.values.shape
    value, low, high = (np.full(shape, np.nan, np.float32) for _ in range(3))
    blocks = np.zeros(shape, dtype=bool)
    said = []
    for at, name in enumerate(names):
        found = [checks[way].get(at) for way in WAYS]
        mine = parts == at
        why = _refused(found, of, seen[:, mine])
        kept = [each for each in found if each]
        said.append(Part(name, why, [_written(each) for each in kept]))
        if why is not None:
            continue
        rare = (~seen[:, mine]).mean(axis=1) > MOST
        blocks[:, mine] = rare[:, None]
        for of_blocks, each in zip((False, True), kept, strict=True):
            where = ~seen & mine & able[:, None] & (blocks == of_blocks)
            value[where] = expected[where]
            sides = ends(expected[where], each.expected, each.errors)
            low[where], high[where] = sides.T
    return Forecast(said, value, low, high, blocks)


def _refused(found: list[Check | None], of: Table, seen: np.ndarray) -> str | None:
    """Why a part is not forecast; None where it is."""
    count = len({of.models[row] for row in np.nonzero(seen.any(axis=1))[0]})
    if count < MODELS:
        return f"they need {MODELS} models, {count} were measured"
    if seen.all():
        return "nothing is missing"
    for way, each in zip(WAYS, found, strict=True):
        missing = {"cells": "single scores are", "blocks": "most of a model is"}[way]
        if each is None:
            return f"too little is measured to check them where {missing} missing"
        if not each.better:
            return (
                f"where {missing} missing they were off by {each.error:.3f}, not clearly less "
                f"than {BESIDE[each.nearest]}, {each.baselines[each.nearest]:.3f}"
            )
    return None


def _written(found: Check) -> dict[str, Any]:
    names = ("way", "models", "scores", "error", "baselines", "p", "coverage", "width")
    return {name: getattr(found, name) for name in names}


PASSED = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
"""What the process needs; no token is among it."""


def apart(of: Table) -> Forecast:
    """`work_out` in a process of its own, on one core. Raises OSError when it fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = {"models": of.models, "languages": of.languages, "parts": of.parts}
        (folder / "table.json").write_text(json.dumps(names), "utf-8")
        np.save(folder / "table.npy", of.values, allow_pickle=False)
        command = [sys.executable, "-m", "results.forecast", name]
        threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
        try:
            done = subprocess.run(
                command,
                cwd=Path(__file__).parent.parent,
                env={name: os.environ[name] for name in PASSED if name in os.environ} | threads,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise OSError(f"the forecasts took more than {SECONDS} seconds") from None
        if done.returncode:
            raise OSError(f"the forecasts could not be worked out (exit code {done.returncode})")
        parts = [Part(**each) for each in json.loads((folder / "parts.json").read_text("utf-8"))]
        values, low, high, blocks = np.load(folder / "found.npy", allow_pickle=False)
    return Forecast(parts, values, low, high, blocks == 1)


def _main(folder: Path) -> None:
    os.nice(5)
    values = np.load(folder / "table.npy", allow_pickle=False)
    found = work_out(Table(values, **json.loads((folder / "table.json").read_text("utf-8"))))
    np.save(folder / "found.npy", np.stack([found.values, found.low, found.high, found.blocks]))
    parts = [vars(each) for each in found.parts]
    (folder / "parts.json").write_text(json.dumps(parts), "utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
