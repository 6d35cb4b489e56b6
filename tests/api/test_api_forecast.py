"""Forecasts over HTTP: the same in every format, and out of date once they are worked out."""

from __future__ import annotations

import io
import threading

import forecast_board
import pandas as pd
import pyarrow.parquet as pq
import pytest
from api.conftest import client_of
from forecast_tables import guessed

from leaderboard import board as boards
from leaderboard import forecasts
from leaderboard.api import tables
from leaderboard.board import Board
from results.settings import Settings

ASKED = f"/api/v1/forecast?language={forecast_board.CODES[-1]}"
FORMULA = '=HYPERLINK("//evil")'


@pytest.fixture
def held(tmp_path, monkeypatch):
    """A board of 24 models, and what lets the forecasts be worked out."""
    forecast_board.write(tmp_path / "board", strange=FORMULA)
    monkeypatch.setattr(boards, "seed", lambda store: None)
    go = threading.Event()

    def apart(of):
        assert go.wait(60)
        return guessed(of)

    monkeypatch.setattr(forecasts, "apart", apart)
    monkeypatch.setattr(forecasts, "_known", type(forecasts._known)())
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    yield client_of(board), go
    go.set()


def test_every_format_holds_the_same_once_it_is_worked_out(held):
    client, go = held
    first = client.get(ASKED)
    assert first.json()["reason"] == "they are being worked out" and not first.json()["ready"]
    same = {"if-none-match": first.headers["etag"]}
    assert client.get(ASKED, headers=same).status_code == 304
    go.set()
    answer = forecast_board.ready(lambda: client.get(ASKED).json())
    assert client.get(ASKED, headers=same).json() == answer
    assert len(answer["forecasts"]) == 2 and answer["language"]["language"] in ASKED
    rows = pq.read_table(io.BytesIO(client.get(f"{ASKED}&format=parquet").content)).to_pylist()
    text = client.get(f"{ASKED}&format=csv")
    csv = pd.read_csv(io.StringIO(text.text), keep_default_na=False)
    assert list(csv.columns) == list(rows[0]) == list(tables.COLUMNS["forecast"])
    assert "forecast" in text.headers["content-disposition"]
    for row, told in zip(rows, answer["forecasts"], strict=True):
        for name in ("model", "name", "language", "language_name", "task", "missing", "error"):
            assert row[name] == told[name]
        for part, value in told["forecast"].items():
            assert row[f"forecast_{part}"] == value
        assert row["view"] == answer["view"]["view"] and row["pooling"] == "mean"
    assert FORMULA in [row["name"] for row in rows]
    assert f"'{FORMULA}" in csv["name"].tolist() and FORMULA not in csv["name"].tolist()


def test_questions_that_make_no_sense_are_one_sentence(held):
    client, _ = held
    said = client.get("/api/v1/forecast")
    assert said.status_code == 400 and "“language”" in said.json()["error"]
    for asked in ("language=klingonish", "model=nobody/nothing"):
        assert client.get(f"/api/v1/forecast?{asked}").status_code == 404


def test_the_index_has_it(held):
    client, _ = held
    listed = {each["name"]: each for each in client.get("/api/v1").json()["endpoints"]}
    assert listed["forecast"]["example"] == "/api/v1/forecast?language=swh_Latn"
    assert "never ranked" in listed["forecast"]["says"]
    get = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/forecast"]["get"]
    assert "text/csv" in get["responses"]["200"]["content"]
