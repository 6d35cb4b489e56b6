"""Parallel corpora. A new one is a new file and one line in `REGISTRY`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from evaluators.corpora import folder, udhr
from evaluators.corpora.corpus import PIVOT, Corpus, CorpusError, LeftOut
from evaluators.corpora.describe import describe, write_card

__all__ = [
    "PIVOT",
    "REGISTRY",
    "Corpus",
    "CorpusError",
    "LeftOut",
    "describe",
    "load",
    "write_card",
]

REGISTRY: dict[str, Callable[[Path], Corpus]] = {
    "udhr": udhr.load,
}


def load(name_or_path: str, *, cache: Path, pivot: str = PIVOT) -> Corpus:
    """A registered corpus by its name, or a folder of text files by its path.

    cache: folder that built corpora are kept in. Raises CorpusError, a ValueError.
    """
    if name_or_path in REGISTRY:
        return REGISTRY[name_or_path](cache)
    if not name_or_path or "\0" in name_or_path:
        raise CorpusError("a corpus needs a name or a folder")
    path = Path(name_or_path)
    if not path.is_dir():
        raise CorpusError(
            f"{name_or_path!r} is neither a corpus ({', '.join(REGISTRY)}) nor a folder"
        )
    found = folder.load(path, pivot)
    return replace(found, name=f"folder-{found.name}") if found.name in REGISTRY else found
