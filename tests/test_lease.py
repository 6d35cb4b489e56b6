"""Who lapsed: by the watcher's own clock, from what it saw move; a death in a folder at once."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from results.lease import LAUNCHED, UNBEGUN, Lease, Watch, dump, lease_path, read_lease
from results.queue import new_id
from results.request import Attempt, Progress, Request
from results.store import Folder

FIXTURE = Request.model_validate_json(
    (Path(__file__).parent / "fixtures" / "request.json").read_text()
)
SECONDS = 1800.0


class Far:
    """A store on which nobody's death can be seen."""

    def __init__(self, root):
        self.root = root

    def held(self, name):
        return None


class Clock:
    def __init__(self):
        self.now = 1e6

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch(tmp_path, clock):
    return Watch(SECONDS, Far(tmp_path), clock)


def running(attempts=1, worker="w", started=None):
    started = started or datetime.now(UTC)
    each = [
        Attempt(worker=f"{worker}{n}", started=started, ended=None, outcome=None)
        for n in range(attempts)
    ]
    return FIXTURE.model_copy(update={"id": new_id(), "state": "running", "attempts": each})


def write(root, request, counter, attempt=None):
    lease = Lease(
        request=request.id,
        attempt=attempt or len(request.attempts),
        counter=counter,
        progress=Progress(done=1, total=2, doing="x", seconds_left=None),
    )
    path = root / lease_path(request.id)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(dump(lease))
    return lease


def look(watch, clock, request, seconds, every=60.0):
    """Look regularly for so many seconds; how long until it was lapsed, or None."""
    for step in itertools.count(1):
        if step * every > seconds:
            return None
        clock.now += every
        if watch.lapsed(request):
            return step * every


def test_a_lease_is_read_as_it_was_written_and_a_damaged_one_is_none(tmp_path):
    request = running()
    lease = write(tmp_path, request, 3)
    assert read_lease(tmp_path, request.id) == lease
    path = tmp_path / lease_path(request.id)
    path.write_bytes(path.read_bytes()[:20])
    assert read_lease(tmp_path, request.id) is None
    path.unlink()
    assert read_lease(tmp_path, request.id) is None


def test_what_does_not_move_lapses_after_its_time_of_watching_and_not_before(watch, clock):
    request = running()
    assert not watch.lapsed(request)
    assert look(watch, clock, request, 7200) == SECONDS


def test_a_counter_that_moves_is_a_life(watch, clock, tmp_path):
    request = running()
    watch.lapsed(request)
    for counter in range(20):
        write(tmp_path, request, counter)
        assert look(watch, clock, request, SECONDS - 60) is None
    assert look(watch, clock, request, 7200) is not None


def test_the_same_counter_again_and_again_is_none(watch, clock, tmp_path):
    request = running()
    write(tmp_path, request, 5)
    watch.lapsed(request)
    clock.now += 60
    write(tmp_path, request, 5)
    assert look(watch, clock, request, 7200) == SECONDS - 60


def test_a_new_attempt_starts_anew_and_an_old_ones_lease_does_not_count(watch, clock, tmp_path):
    first = running()
    write(tmp_path, first, 7)
    watch.lapsed(first)
    assert look(watch, clock, first, SECONDS - 60) is None
    second = first.model_copy(update={"attempts": running(2).attempts})
    clock.now += 60
    assert not watch.lapsed(second)
    for counter in range(8, 13):  # the lapsed worker's, which must not keep the second alive
        write(tmp_path, second, counter, attempt=1)
        lapsed = look(watch, clock, second, SECONDS / 4)
    assert lapsed is not None


@pytest.mark.parametrize("off", [timedelta(days=-4000), timedelta(), timedelta(days=4000)])
def test_clocks_of_others_play_no_part(watch, clock, off):
    request = running(started=datetime.now(UTC) + off)
    watch.lapsed(request)
    assert look(watch, clock, request, 7200) == SECONDS


def test_this_machines_wall_clock_plays_no_part(tmp_path, monkeypatch):
    def moved():
        raise AssertionError("asked for the time of day")

    monkeypatch.setattr("time.time", moved)
    request = running()
    watch = Watch(0.3, Far(tmp_path))
    assert not watch.lapsed(request)
    import time

    begun = time.monotonic()
    while not watch.lapsed(request):
        assert time.monotonic() - begun < 60
        time.sleep(0.02)
    assert time.monotonic() - begun > 0.25


def test_an_outage_lapses_nobody(watch, clock, tmp_path):
    """Two hours in which neither the worker could write nor the watcher look."""
    request = running()
    write(tmp_path, request, 1)
    watch.lapsed(request)
    clock.now += 7200
    assert not watch.lapsed(request)
    clock.now += 60
    write(tmp_path, request, 2)
    assert not watch.lapsed(request)
    clock.now += 7200
    watch.lapsed(request)
    assert look(watch, clock, request, 7200) == SECONDS * 2 / 3


def test_a_running_request_without_an_attempt_is_nobodys(watch):
    assert watch.lapsed(running(0))


def test_who_is_forgotten_is_watched_anew(watch, clock):
    request = running()
    watch.lapsed(request)
    assert look(watch, clock, request, SECONDS - 60) is None
    watch.forget({request.id})
    assert look(watch, clock, request, 60) == 60
    watch.forget(set())
    assert not watch.lapsed(request)


def test_a_launched_job_that_has_not_begun_waits_a_day_and_then_lapses_like_others(
    watch, clock, tmp_path
):
    request = running(worker=LAUNCHED)
    watch.lapsed(request)
    assert look(watch, clock, request, UNBEGUN - 60) is None
    write(tmp_path, request, 1)
    assert look(watch, clock, request, 7200) == SECONDS + 60
    other = running(worker=LAUNCHED)
    watch.lapsed(other)
    assert look(watch, clock, other, 2 * UNBEGUN) == UNBEGUN


def test_in_a_folder_a_death_is_a_lapse_and_a_life_is_watched(tmp_path, clock):
    store = Folder(tmp_path)
    watch = Watch(SECONDS, store, clock)
    request = running()
    kept = store.hold(request.attempts[-1].worker)
    assert not watch.lapsed(request)
    assert look(watch, clock, request, 7200) == SECONDS, "alive but stopped"
    other = running(worker="v")
    kept = store.hold(other.attempts[-1].worker)
    assert not watch.lapsed(other)
    kept.release()
    assert watch.lapsed(other)
