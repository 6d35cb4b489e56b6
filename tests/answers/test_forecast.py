"""Forecasts: what is missing and nothing else, in no ranking, or why there are none."""

import time

import forecast_board
import numpy as np
import pytest
from forecast_tables import guessed, table

from answers.answers_tools import SMOLLM, ask, board_of, edit, only
from leaderboard import answers, forecasts
from leaderboard.asked import ForecastAsked, ModelsAsked, ScoresAsked, TableOfLanguagesAsked
from results.forecast import work_out
from results.language_sets import CORE


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    """24 made-up models; the first two lack 12 of 30 languages, the last one lacks French."""
    root = tmp_path_factory.mktemp("forecast")
    forecast_board.write(root)
    return board_of(root)


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Worked out in this process."""
    monkeypatch.setattr(forecasts, "apart", work_out)


def of(board, **asked):
    return forecast_board.ready(lambda: answers.forecast(board, ask(ForecastAsked, **asked)))


def models_of(board):
    return {m["model"]: m for m in answers.models(board, ModelsAsked(languages=("all",)))["models"]}


def test_a_model_s_missing_languages_are_forecast_with_interval_and_error(board):
    few = next(key for key, m in models_of(board).items() if m["missing"] == 12)
    found = of(board, model=few)
    assert found["offered"] and found["reason"] is None
    assert (found["missing"], found["models"], found["needs"]) == (12, 24, 20)
    aligned = [each for each in found["forecasts"] if each["task"] is None]
    codes = {each["language"] for each in aligned}
    assert codes == set(forecast_board.CODES[forecast_board.KEPT :])
    part, task = found["parts"]
    blocks = next(each for each in part["checks"] if each["way"] == "blocks")
    for each in aligned:
        value = each["forecast"]
        assert 0 <= value["low"] <= value["value"] <= value["high"] <= 1
        assert value["high"] - value["low"] < 0.8
        assert (each["model"], each["missing"], each["error"]) == (few, "blocks", blocks["error"])
    names = [each["language_name"].casefold() for each in aligned]
    assert names == sorted(names)
    assert blocks["error"] < min(blocks["baselines"].values())
    asked = [each for each in found["forecasts"] if each["task"]]
    assert {e["language"] for e in asked} == {"eng_Latn", *forecast_board.ASKED}
    assert {(e["task"], e["task_key"]) for e in asked} == {("arc", task["key"])}
    assert task["task"] == "arc" and task["label"].startswith("ARC")
    assert {e["error"] for e in asked} == {task["checks"][1]["error"]} != {blocks["error"]}


def test_a_language_s_missing_models_are_forecast(board):
    keys = models_of(board)
    last = of(board, language=forecast_board.CODES[-1])
    assert {e["model"] for e in last["forecasts"]} == {k for k in keys if keys[k]["missing"] == 12}
    (one,) = of(board, language="fra_Latn")["forecasts"]
    assert keys[one["model"]]["missing"] == 1 and one["missing"] == "cells"
    both = of(board, language="fra_Latn", model=one["model"])
    assert both["forecasts"] == [one] and both["missing"] == 1
    full = next(key for key, m in keys.items() if not m["missing"])
    assert (
        of(board, model=full)["forecasts"]
        == []
        == of(board, language=forecast_board.CODES[7])["forecasts"]
    )
    assert of(board, model=full)["missing"] == 0


def test_no_forecast_is_in_a_ranking_or_an_average(board):
    keys = models_of(board)
    few = [key for key, m in keys.items() if m["missing"]]
    of(board, model=few[0])
    for key in few:
        assert keys[key]["mean"] is None and keys[key]["rank"] is None
    last = forecast_board.CODES[-1]
    scores = answers.scores(board, ask(ScoresAsked, language=last))["scores"]
    assert {each["model"] for each in scores}.isdisjoint(
        e["model"] for e in of(board, language=last)["forecasts"]
    )
    languages = answers.languages(board, TableOfLanguagesAsked())["languages"]
    assert next(each for each in languages if each["language"] == last)["models"] == 22


def test_each_pooling_has_its_own(board, monkeypatch):
    seen = []
    monkeypatch.setattr(forecasts, "find", lambda of: seen.append(of) or guessed(of))
    for pooling in ("mean", "max"):
        found = answers.forecast(board, ask(ForecastAsked, language="fra_Latn", pooling=pooling))
        assert found["pooling"] == pooling and found["offered"]
    mean, largest = (of.values[:, 0] for of in seen)
    assert np.nanmean(mean) < np.nanmean(largest) and seen[0].hash != seen[1].hash


def test_a_board_of_few_models_says_so_at_once(folder, monkeypatch):
    monkeypatch.setattr(forecasts, "find", None)  # nothing is even begun
    edit(folder, only("eng_Latn", *CORE), "SmolLM2")
    found = answers.forecast(board_of(folder), ask(ForecastAsked, model=SMOLLM))
    assert found["ready"] and not found["offered"] and found["forecasts"] == []
    assert found["reason"] == "they need 20 models, this view has 2"
    assert found["missing"] > 200


def test_where_the_means_are_as_near_nothing_is_offered(tmp_path):
    forecast_board.write(tmp_path, traits=0)
    found = of(board_of(tmp_path), language="fra_Latn")
    assert not found["offered"] and found["forecasts"] == [] and found["missing"] == 1
    assert "not clearly less than both means added" in found["reason"]
    assert len(found["parts"][0]["checks"]) == 2


def test_what_fails_is_said_and_logged(board, monkeypatch, caplog):
    def broken(_):
        raise OSError("no memory")

    monkeypatch.setattr(forecasts, "apart", broken)
    monkeypatch.setattr(forecasts, "_known", type(forecasts._known)())
    before = forecasts.ended()
    found = of(board, language="fra_Latn")
    assert found["reason"] == forecasts.FAILED and not found["offered"]
    assert forecasts.ended() == before + 1 and "no memory" in caplog.text


def test_what_is_kept_does_not_grow(monkeypatch):
    monkeypatch.setattr(forecasts, "apart", lambda of: "done")
    monkeypatch.setattr(forecasts, "_known", type(forecasts._known)())
    monkeypatch.setattr(forecasts, "KEPT", 2)
    tables = [table(np.full((2, 2), share)) for share in (0.1, 0.2, 0.3)]
    for each in tables:
        key = each.hash
        while forecasts.find(each) is None:
            time.sleep(0.01)
    assert list(forecasts._known) == [tables[1].hash, key]
