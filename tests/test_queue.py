"""The queue: nothing asked twice, one owner, a dead owner's request taken up again."""

import multiprocessing
import os
import shutil
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from results.queue import LOSSES, TRIES, AlreadyRequested, Queue, new_id
from results.repo import Repo
from results.request import Request

FIXTURES = Path(__file__).parent / "fixtures"
FIXTURE = Request.model_validate_json((FIXTURES / "request.json").read_text())


@pytest.fixture
def board(tmp_path):
    shutil.copytree(FIXTURES / "repo" / "results", tmp_path / "results")
    return tmp_path


def request(**update):
    return FIXTURE.model_copy(update={"id": new_id(), **update})


def submit(board, **update):
    return Queue(board).submit(request(**update), Repo(board))


def test_ids_sort_by_time():
    early, late = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 10, tzinfo=UTC)
    assert new_id(early) < new_id(late)


def test_only_missing_cells_are_asked_for(board):
    weighted, last = FIXTURE.configurations
    with pytest.raises(AlreadyRequested, match="already measured on all 2 languages"):
        submit(board, configurations=[weighted])
    assert submit(board, configurations=[last]).languages == FIXTURE.languages
    partly = submit(board, configurations=[weighted], languages=["swh_Latn", "yor_Latn"])
    assert partly.languages == ["yor_Latn"]


def test_the_same_again_is_refused_while_it_waits_and_taken_when_it_failed(board):
    queue = Queue(board)
    first = submit(board)
    with pytest.raises(AlreadyRequested, match=r"already in the queue \(pending\)"):
        submit(board)
    queue.save(first.model_copy(update={"state": "failed"}))
    assert submit(board).state == "pending"


def test_the_oldest_is_claimed_and_no_other_worker_gets_it(board):
    queue = Queue(board)
    first = submit(board, languages=["fra_Latn"])
    second = submit(board, languages=["swh_Latn"])
    with queue.claim("a") as one, Queue(board).claim("b") as two, Queue(board).claim("c") as none:
        assert (one.id, two.id, none) == (first.id, second.id, None)
        assert one.state == "running"


def hold_a_claim(board, ready):
    with Queue(board).claim("doomed") as claimed:
        ready.put(claimed.id)
        signal.pause()


def test_a_killed_workers_request_is_taken_up_again(board):
    submitted = submit(board)
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Queue()
    worker = spawn.Process(target=hold_a_claim, args=(board, ready))
    worker.start()
    assert ready.get(timeout=30) == submitted.id
    with Queue(board).claim("other") as nothing:
        assert nothing is None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    with Queue(board).claim("other") as again:
        assert again.id == submitted.id
        assert [a.outcome for a in again.attempts] == ["lost", None]


def test_killed_jobs_are_tried_again_and_the_last_one_fails(board):
    queue = Queue(board)
    submit(board)
    for _ in range(TRIES):
        with queue.claim("w") as claimed:
            queue.end(claimed, "killed", "The job was killed (SIGKILL).")
    with queue.claim("w") as nothing:
        assert nothing is None
    (ended,) = queue.all()
    assert ended.state == "failed" and len(ended.attempts) == TRIES


def test_a_request_that_takes_its_workers_down_fails_at_last(board):
    queue = Queue(board)
    submit(board)
    for _ in range(LOSSES):
        with queue.claim("doomed") as claimed:
            assert claimed.state == "running" and claimed.reason is None
    with queue.claim("next") as nothing:
        assert nothing is None
    (ended,) = queue.all()
    assert ended.state == "failed" and "lost 5 times" in ended.reason


def test_an_unreadable_request_is_logged_and_the_others_are_served(board, caplog):
    good = submit(board)
    bad = board / "requests" / "org__small" / "20260101T000000000000-00000000.json"
    bad.write_text("{")
    with Queue(board).claim("w") as claimed:
        assert claimed.id == good.id
    assert bad.name in caplog.text
