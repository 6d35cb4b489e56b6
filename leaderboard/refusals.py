"""Calls that do not fit are refused with a 4xx, where Gradio would answer 500; no uploads."""

from __future__ import annotations

import json
import re
from typing import Any

from gradio.utils import get_function_params
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 1 << 20
"""Bytes of a call."""
CALL = re.compile(r"/gradio_api/(?:(?:run|api|call(?P<named>/v2)?)/(?P<name>[^/]+)/?|queue/join)")
CLOSED = re.compile(r"/gradio_api/(upload|process_recording|component_server|stream|vibe|proxy=)")
"""What Gradio serves and no page here needs; uploads would fill the disk."""
FILE_KEYS = {"path", "meta", "orig_name", "is_stream"}


class Bad(ValueError):
    """Raised for a call that cannot be carried out; `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Refusals:
    """ASGI middleware in front of Gradio's app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        http = scope["type"] == "http"
        closed = CLOSED.match(path) if http else None
        call = CALL.fullmatch(path) if http and scope["method"] == "POST" else None
        if not (call or closed):
            await self._app(scope, receive, send)
            return
        try:
            if closed:
                raise Bad(403, "this board does not serve that")
            body = await body_of(receive)
            blocks = scope["app"].get_blocks()
            if call and call["named"]:
                check_named(body, call["name"], blocks)
            else:
                check(body, call["name"] if call else None, blocks)
        except Bad as error:
            answer = JSONResponse({"error": str(error)}, error.status)
            await answer(scope, receive, send)
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, again, _Mended(send))


async def body_of(receive: Receive) -> bytes:
    """All of a call's body. Raises Bad when it is too large or cut short."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Bad(400, "the call was cut short")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            raise Bad(413, f"a call may have {LARGEST} bytes")
        if not message.get("more_body"):
            return b"".join(parts)


def parsed(body: bytes) -> Any:  # noqa: ANN401
    """A body as JSON. Raises Bad."""
    try:
        found = json.loads(body)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise Bad(400, "this is not JSON, or too deep, or not Unicode") from None
    return found


def check(body: bytes, name: str | None, blocks: Any) -> None:  # noqa: ANN401
    """Whether a call names a function of the site and has as many inputs as it. Raises Bad."""
    asked = parsed(body)
    if not isinstance(asked, dict):
        raise Bad(422, "a call is an object with “data”")
    named = [fn for fn in blocks.fns.values() if fn.api_name == name and name is not None]
    index = asked.get("fn_index")
    fn = named[0] if named else blocks.fns.get(index) if type(index) is int else None
    if fn is None:
        raise Bad(404, "there is no such function; /gradio_api/info lists them")
    data = asked.get("data")
    if not isinstance(data, list) or len(data) != len(fn.inputs):
        raise Bad(422, f"“data” must be a list of {len(fn.inputs)} values")
    if _holds_file(data):
        raise Bad(422, "this board takes no files")


def check_named(body: bytes, name: str, blocks: Any) -> None:  # noqa: ANN401
    """Whether a call that names its inputs fits a public function of the site. Raises Bad."""
    asked = parsed(body)
    if not isinstance(asked, dict):
        raise Bad(422, "a call is an object of inputs by name")
    public = [fn for fn in blocks.fns.values() if fn.api_visibility != "private"]
    fn = next((fn for fn in public if fn.api_name == name), None)
    if fn is None:
        raise Bad(404, "there is no such function; /gradio_api/info lists them")
    needed = {each: not default for each, default, *_ in get_function_params(fn.fn)}
    if unknown := [each for each in asked if each not in needed]:
        raise Bad(422, f"there is no input “{unknown[0][:60]}”; there are {', '.join(needed)}")
    if lacking := [each for each, is_needed in needed.items() if is_needed and each not in asked]:
        raise Bad(422, f"the input “{lacking[0]}” is missing")
    if _holds_file(list(asked.values())):
        raise Bad(422, "this board takes no files")


def _holds_file(value: object) -> bool:
    waiting = [value]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            if FILE_KEYS & at.keys():
                return True
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at
    return False


class _Mended:
    """Sends an answer on; a 500 that carries a message for a person becomes a 400."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 500:
            self._start = message
            return
        if self._start:
            start, self._start = self._start, None
            if re.match(rb'\{"error":\s*"', message.get("body", b"")):
                start = {**start, "status": 400}
            await self._send(start)
        await self._send(message)
