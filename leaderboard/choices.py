"""What a page's controls offer, and how its address keeps what somebody chose."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

import gradio as gr
import pandas as pd

from leaderboard import scores
from leaderboard.board import Board
from results.languages import UnknownLanguage, resolve


def view_choices(table: pd.DataFrame) -> list[tuple[str, str]]:
    """The views that the board has scores for as (label, key), the default first.

    Labels that would be alike say which build of the corpus they mean.
    """
    found = scores.views(table)
    labels = [view.label for view in found]
    return [
        (
            view.label
            if labels.count(view.label) == 1
            else f"{view.label} ({view.corpus_hash[:6]})",
            view.configuration,
        )
        for view in found
    ]


def choose_view(table: pd.DataFrame, key: str | None) -> scores.View | None:
    """The view of this key, else the default; None on an empty board."""
    found = scores.views(table)
    default = found[0] if found else None
    return next((view for view in found if view.configuration == key), default)


def view_choice(table: pd.DataFrame, key: str = "") -> gr.Dropdown:
    """The control that chooses among the views; also what an event makes of it."""
    view = choose_view(table, key)
    return gr.Dropdown(
        view_choices(table),
        value=view.configuration if view else None,
        label="Corpus and method",
        min_width=240,
    )


def named(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Languages as (name and code, code), by name."""
    found = sorted((resolve(code).name, code) for code in codes)
    return [(f"{name} · {code}", code) for name, code in found]


def language_choices(board: Board) -> list[tuple[str, str]]:
    """Every language of the board's corpus as (name and code, code), by name."""
    card = board.card
    codes = [language.code for language in card.languages] if card else []
    if not codes and not board.table.empty:
        codes = sorted(set(board.table["language"]))
    return named(codes)


@dataclass(frozen=True)
class Query:
    """The query of a page's address; anything in it may be nonsense."""

    values: dict[str, str]

    def one(self, name: str, allowed: Container[str], default: str) -> str:
        """A value that is allowed, else the default."""
        value = self.values.get(name, default)
        return value if value in allowed else default

    def languages(self, board: Board, default: Sequence[str]) -> list[str]:
        """The languages in `languages=` that the board has, else the default."""
        known = {code for _, code in language_choices(board)}
        found = []
        for part in self.values.get("languages", "").split(",")[:100]:
            try:
                code = resolve(part).code if part else ""
            except UnknownLanguage:
                continue
            if code in known and code not in found:
                found.append(code)
        return found or [code for code in default if code in known]


def query(request: gr.Request) -> Query:
    """The query of the address that the page was opened with."""
    return Query({str(k): str(v) for k, v in dict(request.query_params).items()})


def remember(names: Sequence[str]) -> str:
    """JavaScript that writes the controls' values into the address, so that it can be shared."""
    return f"""(...values) => {{
        const url = new URL(window.location);
        {json.dumps(list(names))}.forEach((name, i) => {{
            const value = Array.isArray(values[i]) ? values[i].join(",") : values[i];
            if (value) url.searchParams.set(name, value); else url.searchParams.delete(name);
        }});
        window.history.replaceState(window.history.state, "", url);
        return [];
    }}"""
