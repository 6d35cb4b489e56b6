"""What the pages compute: averages, ranks, and what is missing or at chance."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from leaderboard import scores
from results import snapshot
from results.interval import mean_interval
from results.language_sets import CORE
from results.repo import SHIPPED, Repo, read_hits
from results.snapshot import Snapshots

FIXTURES = Path(__file__).parent / "fixtures" / "repo"


def load(source, tmp_path):
    shutil.copytree(source / "results", tmp_path / "results")
    repo = Repo(tmp_path)
    return repo, Snapshots(repo).load(snapshot.key(repo))


@pytest.fixture
def real(tmp_path):
    return load(SHIPPED, tmp_path)


def test_views_are_apart_and_weighted_mean_comes_first(tmp_path):
    _, table = load(FIXTURES, tmp_path)
    found = scores.views(table)
    assert len(found) == 4
    assert found[0].embedding == "weighted-mean@1"
    assert len({view.label for view in found}) == 4


def test_the_average_is_that_of_the_records_with_one_resampling_for_all(real):
    repo, table = real
    view = scores.views(table)[0]
    for row in scores.models(table, view, CORE):
        (path, record) = next(
            (path, record)
            for path, record in repo.records()
            if record.model.id == row["id"] and record.evaluator.key() == view.configuration
        )
        values = {s.language: s.values["mean"].value for s in record.scores if s.values}
        assert row["average"]["value"] == pytest.approx(np.mean([values[code] for code in CORE]))
        hits = read_hits(path)
        segments = np.mean([hits.unpack(code).mean(axis=0) for code in CORE], axis=0)
        expected = mean_interval(segments)
        assert (row["average"]["low"], row["average"]["high"]) == pytest.approx(expected)


def test_gemma_is_above_smollm2_and_ranks_are_within_weights_and_dtype(real):
    _, table = real
    first, second = scores.models(table, scores.views(table)[0], CORE)
    assert (first["name"], second["name"]) == ("Gemma 3 270M", "SmolLM2-135M-Instruct")
    assert first["weights"] != second["weights"]
    assert first["rank"] == second["rank"] == 1


def test_a_model_that_lacks_a_language_has_no_average_and_no_rank(real):
    _, table = real
    lacking = table[~((table["name"] == "Gemma 3 270M") & (table["language"] == "fra_Latn"))]
    rows = {row["name"]: row for row in scores.models(lacking, scores.views(table)[0], CORE)}
    assert rows["Gemma 3 270M"]["average"] is None and rows["Gemma 3 270M"]["rank"] is None
    assert rows["SmolLM2-135M-Instruct"]["average"]
    assert "fra_Latn" not in rows["Gemma 3 270M"]


def test_at_or_below_chance_is_not_covered(real):
    _, table = real
    view = scores.views(table)[0]
    for row in scores.models(table, view, CORE):
        at_chance = sum(row[code]["at_chance"] for code in CORE)
        assert row["covered"] == len(CORE) - at_chance
        assert 0 < row["covered"] < len(CORE)


def test_the_pivot_counts_nowhere(real):
    _, table = real
    (row, *_) = scores.models(table, scores.views(table)[0], ["eng_Latn", "fra_Latn"])
    assert row["of"] == 1 and "eng_Latn" not in row


def test_an_average_of_max_pooled_scores_says_that_no_interval_is_known(real):
    _, table = real
    (row, *_) = scores.models(table, scores.views(table)[0], CORE, "max")
    assert "low" not in row["average"] and "no interval" in row["average"]["title"]


def test_plain_rows_are_json(real):
    _, table = real
    text = json.dumps(scores.plain(table.head(3)), allow_nan=False)
    assert "segments" not in text
    # gradio takes an object with a key `path` for a file and tries to send it.
    assert "path" not in json.loads(text)[0]


def test_nothing_measured_is_no_view_and_no_row(tmp_path):
    import pandas as pd

    assert scores.views(pd.DataFrame()) == []
