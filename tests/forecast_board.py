"""A made-up board of 24 models and 30 languages that have much in common; 22 have ARC too."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from browser import task_records
from forecast_tables import scores

from benchmarks import made_up_board
from results.corpora import write_card
from results.language_sets import CORE
from results.repo import Repo
from results.schema import LanguageScore, Run, Value
from results.tasks import TASKS

MODELS, LANGUAGES, KEPT = 24, 30, 18
LITTLE = 2
"""Models that were measured in the first KEPT languages alone; one more lacks a single one."""
CODES = list(CORE[:LANGUAGES])
ASKED = CODES[1:6]
"""Languages beside English that all other models were asked the task in."""
TASK = TASKS["arc"]
RUN = Run(
    started=datetime(2026, 11, 1, tzinfo=UTC),
    device="cpu",
    machine="made up",
    threads=1,
    batch_tokens=None,
    software={"torch": "2.13.0"},
)


def write(root: Path, models: int = MODELS, traits: int = 2, strange: str = "") -> None:
    """Alignment on one corpus; `strange` is what the first model is called."""
    corpus = made_up_board.Corpus("udhr", 50, tuple(sorted([made_up_board.PIVOT, *CODES])))
    write_card(corpus.card(), root)
    true, random = scores(models, LANGUAGES, traits), np.random.default_rng(0)
    repo, evaluator = Repo(root), corpus.evaluator("weighted-mean@1")
    for at, model in enumerate(made_up_board.models(models)):
        if at == 0 and strange:
            model = model.model_copy(update={"name": strange})
        known = CODES[:KEPT] if at < LITTLE else CODES[1:] if at == models - 1 else CODES
        chances = {code: true[at, CODES.index(code)] for code in known}
        shape = (model.layers or 0, corpus.n)
        hits = {code: random.random(shape) < share for code, share in chances.items()}
        found = [_score(code, each) for code, each in hits.items()]
        repo.add(model, evaluator, "made-up@1", RUN, found, hits)
        record = repo.record(model, evaluator)
        if record and at >= LITTLE:
            english = 0.35 + 0.5 * float(true[at].mean())
            task_records.keep(root, task_records.measured(record, TASK, ASKED, english, at))


def _score(code: str, hits: np.ndarray) -> LanguageScore:
    layers = hits.mean(axis=1)

    def value(share: float) -> Value:
        low, high = max(0.0, share - 0.05), min(1.0, share + 0.05)
        return Value(value=share, low=low, high=high, chance=0.02)

    return LanguageScore(
        language=code,
        values={"mean": value(float(layers.mean())), "max": value(float(layers.max()))},
        layers=layers.tolist(),
        layers_chance=[0.02] * len(layers),
        tokens=1500,
        tokens_ratio=1.5,
        cut=0,
        seconds=1.0,
        run=0,
    )


def ready(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer once it is worked out, in a process that may have to wait for others."""
    end = time.monotonic() + 240
    while not (found := ask())["ready"]:
        assert found["reason"] == "they are being worked out" and not found["forecasts"]
        assert time.monotonic() < end
        time.sleep(0.2)
    return found
