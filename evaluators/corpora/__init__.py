"""Parallel corpora. A new one is a new file and one line in `REGISTRY`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from evaluators.corpora import bible, flores_plus, folder, udhr
from evaluators.corpora.corpus import PIVOT, Corpus, CorpusError, LeftOut
from evaluators.corpora.describe import describe, write_card
from evaluators.corpora.published import find, publish
from evaluators.corpora.splits import split
from results.corpora import find_card

__all__ = [
    "PIVOT",
    "REGISTRY",
    "Corpus",
    "CorpusError",
    "LeftOut",
    "describe",
    "load",
    "publish",
    "split",
    "write_card",
]

log = logging.getLogger(__name__)

REGISTRY: dict[str, Callable[[Path, str | None, str | None], Corpus]] = {
    "udhr": udhr.load,
    "flores-plus": flores_plus.load,
    "bible": bible.load,
}
"""What builds each: from the cache's folder, the commit of its dataset, and a Hub token."""


def load(
    name_or_path: str,
    *,
    cache: Path,
    pivot: str = PIVOT,
    published: Path | None = None,
    expected: str | None = None,
    token: str | None = None,
) -> Corpus:
    """A registered corpus by its name, or a folder of text files by its path.

    cache: folder that built corpora are kept in. published: a results repo, whose built corpus is
    taken where its sha256 is the expected one, or where this machine cannot build the corpus; its
    card says which commit of a dataset has that sha256. token: of the Hub, for gated corpora.
    Raises CorpusError, a ValueError. A caller that expects a hash compares it: what this machine
    builds may have another.
    """
    if name_or_path in REGISTRY:
        return _registered(name_or_path, cache, published, expected, token)
    if not name_or_path or "\0" in name_or_path:
        raise CorpusError("a corpus needs a name or a folder")
    path = Path(name_or_path)
    if not path.is_dir():
        raise CorpusError(
            f"{name_or_path!r} is neither a corpus ({', '.join(REGISTRY)}) nor a folder"
        )
    found = folder.load(path, pivot)
    return replace(found, name=f"folder-{found.name}") if found.name in REGISTRY else found


def _registered(
    name: str, cache: Path, published: Path | None, expected: str | None, token: str | None
) -> Corpus:
    card = None
    if published is not None and expected is not None:
        try:
            found = find(published, name, expected)
        except CorpusError as error:
            log.warning("%s; it is built here instead", error)
        else:
            if found:
                return found
        card = find_card(published, name, expected)
    try:
        return REGISTRY[name](cache, card.revision if card else None, token)
    except CorpusError as error:
        found = find(published, name, expected) if published is not None else None
        if found is None:
            raise
        log.warning("the published build is taken: %s", error)
        return found
