"""What the tests of this folder share."""

import pytest
from hf_jobs_board import Board


@pytest.fixture
def board(hub, tmp_path, monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    return Board(hub, tmp_path)
