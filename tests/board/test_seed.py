"""A local board starts as a copy of the shipped records, and keeps what it measured itself."""

import json
import os
import shutil
from pathlib import Path

import pytest
from board_tools import FIXTURES

from leaderboard.board import seed
from results.repo import Repo, check, read_record
from results.store import Folder


@pytest.fixture
def shipped(tmp_path):
    """The fixture repo and a corpus card."""
    shutil.copytree(FIXTURES, tmp_path / "shipped")
    (tmp_path / "shipped" / "corpora").mkdir()
    (tmp_path / "shipped" / "corpora" / "udhr-000000000000.json").write_text("{}")
    return tmp_path / "shipped"


def files(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*.json")}


def reduced(path, *codes):
    """The record at `path` with these languages only, and its hits."""
    for place, key in ((path, "scores"), (path.with_suffix(".hits.json"), "bits")):
        document = json.loads(place.read_text())
        rows = document[key]
        document[key] = (
            [row for row in rows if row["language"] in codes]
            if key == "scores"
            else {code: bits for code, bits in rows.items() if code in codes}
        )
        place.write_text(json.dumps(document))
    return path


def one(root):
    """The path of a record whose languages are English, French and Swahili."""
    return next(path for path in Repo(root).paths() if "small-gguf" in str(path))


def test_an_empty_board_becomes_a_copy(shipped, tmp_path):
    seed(Folder(tmp_path / "board"), shipped)
    assert files(tmp_path / "board") == files(shipped)


def test_a_record_with_fewer_languages_is_topped_up_with_its_hits(shipped, tmp_path):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = reduced(one(board), "eng_Latn", "fra_Latn")
    assert read_record(path).languages() == {"eng_Latn", "fra_Latn"}
    seed(Folder(board), shipped)
    assert files(board) == files(shipped)
    assert check(board) == []


def test_a_record_with_more_languages_is_left_alone(shipped, tmp_path):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = one(board)
    reduced(one(shipped), "eng_Latn", "fra_Latn")
    before = path.read_bytes(), path.stat().st_ino
    seed(Folder(board), shipped)
    assert (path.read_bytes(), path.stat().st_ino) == before


def test_other_languages_are_added_and_what_the_board_measured_stays(shipped, tmp_path):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = reduced(one(board), "eng_Latn", "fra_Latn")
    measured = json.loads(path.read_text())
    measured["runs"][0]["machine"] = "this one"
    path.write_text(json.dumps(measured))
    reduced(one(shipped), "eng_Latn", "swh_Latn")
    seed(Folder(board), shipped)
    record = read_record(path)
    machines = {row.language: record.runs[row.run].machine for row in record.scores}
    assert machines == {"eng_Latn": "this one", "fra_Latn": "this one", "swh_Latn": "4 cores"}
    assert check(board) == []


def test_the_same_record_is_not_written_again(shipped, tmp_path):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    before = {path: path.stat().st_ino for path in Repo(board).paths()}
    seed(Folder(board), shipped)
    assert {path: path.stat().st_ino for path in Repo(board).paths()} == before


def test_a_record_that_does_not_hold_is_kept_for_its_owner_and_named(shipped, tmp_path, caplog):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = one(board)
    path.write_text("{ broken")
    seed(Folder(board), shipped)
    assert path.read_text() == "{ broken"
    assert path.name in caplog.text


def test_a_reader_meanwhile_sees_a_whole_record(shipped, tmp_path, monkeypatch):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = reduced(one(board), "eng_Latn")
    replaced = []

    def replace(source, target, **options):
        if Path(target) == path:
            replaced.append(read_record(path).languages())
        return real(source, target, **options)

    real = os.replace
    monkeypatch.setattr(os, "replace", replace)
    seed(Folder(board), shipped)
    assert replaced == [{"eng_Latn"}]
