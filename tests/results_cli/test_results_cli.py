"""`python -m results`: every command on a folder and on a dataset."""

import json
import subprocess
import sys

import pytest
from queue_board import FIXTURE, FIXTURES
from results_cli_tools import ROOT, records, run

from results.blocklist import blocked
from results.evaluation import ALIGNMENT
from results.interval import METHOD
from results.queue import Blocked, Queue, new_id
from results.repo import Repo, check


def test_push_copies_what_may_be_public(board, source):
    output = run("push", source, *board.to, code=1)
    assert records(board.root) == records(source)
    assert check(board.root) == []
    names = {path.name for path in (board.root / "corpora").iterdir()}
    assert names == {
        "udhr-bbbbbbbbbbbb.json",
        "udhr-bbbbbbbbbbbb.parquet",
        "udhr-cccccccccccc.json",
    }
    assert "udhr-cccccccccccc.parquet: its card does not allow" in output


def test_push_of_what_is_there_is_no_commit(hub, board, source):
    (source / "corpora" / "udhr-cccccccccccc.parquet").unlink()
    first = run("push", source, *board.to)
    made = sum(len(repo.made) for repo in hub.datasets.values())
    assert "0 left out" in first
    assert run("push", source, *board.to).startswith("0 files written")
    assert sum(len(repo.made) for repo in hub.datasets.values()) == made


def test_push_names_what_does_not_hold_and_takes_the_rest(board, source):
    bad, *good = Repo(source).paths()
    bad.write_text("{")
    output = run("push", source, *board.to, code=1)
    assert f"left out: {bad.name}" in output
    assert len(records(board.root)) == len(good)


def test_many_records_go_in_several_commits(hub, board, source, monkeypatch):
    monkeypatch.setattr("results.exchange.BATCH", 2)
    run("push", source, *board.to, code=1)
    assert records(board.root) == records(source)
    if hub.datasets:
        titles = [made.title for made in hub.datasets["org/board-results"].made[1:]]
        assert len(titles) == 1 + -(-len(records(source)) // 2)
        assert set(titles) == {"web: push source: corpora", "web: push source: records"}


def test_pull_brings_everything_and_keeps_what_is_here(board, source, tmp_path):
    run("push", source, *board.to, code=1)
    mine = tmp_path / "mine"
    assert "0 left out" in run("pull", mine, *board.source)
    assert records(mine) == records(source) and check(mine) == []
    path = Repo(mine).paths()[0]
    before = path.read_bytes()
    assert run("pull", mine, *board.source).startswith("0 files written")
    assert path.read_bytes() == before


def test_check_of_a_board(board, source):
    run("push", source, *board.to, code=1)
    where = [board.words[1]] if board.words[0] == "--folder" else board.words
    assert f"{len(records(source))} records, 0 problems" in run("check", *where)
    results, _ = board.stores()
    name = Repo(results.root).paths()[0].relative_to(results.root).as_posix()
    results.change("damage", lambda: {name: b"{"})
    output = run("check", *where, code=1)
    assert name in output and "1 problems" in output


def test_withdrawn_records_leave_and_never_come_back(board, source, tmp_path):
    run("push", source, *board.to, code=1)
    mine = tmp_path / "mine"
    run("pull", mine, *board.source)
    gone = [name for name in records(source) if "/org__small/" in name]
    output = run("withdraw", "org/small", "--reason", " Its author asks. ", *board.words)
    assert [line.removeprefix("withdrawn: ") for line in output.splitlines()] == gone
    root = board.root
    assert gone and set(records(root)) == set(records(source)) - set(gone)
    assert not [path for path in root.rglob("*.hits.json") if "org__small" in path.parts]
    for name in gone:
        kept = json.loads((root / "withdrawn" / name.removeprefix("results/")).read_text())
        assert kept["reason"] == "Its author asks." and kept["when"].endswith("+00:00")
        assert kept["record"] == json.loads((source / name).read_text())
    run("push", source, *board.to, code=1)
    assert not set(gone) & set(records(board.root)), "it came back by push"
    output = run("pull", mine, *board.source)
    assert all(f"withdrawn: {name}" in output for name in gone)
    assert set(records(mine)) == set(records(source)) - set(gone)
    assert check(board.root) == []
    results, requests = board.stores()
    queue = Queue(requests, results)
    with pytest.raises(Blocked):
        queue.take("s", queue.submission(FIXTURE.model_copy(update={"id": new_id()})))
    assert "no record of org/small" in run(
        "withdraw", "org/small", "--reason", "x", *board.words, code=1
    )


def test_one_revision_only_is_withdrawn_and_a_damaged_record_too(board, source):
    path = next(path for path in Repo(source).paths() if "org__small" in path.parts)
    run("push", source, *board.to, code=1)
    results, _ = board.stores()
    name = path.relative_to(source).as_posix()
    results.change("damage", lambda: {name: b"{ damaged"})
    for wrong in ("f" * 40, "*", "../.."):
        output = run(
            "withdraw", "org/small", "--revision", wrong, "--reason", "x", *board.words, code=1
        )
        assert "no record of org/small at" in output
    run("withdraw", "org/small", "--revision", path.parts[-3], "--reason", "x", *board.words)
    kept = json.loads((board.root / "withdrawn" / name.removeprefix("results/")).read_text())
    assert kept["record"] == "{ damaged"


def test_block_and_unblock(board):
    run("block", "org/Small", "--reason", "Spam.", *board.words)
    assert blocked(board.stores()[1].root, "org/small") == "Spam."
    run("unblock", "org/small", *board.words)
    assert blocked(board.stores()[1].root, "org/small") is None
    assert "org/small is not blocked" in run("unblock", "org/small", *board.words, code=1)
    assert "not a model id" in run("block", "../x", "--reason", "x", *board.words, code=1)
    assert "say why" in run("block", "org/m", "--reason", " ", *board.words, code=1)
    assert "say why" in run("withdraw", "org/m", "--reason", " ", *board.words, code=1)


def test_stale_says_which_and_why(board, source):
    run("push", source, *board.to, code=1)
    results, _ = board.stores()

    def edit():
        """Bring every record to today's, then make three of them stale in one way each."""
        files, ways = {}, iter(["version", "interval", "corpus"])
        for path in Repo(results.root).paths():
            plain = json.loads(path.read_text())
            name = path.relative_to(results.root).as_posix()
            if plain["evaluator"]["name"] != "alignment":
                continue
            way = next(ways, None)
            plain["interval"] = "percentile@0" if way == "interval" else METHOD
            plain["evaluator"]["version"] = ALIGNMENT.version - (way == "version")
            plain["evaluator"]["parameters"]["corpus_hash"] = ("d" if way == "corpus" else "c") * 64
            files[name] = json.dumps(plain).encode()
        return files | {"corpora/udhr-bbbbbbbbbbbb.json": None}

    results.change("stale", edit)
    output = run("stale", *board.words)
    lines = output.splitlines()
    assert len(lines) == 4 and lines[-1].endswith(", 3 stale")
    for reason in (
        f"evaluator version {ALIGNMENT.version - 1}, now {ALIGNMENT.version}",
        f"intervals by percentile@0, now {METHOD}",
        f"udhr build {'d' * 12}, now {'c' * 12}",
    ):
        assert sum(reason in line for line in lines) == 1, output


def test_the_shipped_records_are_not_stale_and_hold():
    assert " 0 stale" in run("stale", "--folder", ROOT / "results" / "data")
    assert " 0 problems" in run("check")


def test_squash_forgets_the_history_and_keeps_the_files(hub, board, source):
    run("push", source, *board.to, code=1)
    if not hub.datasets:
        assert "keeps no history" in run("squash", code=1)
        return
    repo = hub.datasets["org/board-results"]
    before, length = repo.files(), len(repo.history)
    assert length > 2
    run("squash", *board.words, code=1, typed="n\n")
    assert len(repo.history) == length
    output = run("squash", *board.words, typed="y\n")
    assert "org/board-results and org/board-requests" in output
    assert [len(each.history) for each in hub.datasets.values()] == [1, 1]
    assert repo.files() == before
    run("push", source, *board.to, code=1)
    run("squash", *board.words, "--yes")


def test_the_board_of_the_environment_is_meant_when_none_is_named(board, source, monkeypatch):
    name = "MEXA_BOARD" if board.words[0] == "--folder" else "MEXA_REPO"
    monkeypatch.setenv(name, board.words[1])
    run("push", source, code=1)
    assert records(board.root) == records(source)
    run("block", "org/x", "--reason", "x")
    assert blocked(board.stores()[1].root, "org/x")


def test_export_writes_what_a_board_has(board, source, tmp_path):
    run("push", source, *board.to, code=1)
    out = tmp_path / "out"
    run("export", out, *board.source, "--format", "csv")
    run("export", tmp_path / "same", "--from", source, "--format", "csv")
    assert (out / "scores.csv").read_bytes() == (tmp_path / "same" / "scores.csv").read_bytes()


def test_export_is_one_of_the_commands_and_none_loads_torch(tmp_path):
    code = "import sys, results.__main__; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
    run("export", tmp_path / "out", "--from", FIXTURES / "repo", "--format", "csv")
    assert (tmp_path / "out" / "scores.csv").exists()
