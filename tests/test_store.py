"""The local folder as a store: every change whole, one at a time, nothing outside, deaths seen."""

import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from filelock import FileLock, Timeout

from results import store as store_module
from results.store import Folder, ReadOnly, Unreachable, inside

SPAWN = multiprocessing.get_context("spawn")


def append(store, name, line):
    """Read-modify-write of one file."""

    def edit():
        path = store.root / name
        return {name: (path.read_bytes() if path.exists() else b"") + f"{line}\n".encode()}

    store.change("append", edit)


def append_many(root, who, times):
    for n in range(times):
        append(Folder(root), "lines", f"{who} {n}")


def test_what_an_edit_returns_is_written_and_none_deletes(tmp_path):
    store = Folder(tmp_path)
    store.change("", lambda: {"a/b.json": b"1", "c": b"2"})
    store.change("", lambda: {"c": None, "never": None})
    assert (tmp_path / "a" / "b.json").read_bytes() == b"1"
    assert not (tmp_path / "c").exists()


def test_an_edit_that_raises_writes_nothing_and_frees_the_lock(tmp_path):
    store = Folder(tmp_path)

    def edit():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.change("", edit)
    store.change("", lambda: {"a": b"1"})
    assert (tmp_path / "a").exists()


BAD = ["../x", "/etc/x", "a/../../x", "a//b", "", ".", "..", "a/.", "a b", "a\n", "ü", "a\\b"]


@pytest.mark.parametrize("name", BAD)
def test_nothing_is_written_outside_and_nothing_beside_a_bad_name(tmp_path, name):
    with pytest.raises(ValueError, match="no path of a store"):
        Folder(tmp_path).change("", lambda: {"good": b"1", name: b"2"})
    assert not (tmp_path / "good").exists()
    with pytest.raises(ValueError, match="no path of a store"):
        inside(tmp_path, name)


def test_threads_and_processes_lose_no_entry(tmp_path):
    workers = [SPAWN.Process(target=append_many, args=(tmp_path, p, 25)) for p in range(2)]
    for worker in workers:
        worker.start()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda t: append_many(tmp_path, f"t{t}", 25), range(8)))
    for worker in workers:
        worker.join()
    lines = (tmp_path / "lines").read_text().splitlines()
    whole = {f"{who} {n}" for who in [0, 1, *(f"t{t}" for t in range(8))] for n in range(25)}
    print(f"\n  {len(lines)} appends by 2 processes and 8 threads, {len(whole - set(lines))} lost")
    assert sorted(lines) == sorted(whole)


def test_a_read_only_folder_is_not_written(tmp_path):
    with pytest.raises(ReadOnly, match="only be read"):
        Folder(tmp_path, writable=False).change("", lambda: {"a": b""})
    assert not list(tmp_path.iterdir())


def test_whoever_waits_too_long_for_the_lock_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "PATIENCE", 0.1)
    store = Folder(tmp_path)
    store.change("", lambda: {})
    with FileLock(tmp_path / "locks" / "store.lock"), pytest.raises(Unreachable, match="for long"):
        store.change("", lambda: {"a": b"1"})
    assert not (tmp_path / "a").exists()


def hold_until_killed(root, ready):
    kept = Folder(root).hold("worker-1")
    ready.put(kept is not None)
    signal.pause()


def test_a_death_is_seen_at_once(tmp_path):
    store = Folder(tmp_path)
    ready = SPAWN.Queue()
    worker = SPAWN.Process(target=hold_until_killed, args=(tmp_path, ready))
    worker.start()
    assert ready.get(timeout=120)
    assert store.held("worker-1") is True
    with pytest.raises(Timeout):
        store.hold("worker-1")
    os.kill(worker.pid, signal.SIGSTOP)
    assert store.held("worker-1") is True
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    started = time.monotonic()
    assert store.held("worker-1") is False
    assert time.monotonic() - started < 10
    assert store.hold("worker-1") is not None


def test_a_lock_may_be_let_go_by_another_thread(tmp_path):
    store = Folder(tmp_path)
    kept = store.hold("a")
    with ThreadPoolExecutor(1) as other:
        other.submit(kept.release).result()
    assert store.held("a") is False


@pytest.mark.parametrize("name", ["host:1", "../../x", "a b", ""])
def test_no_living_process_holds_a_name_that_cannot_be_held(tmp_path, name):
    assert Folder(tmp_path).held(name) is False
