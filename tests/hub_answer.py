"""What a Hub answers: a body with headers, or a refusal in the form the client understands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    """A whole response; `stream` (server-sent events) takes the place of `body`."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None


class Refusal(Exception):
    """A request that the Hub turns down; `code` is its X-Error-Code."""

    def __init__(
        self, status: int, message: str, code: str | None = None, **headers: str | int
    ) -> None:
        super().__init__(message)
        self.status, self.code = status, code
        self.headers = {name.replace("_", "-"): str(value) for name, value in headers.items()}

    def answer(self) -> Answer:
        message = str(self)
        line = " ".join(message.encode("ascii", "replace").decode().split())
        headers = {"Content-Type": "application/json", "X-Error-Message": line, **self.headers}
        if self.code:
            headers["X-Error-Code"] = self.code
        return Answer(self.status, json.dumps({"error": message}).encode(), headers)


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(
        status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers}
    )


def as_file(content: bytes, oid: str, sha: str, wanted: str | None) -> Answer:
    """A file's content or the part of it that a Range header asks for."""
    headers = {"ETag": f'"{oid}"', "X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
    if wanted is None:
        return Answer(200, content, headers)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start = int(first) if first else max(0, len(content) - int(last))
    if start >= len(content):
        return Answer(416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"})
    part = content[start : int(last) + 1 if first and last else None]
    end = start + len(part) - 1
    return Answer(206, part, {**headers, "Content-Range": f"bytes {start}-{end}/{len(content)}"})
