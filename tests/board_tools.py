"""What tests of a running board share."""

from __future__ import annotations

from pathlib import Path

from leaderboard.board import Board

FIXTURES = Path(__file__).parent / "fixtures" / "repo"


def ids(board: Board) -> set[str]:
    """The models that it shows."""
    return {model["id"] for model in board.snapshot.models}
