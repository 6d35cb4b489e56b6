"""What the pages and the API say: one function an endpoint, from a board and a question to JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaderboard.answers.about import board, state
from leaderboard.answers.common import NotFound, sheets
from leaderboard.answers.compare import answer as compare
from leaderboard.answers.forecast import answer as forecast
from leaderboard.answers.languages import answer as languages
from leaderboard.answers.layers import answer as layers
from leaderboard.answers.models import answer as models
from leaderboard.answers.noise import answer as noise
from leaderboard.answers.requests import answer as requests
from leaderboard.answers.scores import answer as scores
from leaderboard.answers.segments import answer as segments
from leaderboard.answers.tasks import answer as tasks
from leaderboard.answers.trust import answer as trust
from leaderboard.answers.trust_methods import answer as agreement
from leaderboard.asked import ModelsAsked

if TYPE_CHECKING:
    from leaderboard.board import Board

__all__ = [
    "NotFound",
    "agreement",
    "board",
    "compare",
    "forecast",
    "languages",
    "layers",
    "models",
    "noise",
    "requests",
    "scores",
    "segments",
    "state",
    "tasks",
    "trust",
    "warm",
]


def warm(of: Board) -> None:
    """Answer what first visitors ask, so that nobody waits for libraries and sums of everything."""
    still = of.still()
    if sheets(still.snapshot):
        models(still, ModelsAsked())
        models(still, ModelsAsked(languages=("all",)))
