"""Made-up measurements of tasks on the shipped models, as a results repo holds them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from results.repo import Repo, read_record
from results.schema import Evaluator, LanguageScore, Run, Value

RUN = Run(
    started=datetime(2026, 11, 1, tzinfo=UTC),
    device="cpu",
    machine="made up",
    threads=1,
    batch_tokens=None,
    software={"lm-eval": "0.4.13"},
)


def measured(root: Path, name: str, evaluator: Evaluator, accuracies: dict[str, float]) -> None:
    """Add a task's accuracies of the shipped model whose name holds `name`."""
    repo = Repo(root)
    model = next(r.model for _, r in repo.records() if name in r.model.name)
    n = evaluator.parameters.n
    scores = [
        LanguageScore(
            language=code,
            values={
                "accuracy": Value(
                    value=value, low=max(0, value - 0.1), high=min(1, value + 0.1), chance=0.3
                )
            },
            tokens=None,
            tokens_ratio=None,
            cut=None,
            questions=n,
            stderr=0.05,
            seconds=1,
            run=0,
        )
        for code, value in accuracies.items()
    ]
    repo.add(model, evaluator, "wilson@1", RUN, scores, {})


def halved(root: Path) -> None:
    """Every alignment record once more, as if it were measured on the odd articles."""
    repo = Repo(root)
    for path in repo.paths():
        record = read_record(path)
        if record.evaluator.name != "alignment" or record.evaluator.parameters.split:
            continue
        parameters = record.evaluator.parameters.model_copy(update={"split": "odd-articles"})
        evaluator = record.evaluator.model_copy(update={"parameters": parameters})
        kept = [score for score in record.scores if score.values]
        bare = [s.model_copy(update={"layers": None, "layers_chance": None}) for s in kept]
        repo.add(record.model, evaluator, record.interval, record.runs[0], bare, {})
