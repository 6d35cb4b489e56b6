"""Records, corpus cards and built corpora from one place to another: added, never replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from results.corpora import Card
from results.repo import Repo, withdrawn
from results.store import Changes, Store

BATCH = 40
"""Records of one change: the Hub advises at most about a hundred files a commit."""


class Merged(NamedTuple):
    """Files that were written, and what was left out and why."""

    written: list[str]
    problems: list[str]


def merge(source: Path, target: Store, message: str) -> Merged:
    """Append what `source`, a results repo in a local folder, has and `target` lacks.

    A language that `target` has keeps its score. What was withdrawn there stays away, and what
    does not hold on either side is named and left out.

    Raises what `Store.change` raises; earlier batches are then kept, and the same again goes on.
    """
    repo = Repo(source)
    paths = repo.paths()
    written: list[str] = []
    problems: dict[str, None] = {}

    def records(some: list[Path]) -> Changes:
        found = Repo(target.root).all_additions(repo, some)
        problems.update(dict.fromkeys(found.problems))
        return found.files

    def corpora() -> Changes:
        files, wrong = _corpora(source, target.root)
        problems.update(dict.fromkeys(wrong))
        return files

    written += _change(target, f"{message}: corpora", corpora)
    for start in range(0, len(paths), BATCH):
        some = paths[start : start + BATCH]
        written += _change(target, f"{message}: records", partial(records, some))
    return Merged(sorted(written), list(problems))


def _change(target: Store, message: str, edit: Callable[[], Changes]) -> list[str]:
    """Names of the files that a change wrote."""
    latest: list[str] = []

    def noted() -> Changes:
        changes = edit()
        latest[:] = changes
        return changes

    target.change(message, noted)
    return latest


def mark_withdrawn(source: Path, target: Store) -> list[str]:
    """Take over from `source` which records were withdrawn; returns those removed here."""
    gone: list[str] = []

    def edit() -> Changes:
        gone.clear()
        files: dict[str, bytes | None] = {}
        for path in sorted(source.glob("withdrawn/*/*/*/*.json")):
            name = path.relative_to(source)
            if not (target.root / name).exists():
                files[name.as_posix()] = path.read_bytes()
        for path in Repo(target.root).paths():
            name = path.relative_to(target.root)
            if withdrawn(source, name):
                gone.append(name.as_posix())
                files[name.as_posix()] = files[name.with_suffix(".hits.json").as_posix()] = None
        return files

    target.change("withdrawn records", edit)
    return gone


def _corpora(source: Path, target: Path) -> tuple[dict[str, bytes | None], list[str]]:
    """Cards and built texts that `target` lacks; a text only where its card lets it be public."""
    files: dict[str, bytes | None] = {}
    problems: list[str] = []
    for path, card in _cards(source, problems):
        name = path.relative_to(source)
        if not (target / name).exists():
            files[name.as_posix()] = path.read_bytes()
        text = name.with_suffix(".parquet")
        if not (source / text).exists() or (target / text).exists():
            continue
        if card.text_public:
            files[text.as_posix()] = (source / text).read_bytes()
        else:
            problems.append(f"{text.name}: its card does not allow its text to be published")
    for path in sorted(source.glob("corpora/*.parquet")):
        if not path.with_suffix(".json").exists():
            problems.append(f"{path.name}: it has no card")
    return files, problems


def _cards(source: Path, problems: list[str]) -> Iterator[tuple[Path, Card]]:
    for path in sorted(source.glob("corpora/*.json")):
        try:
            card = Card.model_validate_json(path.read_bytes())
        except ValidationError as error:
            problems.append(f"{path.name}: {error}")
            continue
        if path.name == f"{card.name}-{card.hash[:12]}.json":
            yield path, card
        else:
            problems.append(f"{path.name}: its content belongs elsewhere")
