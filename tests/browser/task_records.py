"""Made-up records of tasks beside the alignment that a board has: accuracies that follow it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from results.repo import Repo
from results.schema import Evaluator, LanguageScore, Record, Value
from results.tasks import CLOZE, COMPARED, TASKS, Task, configuration

ENGLISH, GUESS, ASKED = "eng_Latn", 0.25, 100
FEW = ("fra_Latn", "swh_Latn", "hin_Deva", "rus_Cyrl")
HELD_OUT = 29
"""Segments of the articles that the cloze does not ask of."""


def of(task: Task, corpus_hash: str) -> Evaluator:
    """A task's configuration; of lm-eval's tasks the first 100 questions, by a made-up hash."""
    own = configuration(CLOZE, corpus_hash)
    if task.local:
        return own
    options = {**own.parameters.options, "few-shot": task.few_shot, "limit": ASKED}
    changed = {
        "corpus": task.corpus,
        "corpus_hash": hashlib.sha256(task.name.encode()).hexdigest(),
        "split": task.split,
        "n": ASKED,
        "options": {**options, "metric": task.metric},
    }
    parameters = own.parameters.model_copy(update=changed)
    return own.model_copy(update={"name": task.name, "parameters": parameters})


def score(code: str, true: float, n: int, random: np.random.Generator) -> LanguageScore:
    """n questions of a language that are answered rightly with a probability, drawn."""
    right = int(random.binomial(n, true))
    ends = binomtest(right, n).proportion_ci(method="wilson")
    chance = (GUESS * n + 1.645 * np.sqrt(n * GUESS * (1 - GUESS))) // 1 / n
    value = right / n
    low, high = min(ends.low, value), max(ends.high, value)
    return LanguageScore(
        language=code,
        values={"accuracy": Value(value=value, low=low, high=high, chance=float(chance))},
        tokens=None,
        tokens_ratio=None,
        cut=None,
        questions=n,
        stderr=float(np.sqrt(value * (1 - value) / max(1, n - 1))),
        seconds=1.0,
        run=0,
    )


def measured(aligned: Record, task: Task, codes: list[str], english: float, seed: int) -> Record:
    """A task in English and these languages, right as often as corrected estimates say."""
    evaluator = of(task, aligned.evaluator.parameters.corpus_hash)
    random = np.random.default_rng([seed, *task.name.encode()])
    means = {each.language: each.values["mean"].value for each in aligned.scores if each.values}
    scores = [score(ENGLISH, english, evaluator.parameters.n, random)]
    for code in codes:
        true = GUESS + (english - GUESS) * means[code]
        scores.append(score(code, true, evaluator.parameters.n, random))
    return aligned.model_copy(
        update={"evaluator": evaluator, "interval": "wilson@1", "scores": scores}
    )


def held_out(aligned: Record) -> Record:
    """The same alignment as if it were of the odd articles alone."""
    changed = {"split": COMPARED, "n": HELD_OUT}
    parameters = aligned.evaluator.parameters.model_copy(update=changed)
    evaluator = aligned.evaluator.model_copy(update={"parameters": parameters})
    return aligned.model_copy(update={"evaluator": evaluator})


def keep(root: Path, record: Record) -> None:
    """Written as a job writes it, validated once more."""
    whole = Record.model_validate(record.model_dump())
    run = whole.runs[0]
    Repo(root).add(whole.model, whole.evaluator, whole.interval, run, whole.scores, {})


def add(root: Path, corpus: str = "udhr") -> None:
    """Tasks for the models of a board.

    The first has all three, in all languages and in few; the second the cloze and ARC; the third
    the cloze alone; one more has ARC without English; others none.
    """
    found: dict[str, list[Record]] = {}
    for _, each in Repo(root).records():
        parameters = each.evaluator.parameters
        if each.evaluator.name == "alignment" and parameters.corpus == corpus:
            found.setdefault(each.model.id, []).append(each)
    for at, records in enumerate(found.values()):
        whole = next(r for r in records if str(r.evaluator.parameters.embedding)[0] == "w")
        if not any(r.evaluator.parameters.split == COMPARED for r in records):
            for record in records:
                keep(root, held_out(record))
        codes = [each.language for each in whole.scores if each.values]
        few = [code for code in FEW if code in codes]
        if at < 3:
            keep(root, measured(whole, CLOZE, codes, 0.85 - 0.15 * at, at))
        if at < 2:
            keep(root, measured(whole, TASKS["arc"], few[: 4 - at], 0.5 - 0.1 * at, at))
        if at == 0:
            keep(root, measured(whole, TASKS["belebele"], few[:2], 0.6, at))
        if at == 3:
            record = measured(whole, TASKS["arc"], few, 0.4, at)
            keep(root, record.model_copy(update={"scores": record.scores[1:]}))
