"""What the forms of Submit and Queue offer to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from leaderboard.board import Board
from leaderboard.submissions import PIVOT
from results.languages import resolve


def named(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Languages as (name and code, code), by name."""
    found = sorted((resolve(code).name, code) for code in codes)
    return [(f"{name} · {code}", code) for name, code in found]


def language_choices(board: Board) -> list[tuple[str, str]]:
    """Every language that a submission may name, as (name and code, code), without the pivot."""
    card = board.card
    codes = [language.code for language in card.languages] if card else []
    return named(code for code in codes if code != PIVOT)
