"""The models table: which model understands the languages that somebody needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
import pandas as pd

from leaderboard import scores
from leaderboard.board import Board
from leaderboard.choices import (
    choose_view,
    language_choices,
    query,
    remember,
    view_choice,
)
from leaderboard.table import Column, href, table, update
from results.language_sets import CORE, SHOWN
from results.languages import resolve

SETS = {
    "core": f"{len(CORE)} core languages",
    "all": "every language",
    "shown": "those shown below",
}
NAMES = ["languages", "over", "pooling", "view"]


def averaged(board: Board, over: str, shown: Sequence[str]) -> list[str]:
    """The languages that the average is over; never a variant."""
    card = board.card
    counted = card.counted() if card else list(CORE)
    if over == "shown":
        return [code for code in shown if code in counted]
    return counted if over == "all" else [code for code in CORE if code in counted]


def columns(shown: Sequence[str], pooling: str, count: int) -> list[Column]:
    """The table's columns; one for each language shown."""
    what = scores.POOLINGS[pooling]
    rank_hint = "Place among models with the same weights format and compute dtype"
    average_hint = f"Alignment with English, {what}, averaged over {count} languages; 95 % interval"
    covered_hint = "Languages of the set in which the model scores above chance"
    tokens_hint = "Tokens that the languages need, over those of the same text in English"
    heat: dict[str, Any] = {"kind": "number", "heat": True, "heat_range": (0.0, 1.0)}
    return [
        Column("model", "Model", "link"),
        Column("rank", "Rank", "number", digits=0, tooltip=rank_hint),
        Column("average", "Average", digits=3, tooltip=average_hint, **heat),
        Column("covered", f"Covered of {count}", "number", digits=0, tooltip=covered_hint),
        *(
            Column(code, resolve(code).name, tooltip=f"{code}: alignment, {what}", **heat)
            for code in shown
        ),
        Column("tokens_ratio", "Tokens to English", "number", tooltip=tokens_hint),
        Column("parameters", "Parameters (M)", "number", digits=0),
        Column("weights", "Weights", tooltip="What the file holds"),
        Column("dtype", "Compute dtype", tooltip="What it was computed in"),
        Column("licence", "Licence"),
        Column("measured", "Measured"),
    ]


def content(
    board: Board, shown: Sequence[str], over: str, pooling: str, key: str
) -> dict[str, Any]:
    """Arguments of `table` and `update` for a choice of languages, average, pooling and view."""
    view = choose_view(board.table, key)
    chosen = averaged(board, over, shown)
    found = []
    for row in scores.models(board.table, view, chosen, pooling) if view else []:
        link = href("/model", **{name: row[name] for name in scores.MODEL})
        full = (
            f"{row['id']}, revision {row['revision'][:12]}, {row['languages']} languages measured"
        )
        row["model"] = {"text": row["name"], "href": link, "title": full}
        row["parameters"] = None if pd.isna(row["parameters"]) else row["parameters"] / 1e6
        row["measured"] = f"{row['measured']:%Y-%m-%d}"
        missing = [code for code in shown if code not in row]
        row |= {code: cell for code in missing if (cell := _cell(board, view, row, code, pooling))}
        found.append(row)
    return {
        "columns": columns(shown, pooling, len(chosen)),
        "rows": found,
        "caption": f"Alignment with English on {view.label}" if view else "Nothing is measured yet",
        "noun": "models",
        "sort": ("average", "desc"),
    }


def _cell(
    board: Board, view: scores.View, row: dict[str, Any], code: str, pooling: str
) -> dict[str, Any] | None:
    """A language that is shown but not averaged over."""
    rows = scores.languages(board.table, view, [row[name] for name in scores.MODEL])
    mine = rows[rows["language"] == code]
    return scores.number(mine.iloc[0], pooling) if len(mine) else None


def build(board: Board) -> None:
    """Lay the page out and wire its events."""
    gr.Markdown(
        "# Which open language model works in your language?\n"
        "How well each language lines up with English inside a model, from parallel sentences "
        "([MEXA](https://arxiv.org/abs/2410.05873)): 0 is none, 1 is every sentence. "
        "Grey is no better than chance."
    )
    languages = gr.Dropdown(
        language_choices(board),
        value=list(SHOWN),
        multiselect=True,
        label="Languages shown",
        elem_id="models-languages",
    )
    with gr.Row():
        over = gr.Dropdown(
            [(label, key) for key, label in SETS.items()],
            value="core",
            label="Average over",
            min_width=240,
        )
        pooling = gr.Dropdown(
            [(label, key) for key, label in scores.POOLINGS.items()],
            value="mean",
            label="Layer pooling",
            min_width=240,
        )
        view = view_choice(board.table)
    controls = [languages, over, pooling, view]
    start = content(board, SHOWN, "core", "mean", "")
    grid = table(**start, elem_id="models-table")
    version = gr.State(board.version)

    def draw(
        shown: Sequence[str] | None, over: str | None, pooling: str | None, key: str | None
    ) -> tuple[gr.HTML, str]:
        """A control that is empty sends None."""
        version = board.version
        chosen = (shown or [], over or "core", pooling or "mean", key or "")
        return update(**content(board, *chosen)), version

    def restore(request: gr.Request) -> tuple[Any, ...]:
        asked = query(request)
        found = asked.languages(board, SHOWN), asked.one("over", SETS, "core")
        found += (asked.one("pooling", scores.POOLINGS, "mean"),)
        key = asked.values.get("view", "")
        return (*found, view_choice(board.table, key), *draw(*found, key))

    def look(seen: str, *chosen: Any) -> Any:  # noqa: ANN401
        if seen == board.version:
            return gr.skip(), gr.skip(), gr.skip()
        return view_choice(board.table, chosen[-1] or ""), *draw(*chosen)

    demo = gr.context.Context.root_block
    assert demo is not None  # noqa: S101
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    # One after the other: an answer for older choices must not arrive after one for newer.
    quiet["concurrency_id"] = "models"
    # The clock starts when the address is restored; a look before that would draw the defaults.
    clock = gr.Timer(board.settings.refresh, active=False)
    demo.load(restore, None, [*controls, grid, version], api_visibility="private").then(
        lambda: gr.Timer(active=True), None, clock, **quiet
    )
    for control in controls:
        control.input(draw, controls, [grid, version], **quiet)
        control.change(None, controls, None, js=remember(NAMES), api_visibility="private")
    clock.tick(look, [version, *controls], [view, grid, version], **quiet)
