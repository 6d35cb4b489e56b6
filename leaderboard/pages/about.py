"""About: what the numbers are, how to read them, where they come from, how to get them."""

from __future__ import annotations

import re
from html import escape

from leaderboard.board import Board
from leaderboard.pages import about_measures, about_text, shell
from results.corpora import Card

MEXA = "https://arxiv.org/abs/2410.05873"


def build(board: Board) -> None:
    """Lay the page out; it is text, drawn anew when it is opened: a corpus may have come since."""
    text = shell.island("about", content(board))
    opened = shell.signal("about", once=True)
    opened.changed(
        lambda: content(board), None, text, show_progress="hidden", api_visibility="private"
    )


def content(board: Board) -> str:
    """The page as HTML."""
    card = board.card
    facts = {
        "n": str(card.n) if card else "n",
        "measures": about_measures.tables(),
        "corpora": "".join(map(corpus, board.cards)) or "<p>No corpus is on this board yet.</p>",
    }
    sections = [
        (anchor, title, text % facts if "%(" in text else text)
        for anchor, title, text in about_text.SECTIONS
    ]
    menu = "".join(f"<li><a href='?page=about#{a}'>{t}</a></li>" for a, t, _ in sections)
    body = "".join(f"<section id='{a}'><h2>{t}</h2>{text}</section>" for a, t, text in sections)
    return (
        "<article class='board about'><h1>About this board</h1>"
        f"<p class='lead'>{about_text.LEAD}</p>"
        f"<div class='columns'><nav aria-label='On this page'><ul>{menu}</ul></nav>"
        f"<div class='text'>{body}</div></div></article>"
    )


def corpus(card: Card) -> str:
    """A corpus card as HTML; its words are a stranger's."""
    counted = len(card.counted())
    facts = {
        "Licence": linked(card.licence),
        "Size": f"{card.n} segments in {counted} languages and {len(card.languages) - counted} "
        f"variants; {len(card.left_out)} texts were left out",
        "Segments": "shown on a model's page, beside the English ones"
        if card.text_public
        else "not shown: the licence does not allow it",
        "Build": f"<code>{escape(card.hash[:12])}</code>"
        + (f", {escape(card.split)}" if card.split else ""),
    }
    cells = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items())
    return f"<h3>{escape(card.name)}</h3><dl class='facts'>{cells}</dl>"


def linked(text: str) -> str:
    """Escaped text, its https addresses as links."""
    return re.sub(r"https://[\w./~-]+", lambda at: f"<a href='{at[0]}'>{at[0]}</a>", escape(text))
