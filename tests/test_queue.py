"""The queue: nothing asked twice, one owner, a dead owner's request taken up again."""

import json
import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from results.blocklist import block
from results.dataset import Dataset
from results.lease import LAUNCHED, Watch
from results.queue import (
    AlreadyRequested,
    Blocked,
    Fenced,
    NotYours,
    OverLimit,
    Queue,
    new_id,
)
from results.repo import record_path
from results.request import Request
from results.store import Folder, Unreachable
from results.transitions import TRIES

FIXTURES = Path(__file__).parent / "fixtures"
FIXTURE = Request.model_validate_json((FIXTURES / "request.json").read_text())
SPAWN = multiprocessing.get_context("spawn")


class Board:
    """A queue on two stores, and workers that live until they are killed."""

    def __init__(self, requests, results):
        self.requests, self.results = requests, results
        self.queue = Queue(requests, results)
        self.now = 0.0
        self.watch = Watch(100.0, results, lambda: self.now)
        self.alive = {}

    def submit(self, each=0, total=0, **update):
        asked = FIXTURE.model_copy(update={"id": new_id(), **update})
        return self.queue.take("submit", self.queue.submission(asked, each, total))

    def claim(self, worker="w", **more):
        if worker not in self.alive:
            self.alive[worker] = self.results.hold(worker)
        return self.queue.claim(worker, self.watch, **more)

    def kill(self, worker):
        """It lets its lock go, or is silent for its lease's time."""
        kept = self.alive.pop(worker)
        if kept:
            kept.release()
        else:
            for _ in range(5):
                self.queue.reap(self.watch)
                self.now += 40

    def cancel(self, request, by=None, anybody=True):
        return self.queue.take("c", self.queue.cancelling(request.id, by, anybody))

    def retry(self, request, by=None, anybody=True, **limits):
        return self.queue.take("r", self.queue.retrying(request.id, by, anybody, **limits))


def folders(root):
    board = root / "board"
    return Board(Folder(board / "requests"), Folder(board))


def datasets(root, hub):
    hub.tokens["hf_write"] = {"name": "org", "role": "write"}
    repos = ["org/board-requests", "org/board-results"]
    for repo in repos:
        if repo not in hub.datasets:
            hub.create(repo)
    return Board(*(Dataset(each, root / "mirrors", token="hf_write") for each in repos))  # noqa: S106


def fill(root, store):
    """The fixture's records, in the store."""
    paths = list((FIXTURES / "repo" / "results").rglob("*.json"))
    start = FIXTURES / "repo"
    store.change(
        "records", lambda: {p.relative_to(start).as_posix(): p.read_bytes() for p in paths}
    )


@pytest.fixture(params=["folder", "dataset"])
def board(request, tmp_path, hub):
    made = folders(tmp_path) if request.param == "folder" else datasets(tmp_path, hub)
    fill(tmp_path, made.results)
    return made


def outcomes(request):
    return [attempt.outcome for attempt in request.attempts]


def test_ids_sort_by_time():
    early, late = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 10, tzinfo=UTC)
    assert new_id(early) < new_id(late)


def test_only_missing_cells_are_asked_for(board):
    weighted, last = FIXTURE.configurations
    with pytest.raises(AlreadyRequested, match="already measured on all 2 languages"):
        board.submit(configurations=[weighted])
    assert board.submit(configurations=[last]).languages == FIXTURE.languages
    partly = board.submit(configurations=[weighted], languages=["swh_Latn", "yor_Latn"])
    assert partly.languages == ["yor_Latn"]


def test_the_same_again_is_refused_while_it_waits_and_taken_when_it_failed(board):
    first = board.submit()
    with pytest.raises(AlreadyRequested, match=r"already in the queue \(pending\)"):
        board.submit()
    claimed = board.claim()
    with pytest.raises(AlreadyRequested, match=r"already in the queue \(running\)"):
        board.submit()
    board.queue.end(claimed, "failed", "It does not fit.", "log")
    assert board.submit().state == "pending"
    assert board.queue.find(first.id).reason == "It does not fit."


def test_a_request_for_less_is_covered_by_one_for_more_and_not_the_other_way(board):
    _, last = FIXTURE.configurations
    model = FIXTURE.model.model_copy(update={"revision": "d" * 40})
    board.submit(model=model)
    same = model.model_copy(update={"gated": True, "licence": "mit", "parameters": 5})
    with pytest.raises(AlreadyRequested):
        board.submit(model=same, configurations=[last])
    other = FIXTURE.model.model_copy(update={"revision": "e" * 40})
    board.submit(model=other, configurations=[last])
    assert board.submit(model=other).languages == FIXTURE.languages


def test_the_same_submission_again_is_the_one_that_is_there(board):
    asked = FIXTURE.model_copy(update={"id": new_id()})
    step = board.queue.submission(asked)
    first = board.queue.take("submit", step)
    assert board.queue.take("submit", step) == first
    claimed = board.claim()
    assert board.queue.take("submit", step) == claimed
    assert len(board.queue.all()) == 1


def test_many_steps_are_one_change_and_each_has_its_answer(board):
    requests = [
        FIXTURE.model_copy(update={"id": new_id(), "languages": [code]})
        for code in ("fra_Latn", "swh_Latn", "fra_Latn")
    ]
    bad = FIXTURE.model_copy(update={"id": "../../x", "languages": ["deu_Latn"]})
    steps = [board.queue.submission(each) for each in [*requests, bad]]
    first, second, twice, wrong = board.queue.apply("4 requests", steps)
    assert [first.languages, second.languages] == [["fra_Latn"], ["swh_Latn"]]
    assert isinstance(twice, AlreadyRequested)
    assert isinstance(wrong, ValueError), "one bad request must not take the others down"
    assert [each.id for each in board.queue.all()] == [first.id, second.id]


def test_limits_of_one_person_and_of_all(board):
    for code in ("fra_Latn", "swh_Latn"):
        last = board.submit(2, 4, languages=[code], submitter="a")
    with pytest.raises(OverLimit, match="2 of your requests"):
        board.submit(2, 4, languages=["deu_Latn"], submitter="a")
    board.submit(2, 4, languages=["deu_Latn"], submitter="b")
    board.submit(2, 4, languages=["kor_Hang"], submitter=None)
    with pytest.raises(OverLimit, match="4 requests wait already"):
        board.submit(2, 4, languages=["yor_Latn"], submitter="c")
    board.cancel(last)
    again = board.submit(2, 4, languages=["yor_Latn"], submitter="a")
    with pytest.raises(OverLimit):
        board.retry(last, each=2, total=9)
    with pytest.raises(OverLimit):
        board.retry(last, each=9, total=4)
    board.cancel(again)
    assert board.retry(last, each=2, total=4).state == "pending"


def test_a_withdrawn_record_is_not_asked_for_again(board):
    name = record_path(FIXTURE.model, FIXTURE.configurations[0]).relative_to("results")
    failed = board.submit(languages=["kor_Hang"])
    board.cancel(failed)
    board.results.change("withdraw", lambda: {f"withdrawn/{name.as_posix()}": b"{}"})
    with pytest.raises(Blocked, match="were withdrawn"):
        board.submit()
    with pytest.raises(Blocked, match="were withdrawn"):
        board.retry(failed)


def test_the_oldest_is_claimed_and_no_other_worker_gets_it(board):
    first = board.submit(languages=["fra_Latn"])
    second = board.submit(languages=["swh_Latn"])
    one, two, none = board.claim("a"), board.claim("b"), board.claim("c")
    assert (one.id, two.id, none) == (first.id, second.id, None)
    assert one.state == "running" and one.attempts[-1].worker == "a"


def test_only_the_request_that_is_named_is_claimed(board):
    board.submit(languages=["fra_Latn"])
    second = board.submit(languages=["swh_Latn"])
    assert board.claim("a", only=second.id).id == second.id
    assert board.claim("b", only=second.id) is None


def test_many_workers_at_once_get_one_request_each(tmp_path, hub):
    boards = [datasets(tmp_path, hub) for _ in range(4)]
    codes = ("fra_Latn", "swh_Latn", "deu_Latn")
    made = {boards[0].submit(languages=[code]).id for code in codes}
    for each in boards:
        each.requests.refresh()
    with ThreadPoolExecutor(4) as threads:
        got = list(threads.map(lambda n: boards[n].claim(f"w{n}"), range(4)))
    assert {each.id for each in got if each} == made and got.count(None) == 1


def test_a_claim_whose_answer_was_lost_is_taken_up(tmp_path, hub):
    board = datasets(tmp_path, hub)
    board.requests._patience = 0.1
    submitted = board.submit()
    hub.lose(times=1)
    real = board.requests.refresh
    calls = []

    def once():  # the answer is lost, and then the Hub is away for longer than the patience
        calls.append(1)
        if len(calls) > 1:
            raise Unreachable("away")
        real()

    board.requests.refresh = once
    with pytest.raises(Unreachable):
        board.claim("w")
    board.requests.refresh = real
    board.requests.refresh()
    assert board.queue.find(submitted.id).state == "running"
    assert board.claim("other") is None
    again = board.claim("w")
    assert again.id == submitted.id and len(again.attempts) == 1


def hold_a_claim(root, ready):
    board = folders(root)
    ready.put(board.claim("doomed").id)
    signal.pause()


def test_a_killed_workers_request_is_taken_up_again(tmp_path):
    board = folders(tmp_path)
    submitted = board.submit()
    ready = SPAWN.Queue()
    worker = SPAWN.Process(target=hold_a_claim, args=(tmp_path, ready))
    worker.start()
    assert ready.get(timeout=30) == submitted.id
    assert board.claim("other") is None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    again = board.claim("other")
    assert again.id == submitted.id and outcomes(again) == ["lost", None]


def test_killed_jobs_are_tried_again_and_the_last_one_fails(board):
    board.submit()
    for number in range(1, TRIES + 1):
        claimed = board.claim()
        assert claimed.reason is None
        ended = board.queue.end(claimed, "killed", "The job was killed (SIGKILL).", "log")
        assert ended.state == ("failed" if number == TRIES else "pending")
    assert board.claim() is None
    (ended,) = board.queue.all()
    assert ended.state == "failed" and len(ended.attempts) == TRIES
    assert ended.reason == "Tried 3 times. The last time: The job was killed (SIGKILL)."
    assert ended.log == "log"


def test_a_request_that_takes_its_workers_down_fails_at_last(board):
    board.submit()
    for number in range(TRIES):
        assert board.claim(f"doomed{number}").state == "running"
        board.kill(f"doomed{number}")
        board.queue.reap(board.watch)
    (ended,) = board.queue.all()
    assert ended.state == "failed" and outcomes(ended) == ["lost"] * TRIES
    assert ended.reason == "Tried 3 times. The last time: Its worker was lost."
    assert board.claim("next") is None


def test_a_claim_that_only_finds_a_request_failed_goes_on_to_the_next(tmp_path):
    board = folders(tmp_path)
    board.submit(languages=["fra_Latn"])
    for number in range(TRIES):
        board.claim(f"doomed{number}")
        board.kill(f"doomed{number}")
    second = board.submit(languages=["swh_Latn"])
    assert board.claim("next").id == second.id
    assert [each.state for each in board.queue.all()] == ["failed", "running"]


def test_a_machine_that_is_taken_away_is_no_failure(board):
    board.submit()
    for _ in range(2 * TRIES):
        assert board.queue.end(board.claim(), "preempted", "Taken away.").state == "pending"
    for _ in range(TRIES - 1):
        assert board.queue.end(board.claim(), "killed", "k").state == "pending"
    assert board.queue.end(board.claim(), "preempted", "Taken away.").state == "pending"
    assert board.queue.end(board.claim(), "killed", "k").state == "failed"


def test_reaping_puts_the_lost_back_and_leaves_the_living(board):
    board.submit(languages=["fra_Latn"])
    board.submit(languages=["swh_Latn"])
    dead, alive = board.claim("dead"), board.claim("alive")
    assert board.queue.reap(board.watch) == []
    for counter in range(6):
        lease = f'{{"request": "{alive.id}", "attempt": 1, "counter": {counter}, "progress": null}}'
        board.results.change("l", lambda lease=lease: {f"leases/{alive.id}.json": lease.encode()})
        if counter == 0:
            board.kill("dead") if board.alive["dead"] else board.alive.pop("dead")
        board.now += 30
        found = board.queue.reap(board.watch)
        if found:
            break
    assert [each.id for each in found] == [dead.id]
    assert [each.state for each in board.queue.all()] == ["pending", "running"]


def test_nobody_is_reaped_while_the_newest_leases_cannot_be_had(tmp_path, hub):
    board = datasets(tmp_path, hub)
    board.submit()
    board.claim("w")
    board.queue.reap(board.watch)
    hub.fail(500, "/api/datasets/org/board-results")
    for _ in range(20):
        board.now += 40
        with pytest.raises(Unreachable):
            board.queue.reap(board.watch)
    hub.heal()
    assert board.queue.reap(board.watch) == []
    assert board.queue.all()[0].state == "running"


def test_an_attempt_that_is_over_cannot_end_its_request(board):
    board.submit()
    first = board.claim("first")
    board.kill("first")
    second = board.claim("second")
    assert second.id == first.id and len(second.attempts) == 2
    assert not board.queue.current(first) and board.queue.current(second)
    for outcome in ("finished", "failed", "killed", "preempted"):
        with pytest.raises(Fenced, match="no longer at attempt 1"):
            board.queue.end(first, outcome)
    assert board.queue.end(second, "finished").state == "finished"
    assert board.queue.end(second, "finished").state == "finished", "the same again is no fault"
    with pytest.raises(Fenced, match="is finished"):
        board.queue.end(second, "failed")


def test_a_cancelled_request_stops_its_worker_and_can_be_retried(board):
    submitted = board.submit(submitter="me")
    claimed = board.claim()
    for by in (None, "you"):
        with pytest.raises(NotYours, match="Only whoever asked"):
            board.cancel(submitted, by=by, anybody=False)
    cancelled = board.cancel(submitted, by="me", anybody=False)
    assert cancelled.state == "cancelled" and outcomes(cancelled) == ["cancelled"]
    assert board.cancel(submitted) == cancelled
    assert not board.queue.current(claimed)
    with pytest.raises(Fenced):
        board.queue.end(claimed, "finished")
    again = board.retry(submitted, by="me", anybody=False)
    assert again.state == "pending" and again.forgiven == 0 and outcomes(again) == ["cancelled"]
    with pytest.raises(Fenced):
        board.queue.end(claimed, "finished")
    assert board.retry(submitted) == again, "the same again is no fault"
    board.queue.end(board.claim(), "finished")
    for act in (board.retry, board.cancel):
        with pytest.raises(NotYours, match="is finished"):
            act(submitted)
    with pytest.raises(NotYours, match="no such request"):
        board.cancel(FIXTURE)


def test_a_retry_grants_the_attempts_anew(board):
    board.submit()
    for _ in range(TRIES):
        failed = board.queue.end(board.claim(), "killed", "k")
    assert failed.state == "failed"
    assert board.retry(failed).reason is None
    states = [board.queue.end(board.claim(), "killed", "k").state for _ in range(TRIES)]
    assert states == ["pending"] * (TRIES - 1) + ["failed"]


def test_a_retry_asks_for_nothing_that_somebody_else_asked_for_or_measured(board):
    failed = board.submit(languages=["deu_Latn", "kor_Hang"])
    board.cancel(failed)
    board.submit(languages=["deu_Latn"])
    assert board.retry(failed).languages == ["kor_Hang"]
    board.cancel(failed)
    board.submit(languages=["kor_Hang"])
    with pytest.raises(AlreadyRequested, match="in the queue"):
        board.retry(failed)
    block(board.requests, FIXTURE.model.id, "Spam.")
    with pytest.raises(Blocked, match="Spam"):
        board.retry(failed)


def test_a_launcher_takes_up_what_waits_and_no_more_than_it_may(board):
    first, second = board.submit(languages=["fra_Latn"]), board.submit(languages=["swh_Latn"])
    step = board.queue.launching(first.id, f"{LAUNCHED}1", 1)
    taken = board.queue.take("l", step)
    assert board.queue.take("l", step) == taken
    with pytest.raises(Fenced, match="does not wait"):
        board.queue.take("l", board.queue.launching(first.id, f"{LAUNCHED}2", 9))
    with pytest.raises(Fenced, match="run already"):
        board.queue.take("l", board.queue.launching(second.id, f"{LAUNCHED}2", 1))
    refused = board.queue.take("r", board.queue.refusing(second.id, "Too large for any flavour."))
    assert (refused.state, refused.reason) == ("failed", "Too large for any flavour.")
    with pytest.raises(Fenced):
        board.queue.take("r", board.queue.refusing(first.id, "x"))


def test_an_unreadable_request_is_logged_and_the_others_are_served(board, caplog):
    good = board.submit()
    bad = "org__small/20260101T000000000000-00000000.json"
    board.requests.change("bad", lambda: {bad: b"{"})
    assert board.claim().id == good.id
    assert bad.partition("/")[2] in caplog.text
    assert (board.requests.root / bad).read_bytes() == b"{"


def test_a_change_within_one_tick_of_the_clock_is_seen(tmp_path):
    """The cache of requests must not show an old one: a compare-and-swap would compare with it."""
    board = folders(tmp_path)
    submitted = board.submit()
    for _ in range(50):
        assert board.cancel(submitted).state == "cancelled"
        assert Queue(board.requests, board.results).find(submitted.id).state == "cancelled"
        assert board.retry(submitted).state == "pending"
        assert Queue(board.requests, board.results).find(submitted.id).state == "pending"


def test_a_board_from_before_leases_is_served(tmp_path):
    """Its running request names a worker in another manner, and keeps its progress itself."""
    plain = FIXTURE.model_copy(update={"id": new_id(), "state": "running"}).model_dump(mode="json")
    started = "2026-11-24T04:00:00Z"
    plain["attempts"] = [{"worker": "host:12", "started": started, "ended": None, "outcome": None}]
    plain["progress"] = {"done": 1, "total": 2, "doing": "x", "seconds_left": None}
    path = tmp_path / "board" / "requests" / "org__small" / f"{plain['id']}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(plain))
    again = folders(tmp_path).claim("w")
    assert again.id == plain["id"] and outcomes(again) == ["lost", None]
