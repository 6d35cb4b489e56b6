"""The flat table of scores, read back with pandas and pyarrow."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer import Typer
from typer.testing import CliRunner

from results import export
from results.evaluation import alignment
from results.export_command import export as command
from results.repo import SHIPPED, Repo
from results.schema import LanguageScore, Model, Run, Value
from results.settings import settings

SHA = "0123456789abcdef0123456789abcdef01234567"
HASH = "a" * 64
RUN = Run(
    started=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
    device="cpu",
    machine="=1+1",
    threads=2,
    batch_tokens=512,
    software={},
)


def model(id: str = "org/model", **other: object) -> Model:
    about = {
        "id": id,
        "revision": SHA,
        "weights": "bfloat16",
        "dtype": "float32",
        "file": None,
        "name": "@SUM(A1)",
        "architecture": "llama",
        "parameters": 1000,
        "layers": 3,
        "hidden_size": None,
        "licence": '=HYPERLINK("http://x","y")',
        "base_model": "-2+3",
    }
    return Model.model_validate(about | other)


def score(language: str, share: float = 0.5) -> tuple[LanguageScore, np.ndarray]:
    """A language whose second layer has that share of 50 hits, the others none."""
    hits = np.zeros((3, 50), dtype=bool)
    hits[1, : round(share * 50)] = True
    layers = hits.mean(axis=1)
    values = {
        "mean": Value(value=layers.mean(), low=0.0, high=1.0, chance=0.02),
        "max": Value(value=layers.max(), low=None, high=None, chance=0.5),
    }
    row = LanguageScore(
        language=language,
        values=values,
        layers=layers.tolist(),
        layers_chance=[0.0, 0.1, 0.2],
        tokens=100,
        tokens_ratio=1.5,
        cut=0,
        seconds=1.25,
        run=0,
    )
    return row, hits


def add(
    root: Path, about: Model, languages: dict[str, float], run: Run = RUN, corpus: str = "udhr"
) -> str:
    """Write a record with these languages; returns its configuration's key."""
    made = {code: score(code, share) for code, share in languages.items()}
    configuration = alignment(corpus, HASH, None, 50, "eng_Latn", "weighted-mean@1")
    rows = [row for row, _ in made.values()]
    hits = {code: each for code, (_, each) in made.items()}
    Repo(root).add(about, configuration, "wilson@1", run, rows, hits)
    return configuration.key()


def read_csv(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data))


def test_every_score_of_the_shipped_records_is_a_row_and_the_pivot_has_none() -> None:
    records = [record for _, record in Repo(SHIPPED).records()]
    table = export.scores(SHIPPED).to_pandas()
    assert len(table) == sum(len(row.values) for each in records for row in each.scores) > 1000
    assert "eng_Latn" not in set(table["language"][table["evaluator"] == "alignment"])
    rows = {
        (each.model, each.configuration, each.language, each.metric): each
        for each in table.itertuples()
    }
    assert len(rows) == len(table)
    for record in records:
        for row in record.scores:
            for name, value in row.values.items():
                found = rows[record.model.id, record.evaluator.key(), row.language, name]
                numbers = map(float, (found.value, found.low, found.high, found.chance))
                expected = [value.value, value.low, value.high, value.chance]
                assert [None if np.isnan(number) else number for number in numbers] == expected
                assert found.corpus_hash == record.evaluator.parameters.corpus_hash
                assert found.n == record.evaluator.parameters.n
                assert found.revision == record.model.revision
                if row.layers:
                    assert found.best_layer == row.layers.index(max(row.layers))
                else:
                    assert (found.questions, found.stderr) == (row.questions, row.stderr)


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    table = export.scores(SHIPPED)
    path = tmp_path / "scores.parquet"
    path.write_bytes(export.parquet(table))
    binary, text = pd.read_parquet(path), read_csv(export.csv(table))
    assert list(binary.columns) == list(text.columns) == list(export.COLUMNS)
    text["started"] = pd.to_datetime(text["started"])
    for name in export.COLUMNS:
        same = (binary[name] == text[name]) | (binary[name].isna() & text[name].isna())
        assert same.all(), name


def test_columns_keep_their_types_and_say_what_they_mean_even_when_all_are_empty(
    tmp_path: Path,
) -> None:
    add(tmp_path, model(file=None, parameters=None), {"fra_Latn": 0.5})
    for root in (tmp_path, tmp_path / "nothing"):
        schema = pq.read_schema(io.BytesIO(export.parquet(export.scores(root))))
        assert {field.name: field.type for field in schema} == {
            name: kind for name, (kind, _) in export.COLUMNS.items()
        }
        for field in schema:
            assert field.metadata[b"description"].decode() == export.COLUMNS[field.name][1]
    assert all(f"| `{name}` |" in export.described() for name in export.COLUMNS)


def test_whole_numbers_stay_whole_where_one_is_missing(tmp_path: Path) -> None:
    add(tmp_path, model("org/known", parameters=7), {"fra_Latn": 0.5})
    add(tmp_path, model("org/unknown", parameters=None), {"fra_Latn": 0.5})
    raw = export.csv(export.scores(tmp_path)).decode()
    kept = pd.read_csv(io.StringIO(raw), dtype=str)
    assert set(kept["parameters"].dropna()) == {"7"}
    assert set(kept["started"]) == {"2026-11-20T08:00:00Z"}


def test_at_chance_counts_as_not_covered(tmp_path: Path) -> None:
    add(tmp_path, model(), {"fra_Latn": 0.5, "deu_Latn": 0.9})
    table = export.scores(tmp_path).to_pandas().set_index(["language", "metric"])["at_chance"]
    assert table["fra_Latn", "max"]
    assert not table["deu_Latn", "max"]
    assert not table["fra_Latn", "mean"]


def test_no_cell_of_the_csv_is_a_formula_and_parquet_keeps_the_text(tmp_path: Path) -> None:
    add(tmp_path, model(), {"fra_Latn": 0.5})
    table = export.scores(tmp_path)
    row = read_csv(export.csv(table)).iloc[0]
    assert row["name"] == "'@SUM(A1)"
    assert row["licence"] == '\'=HYPERLINK("http://x","y")'
    assert row["base_model"] == "'-2+3"
    assert row["machine"] == "'=1+1"
    assert table.to_pylist()[0]["licence"] == '=HYPERLINK("http://x","y")'


@given(st.text(max_size=30), st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "\n", "＝"]))
def test_a_hostile_text_is_one_cell_that_begins_no_formula(text: str, start: str) -> None:
    row = dict.fromkeys(export.COLUMNS) | {"name": start + text, "model": "org/x", "n": 1}
    table = export.pa.Table.from_pylist([row], schema=export.SCHEMA)
    data = export.csv(table)
    read = pd.read_csv(
        io.BytesIO(data), dtype=str, keep_default_na=False, lineterminator=None, engine="python"
    )
    assert list(read.columns) == list(export.COLUMNS)
    assert len(read) == 1
    assert not read["name"][0].strip().startswith(export.FORMULA)
    assert read["model"][0] == "org/x"


def run(*words: object) -> tuple[int, str]:
    app = Typer()
    app.command()(command)
    settings.cache_clear()
    done = CliRunner().invoke(app, [str(word) for word in words])
    settings.cache_clear()
    return done.exit_code, done.output


def test_the_command_writes_all_three(tmp_path: Path) -> None:
    repo, out = tmp_path / "repo", tmp_path / "out"
    add(repo, model(), {"fra_Latn": 0.5})
    code, said = run(out, "--from", repo, "--dataset", "org/board-results")
    assert code == 0, said
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert written == ["eval_results/org__model/mexa.yaml", "scores.csv", "scores.parquet"]
    assert len(pd.read_parquet(out / "scores.parquet")) == 2


def test_the_command_writes_one_format(tmp_path: Path) -> None:
    code, said = run(tmp_path, "--from", SHIPPED, "--format", "csv")
    assert code == 0, said
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--from", "nowhere"], "holds no records"),
        (["--from", SHIPPED, "--format", "eval-results"], "needs --dataset"),
        (["--from", SHIPPED, "--dataset", "a/b/c"], "a/b/c"),
        (["--from", SHIPPED, "--source-name", "x"], "needs --source-url"),
    ],
)
def test_the_command_says_what_is_wrong(words: list[object], says: str, tmp_path: Path) -> None:
    code, said = run(tmp_path / "out", *words)
    assert code == 1
    assert says in said
    assert not (tmp_path / "out").exists()


def test_a_record_that_does_not_hold_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add(tmp_path, model(), {"fra_Latn": 0.5})
    add(tmp_path, model("org/bad"), {"fra_Latn": 0.5})
    [bad] = tmp_path.glob("results/org__bad/*/*/*[0-9a-f].json")
    bad.write_text(json.dumps({"schema_version": 1}))
    assert set(export.scores(tmp_path).to_pandas()["model"]) == {"org/model"}
    assert "left out" in caplog.text
