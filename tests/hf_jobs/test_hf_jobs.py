"""The launcher against the loopback Hub: what it claims, starts, judges and gives back."""

import pytest
from hf_jobs_board import WRITE, together

from leaderboard.launchers import hf_job, hf_jobs
from results.lease import LAUNCHED
from results.queue import Fenced


def test_two_web_processes_launch_each_request_once(board):
    webs = [board.web(jobs_at_once=100) for _ in range(2)]
    for number in range(20):
        request = board.submit(f"m{number}")
        together(*[web.tick for web in webs])
        assert len(board.jobs(request)) == 1
        assert [a.outcome for a in board.now(request).attempts] == [None]
    winners = {board.now(r).attempts[0].worker.rpartition("-")[0] for r in board.queue.all()}
    assert len(board.hub.jobs) == 20 and len(winners) == 2


def test_only_so_many_run_at_a_time_whoever_launches_and_the_oldest_first(board):
    requests = [board.submit(f"m{number}") for number in range(9)]
    webs = [board.web(jobs_at_once=3) for _ in range(2)]
    for _ in range(2):
        together(*[web.tick for web in webs])
    assert {job.labels["request"] for job in board.jobs()} == {r.id for r in requests[:3]}
    commits = len(board.hub.datasets["org/board-requests"].log("main"))
    webs[0].tick()
    assert len(board.hub.datasets["org/board-requests"].log("main")) == commits


def test_a_claim_counts_what_runs_by_then_not_what_was_seen(board):
    first, second = board.submit("one"), board.submit("two")
    board.web().tick()
    third = board.submit("three")
    with pytest.raises(Fenced, match="2 jobs run already"):
        board.queue.take("claim", board.queue.launching(third.id, f"{LAUNCHED}x-1", 2))
    assert board.queue.take("claim", board.queue.launching(third.id, f"{LAUNCHED}x-1", 3))
    assert [board.now(each).state for each in (first, second, third)] == ["running"] * 3


def test_several_are_claimed_in_one_commit(board):
    for number in range(4):
        board.submit(f"m{number}")
    before = len(board.hub.datasets["org/board-requests"].log("main"))
    board.web().tick()
    assert len(board.jobs()) == 4
    assert len(board.hub.datasets["org/board-requests"].log("main")) == before + 1


def test_a_job_that_dies_is_launched_anew_and_the_third_death_fails_the_request(board):
    request, web = board.submit("small"), board.web()
    web.tick()
    for number in (1, 2, 3):
        jobs = board.jobs(request)
        assert [job.labels["attempt"] for job in jobs] == [str(n + 1) for n in range(number)]
        jobs[-1].set("RUNNING")
        web.tick()
        assert board.now(request).state == "running"
        for line in ("one", f"Collecting from https://user:pw@host/x {WRITE}", "\x1b[1mlast"):
            jobs[-1].log(line)
        jobs[-1].set("ERROR", "Job failed with exit code: 137")
        web.tick()
        assert board.now(request).state == ("running" if number < 3 else "failed")
    found = board.now(request)
    assert [attempt.outcome for attempt in found.attempts] == ["killed"] * 3
    why = "Its Hugging Face job failed: Job failed with exit code: 137."
    assert found.reason == f"Tried 3 times. The last time: {why}"
    assert found.log == "one\nCollecting from (address) (token)\nlast"
    web.tick()
    assert len(board.jobs()) == 3


@pytest.mark.parametrize(
    ("stage", "message", "outcome", "says"),
    [
        ("ERROR", "Job timeout", "killed", "stopped at its time limit"),
        ("ERROR", "Pod was evicted", "preempted", "machine was taken away"),
        ("CANCELED", None, "killed", "cancelled on the Hub"),
        ("COMPLETED", None, "killed", "without saying"),
        ("DELETED", None, "killed", "without saying"),
        ("ERROR", None, "killed", "does not say why"),
    ],
)
def test_how_a_job_ended_that_did_not_end_its_attempt(board, stage, message, outcome, says):
    request, web = board.submit("small"), board.web()
    web.tick()
    board.jobs()[0].set(stage, message)
    web.tick()
    found = board.now(request)
    assert found.attempts[0].outcome == outcome
    assert [job.labels["attempt"] for job in board.jobs()] == ["1", "2"]
    assert says in hf_job.verdict(web._jobs(attempt="1")[0])[1]


def test_a_web_process_that_dies_after_its_claim_is_followed_by_one_launch(board):
    request = board.submit("small")
    board.queue.take("claimed", board.queue.launching(request.id, f"{LAUNCHED}dead-1", 4))
    webs = [board.web() for _ in range(2)]
    for _ in range(3):
        together(*[web.tick for web in webs])
        board.clock.now += (hf_jobs.ORPHANED - 1) / 2
    assert not board.jobs()
    board.clock.now += 2
    for _ in range(2):
        together(*[web.tick for web in webs])
    assert [job.labels["attempt"] for job in board.jobs()] == ["2"]
    assert [a.outcome for a in board.now(request).attempts] == ["preempted", None]


def test_a_job_whose_start_the_hub_did_not_confirm_is_found_again(board):
    request, web = board.submit("small"), board.web()
    board.hub.lose("/api/jobs/org", method="POST", times=1)
    web.tick()
    assert web.trouble == "The Hub did not say whether it started the job."
    board.clock.now += 2 * hf_jobs.ORPHANED
    for _ in range(2):
        web.tick()
        board.clock.now += 2 * hf_jobs.ORPHANED
    assert len(board.jobs()) == 1 and board.now(request).state == "running"
    assert not web.trouble


def test_no_credit_is_said_once_in_a_while_and_the_request_waits(board):
    request, web = board.submit("small"), board.web()
    second = board.submit("second")
    board.hub.fail(402, "/api/jobs/org", method="POST")
    web.tick()
    found = board.now(request)
    assert (found.state, found.reason) == ("pending", web.trouble)
    assert web.trouble == "There is no credit left for Hugging Face Jobs."
    assert board.now(second).state == "pending"
    commits = len(board.hub.datasets["org/board-requests"].log("main"))
    for _ in range(50):
        board.clock.now += 30
        web.tick()
    spent = len(board.hub.datasets["org/board-requests"].log("main")) - commits
    # Tried after 1, 2, 4 and 8 minutes: four claims, each given back.
    assert spent == 8 and not board.jobs()
    assert board.now(request).state == board.now(second).state == "pending"
    board.hub.heal()
    board.clock.now += hf_jobs.PAUSES[1]
    web.tick()
    web.tick()
    assert not web.trouble and len(board.jobs()) == 2


def test_an_outage_is_said_and_harms_nothing(board):
    running, web = board.submit("one"), board.web(patience=0.2)
    web.tick()
    waiting = board.submit("two")
    board.hub.down()
    web.tick()
    assert web.trouble.startswith("No job is launched now: ")
    board.hub.up()
    board.hub.fail(501, "/api/jobs/org", method="GET")  # the client tries others again, slowly
    web.tick()
    assert "do not answer (501)" in web.trouble
    board.hub.heal()
    web.tick()
    assert not web.trouble and len(board.jobs(running)) == len(board.jobs(waiting)) == 1
    assert board.now(running).attempts[0].outcome is None


def test_a_cancelled_requests_job_is_cancelled_and_a_finished_ones_is_left(board):
    requests, web = [board.submit(f"m{number}") for number in range(2)], board.web()
    web.tick()
    for job in board.jobs():
        job.set("RUNNING")
    board.queue.take("cancelled", board.queue.cancelling(requests[0].id, None, True))
    board.queue.end(board.now(requests[1]), "finished")
    web.tick()
    assert [job.stage for request in requests for job in board.jobs(request)] == [
        "CANCELED",
        "RUNNING",
    ]
    web.tick()
    assert [board.now(request).state for request in requests] == ["cancelled", "finished"]
    assert len(board.jobs()) == 2


def test_other_boards_and_unlabelled_jobs_are_left_alone(board):
    web = board.web()
    api = web._api
    plain = {"image": "a", "command": ["b"], "namespace": "org"}
    api.run_job(**plain)
    api.run_job(**plain, labels={"board": "org--other", "request": "x", "attempt": "1"})
    api.run_job(**plain, labels={"board": "org--board", "attempt": "one"})
    web.tick()
    assert [job.stage for job in board.jobs()] == ["SCHEDULING"] * 3
