"""A board with the hf-jobs launcher on the loopback Hub, and jobs with a stand-in."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from hub_jobs import Local
from stand_in_job import METHODS, configuration

from leaderboard.launchers.hf_jobs import HfJobs
from results.queue import Queue, new_id
from results.request import Request, RequestedModel
from results.settings import Settings
from results.stores import open_stores

ROOT = Path(__file__).parent.parent


WRITE, RESULTS, READ = "hf_canaryWrite01", "hf_canaryResults01", "hf_canaryRead01"


CANARIES = (WRITE, RESULTS, READ)


ONES = ("fra_Latn", "swh_Latn")


ENOUGH = {"web_commits": 64, "worker_commits": 64, "commit_window": 1.0, "patience": 5.0}


def asked(name="small", languages=ONES, corpus="udhr", **about):
    known = {"weights": "bfloat16", "dtype": "float32", "file": None, "parameters": 1000}
    model = RequestedModel(id=f"org/{name}", revision="a" * 40, **(known | about))
    return Request(
        schema_version=1,
        id=new_id(),
        model=model,
        configurations=[configuration(method, corpus) for method in METHODS],
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


def machine(name, price):
    about = {"name": name, "prettyName": name, "cpu": "8 vCPU", "ram": "30 GB"}
    cost = {"unitCostMicroUSD": 0, "unitCostUSD": price / 60, "unitLabel": "minute"}
    return {**about, "accelerator": None, **cost}


def stand_in_space(board, delay=0.0):
    """The Space holds this code, but `command.JOB` is the stand-in for an evaluation."""
    folders = [*ROOT.glob("results/**/*"), *ROOT.glob("evaluators/**/*")]
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in folders
        if path.is_file() and path.suffix in (".py", ".json") and "__pycache__" not in path.parts
    }
    script = str(ROOT / "tests" / "stand_in_job.py")
    words = [script, f"--ledger={board.tmp_path / 'ledger'}", f"--delay={delay}"]
    true = 'JOB = [sys.executable, "-m", "evaluators"]'
    text = files["evaluators/command.py"].decode()
    assert true in text
    files["evaluators/command.py"] = text.replace(
        true, f"JOB = [sys.executable, *{words}]"
    ).encode()
    board.space.commit(files)
    board.hub.on_run = Local(board.hub, board.tmp_path, env={"PIP_NO_INDEX": "1"})


def measuring(board, seconds=120):
    """Wait until the stand-in has begun."""
    until = time.monotonic() + seconds
    while not (board.tmp_path / "ledger").exists() and time.monotonic() < until:
        time.sleep(0.05)


def ended(jobs, seconds=120):
    until = time.monotonic() + seconds
    while not all(job.ended for job in jobs) and time.monotonic() < until:
        time.sleep(0.05)
    text = "\n".join(line for job in jobs for _, line in job.lines)
    return [job.stage for job in jobs], text
