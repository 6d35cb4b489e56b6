"""What the pages show, computed from the snapshot: a row a model, a row a language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from results.interval import mean_interval
from results.languages import resolve

POOLINGS = {"mean": "mean over layers", "max": "max over layers"}
MODEL = ["id", "revision", "weights", "dtype"]


@dataclass(frozen=True)
class View:
    """One kind of number: scores of different views are never ranked together."""

    configuration: str
    """Key of the evaluator configuration, which pages keep in their address."""
    corpus: str
    corpus_hash: str
    pivot: str
    embedding: str
    n: int

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of this view."""
        return table[table["configuration"] == self.configuration]

    @property
    def label(self) -> str:
        """`udhr · 50 segments · weighted mean`, with the pivot when it is not English."""
        pivot = "" if self.pivot == "eng_Latn" else f" · to {self.pivot}"
        method = self.embedding.partition("@")[0].replace("-", " ")
        return f"{self.corpus} · {self.n} segments · {method}{pivot}"


def views(table: pd.DataFrame) -> list[View]:
    """Every view with alignment scores; weighted mean first, then by number of cells."""
    if table.empty:
        return []
    names = list(View.__dataclass_fields__)
    count = table[table["evaluator"] == "alignment"].groupby(names).size()
    found = [(View(*key), size) for key, size in count.items()]
    found.sort(key=lambda pair: (not pair[0].embedding.startswith("weighted-mean"), -pair[1]))
    return [view for view, _ in found]


def number(row: pd.Series, name: str) -> dict[str, Any] | None:
    """A score of a row as a table cell, or None where it was not measured."""
    if name not in row or pd.isna(row[name]):
        return None
    chance = row[f"{name}_chance"]
    at_chance = bool(row[name] <= chance)
    hint = (
        f"95 % interval {row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f}; chance {chance:.3f}"
    )
    return {
        "value": float(row[name]),
        "low": float(row[f"{name}_low"]),
        "high": float(row[f"{name}_high"]),
        "at_chance": at_chance,
        "title": f"at chance, not covered; {hint}" if at_chance else hint,
    }


def models(
    table: pd.DataFrame, view: View, languages: Sequence[str], pooling: str = "mean"
) -> list[dict[str, Any]]:
    """A row a model: its average over `languages`, and each language's cell under its code.

    The average is over one declaration a language, the pivot left out; a model that lacks one of
    the languages has no average and no rank. The interval resamples segments once for all
    languages together, which for a mean of means is the interval of the per-segment means.
    Ranks are within one weights format and one compute dtype.
    """
    rows = view.of(table)
    if rows.empty:
        return []
    averaged = [code for code in languages if code != view.pivot]
    found = []
    for identity, group in rows.groupby(MODEL, sort=False):
        cells = group.set_index("language")
        first = group.iloc[0]
        chosen = cells.reindex([code for code in averaged if code in cells.index])
        complete = bool(averaged) and len(chosen) == len(averaged)
        row: dict[str, Any] = dict(zip(MODEL, identity, strict=True))
        row |= {"name": first["name"], "parameters": first["parameters"]}
        row |= {"licence": first["licence"], "measured": group["started"].max()}
        row |= {code: number(cells.loc[code], pooling) for code in chosen.index}
        row["languages"] = len(cells) - (view.pivot in cells.index)
        row["covered"] = int((chosen[pooling] > chosen[f"{pooling}_chance"]).sum())
        row["of"] = len(chosen)
        row["tokens_ratio"] = float(chosen["tokens_ratio"].mean()) if len(chosen) else None
        row["average"] = _average(chosen, pooling) if complete else None
        found.append(row)
    found.sort(key=lambda row: -(row["average"]["value"] if row["average"] else -1))
    places: dict[tuple[str, str], int] = {}
    for row in found:
        group_key = (row["weights"], row["dtype"])
        places[group_key] = places.get(group_key, 0) + 1
        row["rank"] = places[group_key] if row["average"] else None
    return found


def _average(chosen: pd.DataFrame, pooling: str) -> dict[str, Any]:
    value = float(chosen[pooling].mean())
    if pooling != "mean" or chosen["segments"].isna().any():
        return {"value": value, "title": "no interval is known for an average of max-pooled scores"}
    low, high = mean_interval(np.mean(np.stack(chosen["segments"].to_list()), axis=0))
    hint = f"95 % interval {low:.3f} to {high:.3f}, over {len(chosen)} languages"
    return {"value": value, "low": low, "high": high, "title": hint}


def languages(table: pd.DataFrame, view: View, identity: Sequence[str]) -> pd.DataFrame:
    """A model's rows in a view, best first, with the languages' names."""
    rows = view.of(table)
    if not rows.empty:
        same = (rows[name] == value for name, value in zip(MODEL, identity, strict=True))
        rows = rows[np.logical_and.reduce(list(same))]
    rows = rows.copy()
    rows["language_name"] = [resolve(code).name for code in rows.get("language", [])]
    return rows.sort_values("mean", ascending=False) if "mean" in rows else rows


def best_layer(layers: Sequence[float] | None) -> int | None:
    """The first layer at which alignment peaks; 0 is the embedding output."""
    return None if layers is None or len(layers) == 0 else int(np.argmax(layers))


def plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON would hold them: no NaN, no arrays, times as text."""
    found: list[dict[str, Any]] = json.loads(
        table.drop(columns=["segments"], errors="ignore").to_json(
            orient="records", date_format="iso"
        )
    )
    return found
