"""The scores of a results repo as one flat table, in CSV and Parquet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from results.languages import resolve
from results.repo import Repo
from results.schema import Record

TEXT, COUNT, NUMBER = pa.string(), pa.int64(), pa.float64()
COLUMNS: dict[str, tuple[Any, str]] = {
    "model": (TEXT, "Hub id, pypi:NAME@VERSION or local:NAME"),
    "revision": (TEXT, "commit sha, or sha256 of the weights where there is no commit"),
    "weights": (TEXT, "format that the file holds: bfloat16, Q4_K_M ..."),
    "dtype": (TEXT, "what was computed in"),
    "file": (TEXT, "the file of the repo, where it holds several models"),
    "name": (TEXT, "name for people"),
    "architecture": (TEXT, "model_type of the transformers configuration"),
    "parameters": (COUNT, "number of parameters, without a language-model head of its own"),
    "hidden_states": (COUNT, "embedding output and one a block"),
    "hidden_size": (COUNT, "width of a hidden state"),
    "licence": (TEXT, "as the model's card says"),
    "base_model": (TEXT, "as the model's card says"),
    "evaluator": (TEXT, "alignment, or a task"),
    "version": (COUNT, "version of the evaluator"),
    "configuration": (TEXT, "key of evaluator, version and parameters"),
    "corpus": (TEXT, "parallel corpus, or data set of the task"),
    "corpus_hash": (TEXT, "sha256 of its content"),
    "split": (TEXT, "split of it"),
    "n": (COUNT, "segments, or questions"),
    "pivot": (TEXT, "language that others are aligned to"),
    "embedding": (TEXT, "how token states become one vector, and its version"),
    "seed": (COUNT, "seed of the random pairings"),
    "options": (TEXT, "what only this evaluator has, as JSON"),
    "language": (TEXT, "ISO 639-3 and ISO 15924, with a suffix for a variant"),
    "language_name": (TEXT, "its English name"),
    "metric": (TEXT, "mean or max over layers; accuracy of a task"),
    "value": (NUMBER, "the score, 0 to 1"),
    "low": (NUMBER, "lower end of its 95 % interval"),
    "high": (NUMBER, "upper end of its 95 % interval"),
    "chance": (NUMBER, "95th percentile of the score of random pairings, or of guesses"),
    "at_chance": (pa.bool_(), "whether the score is at or below chance"),
    "interval": (TEXT, "method and version of the interval"),
    "best_layer": (COUNT, "first hidden state at which alignment peaks; 0 is the embedding output"),
    "tokens": (COUNT, "tokens of all segments together"),
    "tokens_ratio": (NUMBER, "tokens over those of the same segments in English"),
    "cut": (COUNT, "segments longer than the model's positions"),
    "seconds": (NUMBER, "time taken"),
    "device": (TEXT, "cpu, cuda ..."),
    "machine": (TEXT, "processor or accelerator"),
    "started": (pa.timestamp("ms", tz="UTC"), "when the run that measured it began"),
    "questions": (COUNT, "questions that a task asked in the language"),
    "stderr": (NUMBER, "standard error of a task's accuracy"),
}
"""Name to type and meaning. Columns are added at the end, never renamed or removed."""
TOKENS = ("tokens", "tokens_ratio", "cut", "seconds")
SCHEMA = pa.schema(
    [pa.field(name, kind, metadata={"description": says}) for name, (kind, says) in COLUMNS.items()]
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters with which a spreadsheet begins a formula (OWASP, CSV injection)."""


def scores(root: Path) -> pa.Table:
    """A row a score of every record of a results repo that holds; the pivot itself has none."""
    rows = [row for _, record in Repo(root).records() for row in _rows(record)]
    order = ["model", "revision", "weights", "dtype", "configuration", "language", "metric"]
    rows.sort(key=lambda row: [row[name] for name in order])
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _rows(record: Record) -> Iterator[dict[str, Any]]:
    model, parameters = record.model, record.evaluator.parameters
    shared = {
        **model.model_dump(exclude={"id", "layers"}),
        "model": model.id,
        "hidden_states": model.layers,
        "evaluator": record.evaluator.name,
        "version": record.evaluator.version,
        "configuration": record.evaluator.key(),
        **parameters.model_dump(exclude={"options"}),
        "options": json.dumps(parameters.options, sort_keys=True),
        "interval": record.interval,
    }
    for score in record.scores:
        run = record.runs[score.run]
        of_language = {
            **score.model_dump(include={"language", "questions", "stderr", *TOKENS}),
            "language_name": resolve(score.language).name,
            "best_layer": int(np.argmax(score.layers)) if score.layers else None,
            **run.model_dump(include={"device", "machine", "started"}),
        }
        for metric, value in score.values.items():
            yield {
                **shared,
                **of_language,
                **value.model_dump(),
                "metric": metric,
                "at_chance": value.at_chance,
            }


def plain(text: object) -> object:
    """A text as one line that no spreadsheet takes for a formula: an apostrophe goes before."""
    if not isinstance(text, str):
        return text
    line = CONTROL.sub(" ", text)
    return f"'{line}" if line.lstrip().startswith(FORMULA) else line


def csv(table: pa.Table) -> bytes:
    """The table as CSV in UTF-8; times as ISO 8601, nothing where there is no value."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_nullable)
    for name, (kind, _) in COLUMNS.items():
        if kind == TEXT:
            frame[name] = frame[name].map(plain, na_action="ignore")
    text: str = frame.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%SZ", lineterminator="\n")
    return text.encode()


def _nullable(kind: object) -> Any:  # noqa: ANN401
    """Whole numbers stay whole where some are missing."""
    return {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get(kind)


def parquet(table: pa.Table) -> bytes:
    """The table as Parquet; each field's metadata says what it means."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


def described() -> str:
    """The columns as a Markdown table."""
    rows = [f"| `{name}` | {says} |" for name, (_, says) in COLUMNS.items()]
    return "\n".join(["| column | meaning |", "|---|---|", *rows, ""])
