"""What a job still has to measure, and how its rows reach the records; without torch."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from results.interval import METHOD
from results.methods import EMBEDDINGS, SCORES
from results.repo import Repo
from results.schema import Evaluator, LanguageScore, Model, Run


class UnknownLanguages(ValueError):
    """Raised when a corpus or task does not have a language that was asked for."""


def known(where: str, there: Container[str], codes: Iterable[str]) -> None:
    """Raises UnknownLanguages naming the codes that are not there."""
    if missing := [code for code in codes if code not in there]:
        raise UnknownLanguages(f"{where} has no {', '.join(missing)}")


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
    noises = {spoiled(each) for each in configurations} - {None}
    clean = [each for each in configurations if spoiled(each) is None]
    names = {(each.parameters.embedding or "").partition("@")[0] for each in clean}
    return len(noises) + len({EMBEDDINGS[name].reading for name in names})


def spoiled(configuration: Evaluator) -> tuple[str, float] | None:
    """Kind and rate of the noise in the segments; None where they are clean."""
    options = configuration.parameters.options
    if "noise" not in options:
        return None
    return str(options["noise"]).partition("@")[0], float(str(options["rate"]))


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
