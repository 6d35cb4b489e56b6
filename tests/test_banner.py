"""What every page says at its top, for each thing that may be amiss."""

import pytest

from leaderboard.board import Board
from results.settings import Settings

TOKEN = "hf_write"  # noqa: S105


@pytest.fixture
def hosted(hub, tmp_path, monkeypatch):
    """`hosted(token, launcher)` is a board on the loopback Hub."""
    hub.tokens[TOKEN] = {"name": "org", "role": "write"}
    for kind in ("results", "requests"):
        hub.create(f"org/board-{kind}")
    monkeypatch.delenv("SPACE_ID", raising=False)
    boards = []

    def start(token=TOKEN, launcher="none"):
        made = Settings(
            repo="org/board", token=token, launcher=launcher, cache=tmp_path, patience=1.0
        )
        boards.append(Board(made))
        return boards[-1]

    yield start
    for board in boards:
        board.stop()


def test_nothing_is_said_when_all_is_well(hosted):
    assert hosted().notice == ""


def test_a_board_without_a_token_says_what_its_owner_must_set(hosted):
    assert "read-only" in hosted(token=None).notice
    assert "MEXA_TOKEN" in hosted(token=None).notice


def test_an_outage_is_said_and_taken_back(hosted, hub):
    board = hosted()
    hub.down()
    board.refresh()
    assert board.notice.startswith("The Hub does not answer")
    hub.up()
    board.refresh()
    assert board.notice == ""


def test_why_no_job_is_launched_is_said_where_people_wait(hosted, hub):
    board = hosted(launcher="hf-jobs")
    hub.fail(402, "/api/jobs/")
    board._launcher.tick()
    assert board.notice == "Requests wait: There is no credit left for Hugging Face Jobs."
    hub.heal()
    board._launcher.tick()
    assert board.notice == ""
