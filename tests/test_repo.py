"""The results repo: append-only, whole files, and a check that finds what is wrong."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from results import repo as repo_module
from results import store as store_module
from results.files import write_atomic
from results.repo import BadRecord, Repo, check, read_hits, read_record, withdrawn
from results.store import Folder

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
    repo.add(
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

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "write_atomic", killed_at_the_record)
        with pytest.raises(KeyboardInterrupt):
            add(repo, record, new, np.zeros((3, 8), dtype=bool))
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


def merge(target, source, paths=None):
    """As `push` and a worker do it."""
    found = target.all_additions(source, paths)
    Folder(target.root).change("", lambda: found.files)
    return found


def test_an_empty_repo_becomes_a_copy_and_the_same_again_adds_nothing(repo, tmp_path):
    other = Repo(tmp_path / "other")
    assert merge(other, repo).problems == []
    assert {p.relative_to(other.root): p.read_bytes() for p in other.paths()} == {
        p.relative_to(repo.root): p.read_bytes() for p in repo.paths()
    }
    assert check(other.root) == []
    assert other.all_additions(repo).files == {}


def test_two_repos_grow_together_and_the_first_score_of_a_language_stays(repo, tmp_path):
    path, record, row = first(repo)
    shutil.copytree(FIXTURES, tmp_path / "other")
    other = Repo(tmp_path / "other")
    ones, zeros = np.ones((3, 8), dtype=bool), np.zeros((3, 8), dtype=bool)
    for target, code, hits in (
        (repo, "yor_Latn", ones),
        (repo, "deu_Latn", ones),
        (other, "deu_Latn", zeros),
        (other, "kor_Hang", zeros),
    ):
        add(target, record, row.model_copy(update={"language": code}), hits)
    merge(repo, other)
    here = path.relative_to(repo.root)
    assert read_record(path).languages() == record.languages() | {
        "yor_Latn",
        "deu_Latn",
        "kor_Hang",
    }
    assert read_hits(path).unpack("deu_Latn").all(), "the first score stays"
    assert not read_hits(path).unpack("kor_Hang").any()
    merge(other, repo)
    assert read_record(other.root / here).languages() == read_record(path).languages()
    assert not read_hits(other.root / here).unpack("deu_Latn").any()


def test_runs_are_kept_once_and_rows_name_their_own(repo, tmp_path):
    path, record, row = first(repo)
    other = Repo(tmp_path / "other")
    for machine, code in (("a", "yor_Latn"), ("b", "deu_Latn"), ("a", "kor_Hang")):
        run = record.runs[0].model_copy(update={"machine": machine})
        fresh = row.model_copy(update={"language": code})
        hits = {code: np.ones((3, 8), dtype=bool)}
        other.add(record.model, record.evaluator, record.interval, run, [fresh], hits)
    merge(repo, other)
    after = read_record(path)
    machines = {score.language: after.runs[score.run].machine for score in after.scores}
    assert [machines[code] for code in ("yor_Latn", "deu_Latn", "kor_Hang")] == ["a", "b", "a"]
    assert len(after.runs) == len(record.runs) + 2


def test_what_does_not_hold_on_either_side_is_named_and_left_out(repo, tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "other")
    other = Repo(tmp_path / "other")
    bad_here, bad_there, *fine = repo.paths()
    assert fine
    bad_here.write_text("{")
    (other.root / bad_there.relative_to(repo.root)).write_text("[]")
    for path in fine:
        (other.root / path.relative_to(repo.root)).unlink()
    found = merge(other, repo)
    assert len(found.problems) == 2
    for path in (bad_here, bad_there):
        assert any(path.name in problem for problem in found.problems)
    assert (other.root / bad_there.relative_to(repo.root)).read_text() == "[]"
    assert all((other.root / path.relative_to(repo.root)).exists() for path in fine)


def test_a_withdrawn_record_does_not_come_back(repo, tmp_path):
    path, _, _ = first(repo)
    other = Repo(tmp_path / "other")
    name = path.relative_to(repo.root)
    assert not withdrawn(other.root, name)
    write_atomic(other.root / "withdrawn" / name.relative_to("results"), b"{}")
    assert withdrawn(other.root, name)
    merge(other, repo)
    assert not (other.root / name).exists()
    assert len(other.paths()) == len(repo.paths()) - 1
