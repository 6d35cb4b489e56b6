"""FLORES+ (Open Language Data Initiative): the first 100 sentences of devtest.

The dataset has one file a language, `devtest/CODE.jsonl` or `devtest/CODE.parquet`, with the
columns `id`, `text`, `iso_639_3` and `iso_15924`; a variant's suffix is in the file's name
(`twi_Latn_akua1239`). MEXA (arXiv 2410.05873, section 4.1) takes the first 100 sentences of
FLORES-200's devtest, which this continues.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from evaluators.corpora.corpus import PIVOT, CorpusError
from evaluators.corpora.hub_text import HubText, Text, clean, unreadable

NAME = "flores-plus"
FIRST = 100
FILE = re.compile(r"devtest/([A-Za-z0-9_-]{1,60})\.(jsonl|parquet)")
COLUMNS = ("id", "text", "iso_639_3", "iso_15924", "variant")
MOST_BYTES, MOST_ROWS = 64 * 1024 * 1024, 20_000
Row = Mapping[str, Any]


def choose(names: Sequence[str]) -> list[str]:
    """One file a language of devtest; JSON lines where there are both forms."""
    chosen: dict[str, str] = {}
    for name in sorted(names):
        if found := FILE.fullmatch(name):
            chosen.setdefault(found[1], name)
    return list(chosen.values())


def read(files: Mapping[str, Path]) -> Iterator[Text]:
    """Each language's sentences with the 100 lowest ids of the English file.

    Raises CorpusError when there is no English file, or it is shorter.
    """
    found = {name: rows(path) for name, path in files.items()}
    english = next((each for name, each in found.items() if _stem(name) == PIVOT), None)
    if english is None:
        raise CorpusError(f"corpus {NAME}: the dataset has no devtest/{PIVOT}")
    if isinstance(english, str):
        raise CorpusError(f"corpus {NAME}: devtest/{PIVOT} cannot be read: {english}")
    wanted = sorted({row["id"] for row in english})[:FIRST]
    for name, each in found.items():
        text = Text(name, _stem(name))
        yield unreadable(text, each) if isinstance(each, str) else sentences(text, each, wanted)


def sentences(text: Text, rows: Sequence[Row], wanted: Sequence[int]) -> Text:
    """The file's text with the sentences of those ids, in their order."""
    written = {(row.get("iso_639_3"), row.get("iso_15924")) for row in rows} - {(None, None)}
    code = text.code
    if len(written) == 1:
        # The rows say which language it is; what follows in the file's name is the variant.
        iso, script = written.pop()
        variants = code.split("_")[2:] or {str(row.get("variant") or "") for row in rows}
        code = "_".join(filter(None, (str(iso), str(script), *sorted(variants))))
    elif written:
        return unreadable(text, f"rows of {len(written)} languages")
    by_id: dict[int, str] = {}
    for row in rows:
        if by_id.setdefault(row["id"], row["text"]) != row["text"]:
            return unreadable(text, f"two sentences with the id {row['id']}")
    lacks = [str(i) for i in wanted if i not in by_id]
    if lacks:
        reason = f"sentences are missing: {len(lacks)} of {len(wanted)}, first id {lacks[0]}"
        return Text(text.source, code, reason=reason)
    return Text(text.source, code, tuple(clean(by_id[i]) for i in wanted))


def rows(path: Path) -> list[Row] | str:
    """The rows of a file, each with an integer `id` and a `text`; else what is wrong with it."""
    if path.stat().st_size > MOST_BYTES:
        return f"larger than {MOST_BYTES // 1024**2} MB"
    try:
        found = _parquet(path) if path.suffix == ".parquet" else _json_lines(path)
    except (pa.ArrowException, ValueError, RecursionError) as error:
        # The error's own words may hold some of the text.
        return type(error).__name__
    for number, row in enumerate(found, 1):
        if not isinstance(row, dict):
            return f"row {number} is no object"
        if type(row.get("id")) is not int or not isinstance(row.get("text"), str):
            return f"row {number} has no integer id, or no text"
    return found


def _parquet(path: Path) -> list[Row]:
    file = pq.ParquetFile(path)
    if file.metadata.num_rows > MOST_ROWS:
        raise ValueError
    there = [name for name in COLUMNS if name in file.schema_arrow.names]
    found: list[Row] = file.read(columns=there).to_pylist()
    return found


def _json_lines(path: Path) -> list[Row]:
    lines = path.read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line.strip()]


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


CORPUS = HubText(
    name=NAME,
    repo="openlanguagedata/flores_plus",
    n=FIRST,
    licence="FLORES+ devtest, first 100 sentences: CC BY-SA 4.0, no plain text to be re-hosted",
    form="devtest/CODE.jsonl or devtest/CODE.parquet",
    choose=choose,
    read=read,
    module="flores_plus",
)
load = CORPUS.load
