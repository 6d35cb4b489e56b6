"""What `python -m evaluators ask` does: a task's name and a model's id become accuracies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from evaluators import corpora
from evaluators.keeping import known
from evaluators.models import source
from evaluators.options import Options, wanted
from evaluators.progress import screen
from results.languages import resolve
from results.repo import Repo
from results.request import Progress
from results.schema import Evaluator, Model
from results.tasks import COMPARED, PIVOT, TASKS, configuration, harness_tasks

if TYPE_CHECKING:
    from evaluators.models.load import Loaded


def run(
    model: str,
    name: str,
    languages: str,
    repo: Repo,
    cache: Path,
    show: Callable[[Progress], None],
    *,
    limit: int | None,
    few_shot: int | None,
    revision: str | None,
    file: str | None,
    dtype: str,
    quantised: Literal["refuse", "run"],
    published: Path | None,
    expect_task: str | None,
    expect_weights: str | None,
) -> tuple[Model, Evaluator, list[str]]:
    """Measure a task; of one that is made from a corpus, the other half's alignment too.

    Raises ValueError, saying what was wrong with what was asked for.
    """
    if name not in TASKS:
        raise ValueError(f"there is no task {name}; there are {', '.join(TASKS)}")
    task = TASKS[name]
    if task.local and few_shot:
        raise ValueError(f"{name} has no solved examples to show: leave --few-shot out")
    corpus = None
    if task.local:
        corpus = corpora.load(task.corpus, cache=cache, published=published, expected=expect_task)
    there = list(corpus.languages) if corpus else list(harness_tasks(task))
    codes = there if languages == "all" else [resolve(c.strip()).code for c in languages.split(",")]
    asked = configuration(task, corpus.hash if corpus else None, limit, few_shot)
    if expect_task not in (None, asked.parameters.corpus_hash):
        raise ValueError(
            f"this machine's questions of {name} are others than the board's: bring both to the "
            "same version"
        )
    known(task.title, there, codes)
    found = source.find(model, cache, revision, file)
    # What was asked for is wrong at once, not after the seconds that these take.
    with screen.status("loading libraries"):
        from evaluators import job as alignment
        from evaluators.models import load
        from evaluators.tasks import job
    others = [code for code in codes if code != PIVOT]
    if corpus and others and limit is None:
        # What it will be compared with: first, so that a measured language has both.
        half = corpora.split(corpus, COMPARED)
        headless = _expected(load.load(found, cache, dtype, quantised), expect_weights)
        asked_too = wanted(Options(pivots=(PIVOT,)), headless)
        alignment.evaluate(headless, half, others, asked_too, repo, show)
        del headless
    loaded = load.load_with_head(found, cache, dtype, quantised)
    _expected(loaded, expect_weights)
    job.evaluate(loaded, task, codes, repo, cache / "tasks", corpus, limit, few_shot, report=show)
    return loaded.about, asked, codes


def _expected(loaded: Loaded, weights: str | None) -> Loaded:
    if weights not in (None, loaded.about.weights):
        raise ValueError(
            f"the file holds {loaded.about.weights} weights, the request says {weights}"
        )
    return loaded
