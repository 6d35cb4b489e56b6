"""Submit a model: check its id, see what will run and how long it may take, put it in the queue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import escape
from typing import Any

import gradio as gr

from leaderboard.board import Board
from leaderboard.checks import Refused, Unreachable
from leaderboard.choices import language_choices
from leaderboard.identity import NOBODY, Person, signs_in, who
from leaderboard.pages import shell
from leaderboard.pages.messages import KEEPING, SIGN_IN, aside, message, not_kept
from leaderboard.pages.queue import NO_WORKER
from leaderboard.submissions import Plan, languages_of, plan
from leaderboard.submissions import submit as put
from results.durations import duration
from results.languages import resolve
from results.packaged import PACKAGED
from results.queue import AlreadyRequested
from results.repo import BadRecord
from results.request import Request

Shown = tuple[Any, Any, Any]
KINDS = ("core", "all", "chosen")
HEADING = (
    "<div class='board'><h1>Submit a model</h1><p class='lead'>Any model of the Hugging Face Hub "
    "with safetensors or GGUF weights. Without a network: {packages}.</p></div>"
)
NOT_YET = (
    "Not accepted yet: {why}. Nothing is lost: your form is kept in this browser; "
    "press Submit again."
)
KEEP = """(model, kind, languages, revision, file) =>
    ({ model, kind, languages, revision, file })"""


def kinds(board: Board) -> list[tuple[str, str]]:
    """The sets that the form offers, as (label, key)."""
    return [
        (f"{len(languages_of(board, 'core', []))} core languages", "core"),
        (f"all {len(languages_of(board, 'all', []))} of the corpus", "all"),
        ("these:", "chosen"),
    ]


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
    packages = ", ".join(f"<code>pypi:{name}</code>" for name in PACKAGED)
    gr.HTML(HEADING.format(packages=packages), apply_default_css=False)
    if not board.serves:
        gr.Markdown(NO_WORKER)
    if signs_in():
        gr.LoginButton(size="md", elem_id="submit-login")
    model = gr.Textbox(
        label="Model id",
        placeholder="organisation/model",
        elem_id="submit-model",
        max_lines=1,
        max_length=300,
    )
    kind = gr.Radio(
        kinds(board),
        value="core",
        label="Languages",
        elem_id="submit-kind",
    )
    chosen = gr.Dropdown(
        language_choices(board),
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
        send = gr.Button(
            "Submit", variant="primary", elem_id="submit-send", interactive=board.writable
        )
    answer = gr.HTML(elem_id="submit-answer")
    inputs = [model, kind, chosen, revision, file]
    # Both fixed, or a draft would be lost when the server starts anew.
    draft = gr.BrowserState({}, storage_key="mexa-submission", secret="mexa-submission")  # noqa: S106

    def planned(
        person: Person,
        text: str | None,
        kind: str,
        codes: list[str] | None,
        revision: str | None,
        file: str | None,
    ) -> Plan:
        """A control that was never shown sends None."""
        languages = languages_of(board, kind, codes or [])
        return plan(board, text or "", languages, revision or "", file or "", person)

    async def check(*asked: Any) -> str:  # noqa: ANN401
        try:
            found = await aside(lambda: planned(NOBODY, *asked))
        except (Refused, BadRecord) as error:
            return message(str(error), "bad")
        if not found.missing:
            return message(
                f"{found.request.model.id} is already measured on these languages. "
                "Its numbers are on the board.",
                "bad",
            )
        return describe(found)

    async def submit(profile: gr.OAuthProfile | None, *asked: Any) -> AsyncIterator[Shown]:  # noqa: ANN401
        """Answer, button and draft; the draft goes only once the request is kept."""
        person = who(profile)
        if signs_in() and person is NOBODY:
            yield message(SIGN_IN.format(do="submit"), "bad"), gr.skip(), gr.skip()
            return
        yield message("Looking the model up …", "plain"), gr.Button(interactive=False), gr.skip()
        text, kept = await answered(person, *asked)
        if kept is None:
            yield message(KEEPING, "plain"), gr.skip(), gr.skip()
            text, kept = await accepted(text)
        yield text, gr.skip(), {} if kept else gr.skip()

    async def answered(person: Person, *asked: Any) -> tuple[Any, bool | None]:  # noqa: ANN401
        """A request and None, or a message and False."""
        try:
            return (await aside(lambda: planned(person, *asked))).request, None
        except Unreachable as error:
            return message(NOT_YET.format(why=not_kept(error)), "bad"), False
        except (Refused, BadRecord) as error:
            return message(str(error), "bad"), False

    async def accepted(request: Request) -> tuple[str, bool]:
        """A message, and whether the request is in the queue."""
        try:
            kept = await aside(lambda: put(board, request))
        except AlreadyRequested as error:
            return message(str(error), "bad"), True
        except OSError as error:
            return message(NOT_YET.format(why=not_kept(error)), "bad"), False
        except ValueError as error:
            return message(str(error), "bad"), False
        what = f"{kept.model.id}, {len(kept.languages)} languages. "
        if kept.state == "gated":
            what += f"It waits for access: {kept.reason} "
        link = "Follow it on the <a href='?page=queue'>Queue page</a>."
        return message(f"Accepted: {what}", "good", link), True

    def restore(kept: Any) -> tuple[Any, ...]:  # noqa: ANN401
        """The form as it was, if it was not accepted; anything in it may be nonsense.

        With what the corpus has now: it may have come since the page was built.
        """
        text = kept.get("model") if isinstance(kept, dict) else None
        if not isinstance(text, str) or not text.strip():
            offered = gr.Radio(choices=kinds(board)), gr.Dropdown(choices=language_choices(board))
            return (gr.skip(), *offered, *(gr.skip(),) * 3)
        one = {name: kept.get(name) for name in ("revision", "file")}
        short = {name: value[:300] if isinstance(value, str) else "" for name, value in one.items()}
        kind = kept.get("kind") if kept.get("kind") in KINDS else "core"
        codes = kept.get("languages") if isinstance(kept.get("languages"), list) else []
        offered = language_choices(board)
        known = {code for _, code in offered}
        codes = [code for code in codes if isinstance(code, str) and code in known]
        note = message("Your form as you left it; it has not been submitted.", "plain")
        picked = gr.Dropdown(choices=offered, value=codes, visible=kind == "chosen")
        chosen_kind = gr.Radio(choices=kinds(board), value=kind)
        return text[:300], chosen_kind, picked, short["revision"], short["file"], note

    kind.change(
        lambda kind: gr.Dropdown(visible=kind == "chosen"),
        kind,
        chosen,
        show_progress="hidden",
        api_visibility="private",
    )
    private: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": None}
    opened = shell.signal("submit", once=True)
    opened.changed(restore, draft, [*inputs, answer], show_progress="hidden", **private)
    for control in inputs:
        # In the browser alone, so that it is kept also while the server is away.
        control.input(None, inputs, draft, js=KEEP, api_visibility="private")
    look.click(check, inputs, answer, **private)
    model.submit(check, inputs, answer, **private)
    # The button comes back by a step of its own, which follows a failure too.
    # Under a name of its own: `/submit` is the API's.
    sent = send.click(
        submit,
        inputs,
        [answer, send, draft],
        show_progress="hidden",
        api_name="submit_form",
        **private,
    )
    sent.then(lambda: gr.Button(interactive=board.writable), None, send, **private)
