"""A dataset's mirror: only what changed is fetched, damage is refused, a kill heals."""

import json
import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest
from dataset_tools import (
    ID,
    SPAWN,
    append,
    counted,
    damage,
    files,
    lines,
    mirror_until_killed,
    opened,
    theirs,
)
from hub_server import Hub

from results import dataset as dataset_module
from results.dataset import MANIFEST
from results.hub_trouble import Lost
from results.store import ReadOnly, Unreachable


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


@pytest.mark.parametrize("seed", range(4))
def test_a_kill_in_mid_refresh_leaves_a_mirror_that_heals(hub, repo, tmp_path, seed):
    rng = random.Random(seed)
    ready = SPAWN.Queue()
    child = SPAWN.Process(
        target=mirror_until_killed, args=(tmp_path / "mirrors", hub.address, ready)
    )
    child.start()
    assert ready.get(timeout=120) == "0"
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
