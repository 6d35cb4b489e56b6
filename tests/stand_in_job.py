"""A stand-in for `python -m evaluators run`, without a model: same command line, true records.

Its scores follow from the model, the language and the embedding method alone. Each language that
it measures is a line of the ledger, so that a test can count what was measured twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from evaluators import exits
from results.evaluation import alignment
from results.files import write_atomic
from results.repo import Repo
from results.request import Progress
from results.schema import Evaluator, LanguageScore, Model, Run, Value

N, LAYERS, PIVOT = 20, 3, "eng_Latn"
CORPUS, HASH = "udhr", "c" * 64
METHODS = ("weighted-mean", "last-token")


def configuration(method: str, corpus: str = CORPUS, corpus_hash: str = HASH) -> Evaluator:
    """The evaluator configuration of an embedding method."""
    return alignment(corpus, corpus_hash, None, N, PIVOT, f"{method}@1")


def hits(model: str, language: str, method: str) -> np.ndarray:
    """Which segments count, bool (LAYERS, N)."""
    seed = hashlib.sha256(f"{model} {language} {method}".encode()).digest()
    return np.random.default_rng(list(seed)).random((LAYERS, N)) < 0.6


def score(model: str, language: str, method: str) -> LanguageScore:
    """What a record says of a language; nothing of the pivot but its tokens."""
    same = {"language": language, "tokens": 100, "tokens_ratio": 1.0, "cut": 0, "run": 0}
    if language == PIVOT:
        return LanguageScore(**same, seconds=0.1)
    layers = hits(model, language, method).mean(axis=1)
    found = {"mean": float(layers.mean()), "max": float(layers.max())}
    values = {name: Value(value=v, low=0, high=1, chance=0.1) for name, v in found.items()}
    chance = [0.1] * LAYERS
    return LanguageScore(
        **same, seconds=0.1, values=values, layers=layers.tolist(), layers_chance=chance
    )


def end_with_parent() -> None:
    """As the real job: it does not outlive its worker."""
    while os.read(0, 1024):
        pass
    os._exit(exits.ORPHANED)


def append(path: Path, /, **line: object) -> None:
    """One line of JSON, whole, whoever else writes."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{json.dumps(line)}\n".encode())
    os.close(handle)


def main() -> None:
    words = argparse.ArgumentParser(allow_abbrev=False)
    words.add_argument("--ledger", type=Path, required=True)
    words.add_argument("--delay", type=float, required=True)
    words.add_argument("command", choices=["run"])
    words.add_argument("model")
    words.add_argument("--tied", action="store_true")
    for name in ("corpus", "pivot", "languages", "dtype", "expect-corpus", "expect-weights"):
        words.add_argument(f"--{name}", required=True)
    for name in ("results", "progress", "published"):
        words.add_argument(f"--{name}", type=Path, required=True)
    words.add_argument("--embedding", action="append", required=True)
    words.add_argument("--revision", required=True)
    asked = words.parse_args()
    if asked.tied:
        threading.Thread(target=end_with_parent, daemon=True).start()
    about = Model(
        id=asked.model,
        revision=asked.revision,
        weights=asked.expect_weights,
        dtype=asked.dtype,
        file=None,
        name=asked.model.rpartition("/")[2],
        architecture="llama",
        parameters=1000,
        layers=LAYERS,
        hidden_size=8,
        licence=None,
        base_model=None,
    )
    run = Run(
        started=datetime.now(UTC).replace(microsecond=0),
        device="cpu",
        machine="stand-in",
        threads=1,
        batch_tokens=1,
        software={"stand-in": "1"},
    )
    if asked.model.endswith("leaky"):
        raise ValueError(f"environment: {dict(os.environ)}")
    repo = Repo(asked.results)
    chosen = {each: configuration(each, asked.corpus, asked.expect_corpus) for each in METHODS}
    chosen = {method: chosen[method] for method in asked.embedding}
    old = [repo.record(about, each) for each in chosen.values()]
    done = set.intersection(*(record.languages() if record else set() for record in old))
    wanted = [code for code in asked.languages.split(",") if code != PIVOT and code not in done]
    attempt = {"worker": asked.results.name, "model": asked.model, "pid": os.getpid()}
    append(asked.ledger, **attempt, at=time.monotonic(), has=sorted(done), wants=wanted)
    for number, code in enumerate([PIVOT, *wanted]):
        now = Progress(done=max(number - 1, 0), total=len(wanted), doing=code, seconds_left=None)
        write_atomic(asked.progress, now.model_dump_json().encode())
        time.sleep(asked.delay)
        if code != PIVOT:
            append(asked.ledger, **attempt, at=time.monotonic(), language=code)
        for method, each in chosen.items():
            side = {} if code == PIVOT else {code: hits(asked.model, code, method)}
            repo.add(about, each, "stand-in@1", run, [score(asked.model, code, method)], side)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        sys.exit(exits.say(error))
