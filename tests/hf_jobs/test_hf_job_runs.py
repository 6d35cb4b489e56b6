"""Jobs that run, some with a stand-in for the evaluation, and how they end."""

import json
import time
from datetime import timedelta

import pytest
from hf_jobs_board import (
    CANARIES,
    ONES,
    READ,
    RESULTS,
    Clock,
    ended,
    measuring,
    stand_in_space,
)

from evaluators.worker import Worker
from leaderboard.launchers import hf_job, launcher
from leaderboard.launchers.hf_jobs import HfJobs
from results.lease import Lease, Watch, dump, lease_path
from results.queue import Fenced, new_id
from results.repo import Repo
from results.settings import Settings
from results.store import ReadOnly
from results.stores import open_stores


def test_a_job_that_waits_for_its_machine_does_not_lapse_and_one_that_fell_silent_does(board):
    request, clock = board.submit("small"), Clock()
    board.web().tick()
    running = board.now(request)
    watch = Watch(1800, open_stores(board.settings(), "web")[0], clock)

    def lapses(seconds):
        for _ in range(int(seconds // 60)):
            clock.now += 60
            if watch.lapsed(running):
                return True
        return False

    assert not watch.lapsed(running)
    assert not lapses(23 * 3600)
    lease = Lease(request=request.id, attempt=1, counter=1, progress=None)
    path = watch._results.root / lease_path(request.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(dump(lease))
    assert not watch.lapsed(running)
    assert not lapses(1740) and lapses(60)


def test_a_job_with_a_stand_in_for_the_evaluation_ends_its_request_while_no_web_process_looks(
    board,
):
    stand_in_space(board)
    request, web = board.submit("small"), board.web()
    web.tick()
    stages, text = ended(board.jobs())
    found = board.now(request)
    assert (stages, found.state) == (["COMPLETED"], "finished"), text
    assert not [canary for canary in CANARIES if canary in text]
    results, _ = open_stores(board.settings(), "web")
    results.refresh()
    for each in request.configurations:
        record = Repo(results.root).record(request.model, each)
        assert record.languages() == {"eng_Latn", *ONES}
    measured = [json.loads(line) for line in (board.tmp_path / "ledger").read_text().splitlines()]
    assert sorted(line["language"] for line in measured if "language" in line) == sorted(ONES)
    web.tick()
    assert board.now(request) == found and len(board.jobs()) == 1


def test_a_job_that_was_told_to_end_was_pre_empted_unless_its_time_was_over(board):
    request, web = board.submit("small"), board.web(time_limit=3600)
    web.tick()
    for over in (False, True):
        job = board.jobs()[-1]
        job.set("RUNNING")
        if over:
            job.started -= timedelta(seconds=job.spec["timeoutSeconds"] - 1)
        job.set("ERROR", "Job failed with exit code: 143")
        web.tick()
    assert [a.outcome for a in board.now(request).attempts] == ["preempted", "killed", None]


def test_a_job_with_a_stand_in_that_is_killed_is_continued_by_the_next(board):
    stand_in_space(board, delay=0.8)
    request, web = board.submit("small", [*ONES, "yor_Latn"]), board.web(checkpoint=0.2)
    web.tick()
    (first,) = board.jobs()
    results = open_stores(board.settings(), "web")[0]
    until = time.monotonic() + 120
    while not list(results.root.glob("results/**/*.json")) and time.monotonic() < until:
        time.sleep(0.05)
        results.refresh()
    first.kill()
    assert ended([first])[0] == ["ERROR"]
    web.tick()
    jobs = board.jobs()
    _, text = ended(jobs)
    found = board.now(request)
    assert (len(jobs), found.state) == (2, "finished"), text
    assert [a.outcome for a in found.attempts] == ["killed", "finished"]
    lines = [json.loads(line) for line in (board.tmp_path / "ledger").read_text().splitlines()]
    starts = [line for line in lines if "has" in line]
    assert starts[0]["has"] == [] and starts[1]["has"]


def test_a_job_with_a_stand_in_that_is_told_to_end_says_so_and_leaves_its_attempt(board):
    stand_in_space(board, delay=30)
    request, web = board.submit("small"), board.web()
    web.tick()
    (job,) = board.jobs()
    measuring(board)
    job.process.terminate()
    assert ended([job])[0] == ["ERROR"]
    assert job.message == "Job failed with exit code: 143"
    assert board.now(request).state == "running"


def test_a_job_with_a_stand_in_whose_request_is_cancelled_is_stopped(board):
    stand_in_space(board, delay=30)
    request, web = board.submit("small"), board.web(heartbeat=600)
    web.tick()
    (job,) = board.jobs()
    measuring(board)
    board.queue.take("cancelled", board.queue.cancelling(request.id, None, True))
    web.tick()
    ended([job])
    assert job.stage == "CANCELED" and board.now(request).state == "cancelled"
    assert job.process.wait(timeout=60)


def test_an_attempt_that_is_over_or_no_launchers_is_not_run(board):
    request, web = board.submit("small"), board.web()
    web.tick()
    board.jobs()[0].set("ERROR")
    web.tick()
    worker = Worker(board.settings(token=RESULTS))
    for number in (1, 3):
        with pytest.raises(Fenced, match=f"attempt {number} of {request.id} is over"):
            worker.serve_attempt(request.id, number)
    with pytest.raises(Fenced):
        worker.serve_attempt(new_id(), 1)
    other = board.submit("other")
    board.queue.claim("somebody-1", Watch(60, board.queue.store), other.id)
    with pytest.raises(Fenced, match="no launcher's"):
        worker.serve_attempt(other.id, 1)


def test_a_job_told_to_stop_leaves_its_attempt_to_the_launcher(board, monkeypatch):
    request = board.submit("small")
    board.web().tick()
    worker = Worker(board.settings(token=RESULTS))
    monkeypatch.setattr(worker, "_run", lambda request: ("preempted", "taken away", None))
    worker.serve_attempt(request.id, 1)
    assert board.now(request).state == "running"


def test_a_job_whose_token_may_not_write_ends_at_once(board, monkeypatch):
    request = board.submit("small")
    board.web().tick()
    worker = Worker(board.settings(token=READ))
    monkeypatch.setattr(worker, "_run", lambda request: ("finished", None, None))
    with pytest.raises(ReadOnly):
        worker.serve_attempt(request.id, 1)


def test_labels_are_valid_whatever_the_boards_name():
    long = "a" * 60 + "/" + "b.c_d-e" * 8
    for repo in ("org/board", long):
        (value,) = hf_job.labels(repo).values()
        assert len(value) <= 63 and not set(value) - set(f"{repo}-0123456789abcdef")
    assert hf_job.labels(long) != hf_job.labels(long + "x")


def test_the_setting_makes_it_and_says_what_it_needs(board, tmp_path):
    web = launcher(board.settings(), board.queue)
    assert isinstance(web, HfJobs) and web.serves
    with pytest.raises(ValueError, match="needs MEXA_REPO"):
        HfJobs(Settings(launcher="hf-jobs", board=tmp_path), board.queue)
