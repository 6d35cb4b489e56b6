"""Requests as files of a store, one each, changed together and whole or not at all."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from pydantic import ValidationError

from results.ids import folder
from results.migrate import migrate
from results.request import Request
from results.store import Changes, Store
from results.transitions import View

log = logging.getLogger(__name__)
Step = Callable[[View], Request]
"""From all requests by id to the one that changed. Raises ValueError to refuse."""


class RequestFiles:
    """Reads every request that holds; every change reads the newest state first."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._seen: dict[Path, tuple[tuple[int, int, int], Request]] = {}

    def all(self) -> list[Request]:
        """Every request that can be read, oldest first."""
        paths = list(self.store.root.glob("*/*.json"))
        found = (self._read(path) for path in paths)
        known = self._seen  # another thread may put a new one in its place meanwhile
        self._seen = {path: known[path] for path in paths if path in known}
        return sorted((request for request in found if request), key=lambda request: request.id)

    def find(self, request: str) -> Request | None:
        """The request of this id."""
        return next((each for each in self.all() if each.id == request), None)

    def apply(self, message: str, steps: Iterable[Step]) -> list[Request | ValueError]:
        """Take several steps in one change; each gives its request, or why it was refused.

        Raises what `Store.change` raises: then nothing is known to be kept.
        """
        todo = list(steps)
        answers: list[Request | ValueError] = []

        def edit() -> Changes:
            answers.clear()
            before = {request.id: request for request in self.all()}
            view = dict(before)
            files: dict[str, bytes | None] = {}
            for step in todo:
                try:
                    request = step(view)
                    if request != view.get(request.id):
                        files[_name(request)] = _dump(request)
                except ValueError as error:
                    answers.append(error)
                    continue
                view[request.id] = request
                answers.append(request)
            return files

        self.store.change(message, edit)
        return answers

    def take(self, message: str, step: Step) -> Request:
        """Take one step. Raises the ValueError that refused it, and what `apply` raises."""
        (answer,) = self.apply(message, [step])
        if isinstance(answer, ValueError):
            raise answer
        return answer

    def _read(self, path: Path) -> Request | None:
        try:
            stat = path.stat()
            mark = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            known = self._seen.get(path)
            if known and known[0] == mark:
                return known[1]
            request = Request.model_validate(migrate(json.loads(path.read_text("utf-8"))))
        except (ValueError, ValidationError, OSError, AttributeError) as error:
            log.warning("request %s cannot be read: %s", path.name, error)
            return None
        self._seen[path] = (mark, request)
        return request


def _name(request: Request) -> str:
    return f"{folder(request.model.id)}/{request.id}.json"


def _dump(request: Request) -> bytes:
    return Request.model_validate(request.model_dump()).model_dump_json(indent=1).encode()
