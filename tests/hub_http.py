"""The HTTP side of a Hub: connections that can be cut, faults, and answers written in one go."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub_answer import Answer, Refusal
from hub_faults import Faults, spoiled


@dataclass(frozen=True)
class Request:
    """`target` is the path as it came, quoted and with its query; `parts` are unquoted."""

    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def parts(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.target).path.split("/")[1:]]

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query)

    @property
    def token(self) -> str | None:
        word, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if word == "Bearer" else None


class Server(ThreadingHTTPServer):
    """A thread a connection, which `sever` cuts."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        faults: Faults,
        note: Callable[[Request], None],
        answer: Callable[[Request], Answer],
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.faults, self.note, self.answer = faults, note, answer
        self.severed = False
        self.connections: set[socket.socket] = set()
        self.lock = Lock()

    def sever(self) -> None:
        """Close the port and every connection."""
        self.shutdown()
        self.server_close()
        with self.lock:
            self.severed = True
            for connection in self.connections:
                _cut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        with self.server.lock:
            self.server.connections.add(self.connection)
            if self.server.severed:
                _cut(self.connection)

    def finish(self) -> None:
        with self.server.lock:
            self.server.connections.discard(self.connection)
        with contextlib.suppress(ConnectionError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, self.path, self.headers, body)
        self.server.note(request)
        path = unquote(urlsplit(self.path).path)
        fault = self.server.faults.find(self.command, path)
        answer, fault = spoiled(fault, partial(self._true, request))
        if answer is None:
            Event().wait(fault.hang)  # not time.sleep: tests replace it for the client
            self.close_connection = True
            _cut(self.connection)
        elif answer.stream is not None and not fault.half:
            self._stream(answer)
        else:
            self._send(answer, fault.half)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _respond

    def _true(self, request: Request) -> Answer:
        try:
            return self.server.answer(request)
        except Refusal as refusal:
            return refusal.answer()

    def _head(self, answer: Answer, headers: Mapping[str, str]) -> None:
        self.send_response(answer.status)
        for name, value in {**headers, **answer.headers}.items():
            self.send_header(name, value)

    def _send(self, answer: Answer, half: bool) -> None:
        body = answer.body
        self._head(answer, {"Content-Length": str(len(body) + half)})
        if self.command != "HEAD":
            self._headers_buffer += [b"\r\n", body[: len(body) // 2] if half else body]
            self.flush_headers()
        else:
            self.end_headers()
        if half:
            self.close_connection = True
            _cut(self.connection)

    def _stream(self, answer: Answer) -> None:
        self.close_connection = True
        self._head(answer, {"Connection": "close", "Content-Type": "text/event-stream"})
        self.end_headers()
        for piece in answer.stream or ():
            self.wfile.write(piece)


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
