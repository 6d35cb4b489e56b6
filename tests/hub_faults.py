"""Faults on command: which requests they hit, and what these get instead of an answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from hub_answer import Answer


@dataclass
class Fault:
    """Hits requests whose path contains `where`, until `times` of them are hit.

    With `answer` they get that, else the connection is closed after `hang` seconds; `half` sends
    the true answer's headers and half of its body. `applied`: the request is carried out first.
    """

    where: str = "/"
    method: str | None = None
    times: int | None = None
    chance: float = 1.0
    seed: int = 0
    answer: Answer | None = None
    hang: float = 0
    half: bool = False
    applied: bool = False
    hits: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def hit(self, method: str, path: str) -> bool:
        """Whether this request is hit; counts it if so."""
        if self.method not in (None, method) or self.where not in path:
            return False
        if self.hits == self.times or self._random.random() >= self.chance:
            return False
        self.hits += 1
        return True


@dataclass
class Faults:
    """Those in force; the latest that matches a request hits it."""

    faults: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self.faults.insert(0, fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self.faults.clear()

    def find(self, method: str, path: str) -> Fault | None:
        with self._lock:
            return next((fault for fault in self.faults if fault.hit(method, path)), None)


def spoiled(fault: Fault | None, answer: Callable[[], Answer]) -> tuple[Answer | None, Fault]:
    """What is sent, None for nothing at all, and the fault that says how."""
    if fault is None:
        return answer(), Fault()
    true = answer() if fault.applied or fault.half else None
    return (true if fault.half else fault.answer), fault
