"""The site: every page under its address, and what the server must be told to show them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from leaderboard import api, table
from leaderboard.board import Board
from leaderboard.pages import about, model, models, queue, submit
from leaderboard.pages.banner import banner
from leaderboard.refusals import Refusals

STYLE = (Path(__file__).parent / "static" / "site.css").read_text("utf-8")
PAGES = {
    "model": ("One model", model),
    "submit": ("Submit", submit),
    "queue": ("Queue", queue),
    "about": ("How to read it", about),
}


def build(board: Board) -> gr.Blocks:
    """All pages; the models table is the first."""
    with gr.Blocks(title="MEXA leaderboard", analytics_enabled=False, fill_width=True) as demo:
        gr.Navbar(main_page_name="Models")
        banner(board)
        models.build(board)
        api.build(board)
    for path, (name, page) in PAGES.items():
        with demo.route(name, f"/{path}"):
            gr.Navbar(main_page_name="Models")
            banner(board)
            page.build(board)
    return demo


def launch_arguments() -> dict[str, Any]:
    """What `launch` or `mount_gradio_app` needs besides where to listen."""
    assets = table.assets()
    guarded = {**assets.pop("app_kwargs", {}), "middleware": [Middleware(Refusals)]}
    return {
        "theme": gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        "css": STYLE,
        "run_history": False,
        "footer_links": ["api", "settings"],
        "app_kwargs": guarded,
        **assets,
    }
