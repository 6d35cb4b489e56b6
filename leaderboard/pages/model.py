"""One model: its layer curves for chosen languages, and every language it was measured on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr
import pandas as pd

from leaderboard import charts, scores
from leaderboard.board import Board
from leaderboard.choices import choose_view, named, query, remember, view_choice
from leaderboard.table import Column, table, update
from results.language_sets import SHOWN
from results.languages import resolve

NAMES = ["model", "languages", "view"]
CURVES = 6


def model_choices(board: Board) -> list[tuple[str, str]]:
    """Every measured model as (label, key); the key is its place in the results repo."""
    if board.table.empty:
        return []
    found = board.table.drop_duplicates(scores.MODEL)
    pairs = []
    for row in found.to_dict("records"):
        key = "|".join(str(row[name]) for name in scores.MODEL)
        label = f"{row['name']} · {row['weights']} · {row['dtype']} · {row['revision'][:8]}"
        pairs.append((label, key))
    return sorted(pairs, key=lambda pair: pair[0].casefold())


def find(board: Board, values: dict[str, str]) -> str | None:
    """The key of the model that an address names, by its key or by parts of its identity."""
    keys = [key for _, key in model_choices(board)]
    if values.get("model") in keys:
        return values["model"]
    for key in keys:
        identity = zip(scores.MODEL, key.split("|"), strict=True)
        if "id" in values and all(values.get(name, part) == part for name, part in identity):
            return key
    return keys[0] if keys and "id" not in values and "model" not in values else None


def about(rows: pd.DataFrame, view: scores.View) -> str:
    """What was loaded, on what machine, as HTML."""
    first = rows.iloc[0]
    parameters = first["parameters"]
    facts = {
        "id": first["id"],
        "revision": first["revision"],
        "weights": f"{first['weights']}, computed in {first['dtype']}",
        "architecture": f"{first['architecture']}, {first['states'] - 1:.0f} blocks",
        "parameters": "unknown" if pd.isna(parameters) else f"{parameters / 1e6:,.0f} million",
        "licence": "not stated" if pd.isna(first["licence"]) else first["licence"],
        "measured": f"{rows['started'].max():%Y-%m-%d}",
        "machine": ", ".join(sorted(set(rows["machine"]))),
        "time": f"{rows['seconds'].median():.1f} s a language (median)",
        "corpus": f"{view.label}; hash {view.corpus_hash[:12]}",
    }
    cells = "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in facts.items())
    return f"<h2>{escape(first['name'])}</h2><dl class='facts'>{cells}</dl>"


COLUMNS = [
    Column("name", "Language"),
    Column(
        "mean",
        "Alignment, mean",
        "number",
        digits=3,
        heat=True,
        heat_range=(0.0, 1.0),
        tooltip="Mean over layers, with its 95 % interval",
    ),
    Column("mean_chance", "Chance", "number", digits=3, tooltip="95th percentile of 200 pairings"),
    Column(
        "max",
        "Alignment, max",
        "number",
        heat=True,
        heat_range=(0.0, 1.0),
        tooltip="Largest over layers, with its 95 % interval",
    ),
    Column("max_chance", "Chance of max", "number", digits=3),
    Column("layer", "At layer", "number", digits=0, tooltip="0 is the embedding output"),
    Column("tokens", "Tokens", "number", digits=0, tooltip="All segments together"),
    Column("tokens_ratio", "Tokens to English", "number"),
    Column("cut", "Cut", "number", digits=0, tooltip="Segments longer than the model's positions"),
    Column("code", "Code"),
    Column("family", "Family"),
]


def content(
    board: Board, key: str | None, languages: Sequence[str], chosen: str
) -> tuple[Any, ...]:
    """What the page shows: facts, curves, and the arguments of its table."""
    view = choose_view(board.table, chosen)
    rows = pd.DataFrame()
    if key and view:
        rows = scores.languages(board.table, view, key.split("|"))
    if rows.empty or view is None:
        text = "<p>This model has no scores of this kind on this board.</p>"
        return text, None, {"columns": COLUMNS, "rows": [], "noun": "languages"}
    found = [
        {
            "name": {"text": row["language_name"], "title": resolve(row["language"]).autonym or ""},
            "code": row["language"],
            "family": resolve(row["language"]).family,
            "mean": scores.number(row, "mean"),
            "mean_chance": row["mean_chance"],
            "max": scores.number(row, "max"),
            "max_chance": row["max_chance"],
            "layer": scores.best_layer(row["layers"]),
            "tokens": row["tokens"],
            "tokens_ratio": row["tokens_ratio"],
            "cut": row["cut"],
        }
        for _, row in rows.iterrows()
        if row["language"] != view.pivot
    ]
    grid = {"columns": COLUMNS, "rows": found, "noun": "languages", "sort": ("mean", "desc")}
    return about(rows, view), charts.layer_curves(rows, languages), grid


def build(board: Board) -> None:
    """Lay the page out and wire its events."""
    models = model_choices(board)
    first = models[0][1] if models else None
    with gr.Row():
        model = gr.Dropdown(
            models, value=first, label="Model", elem_id="model-model", min_width=300
        )
        view = view_choice(board.table)
    start = content(board, first, SHOWN[:CURVES], "")
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            languages = gr.Dropdown(
                multiselect=True, label="Layer curves of", elem_id="model-languages"
            )
            curves = gr.Plot(show_label=False, elem_id="model-curves")
            gr.Markdown("Dotted: what the best twentieth of random pairings reach at that layer.")
        with gr.Column(min_width=300):
            facts = gr.HTML(elem_id="model-facts")
    grid = table(**start[2], elem_id="model-table")
    controls = [model, languages, view]
    version = gr.State(None)

    def draw(key: str | None, codes: Sequence[str] | None, view: str | None) -> tuple[Any, ...]:
        """A control that is empty sends None."""
        version = board.version
        facts, figure, grid = content(board, key, codes or [], view or "")
        return facts, figure, update(**grid), version

    def drawn(key: str | None, codes: Sequence[str], view: str) -> tuple[Any, ...]:
        """The controls, with what the board has now to choose from, and the rest of the page."""
        measured = set() if board.table.empty else set(board.table["language"])
        return (
            gr.Dropdown(model_choices(board), value=key),
            gr.Dropdown(named(measured), value=[code for code in codes if code in measured]),
            view_choice(board.table, view),
            *draw(key, codes, view),
        )

    def restore(request: gr.Request) -> tuple[Any, ...]:
        asked = query(request)
        codes = asked.languages(board, SHOWN[:CURVES])
        return drawn(find(board, asked.values), codes, asked.values.get("view", ""))

    def look(seen: str | None, *chosen: Any) -> tuple[Any, ...]:  # noqa: ANN401
        if seen in (None, board.version):
            return (gr.skip(),) * (len(controls) + len(shown))
        key, codes, view = chosen
        return drawn(key or find(board, {}), codes or list(SHOWN[:CURVES]), view or "")

    shown = [facts, curves, grid, version]
    demo = gr.context.Context.root_block
    assert demo is not None  # noqa: S101
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    # One after the other: an answer for older choices must not arrive after one for newer.
    quiet["concurrency_id"] = "model"
    # The clock starts when the address is restored; a look before that would draw the defaults.
    clock = gr.Timer(board.settings.refresh, active=False)
    demo.load(restore, None, [*controls, *shown], api_visibility="private").then(
        lambda: gr.Timer(active=True), None, clock, **quiet
    )
    for control in controls:
        control.input(draw, controls, shown, **quiet)
        control.change(None, controls, None, js=remember(NAMES), api_visibility="private")
    clock.tick(look, [version, *controls], [*controls, *shown], **quiet)
