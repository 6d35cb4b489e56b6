"""Commits an hour: never more than a role's share, whatever this machine's clock says."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from huggingface_hub import HfApi

from results import budget as budget_module
from results.budget import Budget
from results.dataset import Dataset
from results.store import Busy, Unreachable

ID = "org/board-results"
TOKEN = "hf_write"  # noqa: S105


@pytest.fixture
def repo(hub):
    hub.tokens[TOKEN] = {"name": "org", "role": "write"}
    return hub.create(ID)


def opened(tmp_path, most, window, role="worker", patience=60.0):
    share = Budget(most, window)
    where = tmp_path / "mirrors"
    return Dataset(ID, where, token=TOKEN, role=role, budget=share, patience=patience)


def by(role):
    return lambda made: made.title.startswith(f"{role}:")


def test_several_clients_of_two_roles_stay_within_their_shares(hub, repo, tmp_path):
    window, hub.commit_limit, hub.commit_window = 4.0, 8, 4.0
    clients = [(opened(tmp_path, 5, window), "w")] * 2 + [(opened(tmp_path, 5, window), "v")]
    clients += [
        (opened(tmp_path, 2, window, "web"), "x"),
        (opened(tmp_path, 2, window, "web"), "y"),
    ]
    end = time.monotonic() + 2 * window

    def busy_until_the_end(number):
        store, _ = clients[number]
        done = refused = 0
        while time.monotonic() < end:
            try:
                store.change("c", lambda: {f"f{number}": b"%d" % time.monotonic_ns()})
                done += 1
            except Busy:
                refused += 1
        return done, refused

    with ThreadPoolExecutor(5) as threads:
        done = list(threads.map(busy_until_the_end, range(5)))
    most = {role: repo.most(window, by(role)) for role in ("worker", "web")}
    print(f"\n  most in any {window:.0f} s: {most}, made {len(repo.made)}, per client {done}")
    assert most == {"worker": 5, "web": 2}
    assert len(repo.made) >= 7 + 5, "the shares were not used"
    assert sum(each for each, _ in done) == len(repo.made)


def clock(offset):
    """`datetime` of a machine whose clock is wrong."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + offset

    return Wrong


@pytest.mark.parametrize("offset", [timedelta(days=-400), timedelta(hours=-3), timedelta(hours=3)])
def test_a_wrong_clock_neither_starves_nor_overspends(hub, repo, tmp_path, monkeypatch, offset):
    monkeypatch.setattr(budget_module, "datetime", clock(offset))
    window = 2.0
    one, two = opened(tmp_path, 3, window), opened(tmp_path, 3, window)
    started = time.monotonic()
    for n in range(8):
        (one, two)[n % 2].change("c", lambda n=n: {"f": b"%d" % n})
    took = time.monotonic() - started
    print(f"\n  clock {offset}: 8 commits in {took:.1f} s, most in a window {repo.most(window)}")
    assert repo.most(window) <= 3
    assert took < 30


def test_the_hubs_limit_is_kept_with_the_shares_of_the_settings(hub, repo):
    """128 an hour by all together: 40 of the web and 80 of the workers, asked of the history."""
    api = HfApi(token=TOKEN)
    for role, most in (("web", 40), ("worker", 80)):
        share = Budget(most)
        for n in range(most):
            share.check(api, ID, role)
            repo.commit({"f": b"%d" % n}, f"{role}: {n}")
        with pytest.raises(Busy) as busy:
            share.check(api, ID, role)
        assert 3590 < busy.value.seconds <= 3602
    assert len(repo.made) == 120


def test_what_this_process_spent_counts_although_the_history_forgot(hub, repo, tmp_path):
    store = opened(tmp_path, 2, 3600.0, patience=1.0)
    for n in range(2):
        store.change("c", lambda n=n: {"f": b"%d" % n})
    repo.squash("squash", "org")
    with pytest.raises(Busy):
        store.change("c", lambda: {"f": b"3"})


def test_own_commits_are_forgotten_after_the_window(hub, repo):
    now = [0.0]
    share = Budget(1, 100.0, lambda: now[0])
    api = HfApi(token=TOKEN)
    share.check(api, ID, "web")
    share.spent()
    now[0] = 99.9
    with pytest.raises(Busy) as busy:
        share.check(api, ID, "web")
    assert busy.value.seconds == 1.0
    now[0] = 100.0
    share.check(api, ID, "web")


def test_only_the_roles_own_commits_count(hub, repo):
    for n in range(60):
        repo.commit({"f": b"%d" % n}, "worker: c" if n % 20 else "web: c")
    repo.commit({"g": b""}, "webmaster: c")
    api = HfApi(token=TOKEN)
    assert len(Budget(99)._ages(api, ID, "web")) == 3
    assert len(Budget(99)._ages(api, ID, "worker")) == 57
    old = datetime.now(UTC) - timedelta(seconds=3602)
    for each in repo.history:
        object.__setattr__(each, "created", old)
    assert Budget(99)._ages(api, ID, "worker") == []


@pytest.mark.parametrize("fault", ["fail", "halve", "hang"])
def test_a_history_that_cannot_be_read_is_tried_again(hub, repo, tmp_path, fault):
    store = opened(tmp_path, 2, 3600.0)
    words = {"fail": (500,), "halve": (), "hang": (0,)}[fault]
    found = getattr(hub, fault)(*words, where="/commits/", times=2)
    store.change("c", lambda: {"f": b""})
    assert found.hits == 2 and len(repo.made) == 1
    hub.fail(500, where="/commits/")
    with pytest.raises(Unreachable):
        opened(tmp_path, 2, 3600.0, patience=0.5).change("c", lambda: {"f": b"2"})
