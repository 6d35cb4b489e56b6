"""One Hugging Face Job: what is asked for, how it is found again, what its end means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from huggingface_hub import JobInfo, Volume

from leaderboard.launchers import flavours
from leaderboard.launchers.flavours import Flavour
from results.durations import duration
from results.lease import STOPPED
from results.logs import log_end
from results.request import Outcome, Request
from results.settings import Settings

CODE = "/opt/mexa"
"""Where the Space's code is mounted."""
SCRIPT = f"""set -eu
cd {CODE}
python3 -m pip install --quiet --no-cache-dir --disable-pip-version-check \\
    --root-user-action=ignore -r requirements-eval.txt
exec python3 -m evaluators work --request "$1" --attempt "$2"
"""
"""The same for every job; what differs comes as arguments, and none of it is a stranger's."""
SETUP = 900.0
"""Seconds of a job's time-out beyond its limit: to install what it needs, to write the rest."""
LEAST = 600.0
"""Seconds that a job must be able to pay for."""
PASSED = (
    *("repo", "dtype", "corpus", "quantised", "memory_limit", "worker_commits", "commit_window"),
    *("lease", "heartbeat", "checkpoint", "patience"),
)
"""Settings that hold in a job too."""
# The Hub does not document its messages: these words are looked for, then exit code and times.
_TIMED_OUT = re.compile(r"time[d -]*out|time limit|deadline", re.IGNORECASE)
_TAKEN = re.compile(r"pre-?empt|evict|spot|node (was )?(lost|shut)", re.IGNORECASE)

Key = tuple[str, int]
"""A request's id and the number of its attempt."""


@dataclass(frozen=True)
class Plan:
    """A machine, and the seconds that the job may work there."""

    flavour: Flavour
    seconds: float

    @property
    def timeout(self) -> int:
        """Seconds after which the Hub ends it."""
        return int(self.seconds + SETUP)


def plan(request: Request, settings: Settings, table: tuple[Flavour, ...]) -> Plan:
    """Where and for how long a request is run. Raises ValueError, for a person."""
    flavour = flavours.choose(request.model, table)
    most = settings.jobs_cost
    paid = most / flavour.price * 3600 - SETUP
    if paid < LEAST:
        raise ValueError(
            f"This model needs {flavour.name} at ${flavour.price:.2f} an hour. The ${most:.2f} "
            f"that a job may cost last for {duration(paid + SETUP)}, too short to start."
        )
    return Plan(flavour, min(settings.time_limit, paid))


def order(
    request: Request, made: Plan, settings: Settings, space: str, revision: str
) -> dict[str, Any]:
    """What `HfApi.run_job` is called with for a claimed request.

    The job gets no token but the one that writes results, and the read token where the model or
    the corpus is gated; both as secrets.
    """
    assert settings.repo is not None  # noqa: S101
    number = str(len(request.attempts))
    env = {f"MEXA_{name.upper()}": str(getattr(settings, name)) for name in PASSED}
    disk = (made.flavour.disk * flavours.GB - flavours.PACKAGES) / flavours.GIB
    env |= {
        "MEXA_LAUNCHER": "none",
        "MEXA_TIME_LIMIT": str(made.seconds),
        "MEXA_DISK_LIMIT": str(round(min(settings.disk_limit, disk), 1)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    given = {"MEXA_TOKEN": settings.jobs_token or settings.token}
    if request.gated:
        given["MEXA_READ_TOKEN"] = settings.read_token
    code = Volume(type="space", source=space, revision=revision, mount_path=CODE, read_only=True)
    return {
        "image": settings.jobs_image,
        "command": ["bash", "-c", SCRIPT, "mexa", request.id, number],
        "env": env,
        "secrets": {name: value.get_secret_value() for name, value in given.items() if value},
        "flavor": made.flavour.name,
        "timeout": made.timeout,
        "name": f"mexa-{request.id}",
        "labels": {**labels(settings.repo), "request": request.id, "attempt": number},
        "volumes": [code],
    }


def labels(repo: str) -> dict[str, str]:
    """What all jobs of a board are found by: letters, digits and `._-`, at most 63 of them."""
    name = repo.replace("/", "--")
    if len(name) > 63:
        name = f"{name[:50]}-{sha256(repo.encode()).hexdigest()[:12]}"
    return {"board": name}


def key(job: JobInfo) -> Key | None:
    """Whose job it is; None when its labels do not say."""
    found = job.labels or {}
    number, name = found.get("attempt", ""), found.get("request")
    return (name, int(number)) if name and number.isdecimal() and int(number) > 0 else None


def verdict(job: JobInfo) -> tuple[Outcome, str]:
    """What became of an attempt whose job ended without ending it, and a sentence for a person."""
    said = log_end(job.status.message or "").replace("\n", " ")[:200].rstrip(".")
    ran = _ran(job)
    if _TIMED_OUT.search(said) or (ran is not None and ran >= 0.99):
        return "killed", "Its Hugging Face job was stopped at its time limit."
    stopped = ran is not None and said.endswith(f"exit code: {STOPPED}")
    if _TAKEN.search(said) or stopped:
        return "preempted", "Its machine was taken away; it waits for another."
    if job.status.stage == "CANCELED":
        return "killed", "Its Hugging Face job was cancelled on the Hub, not on this board."
    if job.status.stage == "ERROR":
        return "killed", f"Its Hugging Face job failed: {said or 'the Hub does not say why'}."
    return "killed", "Its Hugging Face job ended without saying what came of it."


def _ran(job: JobInfo) -> float | None:
    """The share of its time-out that a job ran for; None when it cannot be told."""
    limit = (job.environment or {}).get("MEXA_TIME_LIMIT")
    if not (job.started_at and job.finished_at and limit):
        return None
    return (job.finished_at - job.started_at).total_seconds() / int(float(limit) + SETUP)
