"""What the pages and the API say: one function an endpoint, from a board and a question to JSON."""

from __future__ import annotations

from leaderboard.answers.about import board, state
from leaderboard.answers.common import NotFound
from leaderboard.answers.compare import answer as compare
from leaderboard.answers.languages import answer as languages
from leaderboard.answers.models import answer as models
from leaderboard.answers.requests import answer as requests
from leaderboard.answers.scores import answer as scores
from leaderboard.answers.segments import answer as segments

__all__ = [
    "NotFound",
    "board",
    "compare",
    "languages",
    "models",
    "requests",
    "scores",
    "segments",
    "state",
]
