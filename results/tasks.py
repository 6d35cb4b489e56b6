"""Measured tasks: what each is, in which languages there is one, and how it is configured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from results.schema import Evaluator, Parameters

VERSION = 1
"""Rises when the same parameters would give another score."""
SEED = 1234
"""lm-eval's own default for the choice of examples."""
ANSWERS = 4
"""Choices of a question, in every task here: chance is 0.25."""
METRIC = "acc_bytes"
PIVOT = "eng_Latn"
TASKS_FILE = Path(__file__).parent / "data" / "tasks.json"


@dataclass(frozen=True)
class Task:
    """A kind of questions with the same number of answers in every language."""

    name: str
    title: str
    about: str
    corpus: str
    """What the questions are of: a corpus of this board, or the dataset on the Hub."""
    split: str | None
    n: int
    """Questions in English."""
    metric: str
    few_shot: int

    @property
    def local(self) -> bool:
        """Whether its questions are made from a corpus, so that no Hub is needed."""
        return self is CLOZE


CLOZE = Task(
    name="udhr-cloze",
    title="UDHR cloze",
    about="how a paragraph of the Universal Declaration of Human Rights goes on, one of four",
    corpus="udhr",
    split="even-articles",
    n=21,
    metric=METRIC,
    few_shot=0,
)
COMPARED = "odd-articles"
"""The split that alignment is measured on where it is compared with the cloze; never ranked."""
HALVES = (COMPARED, CLOZE.split)
"""Splits of alignment that no view shows."""
_ALL = (
    CLOZE,
    Task(
        name="arc",
        title="ARC",
        about="grade-school science questions (ARC-Challenge), translated by machine (m-ARC)",
        corpus="arc-challenge",
        split="test",
        n=1172,
        metric="acc_norm",
        few_shot=25,
    ),
    Task(
        name="mmlu",
        title="MMLU",
        about="exam questions of 57 subjects, translated by machine (m-MMLU)",
        corpus="mmlu",
        split="test",
        n=14042,
        metric="acc",
        few_shot=5,
    ),
    Task(
        name="global-mmlu",
        title="Global-MMLU",
        about="exam questions of 57 subjects, translations checked by people in part",
        corpus="global-mmlu",
        split="test",
        n=14042,
        metric="acc",
        few_shot=5,
    ),
    Task(
        name="belebele",
        title="Belebele",
        about="reading comprehension over FLORES passages, translated by people",
        corpus="belebele",
        split="test",
        n=900,
        metric="acc",
        few_shot=5,
    ),
)
TASKS = {task.name: task for task in _ALL}


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TASKS_FILE.read_text("utf-8"))
    return table


def harness_tasks(task: Task) -> dict[str, str]:
    """lm-eval's task or group by language code; empty for one made from a corpus."""
    found: dict[str, str] = {} if task.local else _table()["tasks"][task.name]["languages"]
    return found


def title_of(asked: Evaluator) -> str:
    """What a configuration measures, for a person."""
    return TASKS[asked.name].title if asked.name in TASKS else asked.name.capitalize()


def configuration(
    task: Task,
    corpus_hash: str | None = None,
    limit: int | None = None,
    few_shot: int | None = None,
) -> Evaluator:
    """A task as it is measured.

    corpus_hash: of the corpus that its questions are made from; that of lm-eval's definition
    otherwise. limit: the first so many questions of each of lm-eval's tasks.
    """
    return Evaluator(
        name=task.name,
        version=VERSION,
        parameters=Parameters(
            corpus=task.corpus,
            corpus_hash=corpus_hash if task.local else _table()["tasks"][task.name]["hash"],
            split=task.split,
            n=min(limit or task.n, task.n),
            pivot=None,
            embedding=None,
            seed=SEED,
            options={
                "answers": ANSWERS,
                "few-shot": task.few_shot if few_shot is None else few_shot,
                "limit": limit,
                "metric": task.metric,
            },
        ),
    )
