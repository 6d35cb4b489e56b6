"""A snapshot as one Parquet file in the results dataset: what a fresh Space shows first.

A row a (record, language), a row group a sheet. The schema's metadata holds the index: models,
evaluators, and git's ids of each record's files, so that only what changed since is read again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from results.corpora import Card
from results.dataset import Dataset
from results.files import write_atomic
from results.sheet import Sheet
from results.sheet_writer import INDEX, array_file, described
from results.snapshot import Snapshot
from results.store import Store

log = logging.getLogger(__name__)
PATH = "summary/summary.parquet"
"""Where it lies in the results dataset."""
DIGEST = "summary/digest.txt"
"""Beside it, so that the same summary is not published again."""
KEY = b"mexa.summary"
FORMAT = 3


class BadSummary(ValueError):
    """Raised for a file that is no summary, or of another format."""


def write(snapshot: Snapshot, cards: Iterable[Card], target: Path) -> None:
    """Write a snapshot and its corpora's cards as a summary, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    index = {
        "format": FORMAT,
        "key": snapshot.key,
        "code": snapshot.code,
        "models": snapshot.models,
        "sheets": [described(sheet) for sheet in snapshot.sheets],
        "cards": [card.model_dump(mode="json") for card in cards],
    }
    columns = sorted({name for sheet in snapshot.sheets for name in sheet.columns})
    schema = pa.schema(
        [
            pa.field("sheet", pa.int32(), metadata={"description": "place in the index"}),
            pa.field("row", pa.int32(), metadata={"description": "record of the sheet"}),
            pa.field("language", pa.dictionary(pa.int32(), pa.string())),
            *(pa.field(name, pa.float32()) for name in columns),
            pa.field("segments", pa.binary()),
            pa.field("peaks", pa.binary()),
        ],
        metadata={KEY: json.dumps(index)},
    )
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as file:
        stage = Path(file.name)
    try:
        with pq.ParquetWriter(
            stage, schema, compression="zstd", use_dictionary=["language"]
        ) as out:
            for at, sheet in enumerate(snapshot.sheets):
                out.write_table(_table(at, sheet, schema), row_group_size=1 << 24)
        stage.replace(target)
    finally:
        stage.unlink(missing_ok=True)


def _table(at: int, sheet: Sheet, schema: pa.Schema) -> pa.Table:
    # Language by language, as the arrays of segments lie: unpacking then writes in one direction.
    language, row = np.nonzero(~np.isnan(sheet.column("seconds")).T)
    arrays: dict[str, Any] = {
        "sheet": pa.array(np.full(len(row), at, np.int32)),
        "row": pa.array(row.astype(np.int32)),
        "language": pa.DictionaryArray.from_arrays(language.astype(np.int32), sheet.languages),
    }
    for name in schema.names:
        if name in sheet.columns:
            arrays[name] = pa.array(sheet.column(name)[row, language], from_pandas=True)
    for name in ("segments", "peaks"):
        array = getattr(sheet, name)
        if array is not None:
            arrays[name] = _binary(array[language, row].reshape(len(row), -1))
    nothing = {field.name: pa.nulls(len(row), field.type) for field in schema}
    return pa.table({**nothing, **arrays}, schema=schema)


def _binary(rows: np.ndarray) -> pa.Array:
    """(rows, ...) as a binary column, a value a row, without a Python object each."""
    data = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1)
    ends = np.arange(len(data) + 1, dtype=np.int32) * data.shape[1]
    return pa.Array.from_buffers(
        pa.binary(), len(data), [None, pa.py_buffer(ends), pa.py_buffer(data.reshape(-1))]
    )


def digest(snapshot: Snapshot) -> str:
    """Of what a summary would say, whatever machine made it: 64 hex digits."""
    rows = sorted([row.record, *row.content] for each in snapshot.sheets for row in each.rows)
    return hashlib.sha256(json.dumps([FORMAT, snapshot.code, rows]).encode()).hexdigest()


def drop(store: Store) -> None:
    """Take the published summary away, which holds what was withdrawn; a board publishes anew.

    Raises OSError as `Store.change`.
    """
    if isinstance(store, Dataset) and store.fetch(DIGEST):
        store.publish("the summary holds withdrawn records", {PATH: None, DIGEST: None})


def unpack(source: Path, folder: Path) -> tuple[Snapshot, list[Card]]:
    """Make `folder/summary-KEY` of a summary, as `results.snapshot` keeps it, and open it.

    Raises BadSummary, OSError.
    """
    try:
        file = pq.ParquetFile(source, memory_map=True)
        index = json.loads((file.schema_arrow.metadata or {})[KEY])
        if index.pop("format") != FORMAT:
            raise BadSummary("the summary was written by another version of the program")
        target = folder / f"summary-{index['key']}"
        cards = [Card.model_validate(each) for each in index.pop("cards")]
        if (target / INDEX).exists():
            return Snapshot.open(target), cards
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        try:
            for at, sheet in enumerate(index["sheets"]):
                _fill(stage, sheet, file, at)
            index["key"] = target.name
            write_atomic(stage / INDEX, json.dumps(index, ensure_ascii=False).encode())
            stage.replace(target)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
        return Snapshot.open(target), cards
    except (pa.ArrowException, KeyError, TypeError, IndexError, ValueError) as error:
        raise BadSummary(f"{source.name} is no summary of a board: {error}") from error


def _fill(folder: Path, sheet: dict[str, Any], file: pq.ParquetFile, at: int) -> None:
    """A sheet's arrays from a row group, a column at a time: a board has little memory."""

    def column(name: str) -> pa.ChunkedArray:
        return file.read_row_group(at, columns=[name])[name]

    row = _numbers(column("row"))
    language = _places(column("language"), sheet["languages"])
    for name, (kind, *size) in sheet["arrays"].items():
        array = np.memmap(folder / array_file(sheet, name), kind, "w+", shape=tuple(size))
        if name == "values":
            array[:] = np.nan
            for place, each in enumerate(sheet["columns"]):
                array[place, row, language] = _numbers(column(each))
        else:
            start = 0
            for chunk in column(name).chunks:
                here = slice(start, start + len(chunk))
                array[language[here], row[here]] = _bytes(chunk, np.dtype(kind), array.shape[2:])
                start += len(chunk)
    pa.default_memory_pool().release_unused()


def _places(column: pa.ChunkedArray, languages: list[str]) -> np.ndarray:
    place = {code: at for at, code in enumerate(languages)}
    found = []
    for chunk in column.chunks:
        table = np.array([place[code] for code in chunk.dictionary.to_pylist()], dtype=np.int64)
        found.append(table[_values(chunk.indices)])
    return np.concatenate(found) if found else np.array([], dtype=np.int64)


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """A column of numbers; null is NaN."""
    found = []
    for chunk in column.chunks:
        values, there = _values(chunk), chunk.buffers()[0]
        if chunk.null_count:
            bits = np.unpackbits(np.frombuffer(there, np.uint8), bitorder="little")
            bits = bits[chunk.offset : chunk.offset + len(chunk)]
            values = np.where(bits, values, np.float32(np.nan))
        found.append(values)
    return np.concatenate(found) if found else np.array([])


def _values(chunk: pa.Array) -> np.ndarray:
    """An array of numbers as it lies in memory: `to_numpy` would load pandas, a second's work."""
    kind = {pa.int32(): np.int32, pa.float32(): np.float32}[chunk.type]
    return np.frombuffer(chunk.buffers()[1], kind)[chunk.offset : chunk.offset + len(chunk)]


def _bytes(chunk: pa.Array, kind: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray:
    """A chunk of a binary column as (rows, *shape), without a copy."""
    _, ends, data = chunk.buffers()
    offsets = np.frombuffer(ends, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    raw = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]
    return raw.view(kind).reshape(len(chunk), *shape)
