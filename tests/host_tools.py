"""`python -m leaderboard host` as its tests type it, and what the Hub then holds."""

from __future__ import annotations

from pathlib import Path

from hub_server import Hub
from typer.testing import CliRunner

from leaderboard import __main__ as command

ROOT = Path(__file__).parent.parent
BOSS, BOARD, READER = "hf_bossCANARY", "hf_boardCANARY", "hf_readerCANARY"
DATASETS = ["lab/board-results", "lab/board-requests"]


def host(*words: object, repo: str = "lab/board") -> tuple[int, str]:
    done = CliRunner().invoke(command.app, ["host", repo, *(str(word) for word in words)])
    assert "CANARY" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def nothing_was_made(hub: Hub) -> bool:
    return not hub.spaces and not hub.datasets


def written(hub: Hub) -> list[tuple[str, str]]:
    return [(m, p) for m, p, _ in hub.requests if m != "GET" and m != "HEAD"]
