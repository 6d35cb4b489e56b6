"""The evaluating process is killed in mid-run: the request finishes, nothing done is done again."""

import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leaderboard.board import Board
from leaderboard.submissions import plan, submit
from results.lease import read_lease
from results.repo import Repo, check
from results.settings import Settings

ROOT = Path(__file__).parent.parent
LANGUAGES = ["fra_Latn", "deu_Latn", "cmn_Hans", "kor_Hang"]
MODEL = "org/slow"
PATIENCE = 400


@pytest.fixture
def board(hub, slow, tmp_path, monkeypatch):
    """A board without records, and a process of `python -m evaluators work` to serve it."""
    hub.add(MODEL, slow)
    monkeypatch.setenv("MEXA_BOARD", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr("leaderboard.board.seed", lambda results: None)
    (tmp_path / "corpora").mkdir()
    (card,) = (ROOT / "results" / "data" / "corpora").glob("*.json")
    (tmp_path / "corpora" / card.name).write_bytes(card.read_bytes())
    made = Board(Settings(board=tmp_path, launcher="none"))
    yield made
    made.gatherer.stop()


def worker(tmp_path):
    words = [sys.executable, "-m", "evaluators", "work", "--once"]
    return subprocess.Popen(words, cwd=ROOT, stdin=subprocess.DEVNULL)


def jobs(board):
    """Process ids of evaluation jobs on this machine that are this board's."""
    root = str(board.results.root).encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"evaluators" in words and b"run" in words and root in words:
            found.append(int(folder.name))
    return found


def rows(board):
    """language -> its row in each record, of the languages that every configuration has."""
    records = [record for _, record in Repo(board.results.root).records()]
    if len(records) < 2:
        return {}
    found = [{row.language: row for row in record.scores} for record in records]
    return {code: [each[code] for each in found] for code in found[0].keys() & found[1].keys()}


def until(what, patience=PATIENCE):
    """Wait for `what` to be true."""
    end = time.monotonic() + patience
    while not (value := what()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
    return value


def state(board):
    (request,) = board.queue.all()
    return request


def ask(board):
    submit(board, plan(board, MODEL, LANGUAGES).request)


def measured(board, request):
    """Languages that the last attempt had to measure."""
    lease = read_lease(board.results.root, request.id)
    assert lease.attempt == len(request.attempts)
    return lease.progress.total


def finish(board):
    """The state of a finished board, with every language measured once in both records."""
    request = state(board)
    assert request.state == "finished", (request.reason, request.log)
    assert check(board.results.root) == []
    records = [record for _, record in Repo(board.results.root).records()]
    assert len(records) == 2
    for record in records:
        assert record.languages() == {"eng_Latn", *LANGUAGES}
    return request


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads processes from /proc")
def test_the_job_is_killed_twice_and_the_request_finishes(board, tmp_path):
    ask(board)
    process = worker(tmp_path)
    kept = {}
    for kill in (1, 2):
        until(lambda done=kill: len(rows(board).keys() & set(LANGUAGES)) >= done)
        (job,) = until(lambda: jobs(board))
        os.kill(job, signal.SIGKILL)
        until(lambda dead=job: dead not in jobs(board))
        kept |= rows(board)
    process.wait(PATIENCE)
    request = finish(board)
    assert [attempt.outcome for attempt in request.attempts] == ["killed", "killed", "finished"]
    after = rows(board)
    assert all(after[code] == row for code, row in kept.items())
    done = len(kept.keys() & set(LANGUAGES))
    again = measured(board, request) - (len(LANGUAGES) - done)
    print(f"\n  killed twice; {done} languages were done by then, {again} done again")
    assert again == 0


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads processes from /proc")
def test_the_worker_is_killed_its_job_ends_and_another_worker_finishes(board, tmp_path):
    ask(board)
    first = worker(tmp_path)
    until(lambda: rows(board).keys() & set(LANGUAGES))
    kept = rows(board)
    first.kill()
    first.wait()
    until(lambda: not jobs(board))
    assert state(board).state == "running"
    kept = rows(board)
    started = datetime.now(UTC)
    worker(tmp_path).wait(PATIENCE)
    request = finish(board)
    assert [attempt.outcome for attempt in request.attempts] == ["lost", "finished"]
    assert request.attempts[-1].started >= started
    after = rows(board)
    assert all(after[code] == row for code, row in kept.items())
    assert measured(board, request) == len(LANGUAGES) - len(kept.keys() & set(LANGUAGES))


def test_a_job_that_fails_leaves_its_reason_and_the_end_of_its_log(board, tmp_path):
    request = plan(board, MODEL, LANGUAGES).request
    corpus = request.configurations[0].parameters.model_copy(update={"corpus": "nowhere"})
    bad = request.configurations[0].model_copy(update={"parameters": corpus})
    submit(board, request.model_copy(update={"configurations": [bad]}))
    worker(tmp_path).wait(PATIENCE)
    ended = state(board)
    assert ended.state == "failed"
    assert "nowhere" in ended.reason and re.search(r"error: .*nowhere", ended.log)
