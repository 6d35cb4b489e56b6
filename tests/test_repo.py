"""The results repo: append-only, whole files, and a check that finds what is wrong."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from results import repo as repo_module
from results.files import write_atomic
from results.repo import BadRecord, Repo, check, read_hits, read_record

FIXTURES = Path(__file__).parent / "fixtures" / "repo"


@pytest.fixture
def repo(tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "repo")
    return Repo(tmp_path / "repo")


def first(repo):
    """A record with hits, its path, and one of its rows."""
    for path, record in repo.records():
        if record.evaluator.name == "alignment":
            return path, record, next(row for row in record.scores if row.layers)
    raise AssertionError


def add(repo, record, row, hits):
    return repo.add(
        record.model, record.evaluator, record.interval, record.runs[0], [row], {row.language: hits}
    )


def test_a_language_is_appended_and_the_others_stay(repo):
    path, record, row = first(repo)
    hits = np.ones((3, 8), dtype=bool)
    add(repo, record, row.model_copy(update={"language": "yor_Latn"}), hits)
    after = read_record(path)
    assert after.languages() == record.languages() | {"yor_Latn"}
    assert [r for r in after.scores if r.language != "yor_Latn"] == record.scores
    assert read_hits(path).unpack("yor_Latn").all()
    assert len(after.runs) == len(record.runs)


def test_a_language_that_is_there_keeps_its_first_score(repo):
    path, record, row = first(repo)
    before = path.read_bytes(), path.with_suffix(".hits.json").read_bytes()
    add(repo, record, row.model_copy(update={"tokens": 1}), ~read_hits(path).unpack(row.language))
    assert (path.read_bytes(), path.with_suffix(".hits.json").read_bytes()) == before


def test_a_kill_before_the_record_leaves_the_old_one_and_the_next_try_heals(repo, monkeypatch):
    path, record, row = first(repo)
    new = row.model_copy(update={"language": "yor_Latn"})

    def killed_at_the_record(where, data):
        if not where.name.endswith(".hits.json"):
            raise KeyboardInterrupt
        write_atomic(where, data)

    monkeypatch.setattr(repo_module, "write_atomic", killed_at_the_record)
    with pytest.raises(KeyboardInterrupt):
        add(repo, record, new, np.zeros((3, 8), dtype=bool))
    monkeypatch.undo()
    assert read_record(path) == record
    assert check(repo.root) == []
    add(repo, record, new, np.ones((3, 8), dtype=bool))
    assert read_hits(path).unpack("yor_Latn").all()


def test_a_failed_write_leaves_no_file_behind(tmp_path, monkeypatch):
    target = tmp_path / "a" / "b.json"
    write_atomic(target, b"old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("results.files.os.fsync", full)
    with pytest.raises(OSError, match="space"):
        write_atomic(target, b"new")
    assert [p.name for p in target.parent.iterdir()] == ["b.json"]
    assert target.read_bytes() == b"old"


def test_the_fixture_repo_has_no_problem():
    assert check(FIXTURES) == []


def test_the_shipped_repo_has_no_problem():
    assert check(repo_module.SHIPPED) == []
    assert Repo(repo_module.SHIPPED).paths()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: p.write_text(p.read_text()[:-40]), "Expecting"),
        (lambda p: p.with_suffix(".hits.json").unlink(), "side file of hits is missing"),
        (lambda p: p.rename(p.with_name("alignment-000000000000.json")), "does not lie where"),
        (
            lambda p: p.write_text(p.read_text().replace('"layers":[', '"layers":[0.9,', 1)),
            "layers",
        ),
        (lambda p: p.write_text("[]"), "list"),
    ],
)
def test_check_names_what_is_wrong(repo, spoil, says):
    path, _, _ = first(repo)
    spoil(path)
    problems = check(repo.root)
    assert any(says in problem for problem in problems), problems


def test_shares_that_do_not_come_from_their_hits_are_found(repo):
    path, _, row = first(repo)
    plain = json.loads(path.read_text())
    for score in plain["scores"]:
        if score["language"] == row.language:
            score["layers"][0] = 1 - score["layers"][0]
    path.write_text(json.dumps(plain))
    assert any("not those of its hits" in problem for problem in check(repo.root))


def test_a_truncated_record_is_left_out_of_the_board_and_not_overwritten(repo, caplog):
    path, record, row = first(repo)
    path.write_text(path.read_text()[:100])
    assert record not in [each for _, each in repo.records()]
    assert path.name in caplog.text
    with pytest.raises(BadRecord, match=path.name):
        add(repo, record, row, np.ones((3, 8), dtype=bool))
    assert len(path.read_text()) == 100
