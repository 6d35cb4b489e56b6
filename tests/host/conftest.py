"""What the tests of this folder share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from host_tools import BOARD, BOSS, DATASETS, READER
from hub_server import Hub
from test_export import add, model

from leaderboard import __main__ as command
from results.repo import SHIPPED


@pytest.fixture
def lab(whole_lab: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    """The same, of a project that ships one record: what is there is read in every test."""
    little = tmp_path / "shipped"
    shutil.copytree(SHIPPED / "corpora", little / "corpora")
    add(little, model(), {"fra_Latn": 0.5})
    defaults = command.host.__defaults__ or ()
    assert SHIPPED in defaults
    ours = tuple(little if each == SHIPPED else each for each in defaults)
    monkeypatch.setattr(command.host, "__defaults__", ours)
    return whole_lab


@pytest.fixture
def whole_lab(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
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
