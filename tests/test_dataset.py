"""The Hub dataset as a store, by the real client: nothing lost, nothing doubled, whole mirrors."""

import json
import multiprocessing
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hub_server import Hub
from huggingface_hub import close_session, constants, set_client_factory
from huggingface_hub.utils._http import default_client_factory

from results import budget
from results import dataset as dataset_module
from results import hub as hub_client
from results.dataset import MANIFEST, Dataset, Lost
from results.store import Busy, ReadOnly, Unreachable

ID = "org/board-requests"
TOKEN = "hf_write"  # noqa: S105
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def repo(hub):
    hub.tokens[TOKEN] = {"name": "org", "role": "write"}
    hub.tokens["hf_read"] = {"name": "reader", "role": "read"}
    return hub.create(ID, files={"README.md": b"# board\n", "a/one.json": b"1", "a/two.json": b"2"})


@pytest.fixture(autouse=True)
def client_of_the_board():
    set_client_factory(hub_client.patient_client)
    yield
    set_client_factory(default_client_factory)


@pytest.fixture
def waits(monkeypatch):
    """The client's and the store's waits between tries, not waited."""
    seen = []
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", seen.append)
    return seen


@pytest.fixture
def impatient(monkeypatch):
    """A client that waits a short while for an answer, as it else does a long one."""
    monkeypatch.setattr(hub_client, "SILENCE", 0.3)
    monkeypatch.setattr(dataset_module, "TIMEOUT", 0.3)
    monkeypatch.setattr(budget, "TIMEOUT", 0.3)
    for name in ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT", "DEFAULT_REQUEST_TIMEOUT"):
        monkeypatch.setattr(constants, name, 0.3)
    close_session()


def opened(tmp_path, **more):
    return Dataset(ID, tmp_path / "mirrors", **{"token": TOKEN, "patience": 20.0, **more})


def files(store):
    """What readers find in the mirror."""
    paths = [path for path in store.root.rglob("*") if path.is_file() and path.name != MANIFEST]
    return {path.relative_to(store.root).as_posix(): path.read_bytes() for path in paths}


def theirs(repo):
    return {path: data for path, data in repo.files().items() if not path.startswith(".")}


def append(store, line, name="lines"):
    """Read-modify-write of one file; how often it was tried."""
    tries = []

    def edit():
        tries.append(1)
        path = store.root / name
        old = path.read_bytes() if path.exists() else b""
        return {name: old if line.encode() in old.split(b"\n") else old + f"{line}\n".encode()}

    store.change(f"append {line}", edit)
    return len(tries)


def lines(repo, name="lines"):
    return repo.files()[name].decode().splitlines()


@contextmanager
def counted(hub):
    """Requests that come in meanwhile."""
    before = len(hub.requests)
    found = []
    yield found
    found += [(method, path) for method, path, _ in hub.requests[before:]]


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
    assert time.monotonic() - started < 5
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
    hub.hang(4, where, times=1)
    started = time.monotonic()
    append(store, "x")
    assert time.monotonic() - started < 3.5
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


def damage(hub, repo, path, content):
    """Serve other content under the id that the tree tells."""
    blob = repo.head.files[path]
    repo.head.files[path] = blob._replace(content=content)


def test_a_damaged_download_is_refused_and_the_next_look_heals(hub, repo, tmp_path):
    store = opened(tmp_path)
    store.refresh()
    before, commit = files(store), store.commit_id
    repo.commit({"a/one.json": b"new", "b.json": b"bbb"})
    damage(hub, repo, "b.json", b"bbx")
    with pytest.raises(Unreachable):
        store.refresh()
    assert (files(store), store.commit_id) == (before, commit)
    damage(hub, repo, "b.json", b"bbb")
    store.refresh()
    assert files(store) == theirs(repo)


def test_a_second_look_fetches_only_what_changed(hub, repo, tmp_path):
    repo.commit({f"m/{n}.json": b"%d" % n for n in range(30)})
    store = opened(tmp_path)
    store.refresh()
    with counted(hub) as nothing:
        store.refresh()
    assert len(nothing) == 1, nothing
    repo.commit({"m/3.json": b"three", "m/4.json": None, "n/new.json": b"n"})
    with counted(hub) as seen:
        store.refresh()
    fetched = {
        path.split("/resolve/")[1].partition("/")[2] for m, path in seen if "/resolve/" in path
    }
    print(f"\n  33 files, 2 changed: {len(seen)} requests, fetched {sorted(fetched)}")
    assert fetched == {"m/3.json", "n/new.json"}
    assert files(store) == theirs(repo)
    assert not (store.root / "m" / "4.json").exists()


def test_a_mirror_follows_many_files_and_folders_that_become_files(hub, repo, tmp_path):
    store = opened(tmp_path)
    store.refresh()
    repo.commit({f"m/{n}.json": b"%d" % n for n in range(150)})
    store.refresh()
    assert files(store) == theirs(repo)
    repo.commit({"a/one.json": None, "a/two.json": None, "a": b"a file now", "README.md": None})
    repo.commit({"README.md/x": b"a folder now"})
    store.refresh()
    assert files(store) == theirs(repo)


def test_files_that_are_not_this_projects_are_left_there(hub, repo, tmp_path):
    repo.commit({"a b.json": b"x", ".hidden": b"x", "ü/x.json": b"x", "ok.json": b"x"})
    store = opened(tmp_path)
    store.refresh()
    assert set(files(store)) == {"README.md", "a/one.json", "a/two.json", "ok.json"}
    append(store, "x")
    assert "a b.json" in repo.files()


def mirror_until_killed(mirrors, address, ready):
    constants.ENDPOINT = address
    constants.HUGGINGFACE_CO_URL_TEMPLATE = (
        f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    )
    store = Dataset(ID, mirrors, token=TOKEN)
    ready.put(store.root.name)
    while True:
        store.refresh()


@pytest.mark.parametrize("seed", range(4))
def test_a_kill_in_mid_refresh_leaves_a_mirror_that_heals(hub, repo, tmp_path, seed):
    rng = random.Random(seed)
    ready = SPAWN.Queue()
    child = SPAWN.Process(
        target=mirror_until_killed, args=(tmp_path / "mirrors", hub.address, ready)
    )
    child.start()
    assert ready.get(timeout=60) == "0"
    other = opened(tmp_path)
    assert other.root.name == "1", "two living processes share a mirror"
    end = time.monotonic() + rng.uniform(0.3, 1.5)
    while time.monotonic() < end:
        names = rng.sample([f"m/{n}.json" for n in range(12)], 4)
        there = repo.files()
        repo.commit(
            {
                name: rng.choice([rng.randbytes(40), None]) if name in there else b"x"
                for name in names
            }
        )
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    # What was deleted in the mirror comes back as it was, what came is deleted.
    repo.commit({f"m/{n}.json": b"back" for n in range(12) if rng.random() < 0.5} | {"z": b"z"})
    again = opened(tmp_path)
    assert again.root.name == "0", "a dead process's mirror was not taken over"
    again.refresh()
    assert files(again) == theirs(repo)


def test_whatever_a_kill_left_is_set_right(hub, repo, tmp_path):
    """Files that came, went or were cut before the manifest was written."""
    first = opened(tmp_path)
    first.refresh()
    root, slot = first.root, first._slot
    derived = root / "derived" / "snapshot.parquet"
    derived.parent.mkdir()
    derived.write_bytes(b"kept")
    (root / "a" / "one.json").unlink()
    (root / "a" / "two.json").write_bytes(b"")
    (root / "a" / "ghost.json").write_bytes(b"never committed")
    (root / "a" / ".two.json.x.tmp").write_bytes(b"half")
    slot.release()
    again = opened(tmp_path)
    assert again.root == root
    assert not (root / "a" / "ghost.json").exists()
    again.refresh()
    assert derived.read_bytes() == b"kept"
    derived.unlink()
    assert files(again) == theirs(repo)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"commit": 1}', '{"commit": "x", "files": []}']
)
def test_a_manifest_that_cannot_be_read_is_made_anew(hub, repo, tmp_path, text):
    first = opened(tmp_path)
    first.refresh()
    (first.root / MANIFEST).write_text(text)
    first._slot.release()
    again = opened(tmp_path)
    again.refresh()
    assert again.root == first.root
    assert files(again) == theirs(repo)
    assert json.loads((again.root / MANIFEST).read_text())["commit"] == repo.head.id


def test_history_squashed_under_a_reader(hub, repo, tmp_path, monkeypatch):
    store = opened(tmp_path)
    store.refresh()
    repo.commit({"b": b"new"})
    real = store._api.list_repo_tree

    def squashed_first(*words, **more):
        repo.squash("squash", "org")
        return real(*words, **more)

    with monkeypatch.context() as patch:
        patch.setattr(store._api, "list_repo_tree", squashed_first)
        with pytest.raises(Lost):
            store.refresh()
    store.refresh()
    assert files(store) == theirs(repo)
    repo.squash("squash", "org")
    append(store, "x")
    assert lines(repo) == ["x"]


def test_without_a_token_that_may_write_it_is_read_only(hub, repo, tmp_path):
    reader = opened(tmp_path, token=None)
    assert not reader.writable
    with pytest.raises(ReadOnly, match="no token"):
        append(reader, "x")
    weak = opened(tmp_path, token="hf_read")  # noqa: S106
    with pytest.raises(ReadOnly, match="may not use it"):
        append(weak, "x")
    assert files(weak)["a/one.json"] == b"1"
    assert len(repo.made) == 1


def test_a_dataset_that_is_not_there_is_named(hub, tmp_path):
    with pytest.raises(ReadOnly, match=ID):
        opened(tmp_path).refresh()


def test_a_full_disk_is_not_taken_for_the_hubs(hub, repo, tmp_path, monkeypatch):
    store = opened(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(dataset_module, "write_atomic", full)
        with pytest.raises(OSError, match="No space") as error:
            store.refresh()
    assert not isinstance(error.value, Unreachable)
    again = opened(tmp_path)
    again.refresh()
    assert files(again) == theirs(repo)


def test_readers_see_whole_files_while_it_changes(hub, repo, tmp_path):
    store = opened(tmp_path)
    whole = {b"%d" % n * 5000 for n in range(10)}
    repo.commit({"big": b"0" * 5000})
    store.refresh()
    stop, seen = threading.Event(), []

    def read():
        while not stop.is_set():
            seen.append((store.root / "big").read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(10):
        repo.commit({"big": b"%d" % n * 5000}) if n % 2 else store.change(
            "", lambda n=n: {"big": b"%d" % n * 5000}
        )
        store.refresh()
    stop.set()
    reader.join()
    assert set(seen) <= whole and len(set(seen)) > 2


def test_nothing_outside_is_committed_or_written(hub, repo, tmp_path):
    store = opened(tmp_path)
    for name in ("../x", "/x", "a/../../x", "a b"):
        with pytest.raises(ValueError, match="no path of a store"):
            store.change("", lambda name=name: {name: b"x"})
    assert len(repo.made) == 1
    assert {path.name for path in (tmp_path / "mirrors").iterdir()} == {"org__board-requests"}
    assert isinstance(hub, Hub) and Path(store.root).is_dir()
