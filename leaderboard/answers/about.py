"""What the board has to choose from, and what it shows just now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from leaderboard.answers.common import Json, counted, language, view, views
from results.language_sets import CORE
from results.languages import find
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.board import Board


def board(board: Board) -> Json:
    """The board's views, corpora, languages' families, scripts and regions, and its settings."""
    found = views(board)
    codes = {code for sheet in found for code in sheet.languages if code != sheet.pivot}
    listed = {language.code for card in board.cards for language in card.languages}
    # A card may come from a newer program, whose table knows more.
    codes |= {code for code in listed if find(code)}
    facts = [language(code) for code in codes]
    scripts = {each["script"]: each["script_name"] for each in facts}
    regions: dict[str, set[str]] = {}
    for each in facts:
        if each["continent"]:
            regions.setdefault(each["continent"], set()).add(each["region"] or each["continent"])
    public = {card.hash: card.text_public for card in board.cards}
    return {
        "views": [
            {
                **view(each),
                "text_public": public.get(str(each.parameters["corpus_hash"]), False),
                "sets": _sets(board, each),
            }
            for each in found
        ],
        "sets": _sets(board, found[0]) if found else {"core": 0, "all": 0},
        "families": sorted({each["family"] for each in facts if each["family"]}),
        "scripts": [{"code": code, "name": name} for code, name in sorted(scripts.items())],
        "regions": [
            {"continent": name, "regions": sorted(parts - {name})}
            for name, parts in sorted(regions.items())
        ],
        "corpora": [
            {
                "corpus": card.name,
                "corpus_hash": card.hash,
                "n": card.n,
                "licence": card.licence,
                "text_public": card.text_public,
                "languages": len(card.counted()),
                "variants": len(card.languages) - len(card.counted()),
                "left_out": len(card.left_out),
            }
            for card in board.cards
        ],
        "space": os.environ.get("SPACE_ID"),
        "writable": board.writable,
        "refresh": max(board.settings.refresh, board.results.pause),
    }


def _sets(board: Board, sheet: Sheet) -> Json:
    """How many languages the named sets have in a view."""
    codes = set(counted(board, sheet))
    return {"core": len(codes & set(CORE)), "all": len(codes)}


def state(board: Board) -> Json:
    """What tells a page that it is out of date, and what it should say at its top."""
    return {"version": board.version, "changes": board.changes, "notice": board.notice}
