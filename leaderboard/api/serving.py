"""Encoded answers: worked out once, in a few threads, and kept while there is room."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, proxy

import orjson

from leaderboard.api import tables
from leaderboard.api.endpoints import Endpoint, Json
from leaderboard.question import Asked

if TYPE_CHECKING:
    from leaderboard.board import Board

ROOM = 64 << 20
"""Bytes of answers that are kept."""
WORTH_PACKING = 1_000
"""Bytes; a smaller answer fits one packet anyway."""
LEVEL = 5
MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


MOST_WAITING = 200
"""Different questions that may wait to be worked out."""


class Crowded(Exception):
    """Raised instead of making a long queue longer."""

    def __init__(self) -> None:
        super().__init__("too many ask at once just now; try again in a few seconds")


@dataclass(frozen=True)
class Encoded:
    """An answer as it is sent; `body` is gzip where `packed`."""

    body: bytes
    packed: bool
    media_type: str
    file: str
    """A name to save it under, without an ending."""

    def plain(self) -> bytes:
        """The body as it is without gzip."""
        return gzip.decompress(self.body) if self.packed else self.body


class Served:
    """The answers of one board. All methods may be called from any thread and event loop."""

    def __init__(self, board: Board, room: int = ROOM) -> None:
        # By a weak reference: else a board that nobody uses any more would stay with its answers.
        self.board: Board = proxy(board)
        self._room = room
        self._lock = Lock()
        self._kept: OrderedDict[str, Encoded] = OrderedDict()
        self._size = 0
        self._waiting: dict[str, Future[Encoded]] = {}
        # More at once than there are cores would only need more memory.
        self._pool = ThreadPoolExecutor(max(2, os.cpu_count() or 2), "answering")

    def tag(self, endpoint: Endpoint, asked: Asked) -> str:
        """The name of an answer, known before it is worked out: an entity tag without quotes."""
        known = (endpoint.moment(self.board), asked.canonical())
        return hashlib.sha256(repr(known).encode()).hexdigest()[:32]

    async def answer(self, endpoint: Endpoint, asked: Asked) -> Encoded:
        """An answer; those who ask the same while it is worked out wait for the same.

        Raises answers.NotFound, ValueError, Crowded.
        """
        tag = self.tag(endpoint, asked)
        with self._lock:
            if kept := self._kept.get(tag):
                self._kept.move_to_end(tag)
                return kept
            waiting = self._waiting.get(tag)
            if waiting is None:
                if len(self._waiting) >= MOST_WAITING:
                    raise Crowded
                waiting = self._pool.submit(self._make, tag, endpoint, asked)
                self._waiting[tag] = waiting
        # Shielded: one visitor who leaves must not take the answer from the others.
        return await asyncio.shield(asyncio.wrap_future(waiting))

    async def json(self, endpoint: Endpoint, asked: Asked) -> Json:
        """The answer that plain HTTP gives, as objects. Raises as `answer` does."""
        found = await self.answer(endpoint, asked)
        parsed: Json = await asyncio.to_thread(lambda: orjson.loads(found.plain()))
        return parsed

    def _make(self, tag: str, endpoint: Endpoint, asked: Asked) -> Encoded:
        try:
            made = encode(endpoint, asked, endpoint.answer(self.board, asked))
            self._keep(tag, made)
            return made
        finally:
            with self._lock:
                self._waiting.pop(tag, None)

    def _keep(self, tag: str, made: Encoded) -> None:
        if len(made.body) > self._room:
            return
        with self._lock:
            before = self._kept.pop(tag, None)
            self._size += len(made.body) - (len(before.body) if before else 0)
            self._kept[tag] = made
            while self._size > self._room:
                self._size -= len(self._kept.popitem(last=False)[1].body)


def encode(endpoint: Endpoint, asked: Any, answer: Json) -> Encoded:  # noqa: ANN401
    """An answer in the format that was asked for."""
    form = getattr(asked, "format", "json")
    if form == "json":
        body = orjson.dumps(answer)
    else:
        table = tables.table(endpoint.name, answer)
        body = tables.csv(table) if form == "csv" else tables.parquet(table)
    packed = form != "parquet" and len(body) >= WORTH_PACKING
    if packed:
        body = gzip.compress(body, LEVEL, mtime=0)
    return Encoded(body, packed, MEDIA[form], tables.file_name(endpoint.name, answer))


_SERVED: WeakKeyDictionary[Board, Served] = WeakKeyDictionary()


def served(board: Board) -> Served:
    """The answers of a board, the same for plain HTTP and Gradio."""
    if board not in _SERVED:
        _SERVED[board] = Served(board)
    return _SERVED[board]
