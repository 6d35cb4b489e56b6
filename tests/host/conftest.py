"""What the tests of this folder share."""

from __future__ import annotations

import pytest
from host_tools import BOARD, BOSS, DATASETS, READER
from hub_server import Hub

from leaderboard import __main__ as command


@pytest.fixture
def lab(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A Hub with a lab's writing token, one for the two datasets alone, and a reader's."""
    hub.tokens = {
        BOSS: {"name": "lab", "role": "write"},
        BOARD: {"name": "lab", "role": "write", "repos": DATASETS},
        READER: {"name": "lab", "role": "read"},
    }
    monkeypatch.setenv("HF_TOKEN", BOSS)
    monkeypatch.setenv("MEXA_TOKEN", BOARD)
    monkeypatch.setattr(command, "_build", lambda name, folder, token=None: False)
    return hub
