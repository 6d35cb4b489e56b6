"""The queue: what waits, what runs and how far it is, what finished, what failed and why."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from leaderboard import scores
from leaderboard.board import Board
from leaderboard.table import Column, href, table, update
from results.durations import duration
from results.languages import resolve
from results.request import Request

ORDER = ("running", "pending", "gated", "failed", "cancelled", "finished")
FAILURES = 20
NO_WORKER = "**No worker runs on this machine:** requests wait until one somewhere takes them up."
COLUMNS = [
    Column("model", "Model", "link"),
    Column("state", "State"),
    Column("progress", "Progress"),
    Column("left", "Time left"),
    Column("languages", "Languages", "number", digits=0),
    Column("weights", "Weights"),
    Column("dtype", "Compute dtype"),
    Column("attempts", "Attempts", "number", digits=0, tooltip="Times that a worker took it up"),
    Column("created", "Submitted (UTC)"),
    Column("reason", "Reason"),
]


def row(request: Request) -> dict[str, Any]:
    """A request as a row of the table."""
    now = request.progress if request.state == "running" else None
    doing = f", {resolve(now.doing).name}" if now and now.doing else ""
    running = f"{now.done} of {now.total}{doing}" if now else "loading the model"
    left = duration(now.seconds_left) if now and now.seconds_left is not None else None
    identity = {name: getattr(request.model, name) for name in scores.MODEL}
    link = {"href": href("/model", **identity)} if request.state == "finished" else {}
    return {
        "model": {"text": request.model.id, "title": f"revision {request.model.revision}", **link},
        "state": request.state,
        "progress": running if request.state == "running" else None,
        "left": left,
        "languages": len(request.languages),
        "weights": request.model.weights,
        "dtype": request.model.dtype,
        "attempts": len(request.attempts),
        "created": f"{request.created:%Y-%m-%d %H:%M}",
        "reason": request.reason if request.state != "finished" else None,
    }


def content(board: Board) -> dict[str, Any]:
    """Arguments of the table: running, then pending, oldest first; the rest newest first."""
    found = sorted(board.requests, key=lambda request: request.id, reverse=True)
    active = ("running", "pending")
    found = sorted(found, key=lambda r: r.id if r.state in active else "")
    found = sorted(found, key=lambda r: ORDER.index(r.state))
    count = {state: sum(r.state == state for r in found) for state in ORDER}
    caption = ", ".join(f"{number} {state}" for state, number in count.items() if number)
    return {
        "columns": COLUMNS,
        "rows": [row(request) for request in found],
        "caption": caption or "The queue is empty",
        "noun": "requests",
    }


def failures(board: Board) -> str:
    """The newest failed requests with their reason and the end of their log, as HTML."""
    failed = [r for r in sorted(board.requests, key=lambda r: r.id) if r.state == "failed"]
    parts = [
        f"<details><summary>{escape(r.model.id)}: {escape(r.reason or 'no reason is known')}"
        f"</summary><pre>{escape(r.log or 'no log')}</pre></details>"
        for r in failed[-FAILURES:][::-1]
    ]
    return f"<h2>Failed, and the end of each log</h2>{''.join(parts)}" if parts else ""


def build(board: Board) -> None:
    """Lay the page out and wire its events."""
    gr.Markdown("# Queue\nIt renews itself. A failed model can be submitted again at once.")
    if not board.serves:
        gr.Markdown(NO_WORKER)
    grid = table(**content(board), elem_id="queue-table")
    failed = gr.HTML(failures(board), elem_id="queue-failures")
    seen = gr.State([])

    def look(before: list[str]) -> tuple[Any, ...]:
        now = [request.model_dump_json() for request in board.requests]
        if now == before:
            return gr.skip(), gr.skip(), gr.skip()
        return update(**content(board)), failures(board), now

    demo = gr.context.Context.root_block
    assert demo is not None  # noqa: S101
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    demo.load(look, seen, [grid, failed, seen], **quiet)
    gr.Timer(board.settings.refresh).tick(look, seen, [grid, failed, seen], **quiet)
