"""Submit a model: check its id, see what will run and how long it may take, put it in the queue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from leaderboard.board import Board
from leaderboard.checks import Refused, Unreachable
from leaderboard.choices import language_choices
from leaderboard.extras import EXTRAS
from leaderboard.extras import HINT as COST
from leaderboard.identity import NOBODY, Person, signs_in, who
from leaderboard.measures import ALIGNMENT, DEFAULT, languages_of, offered, task_of
from leaderboard.pages import shell
from leaderboard.pages.messages import KEEPING, SIGN_IN, aside, message, not_kept
from leaderboard.pages.planned import describe
from leaderboard.pages.queue import NO_WORKER, asked_for
from leaderboard.submissions import Plan, plan
from leaderboard.submissions import submit as put
from results.packaged import PACKAGED
from results.queue import AlreadyRequested
from results.repo import BadRecord
from results.request import Request

Shown = tuple[Any, Any, Any]
HEADING = (
    "<div class='board'><h1>Submit a model</h1><p class='lead'>Any model of the Hugging Face Hub "
    "with safetensors or GGUF weights. Without a network: {packages}.</p></div>"
)
NOT_YET = (
    "Not accepted yet: {why}. Nothing is lost: your form is kept in this browser; "
    "press Submit again."
)
HINT = (
    "Alignment needs no labelled test. A task is asked through lm-evaluation-harness, in English "
    "unless you choose more; all but UDHR cloze need the Hub for their questions."
)
KEEP = """(model, measure, kind, languages, revision, file, extras) =>
    ({ model, measure, kind, languages, revision, file, extras })"""


def kinds(board: Board, measure: str = ALIGNMENT) -> list[tuple[str, str]]:
    """The sets that the form offers, as (label, key).

    The first has one key for whatever is measured: so nobody who is quicker than the server
    submits the set of something else.
    """
    core, whole = (len(languages_of(board, kind, [], measure)) for kind in ("core", "all"))
    if measure == ALIGNMENT:
        sets = [(f"{core} core languages", DEFAULT), (f"all {whole} of the corpus", "all")]
    else:
        sets = [
            ("English only", DEFAULT),
            (f"{core} core languages", "core"),
            (f"all {whole} that have it", "all"),
        ]
    return [*sets, ("these:", "chosen")]


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
    measure = gr.Radio(
        offered(board),
        value=ALIGNMENT,
        label="What to measure",
        info=HINT,
        elem_id="submit-measure",
    )
    extras = gr.CheckboxGroup(
        [(label, key) for key, label in EXTRAS.items()],
        label="Measure also",
        info=COST,
        elem_id="submit-extras",
    )
    kind = gr.Radio(
        kinds(board),
        value=DEFAULT,
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
    inputs = [model, measure, kind, chosen, revision, file, extras]
    # Both fixed, or a draft would be lost when the server starts anew.
    draft = gr.BrowserState({}, storage_key="mexa-submission", secret="mexa-submission")  # noqa: S106

    def planned(
        person: Person,
        text: str | None,
        measure: str | None,
        kind: str,
        codes: list[str] | None,
        revision: str | None,
        file: str | None,
        extras: list[str] | None = None,
    ) -> Plan:
        """A control that was never shown sends None."""
        measure = measure or ALIGNMENT
        task_of(board, measure)
        languages = languages_of(board, kind, codes or [], measure)
        # A task hides the choice of extras, which keeps what was chosen.
        more = [str(key) for key in extras or []] if measure == ALIGNMENT else []
        return plan(board, text or "", languages, revision or "", file or "", person, measure, more)

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
        what = f"{kept.model.id}, {asked_for(kept)}. "
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
            fresh = gr.Radio(choices=kinds(board)), gr.Dropdown(choices=language_choices(board))
            return (gr.skip(), gr.skip(), *fresh, *(gr.skip(),) * 4)
        one = {name: kept.get(name) for name in ("revision", "file")}
        short = {name: value[:300] if isinstance(value, str) else "" for name, value in one.items()}
        what = kept.get("measure") if kept.get("measure") in measured_here() else ALIGNMENT
        controls = languages_for(what, kept.get("kind"), kept.get("languages"))
        note = message("Your form as you left it; it has not been submitted.", "plain")
        texts = short["revision"], short["file"]
        return text[:300], gr.Radio(value=what), *controls, *texts, extras_of(kept, what), note

    def extras_of(kept: dict[str, Any], what: str) -> gr.CheckboxGroup:
        asked = kept.get("extras")
        known = [key for key in asked if key in EXTRAS] if isinstance(asked, list) else []
        return gr.CheckboxGroup(value=known, visible=what == ALIGNMENT)

    def measured_here() -> list[str]:
        return [key for _, key in offered(board)]

    def languages_for(what: str, kind: Any, codes: Any) -> tuple[gr.Radio, gr.Dropdown]:  # noqa: ANN401
        """The two controls of languages for what is measured, with what still fits of a choice."""
        there = kinds(board, what)
        kind = kind if kind in [key for _, key in there] else DEFAULT
        choices = language_choices(board, what)
        known = {code for _, code in choices}
        codes = codes if isinstance(codes, list) else []
        codes = [code for code in codes if isinstance(code, str) and code in known]
        picked = gr.Dropdown(choices=choices, value=codes, visible=kind == "chosen")
        return gr.Radio(choices=there, value=kind), picked

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
    # By a person alone: what is restored comes with its own languages.
    turned = measure.input(
        languages_for, [measure, kind, chosen], [kind, chosen], show_progress="hidden", **private
    )
    turned.then(None, inputs, draft, js=KEEP, api_visibility="private")
    measure.input(
        lambda what: gr.CheckboxGroup(visible=what == ALIGNMENT),
        measure,
        extras,
        show_progress="hidden",
        **private,
    )
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
