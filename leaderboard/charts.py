"""Charts as Plotly figures, legible on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d3b", "#999933")
"""Okabe and Ito's, which colour-blind readers can tell apart; grey is kept for text."""
GREY = "#8b8f98"
GRID = "rgba(139,143,152,0.25)"


def layer_curves(rows: pd.DataFrame, languages: Sequence[str]) -> go.Figure:
    """Alignment at each hidden state, a line a language, its chance level dotted below.

    `rows` has `language`, `language_name`, `layers` and `layers_chance`.
    """
    figure = go.Figure()
    known = rows.set_index("language")
    top = 0.1
    drawn = [code for code in languages if code in known.index]
    for at, code in enumerate(drawn):
        row: Any = known.loc[code]
        if row["layers"] is None or len(row["layers"]) == 0:
            continue
        colour = COLOURS[at % len(COLOURS)]
        top = max(top, *row["layers"], *row["layers_chance"])
        shared = {"x": list(range(len(row["layers"]))), "legendgroup": code, "mode": "lines"}
        hover = f"{row['language_name']}: %{{y:.2f}} at layer %{{x}}<extra></extra>"
        figure.add_scatter(
            **shared | {"mode": "lines+markers"},
            y=list(row["layers"]),
            name=row["language_name"],
            line={"color": colour, "width": 2},
            marker={"size": 5},
            hovertemplate=hover,
        )
        figure.add_scatter(
            **shared,
            y=list(row["layers_chance"]),
            name=f"{row['language_name']}: chance",
            showlegend=False,
            line={"color": colour, "width": 1, "dash": "dot"},
            hovertemplate=hover.replace(": %", ", chance: %"),
        )
    figure.update_layout(
        height=420,
        margin={"l": 50, "r": 10, "t": 10, "b": 45},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": GREY, "size": 13},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
        xaxis={
            "title": "layer (0: embedding output)",
            "gridcolor": GRID,
            "zeroline": False,
            "rangemode": "tozero",
        },
        yaxis={
            "title": "alignment",
            "range": [-0.02 * top, 1.05 * top],
            "gridcolor": GRID,
            "zeroline": False,
        },
    )
    return figure
