"""Claims, losses, ends: who works on a request and what becomes of it."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from queue_board import FIXTURE, SPAWN, datasets, folders, hold_a_claim, outcomes

from results.queue import (
    Fenced,
    NotYours,
)
from results.store import Unreachable
from results.transitions import TRIES


def test_the_oldest_is_claimed_and_no_other_worker_gets_it(board):
    first = board.submit(languages=["fra_Latn"])
    second = board.submit(languages=["swh_Latn"])
    one, two, none = board.claim("a"), board.claim("b"), board.claim("c")
    assert (one.id, two.id, none) == (first.id, second.id, None)
    assert one.state == "running" and one.attempts[-1].worker == "a"


def test_only_the_request_that_is_named_is_claimed(board):
    board.submit(languages=["fra_Latn"])
    second = board.submit(languages=["swh_Latn"])
    assert board.claim("a", only=second.id).id == second.id
    assert board.claim("b", only=second.id) is None


def test_many_workers_at_once_get_one_request_each(tmp_path, hub):
    boards = [datasets(tmp_path, hub) for _ in range(4)]
    codes = ("fra_Latn", "swh_Latn", "deu_Latn")
    made = {boards[0].submit(languages=[code]).id for code in codes}
    for each in boards:
        each.requests.refresh()
    with ThreadPoolExecutor(4) as threads:
        got = list(threads.map(lambda n: boards[n].claim(f"w{n}"), range(4)))
    assert {each.id for each in got if each} == made and got.count(None) == 1


def test_a_claim_whose_answer_was_lost_is_taken_up(tmp_path, hub):
    board = datasets(tmp_path, hub)
    board.requests._patience = 0.1
    submitted = board.submit()
    hub.lose(times=1)
    real = board.requests.refresh
    calls = []

    def once():  # the answer is lost, and then the Hub is away for longer than the patience
        calls.append(1)
        if len(calls) > 1:
            raise Unreachable("away")
        real()

    board.requests.refresh = once
    with pytest.raises(Unreachable):
        board.claim("w")
    board.requests.refresh = real
    board.requests.refresh()
    assert board.queue.find(submitted.id).state == "running"
    assert board.claim("other") is None
    again = board.claim("w")
    assert again.id == submitted.id and len(again.attempts) == 1


def test_a_killed_workers_request_is_taken_up_again(tmp_path):
    board = folders(tmp_path)
    submitted = board.submit()
    ready = SPAWN.Queue()
    worker = SPAWN.Process(target=hold_a_claim, args=(tmp_path, ready))
    worker.start()
    assert ready.get(timeout=120) == submitted.id
    assert board.claim("other") is None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    again = board.claim("other")
    assert again.id == submitted.id and outcomes(again) == ["lost", None]


def test_killed_jobs_are_tried_again_and_the_last_one_fails(board):
    board.submit()
    for number in range(1, TRIES + 1):
        claimed = board.claim()
        assert claimed.reason is None
        ended = board.queue.end(claimed, "killed", "The job was killed (SIGKILL).", "log")
        assert ended.state == ("failed" if number == TRIES else "pending")
    assert board.claim() is None
    (ended,) = board.queue.all()
    assert ended.state == "failed" and len(ended.attempts) == TRIES
    assert ended.reason == "Tried 3 times. The last time: The job was killed (SIGKILL)."
    assert ended.log == "log"


def test_a_request_that_takes_its_workers_down_fails_at_last(board):
    board.submit()
    for number in range(TRIES):
        assert board.claim(f"doomed{number}").state == "running"
        board.kill(f"doomed{number}")
        board.queue.reap(board.watch)
    (ended,) = board.queue.all()
    assert ended.state == "failed" and outcomes(ended) == ["lost"] * TRIES
    assert ended.reason == "Tried 3 times. The last time: Its worker was lost."
    assert board.claim("next") is None


def test_a_claim_that_only_finds_a_request_failed_goes_on_to_the_next(tmp_path):
    board = folders(tmp_path)
    board.submit(languages=["fra_Latn"])
    for number in range(TRIES):
        board.claim(f"doomed{number}")
        board.kill(f"doomed{number}")
    second = board.submit(languages=["swh_Latn"])
    assert board.claim("next").id == second.id
    assert [each.state for each in board.queue.all()] == ["failed", "running"]


def test_a_machine_that_is_taken_away_is_no_failure(board):
    board.submit()
    for _ in range(2 * TRIES):
        assert board.queue.end(board.claim(), "preempted", "Taken away.").state == "pending"
    for _ in range(TRIES - 1):
        assert board.queue.end(board.claim(), "killed", "k").state == "pending"
    assert board.queue.end(board.claim(), "preempted", "Taken away.").state == "pending"
    assert board.queue.end(board.claim(), "killed", "k").state == "failed"


def test_reaping_puts_the_lost_back_and_leaves_the_living(board):
    board.submit(languages=["fra_Latn"])
    board.submit(languages=["swh_Latn"])
    dead, alive = board.claim("dead"), board.claim("alive")
    assert board.queue.reap(board.watch) == []
    for counter in range(6):
        lease = f'{{"request": "{alive.id}", "attempt": 1, "counter": {counter}, "progress": null}}'
        board.results.change("l", lambda lease=lease: {f"leases/{alive.id}.json": lease.encode()})
        if counter == 0:
            board.kill("dead") if board.alive["dead"] else board.alive.pop("dead")
        board.now += 30
        found = board.queue.reap(board.watch)
        if found:
            break
    assert [each.id for each in found] == [dead.id]
    assert [each.state for each in board.queue.all()] == ["pending", "running"]


def test_nobody_is_reaped_while_the_newest_leases_cannot_be_had(tmp_path, hub):
    board = datasets(tmp_path, hub)
    board.submit()
    board.claim("w")
    board.queue.reap(board.watch)
    hub.fail(500, "/api/datasets/org/board-results")
    for _ in range(20):
        board.now += 40
        with pytest.raises(Unreachable):
            board.queue.reap(board.watch)
    hub.heal()
    assert board.queue.reap(board.watch) == []
    assert board.queue.all()[0].state == "running"


def test_an_attempt_that_is_over_cannot_end_its_request(board):
    board.submit()
    first = board.claim("first")
    board.kill("first")
    second = board.claim("second")
    assert second.id == first.id and len(second.attempts) == 2
    assert not board.queue.current(first) and board.queue.current(second)
    for outcome in ("finished", "failed", "killed", "preempted"):
        with pytest.raises(Fenced, match="no longer at attempt 1"):
            board.queue.end(first, outcome)
    assert board.queue.end(second, "finished").state == "finished"
    assert board.queue.end(second, "finished").state == "finished", "the same again is no fault"
    with pytest.raises(Fenced, match="is finished"):
        board.queue.end(second, "failed")


def test_a_cancelled_request_stops_its_worker_and_can_be_retried(board):
    submitted = board.submit(submitter="me")
    claimed = board.claim()
    for by in (None, "you"):
        with pytest.raises(NotYours, match="Only whoever asked"):
            board.cancel(submitted, by=by, anybody=False)
    cancelled = board.cancel(submitted, by="me", anybody=False)
    assert cancelled.state == "cancelled" and outcomes(cancelled) == ["cancelled"]
    assert board.cancel(submitted) == cancelled
    assert not board.queue.current(claimed)
    with pytest.raises(Fenced):
        board.queue.end(claimed, "finished")
    again = board.retry(submitted, by="me", anybody=False)
    assert again.state == "pending" and again.forgiven == 0 and outcomes(again) == ["cancelled"]
    with pytest.raises(Fenced):
        board.queue.end(claimed, "finished")
    assert board.retry(submitted) == again, "the same again is no fault"
    board.queue.end(board.claim(), "finished")
    for act in (board.retry, board.cancel):
        with pytest.raises(NotYours, match="is finished"):
            act(submitted)
    with pytest.raises(NotYours, match="no such request"):
        board.cancel(FIXTURE)
