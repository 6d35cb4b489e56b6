"""Faults at random times from fixed seeds: nothing accepted is lost, nothing is recorded twice."""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from scenario import LANGUAGES, WEB, WINDOW, WORKERS, Scenario, Wish
from scenario_faults import VANDAL
from scenario_processes import REPO
from stand_in_job import METHODS, PIVOT, score

from results.lease import Lease
from results.repo import Repo, check
from results.request import Request
from results.schema import Record

SOAK = bool(os.environ.get("MEXA_SOAK"))
SEEDS = range(10) if SOAK else range(1)
pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="needs Linux's signals")


def wishes(seed: int, count: int) -> list[Wish]:
    """By several models; some ask for other languages of the same model."""
    dice = random.Random(seed)
    found = [Wish(VANDAL, dice.sample(LANGUAGES, 4))]
    for number in range(1, count):
        model = f"org/m{number // 2 * 2}" if number % 4 == 1 else f"org/m{number}"
        half = LANGUAGES[:4] if number % 2 else LANGUAGES[4:]
        found.append(Wish(model, dice.sample(half, dice.randint(2, 4))))
    return found


@pytest.mark.alone
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", ["folder", "dataset"])
def test_stand_in_jobs_survive_faults(kind, seed, tmp_path, request):
    hub = request.getfixturevalue("hub") if kind == "dataset" else None
    dice = random.Random(f"{kind} {seed}")
    scenario = Scenario(
        tmp_path,
        seed,
        hub,
        wishes(seed, 12 if SOAK else 7),
        workers=dice.randint(2, 8) if SOAK else 3,
        faults=24 if SOAK else 15 if hub else 9,
    )
    scenario.play()
    print(f"\n  {kind}, seed {seed}: {verify(scenario)}")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")
def test_a_stand_in_job_on_a_full_disk_fails_with_the_reason(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    options = ("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small))
    if subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("cannot mount a small file system")
    try:
        extra = {"MEXA_CACHE": str(small)}
        wish = Wish("org/m", LANGUAGES[:4])
        scenario = Scenario(tmp_path / "run", 0, None, [wish], 1, 0, delay=1.5, extra=extra)
        scenario.play()
        (request,) = scenario.requests()
        assert request.state == "failed" and len(request.attempts) == 3
        assert "Less than 1 GiB was left on the worker's disk" in request.reason
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def verify(scenario: Scenario) -> str:
    """Everything that must hold afterwards; the counts."""
    requests = scenario.requests()
    (scenario.folder / "end").mkdir()
    for path, data in scenario.files("results").items():
        target = scenario.folder / "end" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    records = sound_records(scenario)
    every_wish_is_met(scenario, requests, records)
    nothing_is_doubled(requests)
    fences_hold(scenario)
    jobs, repeats = little_is_repeated(scenario)
    commits = within_budget(scenario)
    cells = sum(len(record.scores) - 1 for record in records)
    states = Counter(request.state for request in requests)
    assert 2 * states["finished"] >= len(requests), [request.reason for request in requests]
    why = sorted(
        {f"{request.model.id}: {request.reason}" for request in requests if request.reason}
    )
    faults = ", ".join(f"{number} {name}" for name, number in sorted(scenario.happened.items()))
    return (
        f"{scenario.workers} workers, {sum(scenario.happened.values())} faults ({faults}); "
        f"{len(scenario.wishes)} wishes asked {sum(w.asked for w in scenario.wishes)} times, "
        f"{len(requests)} requests ({', '.join(f'{n} {s}' for s, n in sorted(states.items()))}), "
        f"{sum(len(r.attempts) for r in requests)} attempts, {jobs} jobs, {cells} cells, "
        f"{repeats} languages measured again; {commits}; {scenario.seconds:.0f} s"
        + "".join(f"\n    failed, {line}" for line in why)
    )


def sound_records(scenario: Scenario) -> list[Record]:
    """Every record holds, each language once, each score the one that the job gives."""
    root = scenario.folder / "end"
    problems = [
        line for line in check(root) if VANDAL not in scenario.spoiled or "vandal" not in line
    ]
    assert problems == []
    records = [record for _, record in Repo(root).records()]
    for record in records:
        method = (record.evaluator.parameters.embedding or "").partition("@")[0]
        languages = [row.language for row in record.scores]
        assert len(languages) == len(set(languages))
        for row in record.scores:
            true = score(record.model.id, row.language, method)
            assert row.model_copy(update={"run": 0}) == true
    return records


def every_wish_is_met(scenario: Scenario, requests: list[Request], records: list[Record]) -> None:
    """Accepted means finished, with every cell there, or failed with a reason."""
    cells = Counter((r.model.id, row.language) for r in records for row in r.scores)
    by_id = {request.id: request for request in requests}
    for wish in scenario.wishes:
        assert wish.accepted or wish.refused, f"{wish} was never answered"
        if wish.accepted:
            assert wish.accepted in by_id, f"{wish} was accepted and is gone"
        elif wish.model not in scenario.spoiled:
            # An earlier submission of the same was kept although nobody could be told.
            assert "already" in (wish.refused or ""), wish
            covered = {c for r in requests if r.model.id == wish.model for c in r.languages}
            assert covered >= set(wish.languages), wish
    for request in requests:
        assert request.attempts and all(a.outcome and a.ended for a in request.attempts)
        if request.state == "failed":
            assert request.reason, request
        else:
            assert request.state == "finished"
            if request.model.id not in scenario.spoiled:
                lacking = [
                    c for c in request.languages if cells[request.model.id, c] < len(METHODS)
                ]
                assert lacking == [], request


def nothing_is_doubled(requests: list[Request]) -> None:
    """No language of a model is in two requests, unless the first had failed."""
    kept = [request for request in requests if request.state == "finished"]
    asked = Counter((request.model.id, code) for request in kept for code in request.languages)
    assert [each for each, times in asked.items() if times > 1] == []


def fences_hold(scenario: Scenario) -> None:
    """After an attempt's first write no earlier one wrote; an attempt has one worker for good."""
    newest: dict[str, int] = defaultdict(int)
    changes: dict[str, list] = defaultdict(list)
    owners: dict[tuple[str, int], str] = {}
    for write in scenario.writes():
        if write.store == "requests" and write.path.endswith(".json"):
            request = Request.model_validate_json(write.data)
            for number, attempt in enumerate(request.attempts, 1):
                assert owners.setdefault((request.id, number), attempt.worker) == attempt.worker
        elif write.store == "results" and write.path.endswith(".json"):
            changes[write.by].append(write)
    for by, files in changes.items():
        leases = [w for w in files if w.path.startswith("leases/")]
        for write in leases:
            lease = Lease.model_validate_json(write.data)
            assert lease.attempt >= newest[lease.request], f"{lease} wrote after it had lapsed"
            newest[lease.request] = lease.attempt
        if scenario.hub and not leases and not all("vandal" in w.path for w in files):
            # Written again after a lost answer: the lease there is the same already.
            commit = scenario.hub.datasets[f"{REPO}-results"].find(by)
            there = [e.content for p, e in commit.files.items() if p.startswith("leases/")]
            held = {Lease.model_validate_json(data).attempt for data in there}
            assert int(commit.title.rpartition(" ")[2]) in held, commit.title


def little_is_repeated(scenario: Scenario) -> tuple[int, int]:
    """(jobs, languages measured again). No job measured what was durable when it was claimed.

    So what is measured again is at most what came after the last durable checkpoint.
    """
    durable: dict[tuple[str, str], float] = {}
    half: dict[tuple[str, str], set[str]] = defaultdict(set)
    claims: dict[tuple[str, str], list[float]] = defaultdict(list)
    seen: set[tuple[str, int]] = set()
    for write in scenario.writes():
        if write.store == "requests" and write.path.endswith(".json"):
            request = Request.model_validate_json(write.data)
            number = len(request.attempts)
            if number and (request.id, number) not in seen:
                seen.add((request.id, number))
                claims[request.attempts[-1].worker, request.model.id].append(write.at)
        elif write.path.startswith("results/") and not write.path.endswith(".hits.json"):
            try:
                record = Record.model_validate_json(write.data)
            except ValueError:
                continue
            for row in record.scores:
                cell = (record.model.id, row.language)
                half[cell].add(write.path)
                if len(half[cell]) == len(METHODS):
                    durable.setdefault(cell, write.at)
    jobs, times = 0, Counter()
    for line in scenario.measured():
        cell = (line["model"], line.get("language", PIVOT))
        if "wants" in line:
            jobs += 1
            claimed = max(at for at in claims[line["worker"], line["model"]] if at <= line["at"])
            for code in line["wants"] if line["model"] not in scenario.spoiled else ():
                kept = durable.get((line["model"], code))
                assert kept is None or kept > claimed, (
                    f"{code} was kept, and measured again: {line}"
                )
        else:
            times[cell] += 1
    return jobs, sum(times.values()) - len(times)


def within_budget(scenario: Scenario) -> str:
    """The Hub's own count of commits, in any window."""
    if scenario.hub is None:
        return "no commits"
    said = []
    for kind in ("results", "requests"):
        repo = scenario.hub.datasets[f"{REPO}-{kind}"]
        web = repo.most(WINDOW, lambda made: made.title.startswith("web:"))
        workers = repo.most(WINDOW, lambda made: made.title.startswith("worker:"))
        assert web <= WEB and workers <= WORKERS, (kind, web, workers)
        said.append(f"{kind} {len(repo.made)} commits, at most {web} web and {workers} workers'")
    return f"{', '.join(said)} in any {WINDOW:.0f} s"
