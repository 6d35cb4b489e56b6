"""Hugging Face Jobs: launched once, on what fits, ended by themselves or judged by their status."""

import json
import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hub_jobs import Local
from stand_in_job import METHODS, configuration

from evaluators.worker import Worker
from leaderboard.launchers import flavours, hf_job, hf_jobs, launcher
from leaderboard.launchers.hf_jobs import HfJobs
from results.lease import LAUNCHED, Lease, Watch, dump, lease_path
from results.queue import Fenced, Queue, new_id
from results.repo import Repo
from results.request import Request, RequestedModel
from results.settings import Settings
from results.store import ReadOnly
from results.stores import open_stores

ROOT = Path(__file__).parent.parent
WRITE, RESULTS, READ = "hf_canaryWrite01", "hf_canaryResults01", "hf_canaryRead01"
CANARIES = (WRITE, RESULTS, READ)
ONES = ("fra_Latn", "swh_Latn")
ENOUGH = {"web_commits": 64, "worker_commits": 64, "commit_window": 1.0, "patience": 5.0}


def asked(name="small", languages=ONES, **about):
    known = {"weights": "bfloat16", "dtype": "float32", "file": None, "parameters": 1000}
    model = RequestedModel(id=f"org/{name}", revision="a" * 40, **(known | about))
    return Request(
        schema_version=1,
        id=new_id(),
        model=model,
        configurations=[configuration(method) for method in METHODS],
        languages=list(languages),
        submitter=None,
        created=datetime.now(UTC),
        state="pending",
        attempts=[],
    )


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Board:
    """A board's datasets and Space on the Hub of tests, and web processes of it."""

    def __init__(self, hub, tmp_path):
        self.hub, self.tmp_path, self.clock = hub, tmp_path, Clock()
        hub.tokens[WRITE] = {"name": "org", "role": "write"}
        mine = ["org/board-results", "org/board-requests"]
        hub.tokens[RESULTS] = {"name": "org", "role": "write", "repos": mine}
        hub.tokens[READ] = {"name": "org", "role": "read"}
        for id in mine:
            hub.create(id)
        self.space = hub.create("org/board", "space", {"requirements-eval.txt": b"pydantic\n"})
        self.queue = self.web().queue

    def settings(self, **more):
        known = {"repo": "org/board", "launcher": "hf-jobs", "cache": self.tmp_path / "cache"}
        tokens = {"token": WRITE, "jobs_token": RESULTS, "read_token": READ}
        return Settings(**(known | tokens | ENOUGH | more))

    def web(self, **more):
        settings = self.settings(**more)
        results, requests = open_stores(settings, "web")
        made = HfJobs(settings, Queue(requests, results), self.clock)
        made.queue = made._queue
        return made

    def submit(self, *args, **more):
        request = asked(*args, **more)
        return self.queue.take("submitted", self.queue.submission(request))

    def now(self, request):
        self.queue.store.refresh()
        return self.queue.find(request.id)

    def jobs(self, request=None):
        found = list(self.hub.jobs.values())
        return [job for job in found if not request or job.labels["request"] == request.id]


@pytest.fixture
def board(hub, tmp_path, monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    return Board(hub, tmp_path)


def together(*acts):
    """Start them at the same moment, each in a thread; raises what one of them raised."""
    gate, wrong = threading.Barrier(len(acts)), []

    def run(act):
        gate.wait()
        try:
            act()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


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


def test_what_a_job_is_told_and_whom_it_is_billed_to(board):
    request = board.submit("small", parameters=3_000_000_000)
    board.web(jobs_namespace="lab", time_limit=3600, dtype="float32", checkpoint=7.5).tick()
    (job,) = board.jobs()
    spec, env = job.spec, job.spec["environment"]
    assert (job.namespace, spec["dockerImage"], spec["flavor"]) == ("lab", "python:3.11", "l4x1")
    assert spec["command"] == ["bash", "-c", hf_job.SCRIPT, "mexa", request.id, "1"]
    assert spec["timeoutSeconds"] == 3600 + hf_job.SETUP
    assert env["MEXA_TIME_LIMIT"] == "3600.0" and env["MEXA_REPO"] == "org/board"
    assert (env["MEXA_LAUNCHER"], env["MEXA_CHECKPOINT"]) == ("none", "7.5")
    assert Settings(**{k.removeprefix("MEXA_").lower(): v for k, v in env.items() if "MEXA_" in k})
    (volume,) = spec["volumes"]
    sha = board.space.find("main").id
    where = {"type": "space", "source": "org/board", "mountPath": "/opt/mexa"}
    assert volume == where | {"revision": sha, "readOnly": True}
    labels = {"board": "org--board", "request": request.id, "attempt": "1"}
    assert spec["labels"] == labels | {"name": f"mexa-{request.id}"}
    assert not [path for _, path, _ in board.hub.requests if "whoami" in path]


def test_the_code_is_that_of_the_space_that_runs_this_or_of_the_setting(board, monkeypatch):
    for id in ("lab/running", "lab/chosen"):
        board.hub.create(id, "space", {"a": b"1"})
    board.submit("one")
    monkeypatch.setenv("SPACE_ID", "lab/running")
    board.web().tick()
    board.submit("two")
    board.web(jobs_code="lab/chosen").tick()
    sources = [job.spec["volumes"][0]["source"] for job in board.jobs()]
    assert sources == ["lab/running", "lab/chosen"]
    board.submit("three")
    web = board.web(jobs_code="lab/none")
    web.tick()
    assert "sees no Space lab/none" in web.trouble and len(board.jobs()) == 2


@pytest.mark.parametrize(
    ("about", "name"),
    [
        ({"parameters": 135_000_000}, "cpu-upgrade"),
        ({"parameters": 500_000_001}, "t4-small"),
        ({"parameters": 2_370_000_000}, "t4-small"),
        ({"parameters": 2_380_000_000}, "l4x1"),
        ({"parameters": 7_000_000_000}, "l40sx1"),
        ({"parameters": 7_000_000_000, "dtype": "bfloat16"}, "l4x1"),
        ({"parameters": 11_000_000_000}, "a100-large"),
        ({"parameters": 13_000_000_000}, "rtx-pro-6000"),
        ({"parameters": 20_000_000_000}, "h200"),
        ({"parameters": 2_000_000_000, "size": 40_000_000_000}, "t4-medium"),
        ({"parameters": None, "size": 1_000_000_000}, "t4-small"),
        ({"parameters": None, "size": 4_000_000_000, "file": "q.gguf"}, "a100-large"),
        ({"parameters": None}, "t4-small"),
    ],
)
def test_the_cheapest_machine_that_holds_the_model(about, name):
    model = asked(**about).model
    chosen = flavours.choose(model)
    assert chosen.name == name
    cheaper = [each for each in flavours.TABLE if each.price < chosen.price]
    assert not [each.name for each in cheaper if each.fits(model)]
    if count := flavours.parameters(model):
        device = chosen.gpu or chosen.memory
        assert count * flavours.BYTES[model.dtype] * 1.35 <= 0.8 * device * 1e9


def test_main_memory_holds_what_the_gpu_can():
    for each in flavours.TABLE:
        assert each.gpu / flavours.OVERHEAD <= each.memory, each.name


def test_a_model_that_no_machine_holds_fails_with_a_sentence(board):
    request = board.submit("huge", parameters=70_000_000_000)
    other = board.submit("small")
    board.web(jobs_at_once=1).tick()
    found = board.now(request)
    assert (found.state, found.attempts) == ("failed", [])
    assert found.reason.startswith("No machine with one GPU of Hugging Face Jobs holds this model")
    assert [job.labels["request"] for job in board.jobs()] == [other.id]


def test_the_cost_cap_shortens_a_job_and_refuses_one_that_could_hardly_start(board):
    board.submit("seven", parameters=7_000_000_000)
    large = board.submit("twenty", parameters=20_000_000_000)
    board.web(jobs_cost=1.80, time_limit=6 * 3600).tick()
    (job,) = board.jobs()
    assert job.spec["flavor"] == "l40sx1" and job.spec["timeoutSeconds"] == 3600
    assert job.spec["environment"]["MEXA_TIME_LIMIT"] == str(3600 - hf_job.SETUP)
    found = board.now(large)
    assert found.state == "failed"
    assert found.reason == (
        "This model needs h200 at $5.00 an hour. The $1.80 that a job may cost last for 22 min, "
        "too short to start."
    )


def machine(name, price):
    about = {"name": name, "prettyName": name, "cpu": "8 vCPU", "ram": "30 GB"}
    cost = {"unitCostMicroUSD": 0, "unitCostUSD": price / 60, "unitLabel": "minute"}
    return {**about, "accelerator": None, **cost}


def test_prices_are_the_hubs_and_what_is_not_to_be_had_is_not_chosen(board):
    there = [machine("l40sx1", 2.00), machine("a100-large", 1.50), machine("new-thing", 0.01)]
    board.hub.fail(200, "/api/jobs/hardware", body=json.dumps(there))
    board.submit("small", parameters=1_000_000_000)
    board.web(jobs_cost=3.0).tick()
    (job,) = board.jobs()
    assert (job.spec["flavor"], job.spec["timeoutSeconds"]) == ("a100-large", 2 * 3600)


def test_prices_that_the_hub_does_not_tell_are_the_tables(board):
    board.hub.fail(500, "/api/jobs/hardware")
    board.submit("small")
    board.web().tick()
    assert [job.spec["flavor"] for job in board.jobs()] == ["cpu-upgrade"]


def test_tokens_are_secrets_alone_and_the_read_token_is_for_gated_models_only(board, caplog):
    caplog.set_level(logging.DEBUG)
    board.submit("plain")
    board.submit("closed", gated=True)
    web = board.web()
    web.tick()
    plain, closed = [job.spec for job in board.jobs()]
    assert plain.pop("secrets") == {"MEXA_TOKEN": RESULTS}
    assert closed.pop("secrets") == {"MEXA_TOKEN": RESULTS, "MEXA_READ_TOKEN": READ}
    board.hub.fail(403, "/api/jobs/org", method="POST", body=f'{{"error": "no {WRITE}"}}')
    last = board.submit("third")
    web.tick()
    said = str([plain, closed, board.now(last), web.trouble]) + caplog.text.replace("\n", "")
    assert not [canary for canary in CANARIES if canary in said]


def test_without_a_results_token_a_job_gets_the_boards(board):
    board.submit("plain")
    board.web(jobs_token=None).tick()
    assert [job.spec["secrets"] for job in board.jobs()] == [{"MEXA_TOKEN": WRITE}]


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


def stand_in_space(board, delay=0.0):
    """The Space holds this code, but `command.JOB` is the stand-in for an evaluation."""
    folders = [*ROOT.glob("results/**/*"), *ROOT.glob("evaluators/**/*")]
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in folders
        if path.is_file() and path.suffix in (".py", ".json") and "__pycache__" not in path.parts
    }
    script = str(ROOT / "tests" / "stand_in_job.py")
    words = [script, f"--ledger={board.tmp_path / 'ledger'}", f"--delay={delay}", "run"]
    true = 'JOB = [sys.executable, "-m", "evaluators", "run"]'
    text = files["evaluators/command.py"].decode()
    assert true in text
    files["evaluators/command.py"] = text.replace(
        true, f"JOB = [sys.executable, *{words}]"
    ).encode()
    board.space.commit(files)
    board.hub.on_run = Local(board.hub, board.tmp_path, env={"PIP_NO_INDEX": "1"})


def measuring(board, seconds=30):
    """Wait until the stand-in has begun."""
    until = time.monotonic() + seconds
    while not (board.tmp_path / "ledger").exists() and time.monotonic() < until:
        time.sleep(0.05)


def ended(jobs, seconds=30):
    until = time.monotonic() + seconds
    while not all(job.ended for job in jobs) and time.monotonic() < until:
        time.sleep(0.05)
    text = "\n".join(line for job in jobs for _, line in job.lines)
    return [job.stage for job in jobs], text


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
    until = time.monotonic() + 30
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
    assert job.process.wait(timeout=5)


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
