"""From a checked model to a request in the queue, and how long it may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from leaderboard import checks
from leaderboard.answers.views import alignment_sheets, method_of
from leaderboard.board import Board
from leaderboard.extras import passes
from leaderboard.identity import NOBODY, Person, signs_in
from leaderboard.measures import (
    ALIGNMENT,
    METHODS,
    check_architecture,
    checked_languages,
    configurations,
)
from results.queue import Step, missing, new_id
from results.request import Request, RequestedModel
from results.schema import SCHEMA_VERSION
from results.sheet import Sheet, medians
from results.snapshot import Snapshot
from results.tasks import PIVOT

__all__ = ["METHODS", "PIVOT", "Plan", "ask", "configurations", "estimate", "plan", "submit"]

LOADING = 30.0


@dataclass(frozen=True)
class Plan:
    """What a submission would run."""

    request: Request
    name: str
    asked: int
    missing: list[str]
    ahead: int
    seconds: float | None


def plan(
    board: Board,
    text: str,
    languages: Sequence[str],
    revision: str = "",
    file: str = "",
    person: Person = NOBODY,
    measure: str = ALIGNMENT,
    extras: Sequence[str] = (),
) -> Plan:
    """What would run for a submission: alignment with extras, or the task of that name.

    Raises checks.Refused with a message for the page.
    """
    if not board.complete:
        raise checks.Refused(
            "This board is still fetching its records, and does not know yet what is measured. "
            "Try again in a minute."
        )
    configurations(board, measure, extras)  # what cannot be asked is refused before the look-up
    chosen = checked_languages(board, measure, languages)
    settings = board.settings
    checked = checks.check(
        text,
        settings.dtype,
        revision,
        file,
        read_token=settings.read_token.get_secret_value() if settings.read_token else None,
        quantised=settings.quantised,
        gpu_memory=settings.gpu_memory,
    )
    architecture = checked.model.architecture
    check_architecture(checked.name, architecture, measure)
    evaluators = configurations(board, measure, extras, architecture, checked.own)
    request = Request(
        schema_version=SCHEMA_VERSION,
        id=new_id(),
        model=checked.model,
        configurations=evaluators,
        languages=chosen,
        submitter=person.sub,
        submitter_name=person.name,
        created=datetime.now(UTC),
        state=checked.state,
        attempts=[],
        reason=checked.waits_for,
    )
    by = [missing(board.repo, checked.model, [each], chosen) for each in evaluators]
    left = [code for code in chosen if any(code in codes for codes in by)]
    ahead = sum(other.state in ("pending", "running") for other in board.queue.all())
    known = measure == ALIGNMENT and left
    lacking = [each for each, codes in zip(evaluators, by, strict=True) if codes]
    seconds = None if left else 0.0
    if known:
        seconds = estimate(board.snapshot, checked.model, left, passes(lacking))
    return Plan(request, checked.name, len(chosen), left, ahead, seconds)


def submit(board: Board, request: Request) -> Request:
    """Put a request in the queue and wait until it is kept there.

    Raises:
        ValueError: it is refused; the message says why.
        OSError: it is not kept, or not known to be.
    """
    each = board.settings.user_limit if signs_in() else 0
    return ask(board, board.queue.submission(request, each, board.settings.total_limit))


def ask(board: Board, step: Step) -> Request:
    """Take a step of the queue and wait until it is kept. Raises as `submit` does."""
    kept = board.gatherer.ask(step, board.gatherer.longest + board.settings.patience)
    board.read_requests()
    return kept


def estimate(
    snapshot: Snapshot, model: RequestedModel, languages: Sequence[str], passes: float = 1.0
) -> float | None:
    """Seconds that a job may take on the machine that measured last; None when it cannot be told.

    passes: over the segments, see `leaderboard.extras.passes`.

    Time goes with parameters times tokens. Both factors come from the board's records: the median
    seconds of a token and a parameter, and each language's median tokens over the models.
    """
    if model.parameters is None:
        return None
    # Of a run with several methods one is enough, and other readings take other times.
    every = alignment_sheets(snapshot)
    known_sheets = [each for each in every if method_of(each) == "weighted-mean"] or every
    runs = [run for sheet in known_sheets for row in sheet.rows for run in row.runs]
    machine = max(((str(run["started"]), run["machine"]) for run in runs), default=("", ""))[1]
    codes = sorted({code for sheet in known_sheets for code in sheet.languages})
    place = {code: at for at, code in enumerate(codes)}
    paces, tokens = [np.array([], np.float32)], [np.full((1, len(codes)), np.nan, np.float32)]
    for sheet in known_sheets:
        sizes = [snapshot.models[row.model]["parameters"] or np.nan for row in sheet.rows]
        there = _measured_on(sheet, machine) & ~np.isnan(sizes)[:, None]
        pace = sheet.column("seconds") / (sheet.column("tokens") * np.array(sizes)[:, None])
        paces.append(pace[there])
        wide = np.full((len(sheet.rows), len(codes)), np.nan, np.float32)
        wide[:, [place[code] for code in sheet.languages]] = np.where(
            there, sheet.column("tokens"), np.nan
        )
        tokens.append(wide)
    pace = np.concatenate(paces)
    if not len(pace):
        return None
    typical = medians(np.concatenate(tokens))
    usual = float(np.nanmedian(typical))
    known = {code: float(typical[at]) for code, at in place.items() if not np.isnan(typical[at])}
    needed = sum(known.get(code, usual) for code in languages)
    return LOADING + float(np.median(pace)) * needed * model.parameters * passes


def _measured_on(sheet: Sheet, machine: str) -> np.ndarray:
    """(rows, languages) bool: what that machine measured, in some time and from some tokens."""
    found = np.zeros(sheet.values.shape[1:], dtype=bool)
    for at, row in enumerate(sheet.rows):
        same = np.array([run["machine"] == machine for run in row.runs])
        found[at] = same[np.nan_to_num(sheet.column("run")[at]).astype(int)]
    positive: np.ndarray = (sheet.column("seconds") > 0) & (sheet.column("tokens") > 0)
    return found & positive
