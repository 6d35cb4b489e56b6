"""What a job measures reaches the store once, and no attempt that is over writes anything."""

import logging
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from queue_board import FIXTURE, datasets, fill, folders

from evaluators import publisher as publisher_module
from evaluators.publisher import Publisher
from results.lease import read_lease
from results.queue import Fenced
from results.repo import Repo, check, read_record, record_path
from results.request import Progress
from results.store import Unreachable

WEIGHTED, LAST = FIXTURE.configurations
MODEL = FIXTURE.model


@pytest.fixture(params=["folder", "dataset"])
def board(request, tmp_path, hub):
    made = folders(tmp_path) if request.param == "folder" else datasets(tmp_path, hub)
    fill(tmp_path, made.results)
    return made


@pytest.fixture
def far(tmp_path, hub):
    made = datasets(tmp_path, hub)
    fill(tmp_path, made.results)
    return made


def submit(board):
    return board.submit(languages=["deu_Latn", "kor_Hang", "yor_Latn"])


def start(board, request, folder):
    """A publisher as the worker makes it: fenced if it is not the first, then seeded."""
    made = Publisher(board.queue, board.results, request, folder)
    if len(request.attempts) > 1:
        made.write()
    made.seed()
    return made


def measure(made, code, value=1, evaluator=WEIGHTED):
    """The job adds a language to its private folder."""
    known = Repo(made.private.root).record(MODEL, WEIGHTED)
    row = next(row for row in known.scores if row.layers)
    hits = np.full((known.model.layers, evaluator.parameters.n), bool(value))
    row = row.model_copy(
        update={"language": code, "layers": [float(value)] * known.model.layers, "values": {}}
    )
    made.private.add(known.model, evaluator, known.interval, known.runs[0], [row], {code: hits})


def languages(board, evaluator=WEIGHTED):
    record = Repo(board.results.root).record(MODEL, evaluator)
    return record.languages() if record else set()


def state(board):
    """The store's records, byte for byte."""
    board.results.refresh()
    root = board.results.root
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("results/**/*.json")}


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


def until_idle(made):
    if made._running:
        made._running.exception()


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
