"""ASGI middleware for the one page at `/`: its query is the browser's, its head is ours.

Gradio's own route for `/` takes `?page=` for a page of its own and answers 500, so the query stops
here; the scripts read it from the browser's address. Gradio puts an app's `head` in only once its
scripts run; ours goes into the HTML, so that the first fetch starts with the first byte. Addresses
of the board before it was one page lead to the same things on it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leaderboard.answers.common import key_of

OLD = ("model", "submit", "queue", "about", "languages", "compare")


class Addresses:
    """`head()` is HTML that goes to the beginning of the page's `<head>`."""

    def __init__(self, app: ASGIApp, head: Callable[[], str]) -> None:
        self._app = app
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", "")) or "/"
        name = path.strip("/")
        if name in OLD:
            up = "../" if path.endswith("/") else "./"
            answer = RedirectResponse(up + moved(name, scope["query_string"].decode("latin-1")))
            await answer(scope, receive, send)
        elif path == "/":
            zipped = "gzip" in Headers(scope=scope).get("accept-encoding", "")
            await self._app(
                {**scope, "query_string": b""}, receive, _Page(send, self._head().encode(), zipped)
            )
        else:
            await self._app(scope, receive, send)


def moved(name: str, query: str) -> str:
    """The query of an old address's page: `?page=model&model=org/name@12345678:bf16:f32`."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if name == "model" and "id" in asked:
        identity = {key: asked.pop(key, "") for key in ("id", "revision", "weights", "dtype")}
        asked["model"] = key_of(identity) if all(identity.values()) else identity["id"]
    asked.pop("page", None)
    return "?" + urlencode({"page": name, **asked}, quote_via=quote, safe="/@:,")


class _Page:
    """Sends the page on, our head put in; compressed where the browser can read that."""

    def __init__(self, send: Send, head: bytes, zipped: bool) -> None:
        self._send = send
        self._head = head
        self._zipped = zipped
        self._start: dict[str, Any] | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if message["status"] == 200 and kind.startswith("text/html"):
                self._start = dict(message)
                return
        elif message["type"] == "http.response.body" and self._start:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            start, self._start = self._start, None
            body = self._body.replace(b"<head>", b"<head>" + self._head, 1)
            headers = MutableHeaders(raw=list(start["headers"]))
            if self._zipped and body and "content-encoding" not in headers:
                body = gzip.compress(body, 5)
                headers["Content-Encoding"] = "gzip"
            headers["Vary"] = "Accept-Encoding"
            if body:
                headers["Content-Length"] = str(len(body))
            await self._send({**start, "headers": headers.raw})
            message = {"type": "http.response.body", "body": body}
        await self._send(message)
