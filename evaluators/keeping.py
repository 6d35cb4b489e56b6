"""What a job still has to measure, and how its rows reach the records; without torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from results.interval import METHOD
from results.methods import EMBEDDINGS, SCORES
from results.repo import Repo
from results.schema import Evaluator, LanguageScore, Model, Run


class Measured(NamedTuple):
    """A language's row under a configuration, `run` still 0, and its hits, bool (layers, n)."""

    configuration: Evaluator
    score: LanguageScore
    hits: np.ndarray | None


def lacking(
    repo: Repo, model: Model, configurations: Sequence[Evaluator], codes: Sequence[str]
) -> dict[str, list[Evaluator]]:
    """By language, in order, the configurations under which the repo lacks it; none is left out."""
    old = {each.key(): repo.record(model, each) for each in configurations}
    done = {key: record.languages() if record else set() for key, record in old.items()}
    found = {
        code: [each for each in configurations if code not in done[each.key()]] for code in codes
    }
    return {code: some for code, some in found.items() if some}


def passes(configurations: Sequence[Evaluator]) -> int:
    """About how many times a language's segments are read for these."""
    noisy = sum("noise" in each.parameters.options for each in configurations)
    clean = [each for each in configurations if "noise" not in each.parameters.options]
    names = {(each.parameters.embedding or "").partition("@")[0] for each in clean}
    return noisy + len({EMBEDDINGS[name].reading for name in names})


def keep(repo: Repo, model: Model, run: Run, rows: Iterable[Measured]) -> None:
    """Add rows of any languages to their records."""
    groups: dict[str, list[Measured]] = {}
    for row in rows:
        groups.setdefault(row.configuration.key(), []).append(row)
    for some in groups.values():
        configuration = some[0].configuration
        interval = METHOD if configuration.name in SCORES else None
        hits = {each.score.language: each.hits for each in some if each.hits is not None}
        repo.add(model, configuration, interval, run, [each.score for each in some], hits)
