"""The derived table: what records say, rebuilt only where files changed."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from results import snapshot
from results.repo import Repo, read_record
from results.snapshot import Snapshots

FIXTURES = Path(__file__).parent / "fixtures" / "repo"


@pytest.fixture
def repo(tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "repo")
    return Repo(tmp_path / "repo")


def test_every_cell_is_a_row_with_what_its_record_says(repo):
    table = Snapshots(repo).load(snapshot.key(repo))
    cells = 0
    for path, record in repo.records():
        mine = table[(table["record"] == path.name) & (table["id"] == record.model.id)]
        cells += len(mine)
        for score in record.scores:
            row = mine[mine["language"] == score.language].iloc[0]
            for name, value in score.values.items():
                assert row[name] == value.value and row[f"{name}_chance"] == value.chance
            if score.layers:
                assert list(row["layers"]) == score.layers
                assert np.mean(row["segments"]) == pytest.approx(score.values["mean"].value)
            assert row["machine"] == record.runs[score.run].machine
    assert cells == len(table)


def test_it_comes_back_from_parquet_as_it_was_built(repo):
    built = Snapshots(repo).load(snapshot.key(repo))
    (file,) = (repo.root / "derived").iterdir()
    read = Snapshots(repo).load(snapshot.key(repo))
    assert read["mean"].tolist() == pytest.approx(built["mean"].tolist(), nan_ok=True)
    assert read["language"].tolist() == built["language"].tolist()
    assert file.exists()


def test_only_what_changed_is_read_again(repo, monkeypatch):
    snapshots = Snapshots(repo)
    first = snapshots.load(snapshot.key(repo))
    path, record = next(iter(repo.records()))
    changed = record.model_copy(update={"scores": record.scores[:-1]})
    path.write_text(changed.model_dump_json())
    read = []
    monkeypatch.setattr(snapshot, "read_record", lambda p: read.append(p) or read_record(p))
    second = snapshots.load(snapshot.key(repo))
    assert read == [path]
    assert len(second) == len(first) - 1
    assert len(list((repo.root / "derived").iterdir())) == 1


def test_a_broken_record_does_not_take_the_others_down(repo, caplog):
    path, _ = next(iter(repo.records()))
    path.write_text("{")
    table = Snapshots(repo).load(snapshot.key(repo))
    assert len(table) and path.name in caplog.text


def test_an_empty_repo_is_an_empty_table(tmp_path):
    repo = Repo(tmp_path)
    assert Snapshots(repo).load(snapshot.key(repo)).empty
