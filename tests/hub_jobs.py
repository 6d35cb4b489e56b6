"""Jobs of a Hub: a test sets their stage, or `Local` really runs their commands here."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition, Thread
from typing import Any, Protocol

from hub_repos import Repo, stamp

ENDED = ("COMPLETED", "CANCELED", "ERROR", "DELETED")
TIME_LIMIT = 1800
"""Seconds a job may take where it does not say: the Hub's 30 minutes."""


@dataclass
class Job:
    """What was asked for (`spec`, as the client sent it) and how it goes."""

    namespace: str
    owner: str
    spec: dict[str, Any]
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    stage: str = "SCHEDULING"
    message: str | None = None
    process: subprocess.Popen[str] | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: datetime | None = None
    finished: datetime | None = None
    lines: list[tuple[datetime, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changed = Condition()

    @property
    def labels(self) -> dict[str, str]:
        return self.spec.get("labels", {})

    @property
    def ended(self) -> bool:
        return self.stage in ENDED

    def set(self, stage: str, message: str | None = None) -> bool:
        """Move to a stage; an ended job stays as it is. Returns whether it moved."""
        with self.changed:
            if self.ended:
                return False
            self.stage, self.message = stage, message
            now = datetime.now(UTC)
            if stage == "RUNNING" and self.started is None:
                self.started = now
            if self.ended:
                self.finished = now
            self.changed.notify_all()
            return True

    def log(self, line: str) -> None:
        with self.changed:
            self.lines.append((datetime.now(UTC), line))
            self.changed.notify_all()

    def kill(self) -> None:
        """Kill its process group, if it runs."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def info(self) -> dict[str, Any]:
        told = ("command", "arguments", "environment", "flavor", "labels", "volumes")
        return {
            "id": self.id,
            "createdAt": stamp(self.created),
            "startedAt": self.started and stamp(self.started),
            "finishedAt": self.finished and stamp(self.finished),
            "dockerImage": self.spec.get("dockerImage"),
            "spaceId": self.spec.get("spaceId"),
            **{name: self.spec.get(name) for name in told},
            "secrets": dict.fromkeys(self.spec.get("secrets", {}), "***"),
            "status": {"stage": self.stage, "message": self.message},
            "owner": {"id": self.namespace, "name": self.namespace, "type": "user"},
            "initiator": {"id": self.owner, "name": self.owner, "type": "user"},
        }

    def events(self, tail: int | None) -> Iterator[bytes]:
        """The log as server-sent events; open until the job has ended, as on the Hub."""
        sent = max(0, len(self.lines) - tail) if tail is not None else 0
        while True:
            with self.changed:
                if sent == len(self.lines) and not self.ended:
                    self.changed.wait(timeout=1)
                new, ended = self.lines[sent:], self.ended
            for when, line in new:
                event = json.dumps({"data": line, "timestamp": stamp(when)})
                yield f"data: {event}\n\n".encode()
            sent += len(new)
            if ended:
                return
            yield b": keep-alive\n\n"


class Runs(Protocol):
    """The part of a Hub that `Local` needs."""

    address: str
    datasets: dict[str, Repo]
    spaces: dict[str, Repo]


class Local:
    """An `on_run` hook: run the command as a process here, with the job's environment alone.

    `folder` takes one folder a job, with copies of its datasets and spaces (volumes) below it;
    their mount paths in the command and environment are changed to these copies. The command
    starts in `cwd`, by default the job's folder, with the PATH of this Python first.
    """

    def __init__(
        self, hub: Runs, folder: Path, *, cwd: Path | None = None, env: Mapping[str, str] = {}
    ) -> None:
        self.hub, self.folder, self.cwd, self.env = hub, folder, cwd, env

    def __call__(self, job: Job) -> None:
        place = Path(tempfile.mkdtemp(prefix="job-", dir=self.folder))
        moved = self._mount(job, place)

        def local(text: str) -> str:
            for old, new in moved.items():
                text = text.replace(old, new)
            return text

        given = {**job.spec.get("environment", {}), **job.spec.get("secrets", {})}
        env = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(place),
            "HF_ENDPOINT": self.hub.address,
            "NO_PROXY": "127.0.0.1",
            "JOB_ID": job.id,
            **self.env,
            **{name: local(str(value)) for name, value in given.items()},
        }
        command = [local(word) for word in [*job.spec["command"], *job.spec["arguments"]]]
        if not job.set("RUNNING"):
            return
        pipe: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        try:
            job.process = subprocess.Popen(
                command, cwd=self.cwd or place, env=env, text=True, start_new_session=True, **pipe
            )
        except OSError as error:
            job.set("ERROR", str(error))
            return
        reader = Thread(target=_read, args=(job,), daemon=True)
        reader.start()
        end = time.monotonic() + job.spec.get("timeoutSeconds", TIME_LIMIT)
        while job.process.poll() is None:
            if time.monotonic() > end:
                job.set("ERROR", "Job timeout")
            if job.ended:
                job.kill()
            with job.changed:
                job.changed.wait(0.02)
        reader.join(timeout=5)
        code = job.process.returncode
        if code:
            job.set("ERROR", f"Job failed with exit code: {code}")
        else:
            job.set("COMPLETED")

    def _mount(self, job: Job, place: Path) -> dict[str, str]:
        moved = {}
        for volume in job.spec.get("volumes") or []:
            assert "path" not in volume, "whole repos only"
            repos = self.hub.datasets if volume["type"] == "dataset" else self.hub.spaces
            target = place / volume["mountPath"].strip("/")
            files = repos[volume["source"]].files(volume.get("revision") or "main")
            for path, content in files.items():
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                (target / path).write_bytes(content)
            moved[volume["mountPath"]] = str(target)
        return moved


def _read(job: Job) -> None:
    assert job.process
    assert job.process.stdout
    for line in job.process.stdout:
        job.log(line.rstrip("\n"))
