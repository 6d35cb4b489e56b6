"""Submitting through the API: who asks, not for another site, and with the page's own checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from leaderboard.api.endpoints import API, ENDPOINTS, Json
from leaderboard.api.people import TokenRefused, person
from leaderboard.api.serving import Served
from leaderboard.asked import RequestsAsked, SubmissionAsked
from leaderboard.checks import Refused, Unreachable
from leaderboard.identity import NOBODY, Person, signs_in
from leaderboard.measures import DEFAULT, languages_of
from leaderboard.pages.messages import aside, not_kept
from leaderboard.submissions import plan
from leaderboard.submissions import submit as put
from results.language_search import understand
from results.queue import AlreadyRequested, OverLimit
from results.repo import BadRecord
from results.request import Request
from results.store import Busy, ReadOnly

if TYPE_CHECKING:
    from leaderboard.board import Board

SETS = (DEFAULT, "core", "all")
AGAIN = 60
"""Seconds after which to send something again that was not kept."""
NOT_YET = (
    "Not accepted yet: {why}. Send it again later; what is in the queue already is not put there "
    "twice."
)


class NotTaken(ValueError):
    """Raised for a submission that is not taken: the HTTP status, and a sentence that says why."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


async def submit(answers: Served, asked: SubmissionAsked, headers: Mapping[str, str]) -> Json:
    """Put a model in the queue and wait until it is kept; the request as `requests` lists it.

    Raises NotTaken.
    """
    board = answers.board
    who = await _caller(headers)
    try:
        found = await aside(lambda: _planned(board, asked, who))
        kept = await aside(lambda: put(board, found))
    except Unreachable as error:
        raise _later(error) from None
    except (AlreadyRequested, OverLimit) as error:
        raise NotTaken(409 if isinstance(error, AlreadyRequested) else 429, str(error)) from None
    except ReadOnly as error:
        raise NotTaken(403, f"This board is read-only: {not_kept(error)}.") from None
    except OSError as error:
        raise _later(error) from None
    except (Refused, BadRecord, ValueError) as error:
        raise NotTaken(400, str(error)) from None
    # Kept already: whatever else is asked just now must not turn that into a failure.
    asked_for = RequestsAsked(id=kept.id)
    listed = await aside(lambda: ENDPOINTS["requests"].answer(board, asked_for))
    return {"api": API, "version": listed["version"], **listed["requests"][0]}


def _planned(board: Board, asked: SubmissionAsked, who: Person) -> Request:
    what = asked.measure
    languages = _languages(board, asked.languages or (DEFAULT,), what)
    found = plan(board, asked.model, languages, asked.revision, asked.file, who, what, asked.extras)
    return found.request


def _later(error: Exception) -> NotTaken:
    seconds = round(error.seconds) + 1 if isinstance(error, Busy) else AGAIN
    return NotTaken(503, NOT_YET.format(why=not_kept(error)), Retry_After=str(seconds))


def _languages(board: Board, texts: tuple[str, ...], measure: str) -> list[str]:
    """Codes of sets and languages by code or name. Raises Refused."""
    codes: list[str] = []
    for text in texts:
        if text in SETS:
            codes += languages_of(board, text, [], measure)
        elif found := understand(text):
            codes.append(found.code)
        else:
            raise Refused(f"“{text}” is no language that this board knows; give a code, or core.")
    return codes


async def _caller(headers: Mapping[str, str]) -> Person:
    """Who submits. Raises NotTaken."""
    if not signs_in():
        if foreign(headers):
            raise NotTaken(403, "another site's page may not submit to this board")
        return NOBODY
    given = headers.get("authorization") or headers.get("x-hf-authorization") or ""
    kind, _, token = given.partition(" ")
    asking = {"WWW_Authenticate": "Bearer"}
    if kind.lower() != "bearer" or not token.strip():
        said = (
            "Send a Hugging Face token: “Authorization: Bearer hf_…”. It is used to see who asks."
        )
        raise NotTaken(401, said, **asking)
    try:
        return await aside(lambda: person(token.strip()))
    except TokenRefused as error:
        raise NotTaken(401, str(error), **asking) from None
    except Unreachable:
        said = "The Hub, which knows whose token this is, cannot be reached just now. Try again."
        raise NotTaken(503, said, Retry_After=str(AGAIN)) from None


def foreign(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a page of another site makes it ask."""
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    hosts = [headers.get(name, "").lower() for name in ("host", "x-forwarded-host")]
    return urlsplit(origin).netloc.lower() not in [host for host in hosts if host]
