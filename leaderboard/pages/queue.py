"""The queue: what waits, what runs and how far it is, what finished, what failed and why."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

import gradio as gr

from leaderboard.answers.common import key_of
from leaderboard.board import Board
from leaderboard.identity import Person, signs_in, who
from leaderboard.pages import shell
from leaderboard.pages.messages import KEEPING, SIGN_IN, aside, message, not_kept
from leaderboard.submissions import ask
from leaderboard.table import Column, encode, href, table
from results.durations import duration
from results.languages import UnknownLanguage, resolve
from results.lease import Lease
from results.queue import ACTIVE, Step
from results.request import Attempt, Request
from results.tasks import TASKS, title_of

ORDER = ("running", "pending", "gated", "failed", "cancelled", "finished")
ENDED = 200
"""Of the requests that are done, the newest are shown: this many."""
FAILURES = 20
HEADING = (
    "<div class='board'><h1>Queue</h1><p class='lead'>What waits, runs and ended. It renews "
    "itself; what failed can be tried again at once.</p></div>"
)
NO_WORKER = "**No worker runs on this machine:** requests wait until one somewhere takes them up."
COLUMNS = [
    Column("model", "Model", "link"),
    Column("state", "State"),
    Column("progress", "Progress"),
    Column("left", "Time left"),
    Column("measure", "Measures"),
    Column("languages", "Languages", "number", digits=0),
    Column("weights", "Weights"),
    Column("dtype", "Compute dtype"),
    Column("attempts", "Attempts", "number", digits=0, tooltip="Times that a worker took it up"),
    Column("created", "Submitted (UTC)"),
    Column("submitter", "By"),
    Column("reason", "Reason"),
]


def row(request: Request, lease: Lease | None = None) -> dict[str, Any]:
    """A request as a row of the table; `lease` knows how far a running one is."""
    known = lease.progress if lease else None
    now = known if request.state == "running" else None
    doing = f", {_language(now.doing)}" if now and now.doing else ""
    running = f"{now.done} of {now.total}{doing}" if now else "loading the model"
    left = duration(now.seconds_left) if now and now.seconds_left is not None else None
    key = key_of(request.model.model_dump())
    link = {"href": href("?page=model", model=key)} if request.state == "finished" else {}
    return {
        "model": {"text": request.model.id, "title": f"revision {request.model.revision}", **link},
        "state": request.state,
        "progress": running if request.state == "running" else None,
        "left": left,
        "measure": title_of(request.configurations[0]),
        "languages": len(request.languages),
        "weights": request.model.weights,
        "dtype": request.model.dtype,
        "attempts": len(request.attempts),
        "created": f"{request.created:%Y-%m-%d %H:%M}",
        "submitter": request.submitter_name,
        "reason": request.reason if request.state != "finished" else None,
    }


def asked_for(request: Request) -> str:
    """What a request measures, and in how many languages."""
    count = len(request.languages)
    title = title_of(request.configurations[0])
    return f"{title} in {count} language{'' if count == 1 else 's'}"


def _language(doing: str) -> str:
    """What a job says that it does: a language, or a word of its own."""
    try:
        return resolve(doing).name
    except UnknownLanguage:
        return doing[:60]


def content(board: Board) -> dict[str, Any]:
    """Arguments of the table: running, pending and gated, oldest first; the rest newest first."""
    found = sorted(board.requests, key=lambda request: request.id)
    groups = {state: [r for r in found if r.state == state] for state in ORDER}
    ended = sorted((r.id for r in found if r.state not in ACTIVE), reverse=True)
    shown = set(ended[:ENDED])
    count = {state: len(group) for state, group in groups.items()}
    caption = ", ".join(f"{number} {state}" for state, number in count.items() if number)
    if len(ended) > ENDED:
        caption += f"; of those that ended, the newest {ENDED} are shown"
    rows = []
    for state, group in groups.items():
        kept = group if state in ACTIVE else [r for r in reversed(group) if r.id in shown]
        rows += [row(request, board.leases.get(request.id)) for request in kept]
    named = any(each["submitter"] for each in rows)
    return {
        "columns": [column for column in COLUMNS if named or column.key != "submitter"],
        "rows": rows,
        "caption": caption or "The queue is empty",
        "noun": "requests",
    }


def attempted(attempts: Sequence[Attempt]) -> str:
    """The attempts and how each ended, as HTML."""
    items = []
    for attempt in attempts:
        took = ""
        if attempt.ended:
            took = f" after {duration((attempt.ended - attempt.started).total_seconds())}"
        items.append(
            f"{attempt.outcome or 'running'}{took}, begun {attempt.started:%Y-%m-%d %H:%M}"
        )
    return f"<ol>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ol>" if items else ""


def failures(board: Board) -> str:
    """What waits for access, then the newest failures: reason, attempts, end of the log; HTML."""
    found = sorted(board.requests, key=lambda request: request.id, reverse=True)
    parts = []
    if gated := [r for r in found if r.state == "gated"][:FAILURES]:
        parts.append("<h2>Waiting for access</h2><ul>")
        parts += [f"<li>{escape(r.reason or f'{r.model.id} is gated.')}</li>" for r in gated]
        parts.append("</ul>")
    if failed := [r for r in found if r.state == "failed"][:FAILURES]:
        parts.append("<h2>Failed, and the end of each log</h2>")
        parts += [
            f"<details><summary>{escape(r.model.id)}: "
            f"{escape(r.reason or 'no reason is known')}</summary>"
            f"{attempted(r.attempts)}<pre>{escape(r.log or 'no log')}</pre></details>"
            for r in failed
        ]
    return "".join(parts)


class Shown(NamedTuple):
    """The page for one state of the queue, each part with a number that moves when it does."""

    changes: int
    table: str
    failures: str
    failures_version: int
    open: list[Request]
    """Those that can be cancelled or tried again."""


class Page:
    """What the page shows, made once for all who look at it whenever the queue changes."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._shown = Shown(-1, "", "", 0, [])

    def now(self) -> Shown:
        """The newest content."""
        with self._lock:
            changes = self._board.changes
            if changes != self._shown.changes:
                before = self._shown
                text = failures(self._board)
                version = before.failures_version + (text != before.failures)
                newest = sorted(self._board.requests, key=lambda r: r.id, reverse=True)
                over = [r for r in newest if r.state not in (*ACTIVE, "finished")]
                can = [r for r in newest if r.state in ACTIVE] + over[:ENDED]
                grid = encode(**content(self._board))
                self._shown = Shown(changes, grid, text, version, can)
            return self._shown


def choices(requests: Iterable[Request], person: Person) -> list[tuple[str, str]]:
    """What this person may cancel or try again, as (label, id); where nobody signs in, all."""
    mine = [r for r in requests if not signs_in() or (r.submitter and r.submitter == person.sub)]
    found = []
    for each in mine:
        task = each.configurations[0].name in TASKS
        what = [title_of(each.configurations[0])] if task else []
        parts = [each.model.id, *what, each.state, f"{each.created:%Y-%m-%d %H:%M}"]
        found.append((" · ".join(parts), each.id))
    return found


def build(board: Board) -> None:
    """Lay the page out and wire its events."""
    gr.HTML(HEADING, apply_default_css=False)
    if not board.serves:
        gr.Markdown(NO_WORKER)
    if signs_in():
        gr.LoginButton(size="md", elem_id="queue-login")
    grid = table(COLUMNS, elem_id="queue-table", noun="requests", visible=False)
    options: dict[str, Any] = {"min_width": 110, "interactive": board.writable}
    with gr.Row(elem_id="queue-act", visible=False) as acts:
        picked = gr.Dropdown(
            [],
            value=None,
            label=f"Cancel or retry a request{' of yours' if signs_in() else ''}",
            elem_id="queue-picked",
            min_width=300,
            scale=4,
            interactive=board.writable,
        )
        cancel = gr.Button("Cancel", elem_id="queue-cancel", **options)
        retry = gr.Button("Retry", elem_id="queue-retry", **options)
    said = gr.HTML(elem_id="queue-said")
    failed = gr.HTML(elem_id="queue-failures")
    news = shell.signal("queue")
    seen = gr.State([])
    page = Page(board)

    def look(
        profile: gr.OAuthProfile | None, before: list[Any], chosen: str | None
    ) -> tuple[Any, ...]:
        """Table, failures, choice, its row and what was seen; each only when it is new."""
        now, person = page.now(), who(profile)
        mark = [now.changes, now.failures_version, person.sub]
        if mark == before[:3]:
            return (gr.skip(),) * 5
        new = not before
        offered = choices(now.open, person)
        mark.append(hash(tuple(offered)))
        return (
            gr.HTML(value=now.table, visible=True) if new or before[0] != mark[0] else gr.skip(),
            now.failures if new or before[1] != mark[1] else gr.skip(),
            _choice(offered, chosen) if new or before[3] != mark[3] else gr.skip(),
            gr.Row(visible=bool(offered)) if new or before[3] != mark[3] else gr.skip(),
            mark,
        )

    def acting(step: Callable[[str, str | None, bool], Step], done: str, do: str) -> Any:  # noqa: ANN401
        async def act(
            profile: gr.OAuthProfile | None, chosen: str | None
        ) -> AsyncIterator[tuple[Any, Any, Any]]:
            person = who(profile)
            if signs_in() and person.sub is None:
                yield message(SIGN_IN.format(do=f"{do} your requests"), "bad"), gr.skip(), gr.skip()
            elif not chosen:
                yield message("Choose a request first.", "bad"), gr.skip(), gr.skip()
            else:
                busy = gr.Button(interactive=False)
                yield message(KEEPING, "plain"), busy, busy
                text = await acted(step(chosen, person.sub, board.local), done)
                yield text, gr.skip(), gr.skip()

        return act

    def retrying(request: str, by: str | None, anybody: bool) -> Step:
        each = 0 if anybody else board.settings.user_limit
        return board.queue.retrying(request, by, anybody, each, board.settings.total_limit)

    async def acted(step: Step, done: str) -> str:
        try:
            request = await aside(lambda: ask(board, step))
        except ValueError as error:
            return message(str(error), "bad")
        except OSError as error:
            return message(f"Not done: {not_kept(error)}. Try again.", "bad")
        return message(done.format(model=request.model.id), "good")

    quiet: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": None,
    }
    # Set off by the page's script: when somebody opens the page, and when the queue has changed.
    news.changed(look, [seen, picked], [grid, failed, picked, acts, seen], **quiet)
    events = (
        (cancel, board.queue.cancelling, "Cancelled: {model}. Retry puts it back.", "cancel"),
        (retry, retrying, "In the queue again: {model}.", "retry"),
    )
    for button, step, done, do in events:
        # The buttons come back by a step of its own, which follows a failure too.
        clicked = button.click(acting(step, done, do), picked, [said, cancel, retry], **quiet)
        clicked.then(
            lambda: [gr.Button(interactive=board.writable)] * 2, None, [cancel, retry], **quiet
        )
        clicked.then(look, [seen, picked], [grid, failed, picked, acts, seen], **quiet)


def _choice(offered: list[tuple[str, str]], chosen: str | None) -> gr.Dropdown:
    """The control with what is offered now; a choice that is gone is taken back."""
    if chosen in [key for _, key in offered]:
        return gr.Dropdown(choices=offered)
    return gr.Dropdown(choices=offered, value=None)
