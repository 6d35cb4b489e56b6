"""From a checked model to a request in the queue, and how long it may take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from leaderboard import checks
from leaderboard.board import Board
from leaderboard.identity import NOBODY, Person, signs_in
from results.evaluation import alignment
from results.queue import Step, missing, new_id
from results.request import Request, RequestedModel
from results.schema import SCHEMA_VERSION, Evaluator

METHODS = ("weighted-mean@1", "last-token@1")
PIVOT = "eng_Latn"
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


def configurations(board: Board) -> list[Evaluator]:
    """The evaluator configurations that this board runs, one an embedding method."""
    card = board.card
    if card is None:
        raise checks.Refused(
            "This board has no corpus yet. Its owner can build one with "
            "“python -m evaluators corpus udhr --publish FOLDER”."
        )
    of_corpus = (card.name, card.hash, card.split, card.n)
    return [alignment(*of_corpus, PIVOT, method) for method in METHODS]


def plan(
    board: Board,
    text: str,
    languages: Sequence[str],
    revision: str = "",
    file: str = "",
    person: Person = NOBODY,
) -> Plan:
    """What would run for a submission. Raises checks.Refused with a message for the page."""
    evaluators = configurations(board)
    chosen = _languages(board, languages)
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
    left = missing(board.repo, checked.model, evaluators, chosen)
    ahead = sum(other.state in ("pending", "running") for other in board.queue.all())
    seconds = estimate(board.table, checked.model, left) if left else 0.0
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
    board.read()
    return kept


def _languages(board: Board, languages: Sequence[str]) -> list[str]:
    card = board.card
    known = {language.code for language in card.languages} - {PIVOT} if card else set()
    chosen = list(dict.fromkeys(code for code in languages if code != PIVOT))
    if not chosen:
        raise checks.Refused("Choose at least one language.")
    if unknown := [code for code in chosen if code not in known]:
        shown = ", ".join(code[:30] for code in unknown[:5])
        raise checks.Refused(f"The corpus has no {shown}.")
    return chosen


def estimate(table: pd.DataFrame, model: RequestedModel, languages: Sequence[str]) -> float | None:
    """Seconds that a job may take on the machine that measured last; None when it cannot be told.

    Time goes with parameters times tokens. Both factors come from the board's records: the median
    seconds of a token and a parameter, and each language's median tokens over the models.
    """
    if table.empty or model.parameters is None:
        return None
    seen = table[(table["seconds"] > 0) & table["tokens"].notna() & table["parameters"].notna()]
    seen = (
        seen[seen["machine"] == seen.sort_values("started")["machine"].iloc[-1]]
        if len(seen)
        else seen
    )
    if seen.empty:
        return None
    pace = float((seen["seconds"] / (seen["tokens"] * seen["parameters"])).median())
    tokens = seen.groupby("language")["tokens"].median()
    needed = tokens.reindex(list(languages)).fillna(tokens.median()).sum()
    seconds = LOADING + pace * float(needed) * model.parameters
    return seconds if math.isfinite(seconds) else None
