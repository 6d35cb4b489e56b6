"""A board on the Hub of this machine."""

import pytest
from board_tools import FIXTURES

from results.settings import Settings


@pytest.fixture
def hosted(hub, tmp_path):
    """Settings of a board on the Hub, whose results dataset holds the fixture repo."""
    found = {
        path.relative_to(FIXTURES).as_posix(): path.read_bytes()
        for path in FIXTURES.rglob("*.json")
    }
    hub.create("org/board-results", files=found)
    hub.create("org/board-requests", files={"README.md": b"requests"})
    hub.tokens["hf_write"] = {"name": "org", "role": "write"}
    return Settings(
        repo="org/board",
        token="hf_write",  # noqa: S106
        cache=tmp_path / "cache",
        board=tmp_path / "board",
        launcher="none",
        patience=1,
    )
