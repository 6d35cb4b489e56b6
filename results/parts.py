"""One record and its side file of hits as arrays: what the snapshot puts together."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from results.languages import find
from results.mirror import git_id
from results.peaks import peaks
from results.repo import BadRecord, parse_hits, parse_record, record_path
from results.schema import Hits, LanguageScore, Record

log = logging.getLogger(__name__)
SHARED = ("tokens", "tokens_ratio", "cut", "seconds", "run", "best_layer")
"""Columns of every part beside those of its metrics."""


@dataclass(frozen=True)
class Marks:
    """What tells whether a record's two files are those that were read."""

    stat: list[int]
    """Size and time of the record, then of its side file; of a missing one, zeros."""
    content: list[str]
    """git's ids of both; empty for a missing one."""


@dataclass(frozen=True)
class Part:
    """One record."""

    record: str
    """Its path below the repo's root."""
    marks: Marks
    model: dict[str, Any]
    evaluator: dict[str, Any]
    interval: str | None
    runs: list[dict[str, Any]]
    languages: list[str]
    columns: list[str]
    values: np.ndarray
    """(columns, languages) float32; NaN where there is no value."""
    segments: np.ndarray | None
    """(languages, n): at how many layers each segment counts; None without hits."""
    layers: int | None
    """Hidden states that its hits are of: one where an embedding method has one vector."""
    peaks: np.ndarray | None
    """(languages, 2, 8 * words) uint8: `results.peaks.peaks`, a bit a segment, in whole words."""


def columns_of(metrics: Iterable[str]) -> list[str]:
    """The columns of a part with these metrics, in the order that parts and sheets keep."""
    scores = [f"{m}{part}" for m in sorted(metrics) for part in ("", "_low", "_high", "_chance")]
    return [*scores, *SHARED]


def stat_of(path: Path) -> list[int]:
    """Size and time of a record and its side file. Raises FileNotFoundError for the record."""
    found = path.stat()
    try:
        side = path.with_suffix(".hits.json").stat()
    except FileNotFoundError:
        return [found.st_size, found.st_mtime_ns, 0, 0]
    return [found.st_size, found.st_mtime_ns, side.st_size, side.st_mtime_ns]


def content_of(path: Path) -> list[str]:
    """git's ids of a record and its side file. Raises FileNotFoundError for the record."""
    side = path.with_suffix(".hits.json")
    return [git_id(path.read_bytes()), git_id(side.read_bytes()) if side.exists() else ""]


def read_part(root: Path, path: Path) -> Part:
    """The record at `path` below `root`. Raises BadRecord, FileNotFoundError."""
    try:
        return _read_part(root, path)
    except (ValueError, RecursionError) as error:
        raise (
            error if isinstance(error, BadRecord) else BadRecord(f"{path.name}: {error}")
        ) from error


def _read_part(root: Path, path: Path) -> Part:
    stat = stat_of(path)
    raw = path.read_bytes()
    record = _record(path.name, raw)
    if record_path(record.model, record.evaluator) != path.relative_to(root):
        raise BadRecord(f"{path.name}: the file does not lie where its content belongs")
    side = path.with_suffix(".hits.json")
    raw_hits = side.read_bytes() if stat[2] else None
    hits = parse_hits(side.name, raw_hits) if raw_hits is not None else None
    curves = {len(score.layers) for score in record.scores if score.layers}
    n = record.evaluator.parameters.n
    if hits and not (curves <= {hits.layers} and hits.n == n):
        raise BadRecord(f"{side.name}: its hits have another shape than the record says")
    scores = [s for s in record.scores if hits is None or not s.layers or s.language in hits.bits]
    if len(scores) < len(record.scores):
        lacking = len(record.scores) - len(scores)
        log.warning("%s: %d languages left out, their hits are missing", path.name, lacking)
    if strange := [s.language for s in scores if find(s.language) is None]:
        log.warning("%s: languages of a newer table left out: %s", path.name, ", ".join(strange))
        scores = [score for score in scores if score.language not in strange]
    columns, values = _values(scores)
    segments, best = _segments(scores, hits)
    return Part(
        record=path.relative_to(root).as_posix(),
        marks=Marks(stat, [git_id(raw), git_id(raw_hits) if raw_hits is not None else ""]),
        model=record.model.model_dump(mode="json"),
        evaluator=record.evaluator.model_dump(mode="json"),
        interval=record.interval,
        runs=[run.model_dump(mode="json") for run in record.runs],
        languages=[score.language for score in scores],
        columns=columns,
        values=values,
        segments=segments,
        layers=hits.layers if hits else None,
        peaks=best,
    )


def _record(name: str, raw: bytes) -> Record:
    """As `parse_record`, in under half of its time where the file is of the present version."""
    try:
        return Record.model_validate_json(raw)
    except ValidationError:
        return parse_record(name, raw)


def _values(scores: list[LanguageScore]) -> tuple[list[str], np.ndarray]:
    metrics = sorted({name for score in scores for name in score.values})
    nothing = (None, None, None, None)
    rows = []
    for score in scores:
        row: list[float | None] = []
        for name in metrics:
            value = score.values.get(name)
            row += (value.value, value.low, value.high, value.chance) if value else nothing
        best = score.layers.index(max(score.layers)) if score.layers else None
        row += (score.tokens, score.tokens_ratio, score.cut, score.seconds, score.run, best)
        rows.append(row)
    columns = columns_of(metrics)
    return columns, np.array(rows, dtype=np.float32).reshape(-1, len(columns)).T


def _segments(
    scores: list[LanguageScore], hits: Hits | None
) -> tuple[np.ndarray | None, np.ndarray | None]:
    if hits is None:
        return None, None
    size = -(-hits.layers * hits.n // 8)
    blank = bytes(size)
    raw = b"".join(hits.raw(s.language) if s.layers else blank for s in scores)
    packed = np.frombuffer(raw, np.uint8).reshape(-1, size)
    bits = np.unpackbits(packed, axis=1, count=hits.layers * hits.n).view(np.bool_)
    bits = bits.reshape(-1, hits.layers, hits.n)
    best = np.stack(peaks(bits), axis=1) if len(bits) else np.zeros((0, 2, hits.n), np.bool_)
    count = bits.sum(axis=1, dtype=np.uint8 if hits.layers <= 255 else np.uint16)
    packed_best = np.packbits(best, axis=2)
    return count, np.pad(packed_best, ((0, 0), (0, 0), (0, -packed_best.shape[2] % 8)))
