"""A worker runs a request's job to its end, tells what came of it, and stops when told to."""

import sys
import threading
import time
from pathlib import Path

import pytest
from job_request import CANARY, request

from evaluators import command as command_module
from evaluators import worker as worker_module
from evaluators.command import environment
from evaluators.worker import Worker
from results.dataset import Dataset
from results.lease import LAUNCHED, read_lease
from results.queue import Fenced, new_id
from results.repo import Repo, check
from results.settings import Settings, settings


@pytest.fixture
def canary(hub, monkeypatch):
    """A token everywhere that the client would look for one; the board's real cache."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "MEXA_TOKEN"):
        monkeypatch.setenv(name, CANARY)
    home = Path(environment(request(), Settings())["HF_HOME"])
    home.mkdir(parents=True)
    (home / "token").write_text(CANARY)
    monkeypatch.setenv("MEXA_CACHE", str(settings().cache))


@pytest.fixture
def worker(tmp_path):
    made = Worker(Settings(board=tmp_path / "board", cache=tmp_path / "cache", refresh=0.1))
    yield made
    made.stop.set()


def put(worker, asked):
    """The request in the worker's queue; claimed."""
    worker.queue.take("submit", worker.queue.submission(asked))
    return worker.queue.claim(worker.name, worker._watch)


def ended(worker, asked):
    """Its request, after the worker ran it."""
    worker.attempt(put(worker, asked))
    return worker.queue.find(asked.id)


@pytest.fixture
def kept(monkeypatch):
    """Whole logs of the jobs that ran."""
    found = []
    real = Worker._judge

    def judge(self, request, code, output, stopped_by):
        found.append(output.read_text())
        return real(self, request, code, output, stopped_by)

    monkeypatch.setattr(Worker, "_judge", judge)
    return found


def test_a_real_job_sends_and_writes_no_token(hub, canary, tiny, tmp_path, worker, kept):
    sha = hub.add("org/tiny", tiny)
    now = ended(worker, request(id="org/tiny", revision=sha))
    (log,) = kept
    root = tmp_path / "board"
    records = [record for _, record in Repo(root).records()]
    assert [record.model.id for record in records] == ["org/tiny"] * 2, log
    assert {record.model.revision for record in records} == {sha}
    assert records[0].languages() == {"eng_Latn", "fra_Latn"}
    assert hub.downloaded(), "the job did not ask this Hub"
    sent = [headers for _, _, headers in hub.requests]
    assert not [each for each in sent if CANARY in str(each) or "Authorization" in each]
    written = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    assert CANARY not in log
    assert not [content for content in written if CANARY.encode() in content]
    assert (now.state, check(root)) == ("finished", []), log
    assert read_lease(root, now.id).attempt == 1


def test_a_real_job_publishes_into_a_dataset_as_its_attempt(
    hub, canary, tiny, tmp_path, monkeypatch, kept
):
    hub.tokens["hf_write"] = {"name": "org", "role": "write"}
    hub.tokens[CANARY] = {"name": "nobody", "role": "read"}
    for kind in ("results", "requests"):
        hub.create(f"org/board-{kind}")
    sha = hub.add("org/tiny", tiny)
    chosen = Settings(repo="org/board", token="hf_write", refresh=0.1, cache=tmp_path / "cache")  # noqa: S106
    monkeypatch.setattr(Dataset, "pause", 0.1)
    worker = Worker(chosen)
    asked = request(id="org/tiny", revision=sha)
    worker.queue.take("submit", worker.queue.submission(asked))
    worker.serve(once=True)
    results, requests = hub.datasets["org/board-results"], hub.datasets["org/board-requests"]
    now = worker.queue.find(asked.id)
    assert now.state == "finished", kept
    assert [attempt.outcome for attempt in now.attempts] == ["finished"]
    titles = [made.title for made in results.made + requests.made]
    counts = f"{len(results.made)} to results, {len(requests.made)} to requests"
    print(f"\n  commits of one small request: {counts}")
    assert len(results.made) == 1 and len(requests.made) == 3, titles
    records = [name for name in results.files() if name.startswith("results/")]
    assert len(records) == 4 and f"leases/{asked.id}.json" in results.files()
    assert b"hf_write" not in b"".join([*results.files().values(), *requests.files().values()])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"corpus_hash": "b" * 64}, "another build"),
        ({"weights": "Q4_K_M"}, "holds bfloat16 weights, the request says Q4_K_M"),
    ],
)
def test_a_job_that_would_measure_something_else_ends_before_it_does(
    hub, canary, tiny, tmp_path, worker, wrong, says
):
    sha = hub.add("org/tiny", tiny)
    now = ended(worker, request(id="org/tiny", revision=sha, **wrong))
    assert now.state == "failed" and says in now.reason
    assert not Repo(tmp_path / "board").paths()


def test_trouble_of_the_worker_is_the_requests_failure_and_the_queue_goes_on(worker, monkeypatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(worker_module.subprocess, "Popen", full)
    now = ended(worker, request())
    assert now.state == "failed" and "No space left" in now.reason


def test_a_log_tells_no_address_and_no_home(worker, tmp_path):
    claimed = put(worker, request())
    output = tmp_path / "log"
    output.write_text(f"error: {Path.home()}/x is not at https://user:pw@registry.example/simple\n")
    outcome, reason, end = worker._judge(claimed, 1, output, None)
    assert (outcome, reason) == ("failed", "~/x is not at (address)")
    assert str(Path.home()) not in end and "pw" not in end


def test_a_job_that_fails_says_why_in_one_line(hub, canary, worker):
    now = ended(worker, request(id="org/nosuch"))
    assert (now.state, now.reason) == ("failed", "org/nosuch is not on the Hub, or is private")
    assert "Traceback" not in now.log


def job(monkeypatch, code):
    """A job that is a line of Python."""
    monkeypatch.setattr(command_module, "JOB", [sys.executable, "-c", code])


def test_a_job_that_ends_well_without_results_is_a_failure(worker, monkeypatch):
    job(monkeypatch, "print('fine')")
    now = ended(worker, request(languages=("fra_Latn", "swh_Latn")))
    assert now.state == "failed" and "2 languages are not in the results" in now.reason


def test_a_cancelled_requests_job_is_stopped_at_once(worker, monkeypatch, tmp_path):
    started = tmp_path / "started"
    job(
        monkeypatch, f"import time, pathlib; pathlib.Path({str(started)!r}).touch(); time.sleep(60)"
    )
    worker.results.heartbeat = 0.2
    claimed = put(worker, request())
    running = threading.Thread(target=worker.attempt, args=(claimed,))
    began = time.monotonic()
    running.start()
    while not started.exists():
        assert time.monotonic() < began + 120
        time.sleep(0.05)
    worker.queue.take("c", worker.queue.cancelling(claimed.id, None, True))
    running.join(120)
    assert not running.is_alive()
    now = worker.queue.find(claimed.id)
    assert [each.outcome for each in now.attempts] == ["cancelled"] and now.state == "cancelled"


def test_a_worker_that_is_told_to_stop_gives_its_request_back(worker, monkeypatch, tmp_path):
    started = tmp_path / "started"
    job(
        monkeypatch, f"import time, pathlib; pathlib.Path({str(started)!r}).touch(); time.sleep(60)"
    )
    asked = request()
    worker.queue.take("submit", worker.queue.submission(asked))
    serving = threading.Thread(target=worker.serve)
    serving.start()
    began = time.monotonic()
    while not started.exists():
        assert time.monotonic() < began + 120
        time.sleep(0.05)
    worker.stop.set()
    serving.join(120)
    assert not serving.is_alive()
    now = worker.queue.find(asked.id)
    assert now.state == "pending" and [each.outcome for each in now.attempts] == ["preempted"]


def test_only_a_launchers_attempt_is_served_by_its_number(worker, monkeypatch):
    job(monkeypatch, "raise SystemExit('error: no')")
    asked = request()
    worker.queue.take("submit", worker.queue.submission(asked))
    with pytest.raises(Fenced):
        worker.serve_attempt(asked.id, 1)
    worker.queue.take("l", worker.queue.launching(asked.id, f"{LAUNCHED}x", 1))
    for request_id, number in ((asked.id, 2), (new_id(), 1)):
        with pytest.raises(Fenced):
            worker.serve_attempt(request_id, number)
    worker.serve_attempt(asked.id, 1)
    assert worker.queue.find(asked.id).state == "failed"
    with pytest.raises(Fenced):
        worker.serve_attempt(asked.id, 1)


def test_what_dead_workers_left_is_swept_and_the_livings_is_not(worker, tmp_path):
    homes = worker._homes.root
    (homes / "dead-1").mkdir()
    (homes / "dead-1" / "log").write_text("x")
    worker._home.mkdir()
    Worker(Settings(board=tmp_path / "board", cache=tmp_path / "cache"))
    assert not (homes / "dead-1").exists() and worker._home.exists()
