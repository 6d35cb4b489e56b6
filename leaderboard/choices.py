"""What the forms of Submit and Queue offer to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from leaderboard.board import Board
from leaderboard.measures import ALIGNMENT, available
from results.languages import resolve


def named(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Languages as (name and code, code), by name."""
    found = sorted((resolve(code).name, code) for code in codes)
    return [(f"{name} · {code}", code) for name, code in found]


def language_choices(board: Board, measure: str = ALIGNMENT) -> list[tuple[str, str]]:
    """Every language that a submission may name, as (name and code, code)."""
    return named(available(board, measure))
