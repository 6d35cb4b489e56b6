"""What a run prints at its end."""

from datetime import UTC, datetime

import pytest
from rich.console import Console

from evaluators import report
from results.evaluation import Wanted
from results.schema import LanguageScore, Model, Record, Run, Value


def printed(configuration, **fields):
    about = Model(
        id="org/m", revision="a" * 40, weights="bfloat16", dtype="float32", file=None, name="m",
        architecture="llama", parameters=1, layers=3, hidden_size=1, licence=None, base_model=None,
    )  # fmt: skip
    run = Run(
        started=datetime(2026, 1, 1, tzinfo=UTC), device="cpu", machine="made up", threads=1,
        batch_tokens=1, software={},
    )  # fmt: skip
    rows = [
        LanguageScore(
            language="fra_Latn", tokens=4, tokens_ratio=1.5, cut=0, seconds=1, run=0, **fields
        )
    ]
    record = Record(
        schema_version=1, model=about, evaluator=configuration, interval=None, scores=rows,
        runs=[run],
    )  # fmt: skip
    console = Console(width=200, record=True)
    console.print(report.table(record, {"fra_Latn"}))
    return console.export_text()


@pytest.fixture
def configurations():
    wanted = Wanted(
        ("weighted-mean", "layer-average"), ("alignment", "reciprocal-rank"), (), (("drops", 0.1),)
    )
    return wanted.configurations("udhr", "a" * 64, None, 50)


def test_the_title_names_the_score_and_the_noise(configurations):
    value = Value(value=0.5, low=0.4, high=0.6, chance=0.1)
    fields = {"values": {"mean": value, "max": value}, "layers": [0, 0.25, 0.5]}
    alignment, _, _, noise = configurations
    assert "alignment to eng_Latn on udhr, n = 50, weighted-mean@1" in printed(alignment, **fields)
    text = printed(noise, **fields)
    assert "weighted-mean@1, noise: drops@1, 0.1" in text and "0.500 0.40–0.60" in text
    assert "2/2" in text and "1.50" in text


def test_a_score_without_an_interval_is_shown_without(configurations):
    mean = Value(value=0.5, low=0.4, high=0.6, chance=0.1)
    top = Value(value=0.75, low=None, high=None, chance=0.1)
    _, average, rank, _ = configurations
    text = printed(rank, values={"mean": mean, "max": top}, layers=[0.5, 0.75, 0.25])
    assert "reciprocal rank from the pivot" in text and " 0.750 " in text and "1/2" in text
    assert "0/0" in printed(average, values={"mean": mean, "max": mean}, layers=[0.5])
