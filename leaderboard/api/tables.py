"""Answers as flat tables for download: one row a model, language or score.

Columns are named after the JSON: `mean_low` is `mean.low`. They are always there, in this order;
every row says which corpus build, number of segments and embedding method its numbers are of.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from leaderboard.api.columns import COLUMNS, MODEL, SCORE, TEXT, VIEW, under
from results import export


def table(name: str, answer: dict[str, Any]) -> pa.Table:
    """An endpoint's answer as a table, with where it is from in the schema's metadata."""
    columns = dict(COLUMNS[name])
    shared = {**_shared(name, answer), **_view(answer.get("view"))}
    found = ROWS[name](answer) if name in ROWS else answer[name]
    rows = [{**shared, **_flat(_named(name, row))} for row in found]
    for code in (each["language"] for each in answer.get("shown", []) if name == "models"):
        columns |= under(code, SCORE)
    schema = pa.schema(list(columns.items()), metadata=_origin(answer))
    return pa.Table.from_pylist([{key: row.get(key) for key in columns} for row in rows], schema)


def _compared(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a language and model that was measured in it, the difference to the first model."""
    first = answer["models"][0]["model"]
    rows = []
    for row in answer["languages"]:
        facts = {key: value for key, value in row.items() if key not in ("scores", "differences")}
        sides = zip(answer["models"], row["scores"], row["differences"], strict=True)
        for model, score, difference in sides:
            if score:
                to = first if difference else None
                of_model = {"model": model["model"], "of_model": model["name"], "compared_to": to}
                rows.append({**facts, **of_model, **score, "difference": difference})
    return rows


def _asked(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a model and task: `number` says whether it is measured or which kind of estimate."""
    rows = []
    for model in answer["models"]:
        facts = {key: model[key] for key in MODEL}
        for task in answer["tasks"]:
            what = {key: task[key] for key in ("task", "few_shot", "limit", "pooling")}
            sides = {"task_key": task["key"], "english": model["english"][task["key"]]}
            seen = _view(task["view"])
            rows.append({**facts, **what, **sides, **seen, **model["values"][task["key"]]})
    return rows


def _trusted(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a model and language."""
    task = answer["task"]
    what = {"task": task["task"], "task_key": task["key"]} if task else {}
    return [{**row, **what} for row in answer["points"]]


def _agreeing(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a method."""
    task = answer["task"]
    what = {"task": task["task"], "task_key": task["key"]} if task else {}
    count = {"models": len(answer["models"]), "languages": len(answer["languages"])}
    return [
        {**what, **count, **row, **_view(row["view"]), "view": row["view"]["view"]}
        for row in answer["methods"]
    ]


def _by_layer(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a language, curve and layer."""
    what = {"statistic": answer["statistic"]["statistic"]} if answer["statistic"] else {}
    return [
        {**row, **what, "curve": curve, "layer": layer, "value": value}
        for row in answer["languages"]
        for curve, values in row["curves"].items()
        for layer, value in enumerate(values)
    ]


def _spoiled(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a language and kind of noise."""
    return [
        {
            **{key: value for key, value in row.items() if key != "noises"},
            **each["score"],
            "kept": each["kept"],
            "noise": noise["noise"],
            "noise_kind": noise["kind"],
            "noise_rate": noise["rate"],
        }
        for row in answer["languages"]
        for noise, each in zip(answer["noises"], row["noises"], strict=True)
        if each["score"]
    ]


def _forecast(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a score that is missing."""
    rows = answer["forecasts"]
    return [{**row, "of_model": row["name"], "name": row["language_name"]} for row in rows]


ROWS = {
    "compare": _compared,
    "tasks": _asked,
    "trust": _trusted,
    "agreement": _agreeing,
    "layers": _by_layer,
    "noise": _spoiled,
    "forecast": _forecast,
}


def _view(view: dict[str, Any] | None) -> dict[str, Any]:
    return {key: view[key] for key in VIEW} if view else {}


def _shared(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    """What is the same in all rows."""
    if name == "models":
        return {"languages": answer["languages"]["said"], "pooling": answer["pooling"]}
    if name == "tasks":
        return {"languages": answer["languages"]["said"], "number": answer["kind"]}
    shared = {"pooling": answer.get("pooling"), "counted": answer.get("counted")}
    if name in ("languages", "compare", "trust", "agreement"):
        return shared
    model, language = answer.get("model"), answer.get("language")
    return {**shared, **(model or {}), **(_language(language) if language else {})}


def _named(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row whose `name` is of what its table's `name` is of; a model's scores are of languages."""
    named = _language(row) if "language" in row else row
    return {**named, "name": row["of_model"]} if "of_model" in row else named


def _language(facts: dict[str, Any]) -> dict[str, Any]:
    return {**{key: facts[key] for key in facts if key != "name"}, "language_name": facts["name"]}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """`{"mean": {"low": 1}}` as `{"mean_low": 1}`; the languages of `shown` by their codes."""
    flat: dict[str, Any] = {}
    for key, value in {**row, **row.get("shown", {})}.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{part}": each for part, each in value.items()}
        else:
            flat[key] = value
    return flat


def _origin(answer: dict[str, Any]) -> dict[str, str]:
    said = {key: str(value) for key, value in _view(answer.get("view")).items()}
    chosen = answer.get("languages")
    if isinstance(chosen, dict):
        said["languages"] = " ".join(chosen["codes"])
    return {
        **said,
        "board": os.environ.get("SPACE_ID") or "local",
        "version": str(answer["version"]),
        "api": str(answer["api"]),
        "written": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def csv(found: pa.Table) -> bytes:
    """In UTF-8; nothing where there is no value, and no text that a spreadsheet takes for more."""
    kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = found.to_pandas(types_mapper=kinds.get)
    for field in found.schema:
        if field.type == TEXT:
            frame[field.name] = frame[field.name].map(export.plain, na_action="ignore")
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode()


def parquet(found: pa.Table) -> bytes:
    """With where it is from in the file's metadata."""
    return export.parquet(found)


def file_name(name: str, answer: dict[str, Any]) -> str:
    """`mexa-scores-swh_Latn-udhr-0123456789ab-weighted-mean-1`, in plain characters."""
    parts = ["mexa", name]
    for subject in ("model", "language", "task"):
        if isinstance(answer.get(subject), dict):
            parts.append(str(answer[subject][subject]))
    if view := answer.get("view"):
        parts += [str(view["corpus"]), str(view["corpus_hash"])[:12], str(view["embedding"])]
    return "-".join(re.sub(r"[^A-Za-z0-9_.]+", "-", part).strip("-.")[:100] for part in parts)
