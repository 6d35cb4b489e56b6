"""Records that the program would measure otherwise today."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from results.corpora import cards
from results.interval import METHOD
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS
from results.repo import Repo
from results.schema import Parameters, Record


class Stale(NamedTuple):
    """A record's path below the repo's root, its model, and why it is stale."""

    path: str
    model: str
    reasons: list[str]


def stale(root: Path) -> list[Stale]:
    """Records over a corpus by an older evaluator, interval method or build, sorted by path."""
    newest = {card.name: card.hash for card in cards(root)}
    found = []
    for path, record in Repo(root).records():
        measure = SCORES.get(record.evaluator.name) or STATISTICS.get(record.evaluator.name)
        if measure is None:
            continue
        if reasons := _reasons(record, measure.version, newest):
            name = path.relative_to(root).as_posix()
            model = f"{record.model.id}@{record.model.revision[:12]}"
            found.append(Stale(name, model, reasons))
    return found


def _reasons(record: Record, version: int, newest: dict[str, str]) -> list[str]:
    """Why a record is stale; `newest` is the hash of each corpus's newest build."""
    about = record.evaluator.parameters
    reasons = []
    if record.evaluator.version < version:
        reasons.append(f"evaluator version {record.evaluator.version}, now {version}")
    reasons += [f"{name}@{used}, now {now}" for name, used, now in _older(about)]
    if record.interval not in (None, METHOD):
        reasons.append(f"intervals by {record.interval}, now {METHOD}")
    if newest.get(about.corpus, about.corpus_hash) != about.corpus_hash:
        reasons.append(
            f"{about.corpus} build {about.corpus_hash[:12]}, now {newest[about.corpus][:12]}"
        )
    return reasons


def _older(about: Parameters) -> Iterator[tuple[str, int, int]]:
    """Name, version and today's version of the embedding method and noise, where they differ."""
    for text in (about.embedding, about.options.get("noise")):
        name, _, used = str(text or "").partition("@")
        known = EMBEDDINGS.get(name) or NOISES.get(name)
        if known and int(used or 0) < known.version:
            yield name, int(used or 0), known.version
