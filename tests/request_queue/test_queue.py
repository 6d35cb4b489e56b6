"""The queue's door: what is taken, refused and limited, and what Retry asks for."""

import json
from datetime import UTC, datetime

import pytest
from queue_board import (
    FIXTURE,
    folders,
    outcomes,
)

from results.blocklist import block
from results.lease import LAUNCHED
from results.queue import (
    AlreadyRequested,
    Blocked,
    Fenced,
    OverLimit,
    Queue,
    new_id,
)
from results.repo import record_path
from results.transitions import TRIES


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
