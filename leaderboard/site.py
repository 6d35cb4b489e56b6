"""The site: one Gradio page that holds every page of the board, and what a server needs for it."""

from __future__ import annotations

from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from leaderboard import api, assets
from leaderboard.addresses import Addresses
from leaderboard.answers.common import sheets
from leaderboard.board import Board
from leaderboard.pages import about, queue, shell, submit
from leaderboard.refusals import Refusals

IDLE = 0.02
"""Seconds between two looks at an empty queue: Gradio's own 0.001 keeps 6 % of a core busy."""
DRAWN_HERE = {"submit": submit.build, "queue": queue.build, "about": about.build}
"""Pages with something of their own on the server; the others are drawn by their script alone."""


THEME = gr.themes.Default(
    primary_hue="blue",
    neutral_hue="slate",
    font=["system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
).set(
    # Gradio's own are under the contrast that WCAG asks for.
    body_text_color_subdued="*neutral_500",
    input_placeholder_color="*neutral_500",
    input_placeholder_color_dark="*neutral_400",
    button_primary_background_fill="*primary_600",
    button_primary_background_fill_hover="*primary_700",
    button_primary_background_fill_dark="*primary_600",
    button_primary_background_fill_hover_dark="*primary_700",
)
"""No font is fetched."""


def build(board: Board) -> gr.Blocks:
    """All pages, one shown at a time."""
    with gr.Blocks(title="MEXA leaderboard", analytics_enabled=False, fill_width=True) as demo:
        shell.navigation()
        for name in shell.PAGES:
            with gr.Column(elem_id=f"page-{name}", elem_classes=["page"]):
                if name in DRAWN_HERE:
                    DRAWN_HERE[name](board)
                else:
                    shell.island(name)
        api.build(board)
    # There is no public way to say it.
    demo._queue.sleep_when_free = demo._queue.progress_update_sleep_when_free = IDLE
    return demo


def launch_arguments(board: Board) -> dict[str, Any]:
    """What `launch` or `mount_gradio_app` needs besides where to listen."""

    def head() -> str:
        return shell.head(bool(sheets(board.snapshot)))

    routes = [*api.routes(board), *assets.routes()]
    middleware = [Middleware(Refusals), Middleware(Addresses, head=head)]
    return {
        "theme": THEME,
        "run_history": False,
        "footer_links": ["api", "settings"],
        "app_kwargs": {"middleware": middleware, "routes": routes},
    }
