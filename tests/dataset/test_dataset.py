"""A Hub dataset as a store: the real client against a loopback Hub that fails on command."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from dataset_tools import ID, append, files, lines, opened, theirs

from results import budget
from results.store import Busy, Unreachable


def test_a_change_is_one_commit_and_others_read_it(hub, repo, tmp_path):
    store, reader = opened(tmp_path), opened(tmp_path, token=None)
    store.change("a third", lambda: {"a/three.json": b"3", "a/one.json": None, "never": None})
    assert [made.title for made in repo.made[1:]] == ["web: a third"]
    reader.refresh()
    assert files(store) == files(reader) == theirs(repo)
    assert set(files(store)) == {"README.md", "a/two.json", "a/three.json"}


def test_nothing_to_change_and_the_same_again_are_no_commit(hub, repo, tmp_path):
    store = opened(tmp_path)
    store.change("nothing", lambda: {})
    store.change("the same", lambda: {"a/one.json": b"1", "gone": None})
    assert len(repo.made) == 1


def test_eight_at_once_lose_no_entry(hub, repo, tmp_path):
    shared = [opened(tmp_path, patience=120.0) for _ in range(8)]

    def ten(number):
        return [append(shared[number], f"{number} {n}") for n in range(10)]

    started = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        tries = sum(sum(each) for each in threads.map(ten, range(8)))
    refused = tries - 80
    made = [made for made in repo.made if "append" in made.title]
    print(
        f"\n  80 appends by 8 clients: {len(set(lines(repo)))} kept, {len(made)} commits, "
        f"{refused} races lost (412), {time.monotonic() - started:.1f} s"
    )
    assert sorted(lines(repo)) == sorted(f"{a} {b}" for a in range(8) for b in range(10))
    assert len(made) == 80
    assert refused > 0, "no race: this shows nothing"


def test_threads_that_share_a_mirror_do_not_race_each_other(hub, repo, tmp_path):
    store = opened(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        tries = list(threads.map(lambda n: append(store, str(n)), range(16)))
    assert sorted(lines(repo), key=int) == [str(n) for n in range(16)]
    assert tries == [1] * 16


@pytest.mark.parametrize("status", [None, 500, 503])
def test_a_commit_whose_answer_was_lost_is_made_once(hub, repo, tmp_path, status):
    store = opened(tmp_path)
    fault = hub.lose(status=status, times=1)
    append(store, "x")
    assert fault.hits == 1
    assert lines(repo) == ["x"]
    assert len(repo.made) == 2
    assert files(store) == theirs(repo)


def test_what_somebody_else_wrote_alike_is_not_taken_for_ours(hub, repo, tmp_path):
    store = opened(tmp_path)
    store.refresh()
    calls = []

    def edit():
        calls.append(1)
        if len(calls) == 1:
            repo.commit({"b": b"same", "c": b"other"}, "web: somebody else")
        return {"b": b"same"}

    store.change("same", edit)
    assert files(store) == theirs(repo)
    store.refresh()
    assert files(store)["c"] == b"other"
    assert len(calls) == 2


def test_the_hub_says_how_long_to_wait_and_that_is_done(hub, repo, tmp_path):
    store = opened(tmp_path)
    hub.fail(429, "/commit/", retry_after=1, times=2)
    started = time.monotonic()
    append(store, "x")
    assert time.monotonic() - started >= 2
    assert lines(repo) == ["x"]


def test_a_wait_beyond_the_patience_is_told_at_once(hub, repo, tmp_path):
    store = opened(tmp_path, patience=5.0)
    hub.fail(429, "/commit/", retry_after=600)
    started = time.monotonic()
    with pytest.raises(Busy) as busy:
        append(store, "x")
    assert time.monotonic() - started < 60
    assert busy.value.seconds == 600
    hub.heal()
    append(store, "y")
    assert lines(repo) == ["y"]


@pytest.mark.parametrize("where", ["/api/", "/preupload/", "/commit/", "/resolve/", "/tree/"])
@pytest.mark.parametrize("status", [500, 502, 429])
def test_errors_anywhere_are_tried_again(hub, repo, tmp_path, waits, where, status):
    store = opened(tmp_path)
    fault = hub.fail(status, where, times=3, retry_after=0 if status == 429 else None)
    append(store, "x")
    assert fault.hits == 3
    assert lines(repo) == ["x"] and files(store) == theirs(repo)


@pytest.mark.parametrize("where", ["/revision/", "/commit/", "/preupload/", "/resolve/", "/tree/"])
def test_half_an_answer_is_none(hub, repo, tmp_path, waits, where):
    store = opened(tmp_path)
    if where == "/revision/":
        where = f"/api/datasets/{ID}"
    fault = hub.halve(where, times=2)
    append(store, "x")
    assert fault.hits == (1 if where == "/commit/" else 2), "a commit is carried out at once"
    assert lines(repo) == ["x"] and files(store) == theirs(repo)
    assert len(repo.made) == 2


@pytest.mark.parametrize(
    "where", ["/api/datasets/", "/commit/", "/preupload/", "/tree/", "/commits/"]
)
def test_a_hub_that_says_nothing_is_given_up(hub, repo, tmp_path, waits, impatient, where):
    store = opened(tmp_path, budget=budget.Budget(10))
    hub.hang(30, where, times=1)
    started = time.monotonic()
    append(store, "x")
    assert time.monotonic() - started < 25
    assert lines(repo) == ["x"]


def test_a_hub_that_is_down_leaves_the_files_and_is_found_again(hub, repo, tmp_path):
    store = opened(tmp_path, patience=1.0)
    store.refresh()
    before = files(store)
    hub.down()
    with pytest.raises(Unreachable, match="did not answer"):
        store.refresh()
    with pytest.raises(Unreachable):
        append(store, "x")
    assert files(store) == before
    hub.up()
    append(store, "x")
    assert lines(repo) == ["x"]


def test_random_trouble_loses_nothing_and_doubles_nothing(hub, repo, tmp_path, waits):
    clients = [opened(tmp_path, patience=120.0) for _ in range(3)]
    hub.fail(500, "/commit/", chance=0.15, seed=1)
    hub.lose(chance=0.15, seed=2)
    hub.lose(status=502, chance=0.1, seed=3)
    hub.halve("/resolve/", chance=0.05, seed=4)
    hub.fail(429, "/commit/", chance=0.1, seed=5, retry_after=0)
    hub.fail(503, "/tree/", chance=0.1, seed=6)
    hub.halve("/preupload/", chance=0.05, seed=7)

    def six(number):
        for n in range(6):
            append(clients[number], f"{number} {n}")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(six, range(3)))
    hits = sum(fault.hits for fault in hub.faults.faults)
    print(f"\n  18 appends, {hits} faults, {len(lines(repo))} entries")
    assert hits > 5
    assert sorted(lines(repo)) == sorted(f"{a} {b}" for a in range(3) for b in range(6))
