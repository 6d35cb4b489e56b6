"""No attempt that is over writes anything."""

import threading

import pytest
from publishing import MODEL, WEIGHTED, languages, measure, start, state, submit, until_idle
from queue_board import datasets, fill, folders

from results.lease import read_lease
from results.queue import Fenced
from results.repo import Repo, check


def test_a_lapsed_attempt_writes_nothing_before_and_after_the_new_ones_fence(board, tmp_path):
    submit(board)
    first = board.claim("first")
    a = start(board, first, tmp_path / "a")
    measure(a, "deu_Latn")
    a.write()
    measure(a, "kor_Hang", 0)
    board.kill("first")
    second = board.claim("second")
    cells = state(board)
    with pytest.raises(Fenced, match="attempt 1"):
        a.write()
    assert state(board) == cells, "before the fence"
    b = start(board, second, tmp_path / "b")
    assert read_lease(board.results.root, first.id).attempt == 2
    for act in (a.write, a.finish):
        with pytest.raises(Fenced, match="attempt 1"):
            act()
    assert state(board) == cells, "after the fence"
    assert Repo(tmp_path / "b").record(MODEL, WEIGHTED).languages() == languages(board)
    measure(b, "kor_Hang", 1)
    b.finish()
    board.queue.end(second, "finished")
    with pytest.raises(Fenced):
        a.write()
    record = Repo(board.results.root).record(MODEL, WEIGHTED)
    assert next(row for row in record.scores if row.language == "kor_Hang").layers[0] == 1.0
    assert check(board.results.root) == []
    assert not list((tmp_path / "a").glob("*.tmp"))


def test_a_commit_on_its_way_when_the_request_is_taken_is_refused(far, tmp_path, hub):
    """The worst moment: the attempt was still current when the commit was made up."""
    submit(far)
    first = far.claim("first")
    a = start(far, first, tmp_path / "a")
    measure(a, "deu_Latn", 0)
    other = datasets(tmp_path, hub)
    real, taken = a._target.all_additions, []

    def meanwhile(*words):
        found = real(*words)
        if not taken:
            other.requests.refresh()
            for _ in range(5):
                other.queue.reap(other.watch)
                other.now += 40
            second = other.claim("second")
            taken.append(start(other, second, tmp_path / "b"))
        return found

    a._target.all_additions = meanwhile
    with pytest.raises(Fenced):
        a.write()
    (b,) = taken
    assert "deu_Latn" not in languages(other)
    measure(b, "deu_Latn", 1)
    b.finish()
    far.results.refresh()
    assert languages(far) == languages(other)
    record = Repo(far.results.root).record(MODEL, WEIGHTED)
    assert next(row for row in record.scores if row.language == "deu_Latn").layers[0] == 1.0
    made = [made.title for made in hub.datasets["org/board-results"].made]
    assert len([title for title in made if "attempt 1" in title]) == 0
    assert len([title for title in made if "attempt 2" in title]) == 2


def test_in_a_folder_a_write_on_its_way_comes_before_the_fence_and_is_kept(tmp_path):
    near = folders(tmp_path)
    fill(tmp_path, near.results)
    submit(near)
    first = near.claim("first")
    a = start(near, first, tmp_path / "a")
    measure(a, "deu_Latn", 0)
    other = folders(tmp_path)
    real, started = a._target.all_additions, []

    def meanwhile(*words):
        near.kill("first")
        second = other.claim("second")
        thread = threading.Thread(
            target=lambda: started.append(start(other, second, tmp_path / "b"))
        )
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the fence did not wait for the write"
        started.append(thread)
        return real(*words)

    a._target.all_additions = meanwhile
    a.write()
    started[0].join()
    assert "deu_Latn" in Repo(tmp_path / "b").record(MODEL, WEIGHTED).languages()
    with pytest.raises(Fenced):
        a.write()
    assert check(near.results.root) == []


@pytest.mark.parametrize("how", ["cancelled", "failed", "reaped", "gone"])
def test_a_request_that_does_not_run_any_more_stops_its_worker(board, tmp_path, how):
    request = submit(board)
    claimed = board.claim()
    made = start(board, claimed, tmp_path / "private")
    measure(made, "deu_Latn")
    before = state(board)
    if how == "cancelled":
        board.cancel(request)
    elif how == "failed":
        board.queue.end(claimed, "failed", "x")
    elif how == "reaped":
        board.kill("w")
        board.queue.reap(board.watch)
    else:
        name = f"org__small/{request.id}.json"
        board.requests.change("gone", lambda: {name: None})
    with pytest.raises(Fenced):
        made.write()
    assert state(board) == before


def test_a_fence_met_beside_is_raised_at_the_next_look(board, tmp_path):
    board.results.checkpoint = board.results.heartbeat = 0.0
    request = submit(board)
    made = start(board, board.claim(), tmp_path / "private")
    made.tick()
    until_idle(made)
    board.cancel(request)
    made.tick()
    until_idle(made)
    with pytest.raises(Fenced):
        made.tick()
