"""A large board at its server, over HTTP on this machine: starts, answers, fifty visitors."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import httpx

from benchmarks.measured import Section
from benchmarks.questions import ANSWER_BYTES, ANSWER_MS, questions
from benchmarks.startup import EMPTY, OURS, Running, running
from results.language_sets import CORE

MORE_START_S, MEMORY_MIB = 2.0, 600.0
VISITORS, SECONDS, VISIT_S = 50, 30.0, 1.0
FIRST = "models?languages=swh_Latn,hau_Latn"


def client(server: Running) -> httpx.Client:
    """One connection, kept; answers come packed."""
    return httpx.Client(base_url=f"{server.url}/api/v1/", timeout=60, trust_env=False)


def keys(server: Running, count: int) -> list[str]:
    """Keys of models of the default view, best first, spread over the board."""
    with client(server) as asking:
        models = asking.get("models").raise_for_status().json()["models"]
    step = max(1, len(models) // count)
    return [each["model"] for each in models[::step]][:count]


def starts(board: Path, times: int) -> tuple[Section, Section]:
    """Starts of an empty app and of the board in turn; each board answers everything once."""
    section = Section("Start", "process start to the whole of `/`; memory is resident").begin()
    first: list[float] = []
    found: dict[str, list[float]] = {}
    warm: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}
    same: list[float] = []
    sizes: dict[str, float] = {}
    beside = []
    board_starts, after, pss, browsed = [], [], [], []
    with running(OURS, board):  # the first start makes the snapshot and byte code
        pass
    for _ in range(times):
        with running(EMPTY, board) as server:
            beside.append((server.seconds, server.memory()))
        with running(OURS, board) as server:
            board_starts.append(server.seconds)
            after.append(server.memory())
            with client(server) as asking:
                first.append(_timed(asking, FIRST)[0])
                names = [
                    each["model"]
                    for each in asking.get("models?languages=zul_Latn").json()["models"]
                ]
                for name, address in questions(names[:: max(1, len(names) // 6)]).items():
                    used = server.cpu()
                    took, answer = _timed(asking, address)
                    cpu.setdefault(name, []).append((server.cpu() - used) * 1e3)
                    found.setdefault(name, []).append(took)
                    sizes[name] = float(answer.headers.get("content-length", 0))
                    warm.setdefault(name, []).extend(_timed(asking, address)[0] for _ in range(3))
                    tag = {"If-None-Match": answer.headers["etag"]}
                    took, unchanged = _timed(asking, address, tag)
                    assert unchanged.status_code == 304, (name, unchanged.status_code)
                    same.append(took)
            browsed.append(server.memory())
            pss.append(server.memory("Pss"))
    empty = [statistics.median(each) for each in zip(*beside, strict=True)]
    section.add("start to first page", board_starts, "s", MORE_START_S, beside=empty[0])
    section.add(
        "memory after the start", after, "MiB", MEMORY_MIB, note=f"empty app {empty[1]:.0f}"
    )
    section.add("memory after every question", browsed, "MiB", MEMORY_MIB)
    section.add("  of it its own (PSS)", pss, "MiB")
    answers = Section(
        "Answers at the server, over HTTP on loopback, whole body packed",
        "cold: nothing kept but what the program imported; the first answer of a process is apart",
    ).begin()
    answers.add("first answer of a process", first, "ms", note="the app asks itself at its start")
    for name, took in found.items():
        again, used = statistics.median(warm[name]), statistics.median(cpu[name])
        note = f"{used:.0f} ms of CPU, warm {again:.1f} ms, {sizes[name] / 1e3:.0f} kB"
        answers.add(name, took, "ms", ANSWER_MS, note=note)
    every = [each for some in warm.values() for each in some]
    answers.add("any of them, warm", every, "ms", ANSWER_MS, by="p95")
    answers.add("any of them, unchanged (304)", same, "ms", ANSWER_MS, by="p95")
    largest = max(sizes, key=lambda name: sizes[name])
    answers.add("largest answer", [sizes[largest] / 1e3], "kB", ANSWER_BYTES / 1e3, note=largest)
    return section, answers


def _timed(
    asking: httpx.Client, address: str, headers: dict[str, str] | None = None
) -> tuple[float, httpx.Response]:
    begun = time.perf_counter()
    answer = asking.get(address, headers=headers)
    took = (time.perf_counter() - begun) * 1e3
    if answer.status_code not in (200, 304):
        raise RuntimeError(f"{address}: {answer.status_code} {answer.text[:200]}")
    return took, answer


def crowd(server: Running, names: Sequence[str], seconds: float = SECONDS) -> Section:
    """Fifty visitors at once, each thinking up to a second between two questions."""
    section = Section(
        f"{VISITORS} visitors at once for {seconds:.0f} s",
        "popular models and languages are asked for more often (Zipf); each visitor keeps what it "
        "has and asks whether it is unchanged",
    ).begin()
    took, failures = asyncio.run(_crowd(server, names, seconds))
    section.add("answer", took, "s", VISIT_S, by="p95")
    section.add("answers a second", [len(took) / seconds], "")
    section.add("errors", [float(len(failures))], "", 0.0, note="; ".join(failures[:2]))
    section.add("memory after them", [server.memory()], "MiB", MEMORY_MIB)
    return section


async def _crowd(
    server: Running, names: Sequence[str], seconds: float
) -> tuple[list[float], list[str]]:
    took: list[float] = []
    failures: list[str] = []
    end = time.perf_counter() + seconds
    # The server closes what is idle for 5 s: a client that keeps it as long meets a closed door.
    limits = httpx.Limits(max_connections=VISITORS, keepalive_expiry=3.0)

    async def visit(number: int, asking: httpx.AsyncClient) -> None:
        rng, tags = random.Random(number), dict[str, str]()
        while time.perf_counter() < end:
            await asyncio.sleep(rng.random())
            address = _question(rng, names)
            headers = {"If-None-Match": tags[address]} if address in tags else {}
            begun = time.perf_counter()
            try:
                answer = await asking.get(address, headers=headers)
            except httpx.HTTPError as error:
                failures.append(repr(error))
                continue
            took.append(time.perf_counter() - begun)
            if answer.status_code not in (200, 304):
                failures.append(f"{address}: {answer.status_code}")
            elif "etag" in answer.headers:
                tags[address] = answer.headers["etag"]

    base = f"{server.url}/api/v1/"
    async with httpx.AsyncClient(
        base_url=base, timeout=30, limits=limits, trust_env=False
    ) as asking:
        await asyncio.gather(*(visit(number, asking) for number in range(VISITORS)))
    return took, failures


def _question(rng: random.Random, names: Sequence[str]) -> str:
    """Something that a visitor may ask."""

    def popular(some: Sequence[str]) -> str:
        place = int(rng.paretovariate(0.8)) - 1
        return some[place if place < len(some) else rng.randrange(len(some))]

    sets = ({}, {}, {}, {"languages": "all"}, {"languages": "all", "region": "Africa"})
    sets += ({"languages": "all", "family": "Indo-European"}, {"speakers": "10000000"})  # type: ignore[assignment]
    limit = rng.choice(["", "", "1000000000", "3000000000", "8000000000"])
    size = {"max_parameters": limit} if limit else {}
    pooling = {"pooling": "max"} if rng.random() < 0.2 else {}
    asked: dict[str, tuple[int, dict[str, str]]] = {
        "state": (5, {}),
        "board": (2, {}),
        "requests": (1, {}),
        "models": (6, {**rng.choice(sets), **pooling}),
        "languages": (2, {**size, **pooling}),
        "scores": (4, {"language": popular(CORE), **size, **pooling}),
        "scores ": (4, {"model": popular(names), "layers": "1"}),
        "compare": (2, {"models": ",".join({popular(names), *rng.sample(list(names), 2)})}),
        "segments": (2, {"model": popular(names), "language": popular(CORE)}),
    }
    weights = [weight for weight, _ in asked.values()]
    name = rng.choices(list(asked), weights)[0]
    return f"{name.strip()}?{urlencode(asked[name][1])}".rstrip("?")
