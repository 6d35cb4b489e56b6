"""A job of tasks: one model over the languages of a task that its records still lack."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from evaluators.corpora import Corpus
from evaluators.job import this_run
from evaluators.keeping import known
from evaluators.models.load import Headed
from evaluators.tasks import cloze, definitions
from evaluators.tasks.harness import Answered, Harness
from results.repo import Repo
from results.request import Progress
from results.schema import Evaluator, LanguageScore, Value
from results.tasks import ANSWERS, Task, configuration, harness_tasks

INTERVAL = "wilson@1"
CHANCE = 0.95


def evaluate(
    loaded: Headed,
    task: Task,
    languages: Sequence[str],
    repo: Repo,
    folder: Path,
    corpus: Corpus | None = None,
    limit: int | None = None,
    few_shot: int | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Evaluator:
    """Ask what the repo lacks, language by language; each is kept as soon as it is done.

    folder: where the questions of a corpus go. corpus: for a task that is made from one.
    Returns the configuration.

    Raises:
        UnknownLanguages: there is no such task in a language.
        BadRecord: a record of this model in the repo does not hold.
        ValueError: the questions cannot be had.
    """
    names = harness_tasks(task)
    if corpus is not None:
        names = {code: f"udhr_cloze_{code}" for code in corpus.languages}
    known(task.title, names, languages)
    asked = configuration(task, corpus.hash if corpus else None, limit, few_shot)
    old = repo.record(loaded.about, asked)
    done = old.languages() if old else set()
    todo = [code for code in dict.fromkeys(languages) if code not in done]
    if not todo:
        return asked
    if corpus is not None:
        folder = folder / corpus.hash
        cloze.write(corpus, todo, folder)
    harness = Harness(loaded, definitions.folders(task) if corpus is None else [folder])
    run = this_run(loaded.model.device)
    run = run.model_copy(update={"software": run.software | {"lm-eval": version("lm-eval")}})
    begun = time.monotonic()
    few = task.few_shot if few_shot is None else few_shot
    for at, code in enumerate(todo):
        left = (time.monotonic() - begun) / at * (len(todo) - at) if at else None
        report(Progress(done=at, total=len(todo), doing=code, seconds_left=left))
        start = time.monotonic()
        answered = harness.ask(names[code], task.metric, few, limit)
        score = row(code, answered, time.monotonic() - start)
        of = {f"dataset {path}, head after": commit for path, commit in answered.datasets.items()}
        here = run.model_copy(update={"software": run.software | of})
        repo.add(loaded.about, asked, INTERVAL, here, [score], {})
    report(Progress(done=len(todo), total=len(todo), doing="", seconds_left=0))
    return asked


def row(code: str, answered: Answered, seconds: float) -> LanguageScore:
    """The row of a language: accuracy with its Wilson interval, and what guessing reaches.

    chance: the 95th percentile of the accuracy of guesses among `ANSWERS`.
    """
    n = answered.questions
    right = round(answered.accuracy * n)
    low, high = proportion_confint(right, n, alpha=0.05, method="wilson")
    value = Value(
        value=answered.accuracy,
        low=min(float(low), answered.accuracy),
        high=max(float(high), answered.accuracy),
        chance=float(binom.ppf(CHANCE, n, 1 / ANSWERS)) / n,
    )
    return LanguageScore(
        language=code,
        values={"accuracy": value},
        tokens=None,
        tokens_ratio=None,
        cut=None,
        questions=n,
        stderr=answered.stderr,
        seconds=round(seconds, 3),
        run=0,
    )
