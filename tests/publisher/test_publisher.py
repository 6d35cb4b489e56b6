"""What a job measures reaches the store once, gathered, and after an outage too."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from publishing import LAST, MODEL, WEIGHTED, languages, measure, start, state, submit, until_idle

from evaluators import publisher as publisher_module
from results.lease import read_lease
from results.repo import Repo, check, read_record, record_path
from results.request import Progress
from results.store import Unreachable


def test_cells_and_the_lease_are_written_together_and_once(board, tmp_path):
    submit(board)
    claimed = board.claim()
    made = start(board, claimed, tmp_path / "private")
    before = languages(board)
    measure(made, "deu_Latn")
    made.progress = Progress(done=1, total=3, doing="deu_Latn", seconds_left=2.0)
    made.write()
    assert languages(board) == before | {"deu_Latn"}
    lease = read_lease(board.results.root, claimed.id)
    assert (lease.attempt, lease.counter, lease.progress.done) == (1, 1, 1)
    cells = state(board)
    made.write()
    assert state(board) == cells
    assert read_lease(board.results.root, claimed.id).counter == 2
    measure(made, "kor_Hang")
    measure(made, "deu_Latn", evaluator=LAST)
    made.finish()
    assert languages(board) == before | {"deu_Latn", "kor_Hang"}
    assert languages(board, LAST) == {"deu_Latn"}
    assert check(board.results.root) == []
    made.close()


@pytest.mark.parametrize("status", [None, 500])
def test_a_write_whose_answer_was_lost_doubles_nothing(far, tmp_path, hub, status):
    submit(far)
    made = start(far, far.claim(), tmp_path / "private")
    measure(made, "deu_Latn")
    hub.lose(status=status, times=1)
    made.write()
    titles = [each.title for each in hub.datasets["org/board-results"].made]
    assert len([title for title in titles if "attempt 1" in title]) == 1
    rows = Repo(far.results.root).record(MODEL, WEIGHTED).scores
    assert len([row for row in rows if row.language == "deu_Latn"]) == 1


def test_a_bad_record_in_the_store_is_named_and_left(board, tmp_path, caplog):
    submit(board)
    made = start(board, board.claim(), tmp_path / "private")
    measure(made, "deu_Latn")
    measure(made, "deu_Latn", evaluator=LAST)
    where = record_path(MODEL, WEIGHTED)
    cut = (board.results.root / where).read_bytes()[:100]
    board.results.change("damage", lambda: {where.as_posix(): cut})
    with caplog.at_level(logging.WARNING):
        made.write()
    assert where.name in caplog.text and "not written" in caplog.text
    assert (board.results.root / where).read_bytes() == cut
    assert languages(board, LAST) == {"deu_Latn"}, "the other record is written"


def test_a_record_that_was_withdrawn_meanwhile_stays_away(board, tmp_path):
    submit(board)
    made = start(board, board.claim(), tmp_path / "private")
    measure(made, "deu_Latn")
    where = record_path(MODEL, WEIGHTED)
    side = where.with_suffix(".hits.json")
    gone = Path("withdrawn") / where.relative_to("results")
    board.results.change(
        "w", lambda: {gone.as_posix(): b"{}", where.as_posix(): None, side.as_posix(): None}
    )
    made.write()
    assert not (board.results.root / where).exists()


def test_leases_of_requests_that_are_over_go_with_the_next_write(board, tmp_path):
    submit(board)
    board.submit(languages=["swh_Latn"], configurations=[LAST])
    one, two = board.claim("a"), board.claim("b")
    first = start(board, one, tmp_path / "a")
    second = start(board, two, tmp_path / "b")
    first.write()
    second.write()
    assert read_lease(board.results.root, one.id) and read_lease(board.results.root, two.id)
    board.queue.end(one, "finished")
    second.write()
    assert read_lease(board.results.root, one.id) is None
    assert read_lease(board.results.root, two.id).counter == 2


def test_results_are_gathered_and_a_silent_worker_gives_a_sign_of_life(far, tmp_path, monkeypatch):
    """One commit a `checkpoint` with new cells, one a `heartbeat` without; so many an hour."""
    now = [0.0]
    monkeypatch.setattr(publisher_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    submit(far)
    made = start(far, far.claim(), tmp_path / "private")
    repo = far.results.repo
    before = len(made._queue.all()) and len(
        far.results._api.list_repo_commits(repo, repo_type="dataset")
    )
    codes = iter(["deu_Latn", "kor_Hang", "yor_Latn"])
    for second in range(0, 3601, 10):
        now[0] = float(second)
        if second in (20, 40, 310):
            measure(made, next(codes))
        made.progress = Progress(done=second, total=3600, doing="x", seconds_left=None)
        made.tick()
        until_idle(made)
    after = len(far.results._api.list_repo_commits(repo, repo_type="dataset"))
    print(f"\n  {after - before} commits in an hour of work, 3 languages")
    assert after - before == 2 + 5
    assert {"deu_Latn", "kor_Hang", "yor_Latn"} <= languages(far)


def test_an_outage_leaves_the_cells_in_the_private_folder_until_it_is_over(far, tmp_path, hub):
    far.results._patience = 0.2
    far.results.checkpoint = 0.0
    submit(far)
    made = start(far, far.claim(), tmp_path / "private")
    measure(made, "deu_Latn")
    hub.down()
    made.tick()
    until_idle(made)
    made.tick()
    until_idle(made)
    with pytest.raises(Unreachable):
        made.finish()
    measure(made, "kor_Hang")
    hub.up()
    made.finish()
    assert {"deu_Latn", "kor_Hang"} <= languages(far)


def test_a_record_that_appears_while_a_write_begins_waits_for_the_next(
    board, tmp_path, monkeypatch
):
    submit(board)
    made = start(board, board.claim(), tmp_path / "private")
    measure(made, "deu_Latn")
    real, late = made._marks, []

    def marks():
        found = real()
        if not late:
            late.append(1)
            measure(made, "deu_Latn", evaluator=LAST)
        return found

    monkeypatch.setattr(made, "_marks", marks)
    made.write()
    made.finish()
    assert "deu_Latn" in languages(board) and "deu_Latn" in languages(board, LAST)
    assert read_record(board.results.root / record_path(MODEL, LAST)).languages() == {"deu_Latn"}
