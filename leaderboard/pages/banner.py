"""What every page says at its top while something is amiss; it comes and goes by itself."""

from __future__ import annotations

from typing import Any

import gradio as gr

from leaderboard.board import Board


def notice(board: Board) -> str:
    """A line each: the board may not write, the Hub does not answer, no job can be launched."""
    lines = []
    if not board.writable:
        lines.append(
            f"This board is read-only: it has no token that may write to {board.settings.repo}. "
            "Nothing can be submitted until its owner sets MEXA_TOKEN (on a Space: a secret)."
        )
    if board.trouble:
        lines.append(board.trouble)
    if board.waiting:
        lines.append(f"Requests wait: {board.waiting}")
    return "\n".join(lines)


def banner(board: Board) -> None:
    """Lay it out, its own clock included; call it once a page, inside the page's route."""
    # The region stays and only its text changes, or a screen reader would not read it out.
    strip = gr.HTML(
        notice(board),
        elem_classes=["banner"],
        html_template="<div role='status'></div>",
        js_on_load=(
            "const region = element.querySelector('[role=status]');"
            "const show = () => { region.textContent = props.value || ''; };"
            "show(); watch('value', show);"
        ),
        apply_default_css=False,
    )
    seen = gr.State(None)

    def look(before: str | None) -> Any:  # noqa: ANN401
        now = notice(board)
        return (gr.skip(), gr.skip()) if now == before else (now, now)

    demo = gr.context.Context.root_block
    assert demo is not None  # noqa: S101
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    demo.load(look, seen, [strip, seen], **quiet)
    gr.Timer(board.settings.refresh).tick(look, seen, [strip, seen], **quiet)
