"""A Hub on 127.0.0.1: as much of its HTTP API as the board, its workers and its launchers use.

Served: models to read; datasets and spaces to create, read, commit to and squash; a space's
variables, secrets and hardware; jobs; tokens; faults on command. Not served: LFS and Xet (every
file is a regular one), branches other than main, pull requests.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import hub_routes
from hub_answer import Answer
from hub_faults import Fault, Faults
from hub_http import Request, Server
from hub_jobs import Job
from hub_models import DEFAULT_BRANCH, Served, commit
from hub_repos import Repo

Kind = Literal["model", "dataset", "space"]


@dataclass
class Hub:
    """The running server. `requests` holds (method, path, headers) of everything that came in.

    `tokens` maps a token to {"name": user, "role": "write" or "read"}, and "repos", a list of ids,
    where it may write to these only. While it is empty any token may read and none may write.
    """

    models: dict[str, Served] = field(default_factory=dict)
    datasets: dict[str, Repo] = field(default_factory=dict)
    spaces: dict[str, Repo] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    renamed: dict[tuple[str, str], str] = field(default_factory=dict)
    on_run: Callable[[Job], None] | None = None
    """Called in a thread of its own for each job; without it a job stays in SCHEDULING."""
    commit_limit: int | None = None
    """Commits a repo in `commit_window` seconds (the Hub: 128 in 3600), then 429."""
    commit_window: float = 3600
    delay: float = 0
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    lock: RLock = field(default_factory=RLock)
    address: str = ""

    def start(self) -> str:
        """Serve on a free port until `stop`; returns the address."""
        self._reserved = socket.socket()  # else somebody could take the port while it is down
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._reserved.getsockname()[1]}"
        self.up()
        return self.address

    def stop(self) -> None:
        """Close the port: connections are then refused. Jobs that run here are killed."""
        self.down()
        self._reserved.close()
        for job in self.jobs.values():
            job.set("CANCELED")
            job.kill()

    def down(self) -> None:
        """An outage: the port is closed and every connection cut, until `up`."""
        self._server.sever()

    def up(self) -> None:
        """Serve again, on the same port and with everything that was there."""
        port = self._reserved.getsockname()[1]
        self._server = Server(port, self.faults, self._note, partial(hub_routes.answer, self))
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def add(
        self, id: str, folder: Path, revisions: dict[str, Path] | None = None, **about: Any
    ) -> str:
        """Serve a folder as the model's main branch; returns its commit."""
        self.models[id] = Served(id, {DEFAULT_BRANCH: folder, **(revisions or {})}, **about)
        return commit(folder)

    def create(
        self,
        id: str,
        kind: Literal["dataset", "space"] = "dataset",
        files: Mapping[str, bytes] | None = None,
        **about: Any,
    ) -> Repo:
        """A new dataset or space; `about`: private, gated, granted, sdk."""
        repo = Repo(kind, id, **about)
        if files:
            repo.commit(files)
        self.of(kind)[id] = repo
        return repo

    def of(self, kind: str) -> dict[str, Any]:
        """The repos of that kind by their ids."""
        return {"model": self.models, "dataset": self.datasets, "space": self.spaces}[kind]

    def rename(self, old: str, new: str, kind: Kind = "model") -> None:
        """Move a repo; the old id redirects, as on the Hub."""
        repo = self.of(kind).pop(old)
        repo.id = new
        self.of(kind)[new] = repo
        self.renamed[kind, old] = new

    def fail(
        self,
        status: int,
        where: str = "/",
        code: str | None = None,
        body: str = "",
        *,
        retry_after: int | None = None,
        **when: Any,
    ) -> Fault:
        """Answer so from now on; `code` is the X-Error-Code.

        `when`, here and below: method, times (how many requests), chance with seed, applied.
        """
        headers = {"X-Error-Code": code, "X-Error-Message": body} if code else {}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        answer = Answer(status, body.encode(), headers)
        return self.faults.add(Fault(where, answer=answer, **when))

    def hang(self, seconds: float, where: str = "/", **when: Any) -> Fault:
        """Say nothing for that long, then close the connection."""
        return self.faults.add(Fault(where, hang=seconds, **when))

    def halve(self, where: str = "/", **when: Any) -> Fault:
        """Send half of the answer's body, then close the connection."""
        return self.faults.add(Fault(where, half=True, **when))

    def lose(self, where: str = "/commit/", status: int | None = None, **when: Any) -> Fault:
        """Carry the request out, then close the connection or answer with `status`."""
        answer = None if status is None else Answer(status)
        return self.faults.add(Fault(where, answer=answer, applied=True, **when))

    def heal(self) -> None:
        """No faults any more."""
        self.faults.clear()

    def downloaded(self) -> set[str]:
        """Names of the files whose content was fetched."""
        paths = {path for method, path, _ in self.requests if method == "GET"}
        return {
            path.split("/resolve/")[1].partition("/")[2] for path in paths if "/resolve/" in path
        }

    def _note(self, request: Request) -> None:
        path = unquote(urlsplit(request.target).path)
        self.requests.append((request.method, path, dict(request.headers)))
        Event().wait(self.delay)
