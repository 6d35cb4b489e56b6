"""A read-only Hub on 127.0.0.1: as much of its HTTP API as looking up and downloading models uses.

Served: `/api/models/ID[/revision/R]`, `/api/models/ID/tree/R`, `/ID/resolve/R/FILE`.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import prod
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

DEFAULT_BRANCH = "main"


def commit(folder: Path) -> str:
    """40 hex digits that stand for the folder's content."""
    total = hashlib.sha1(usedforsecurity=False)
    for name in names(folder):
        total.update(f"{name} {blob(folder / name)}\n".encode())
    return total.hexdigest()


def blob(path: Path) -> str:
    """git's hash of a file's content, the ETag of a small file on the Hub."""
    content = path.read_bytes()
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def names(folder: Path) -> list[str]:
    """The folder's files, as paths below it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in files)


def stored(folder: Path) -> dict[str, int]:
    """Parameters a stored dtype, from the safetensors headers; files that are none do not count."""
    count: Counter[str] = Counter()
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size + 8 > path.stat().st_size:
                continue
            header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        for tensor in header.values():
            count[tensor["dtype"]] += prod(tensor["shape"])
    return dict(count)


@dataclass
class Served:
    """One model repo: a folder a revision."""

    id: str
    revisions: dict[str, Path]
    gated: str | bool = False
    private: bool = False
    card: dict[str, Any] | None = None
    counted: bool = True
    """Whether the Hub has read the safetensors headers, which it does some time after a push."""

    def find(self, revision: str) -> tuple[str, Path] | None:
        """(commit, folder) of a branch, tag or commit."""
        for name, folder in self.revisions.items():
            sha = commit(folder)
            if revision in (name, sha):
                return sha, folder
        return None


@dataclass
class Failure:
    """What the Hub answers instead, to requests whose path contains `where`."""

    status: int
    where: str
    code: str | None
    body: str


@dataclass
class Hub:
    """The running server. `requests` holds (method, path, headers) of everything that came in."""

    models: dict[str, Served] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None
    delay: float = 0
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def start(self) -> str:
        """Serve on a free port until `stop`; returns the address."""
        hub = self

        class Bound(_Handler):
            served = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Close the port: connections are then refused."""
        self._server.shutdown()
        self._server.server_close()

    def add(
        self, id: str, folder: Path, revisions: dict[str, Path] | None = None, **about: Any
    ) -> str:
        """Serve a folder as the repo's main branch; returns its commit."""
        self.models[id] = Served(id, {DEFAULT_BRANCH: folder, **(revisions or {})}, **about)
        return commit(folder)

    def rename(self, old: str, new: str) -> None:
        """Move a repo; the old id redirects, as on the Hub."""
        model = self.models.pop(old)
        model.id = new
        self.models[new] = model
        self.renamed[old] = new

    def fail(self, status: int, where: str = "/", code: str | None = None, body: str = "") -> None:
        """Answer so from now on; `code` is the X-Error-Code."""
        self.failure = Failure(status, where, code, body)

    def downloaded(self) -> set[str]:
        """Names of the files whose content was fetched."""
        paths = {path for method, path, _ in self.requests if method == "GET"}
        return {
            path.split("/resolve/")[1].partition("/")[2] for path in paths if "/resolve/" in path
        }


class _Handler(BaseHTTPRequestHandler):
    served: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub, path = self.served, unquote(urlsplit(self.path).path)
        hub.requests.append((self.command, path, dict(self.headers)))
        time.sleep(hub.delay)
        if hub.failure and hub.failure.where in path:
            failure = hub.failure
            return self._error(failure.status, failure.code, failure.body)
        kind, id, revision, rest = _parse(path)
        if id in hub.renamed:
            return self._redirect(self.path.replace(id, hub.renamed[id], 1))
        model = hub.models.get(id)
        if model is None or (model.private and "Authorization" not in self.headers):
            return self._error(401, "RepoNotFound", "Repository not found")
        found = model.find(revision)
        if found is None:
            return self._error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        sha, folder = found
        if kind == "info":
            return self._json(_info(model, sha, folder))
        if kind == "tree":
            return self._json(_tree(folder))
        if model.gated:
            return self._error(403, "GatedRepo", f"Access to model {id} is restricted")
        if rest not in names(folder):
            return self._error(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": sha})
        return self._file(folder / rest, sha)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _redirect(self, where: str) -> None:
        self._send(307, b"", {"Location": where})

    def _error(
        self, status: int, code: str | None, body: str, headers: dict[str, str] | None = None
    ) -> None:
        said = {"X-Error-Code": code, "X-Error-Message": body} if code else {}
        self._send(status, body.encode(), {**said, **(headers or {})})

    def _file(self, path: Path, sha: str) -> None:
        content = path.read_bytes()
        headers = {"ETag": f'"{blob(path)}"', "X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
        wanted = self.headers.get("Range")
        if wanted is None:
            return self._send(200, content, headers)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        part = content[int(first) : int(last) + 1 if last else None]
        end = int(first) + len(part) - 1
        headers["Content-Range"] = f"bytes {first}-{end}/{len(content)}"
        return self._send(206, part, headers)


def _parse(path: str) -> tuple[str, str, str, str]:
    """(kind, model id, revision, file) of a path."""
    if path.startswith("/api/models/"):
        rest = path.removeprefix("/api/models/")
        for kind, mark in (("info", "/revision/"), ("tree", "/tree/")):
            if mark in rest:
                id, _, revision = rest.partition(mark)
                return kind, id, revision, ""
        return "info", rest, DEFAULT_BRANCH, ""
    id, _, rest = path.removeprefix("/").partition("/resolve/")
    revision, _, file = rest.partition("/")
    return "file", id, revision, file


def _info(model: Served, sha: str, folder: Path) -> dict[str, Any]:
    config = folder / "config.json"
    counts = stored(folder) if model.counted else {}
    return {
        "id": model.id,
        "modelId": model.id,
        "author": model.id.partition("/")[0],
        "sha": sha,
        "private": model.private,
        "gated": model.gated,
        "disabled": False,
        "tags": [],
        "cardData": model.card,
        "config": json.loads(config.read_text()) if config.exists() else None,
        "siblings": [{"rfilename": name} for name in names(folder)],
        **(
            {"safetensors": {"parameters": counts, "total": sum(counts.values())}} if counts else {}
        ),
    }


def _tree(folder: Path) -> list[dict[str, Any]]:
    return [
        {
            "type": "file",
            "path": name,
            "size": (folder / name).stat().st_size,
            "oid": blob(folder / name),
        }
        for name in names(folder)
    ]
