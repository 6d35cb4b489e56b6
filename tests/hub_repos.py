"""Datasets and spaces of a Hub: commits with parents on one branch, in memory."""

from __future__ import annotations

import base64
import hashlib
import math
import time
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import PurePosixPath
from threading import RLock
from typing import Any, NamedTuple

from hub_answer import Refusal
from hub_models import DEFAULT_BRANCH, blob


class Blob(NamedTuple):
    content: bytes
    oid: str


class Made(NamedTuple):
    """One commit as it was counted; super-squash does not forget it. `at` is monotonic seconds."""

    at: float
    title: str
    author: str


@dataclass(frozen=True)
class Commit:
    id: str
    parent: str | None
    title: str
    message: str
    author: str
    created: datetime
    files: Mapping[str, Blob]

    @cached_property
    def tree(self) -> list[dict[str, Any]]:
        """Every file and folder; a folder's oid changes with anything below it."""
        below: dict[str, Any] = {}
        for path, entry in sorted(self.files.items()):
            for parent in PurePosixPath(path).parents:
                if str(parent) != ".":
                    total = below.setdefault(str(parent), hashlib.sha1(usedforsecurity=False))
                    total.update(f"{path} {entry.oid}\n".encode())
        entries = [
            {"type": "file", "path": path, "size": len(entry.content), "oid": entry.oid}
            for path, entry in self.files.items()
        ]
        entries += [
            {"type": "directory", "path": path, "size": 0, "oid": total.hexdigest()}
            for path, total in below.items()
        ]
        return sorted(entries, key=lambda entry: entry["path"])


class Repo:
    """One dataset or space. Changed by the client's requests, or by a test through `commit`."""

    def __init__(
        self,
        kind: str,
        id: str,
        *,
        private: bool = False,
        gated: str | bool = False,
        granted: Set[str] = frozenset(),
        sdk: str | None = None,
    ) -> None:
        self.kind, self.id = kind, id
        self.private, self.gated, self.granted = private, gated, granted
        self.sdk = sdk
        self.variables: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.hardware: str | None = None
        self.sleep_time: int | None = None
        self.made: list[Made] = []
        """Every commit since the first, oldest first, also those squashed away."""
        self.lock = RLock()
        self.history: list[Commit] = []
        self._push({".gitattributes": b"*.bin filter=lfs\n"}, "initial commit", "", "hub")

    @property
    def head(self) -> Commit:
        return self.history[-1]

    def files(self, revision: str = DEFAULT_BRANCH) -> dict[str, bytes]:
        return {path: entry.content for path, entry in self.find(revision).files.items()}

    def find(self, revision: str) -> Commit:
        """Raises Refusal where the revision is neither the branch nor one of its commits."""
        with self.lock:
            if revision == DEFAULT_BRANCH:
                return self.head
            for commit in reversed(self.history):
                if commit.id == revision:
                    return commit
        raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")

    def log(self, revision: str = DEFAULT_BRANCH) -> list[Commit]:
        """The commit and its ancestors, newest first."""
        with self.lock:
            end = self.history.index(self.find(revision))
            return self.history[end::-1]

    def commit(
        self,
        files: Mapping[str, bytes | None],
        title: str = "a commit",
        message: str = "",
        *,
        author: str = "somebody",
        parent: str | None = None,
        folders: Iterable[str] = (),
        limit: int | None = None,
        window: float = 3600,
    ) -> str:
        """Write files (None deletes one) and delete folders, all or nothing; returns the commit.

        Raises Refusal: 412 where `parent` is not the head, 429 where `limit` commits were made in
        the last `window` seconds, 404 where there is nothing to delete.
        """
        with self.lock:
            now = time.monotonic()
            recent = [made.at for made in self.made if now - made.at < window]
            if limit is not None and len(recent) >= limit:
                wait = math.ceil(recent[-limit] + window - now)
                said = f"You have exceeded the rate limit for repository commits ({limit} per hour)"
                raise Refusal(429, f"{said}. You can retry in {wait} seconds.", Retry_After=wait)
            if parent not in (None, self.head.id):
                said = "A commit has happened since. Please refresh and try again."
                raise Refusal(412, said)
            gone = {path: None for folder in folders for path in self._below(folder)}
            commit = self._push({**gone, **files}, title, message, author)
            self.made.append(Made(now, title, author))
            return commit.id

    def squash(self, title: str, author: str) -> None:
        """Make the head's files the only commit; the others can no longer be found."""
        with self.lock:
            files = self.files()
            self.history.clear()
            self._push(files, title, "", author)

    def most(self, seconds: float, wanted: Callable[[Made], bool] = lambda made: True) -> int:
        """The largest number of wanted commits in any window of that length."""
        times = [made.at for made in self.made if wanted(made)]
        return max(
            (sum(start <= at < start + seconds for at in times) for start in times), default=0
        )

    def _below(self, folder: str) -> list[str]:
        start = folder.rstrip("/") + "/"
        found = [path for path in self.head.files if path.startswith(start)]
        if not found:
            raise Refusal(404, "A file with this name doesn't exist", "EntryNotFound")
        return found

    def _push(
        self, changes: Mapping[str, bytes | None], title: str, message: str, author: str
    ) -> Commit:
        parent = self.history[-1] if self.history else None
        files = dict(parent.files) if parent else {}
        for path, content in changes.items():
            if content is not None:
                files[path] = Blob(content, blob(content))
            elif files.pop(path, None) is None:
                raise Refusal(404, "A file with this name doesn't exist", "EntryNotFound")
        created = datetime.now(UTC)
        text = f"{self.id} {parent and parent.id} {title} {created} {time.monotonic_ns()}"
        total = hashlib.sha1(text.encode(), usedforsecurity=False)
        for path, entry in sorted(files.items()):
            total.update(f"{path} {entry.oid}\n".encode())
        sha = total.hexdigest()
        commit = Commit(sha, parent and parent.id, title, message, author, created, files)
        self.history.append(commit)
        return commit

    def info(self, commit: Commit) -> dict[str, Any]:
        more = {"sdk": self.sdk, "runtime": self.runtime()} if self.kind == "space" else {}
        return {
            "id": self.id,
            "author": self.id.partition("/")[0],
            "sha": commit.id,
            "lastModified": stamp(commit.created),
            "private": self.private,
            "gated": self.gated,
            "disabled": False,
            "tags": [],
            "siblings": [{"rfilename": path} for path in sorted(commit.files)],
            **more,
        }

    def runtime(self) -> dict[str, Any]:
        hardware = {"current": self.hardware, "requested": self.hardware}
        return {"stage": "RUNNING", "hardware": hardware, "gcTimeout": self.sleep_time}


def stamp(when: datetime) -> str:
    """As the Hub writes dates: UTC, milliseconds."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def listed(commit: Commit) -> dict[str, Any]:
    """An entry of the commits list."""
    return {
        "id": commit.id,
        "title": commit.title,
        "message": commit.message,
        "authors": [{"user": commit.author}],
        "date": stamp(commit.created),
    }


def changes(lines: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """(header, files with None for a deleted one, deleted folders) of a commit's ndjson."""
    header: dict[str, Any] = {}
    files: dict[str, bytes | None] = {}
    folders = []
    for line in lines:
        key, value = line["key"], line["value"]
        if key == "header":
            header = value
        elif key == "file" and value["encoding"] == "base64":
            files[value["path"]] = base64.b64decode(value["content"], validate=True)
        elif key == "deletedFile":
            files[value["path"]] = None
        elif key == "deletedFolder":
            folders.append(value["path"])
        else:
            raise Refusal(400, f"this Hub does not know how to commit a {key}")
    return header, files, folders
