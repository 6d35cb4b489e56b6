"""Boards to ask: one whose answers are made up, one with the shipped records, one without any."""

from __future__ import annotations

import shutil

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from leaderboard import answers, api
from leaderboard import board as boards
from leaderboard.board import Board
from results.repo import SHIPPED
from results.settings import Settings


class Made:
    """As much of a board as the HTTP layer looks at; `asked` is what was worked out."""

    def __init__(self):
        self.version, self.changes, self.notice, self.cards = "v1", 0, "", []
        self.asked = []

    def still(self):
        """Nothing moves here."""
        return self


@pytest.fixture
def made(monkeypatch):
    """A board whose `scores` says what it was asked, at length."""
    board = Made()

    def scores(board, question):
        """Made up."""
        board.asked.append(question)
        if question.language == "nowhere":
            raise answers.NotFound("there is no such place")
        if question.language == "badly":
            raise ValueError("that cannot be")
        if question.language == "crash":
            raise RuntimeError("a secret of the inside")
        return {"said": question.language, "long": "x" * 5000}

    monkeypatch.setattr(answers, "scores", scores)
    monkeypatch.setattr(answers, "requests", lambda board: {"requests": [{"id": "a"}, {"id": "b"}]})
    return board


def client_of(board) -> TestClient:
    return TestClient(Starlette(routes=api.routes(board)), raise_server_exceptions=False)


@pytest.fixture
def client(made):
    return client_of(made)


@pytest.fixture(scope="session")
def real(tmp_path_factory):
    """A board that begins with the shipped records."""
    return Board(Settings(board=tmp_path_factory.mktemp("real") / "board", launcher="none"))


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A board with a corpus and no result."""
    shipped, seed = tmp_path / "shipped", boards.seed
    shutil.copytree(SHIPPED / "corpora", shipped / "corpora")
    monkeypatch.setattr(boards, "seed", lambda store: seed(store, shipped))
    return Board(Settings(board=tmp_path / "board", launcher="none"))
