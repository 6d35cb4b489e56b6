"""The endpoints: what each may be asked, who answers it, and what makes an answer out of date."""

from __future__ import annotations

import hashlib
import inspect
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from leaderboard import answers, asked, forecasts
from leaderboard.question import Asked

if TYPE_CHECKING:
    from leaderboard.board import Board

Json = dict[str, Any]
ROOT = "/api/v1"
API = 1
PACKAGES = ("leaderboard", "results")
_PROCESS = secrets.token_hex(8)
"""`Board.changes` counts from 0 in every process."""


@dataclass(frozen=True)
class Endpoint:
    """`moves`: with the results alone, with the queue and what is on disk too, with a notice, or
    when a forecast is worked out."""

    name: str
    asked: type[Asked]
    moves: Literal["results", "queue", "state", "forecasts"] = "results"
    function: bool = True
    """Whether Gradio's clients have it too."""

    @property
    def says(self) -> str:
        """What it is for, from the docstring of what answers."""
        return (inspect.getdoc(getattr(answers, self.name)) or "").strip()

    def answer(self, board: Board, question: Any) -> Json:  # noqa: ANN401
        """The answer as JSON has it. Raises answers.NotFound, ValueError."""
        board = board.still()
        version = board.version
        act = getattr(answers, self.name)
        found = (
            act(board, question)
            if self.asked.model_fields and self.name != "requests"
            else act(board)
        )
        if self.name == "requests" and question.id:
            found = {**found, "requests": _only(found["requests"], question.id)}
        return {"api": API, "version": version, **found}

    def moment(self, board: Board) -> tuple[Any, ...]:
        """What an answer depends on besides the question."""
        cards = tuple((card.hash, card.text_public) for card in board.cards)
        known = (code(), self.name, board.version, cards)
        if self.moves == "results":
            return known
        if self.moves == "forecasts":
            return (*known, _PROCESS, forecasts.ended())
        notice = board.notice if self.moves == "state" else ""
        return (*known, _PROCESS, board.changes, notice)


def _only(requests: list[Json], id: str) -> list[Json]:
    found = [request for request in requests if request["id"] == id]
    if not found:
        raise answers.NotFound(
            f"there is no request {id}; those that ended long ago are not listed"
        )
    return found


ENDPOINTS = {
    each.name: each
    for each in (
        Endpoint("board", Asked, "queue"),
        Endpoint("state", Asked, "state", function=False),
        Endpoint("models", asked.ModelsAsked),
        Endpoint("languages", asked.TableOfLanguagesAsked),
        Endpoint("scores", asked.ScoresAsked),
        Endpoint("compare", asked.CompareAsked),
        Endpoint("tasks", asked.TasksAsked),
        Endpoint("trust", asked.TrustAsked),
        Endpoint("forecast", asked.ForecastAsked, "forecasts"),
        Endpoint("agreement", asked.AgreementAsked),
        Endpoint("noise", asked.NoiseAsked),
        # The curves are in the record files, which a fresh Space has after the summary.
        Endpoint("layers", asked.LayersAsked, "queue"),
        # A corpus whose text may be shown can come to this disk while a job runs.
        Endpoint("segments", asked.SegmentsAsked, "queue"),
        Endpoint("requests", asked.RequestsAsked, "queue"),
    )
}


@cache
def code() -> str:
    """Hash of the program's own files: another version may answer the same question otherwise."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent.parent
    for path in sorted(path for name in PACKAGES for path in (root / name).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
