"""A real process is stopped at each limit, with all that it started."""

import subprocess
import sys
import time

import psutil
import pytest

from evaluators.failures import judge
from evaluators.limits import SESSION, Limits, Watch, confine, disk, memory, stop, tree

MIB = 1 << 20
ROOMY = Limits(seconds=3600, memory_bytes=1 << 40, disk_bytes=1 << 50, free_bytes=0)
SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def start():
    """Start Python code as a job is; it is waited for until it has printed a line."""
    started = []

    def run(code, ready=True):
        words = [sys.executable, "-u", "-c", code]
        job = subprocess.Popen(words, stdout=subprocess.PIPE, **SESSION)
        started.append(job)
        if ready:
            job.stdout.readline()
        return job

    yield run
    for job in started:
        stop(job, grace=0)
        job.stdout.close()


def until_over(watch, patience=120):
    end = time.monotonic() + patience
    while not (said := watch.over()):
        assert time.monotonic() < end, "the watch said nothing"
        time.sleep(0.02)
    return said


def test_a_job_within_its_limits_is_left_alone(start, tmp_path):
    watch = Watch(start(f"print(1); {SLEEP}"), ROOMY, [tmp_path])
    assert [watch.over() for _ in range(3)] == [None] * 3


def test_no_limit_is_no_limit(start):
    watch = Watch(start(f"print(1); {SLEEP}"), Limits(), clock=iter([0.0, 1e9, 1e9]).__next__)
    assert watch.over() is None


def test_time(start):
    job = start(f"print(1); {SLEEP}")
    times = iter([0.0, 7199.0, 7201.0])
    watch = Watch(job, Limits(seconds=7200), clock=times.__next__)
    assert watch.over() is None
    said = watch.over()
    assert said.startswith("time limit: ") and "2 h 00 min" in said
    assert judge(-15, "", said).kind == "time limit"


def test_a_header_that_names_a_huge_model_is_stopped_by_the_memory_limit(start):
    """Stands for a hostile GGUF: it believes a header, and takes memory layer by layer."""
    grow = "for _ in range(4096): layers.append(b'x' * (1 << 22)); time.sleep(0.005)"
    job = start(f"import time; layers = []; print(0)\n{grow}")
    watch = Watch(job, Limits(memory_bytes=200 * MIB))
    said = until_over(watch)
    stop(job)
    assert judge(job.returncode, "", said).kind == "memory limit" and "200 MiB" in said
    assert job.returncode < 0


def test_memory_of_children_counts_and_of_mapped_files_does_not(start, tmp_path):
    child = f"x = b'x' * {80 * MIB}; print(1, flush=True); {SLEEP}"
    job = start(
        "import subprocess, sys, time; "
        f"c = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE); "
        f"c.stdout.readline(); print(1); {SLEEP}"
    )
    assert len(tree(job)) == 2
    assert memory(tree(job)) > 80 * MIB > memory([psutil.Process(job.pid)])
    (tmp_path / "weights").write_bytes(b"x" * 80 * MIB)
    job = start(
        f"import mmap; f = open({str(tmp_path / 'weights')!r}, 'rb'); "
        "m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ); "
        f"print(sum(m[i] for i in range(0, len(m), 4096))); {SLEEP}"
    )
    (process,) = tree(job)
    assert process.memory_info().rss > 80 * MIB > memory([process])


def test_disk_of_all_folders_together(start, tmp_path):
    cache, work = tmp_path / "cache", tmp_path / "not-there-yet"
    cache.mkdir()
    code = (
        f"import os, time; print(1); os.mkdir({str(work)!r})\n"
        f"for i in range(200): open({str(work)!r} + f'/{{i}}', 'wb').write(b'x' * {MIB}); "
        "time.sleep(0.005)"
    )
    limits = Limits(disk_bytes=20 * MIB, free_bytes=0)
    watch = Watch(start(code), limits, [cache, work], clock=lambda: time.monotonic() * 50)
    said = until_over(watch)
    assert judge(-15, "", said).kind == "disk limit" and "20 MiB" in said


def test_a_folder_is_walked_every_few_seconds_only(start, tmp_path):
    now = [0.0]
    watch = Watch(
        start(f"print(1); {SLEEP}"),
        Limits(disk_bytes=MIB, free_bytes=0),
        [tmp_path],
        lambda: now[0],
    )
    assert watch.over() is None
    (tmp_path / "x").write_bytes(b"x" * 2 * MIB)
    now[0] = 4.9
    assert watch.over() is None
    now[0] = 5.1
    assert watch.over().startswith("disk limit: ")


def test_hard_links_count_once_and_links_are_not_followed(tmp_path):
    (tmp_path / "blob").write_bytes(b"x" * MIB)
    (tmp_path / "hard").hardlink_to(tmp_path / "blob")
    (tmp_path / "snapshot").symlink_to(tmp_path / "blob")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert MIB <= disk([tmp_path, tmp_path, tmp_path / "none"]) < 1.1 * MIB


def test_a_disk_that_runs_full_ends_the_job_before_it_is(start, tmp_path):
    free = psutil.disk_usage(str(tmp_path)).free
    watch = Watch(start(f"print(1); {SLEEP}"), Limits(free_bytes=free * 2), [tmp_path / "new"])
    found = judge(-15, "", watch.over())
    assert (found.kind, found.retry) == ("disk full", True)


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


@pytest.mark.parametrize(
    ("child", "session", "parent_ends"),
    [
        ("", False, False),
        (STUBBORN, False, False),
        ("", True, False),
        (STUBBORN, False, True),
    ],
    ids=["child", "stubborn child", "child with a session of its own", "stubborn orphan"],
)
def test_everything_that_a_job_started_is_ended(start, child, session, parent_ends):
    code = f"{child}print(1, flush=True); {SLEEP}"
    job = start(
        "import subprocess, sys, time; "
        f"c = subprocess.Popen([sys.executable, '-c', {code!r}], stdout=subprocess.PIPE, "
        f"start_new_session={session}); c.stdout.readline(); print(1); print(c.pid); "
        + ("" if parent_ends else SLEEP)
    )
    pid = int(job.stdout.readline())
    if parent_ends:
        job.wait()
    assert alive(pid)
    begun = time.monotonic()
    stop(job, grace=0.3)
    assert not alive(pid) and job.returncode is not None
    assert time.monotonic() - begun < 30


def test_a_job_that_is_stopped_is_killed(start):
    job = start(f"print(1); {SLEEP}")
    process = psutil.Process(job.pid)
    process.suspend()
    while process.status() != psutil.STATUS_STOPPED:  # a pending stop comes after the end signal
        time.sleep(0.01)
    stop(job, grace=0.1)
    assert job.returncode == -9
    stop(job)


def test_nobody_else_is_ended(start):
    other = start(f"print(1); {SLEEP}")
    job = start(f"print(1); {SLEEP}")
    stop(job)
    assert job.returncode == -15 and other.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
def test_no_core_and_no_file_over_the_limit(start, tmp_path):
    path = tmp_path / "big"
    code = (
        "import resource, sys; print(1); sys.stdin.readline(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0]); "
        f"f = open({str(path)!r}, 'wb')\n"
        f"try: f.write(b'x' * {3 * MIB})\n"
        "except OSError as error: print(error.errno)"
    )
    job = subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **SESSION,
    )
    job.stdout.readline()
    confine(job, Limits(disk_bytes=2 * MIB))
    out, _ = job.communicate(b"\n", timeout=120)
    assert out.split() == [b"0", b"27"] and path.stat().st_size == 2 * MIB
    confine(job, Limits(disk_bytes=MIB))
