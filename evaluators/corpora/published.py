"""A built corpus beside a board's results, for machines that cannot build it: those without npm."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from evaluators.corpora import store
from evaluators.corpora.corpus import Corpus, CorpusError

log = logging.getLogger(__name__)


def publish(corpus: Corpus, repo: Path) -> Path | None:
    """Write `corpora/NAME-HASH12.parquet` into a results repo; None where the licence forbids it.

    The content decides the name, so a file that is there already and holds is left as it is.
    """
    if not corpus.text_public:
        return None
    folder = repo / "corpora"
    target = folder / store.file_name(corpus.name, corpus.hash)
    if target.exists():
        try:
            if store.read(target) == corpus:
                return target
        except CorpusError as error:
            log.warning("written again: %s", error)
    return store.write(corpus, folder, corpus.name, builder="published")


def find(repo: Path, name: str, expected: str | None) -> Corpus | None:
    """The published corpus with the expected sha256, or the only one when none is expected.

    None when there is none. Raises CorpusError when it is damaged, or when several are there and
    nothing says which is meant.
    """
    named = re.compile(rf"{re.escape(name)}-[0-9a-f]{{12}}\.parquet")
    paths = sorted(path for path in repo.glob("corpora/*.parquet") if named.fullmatch(path.name))
    if expected is not None:
        paths = [path for path in paths if path.name == store.file_name(name, expected)]
    if len(paths) > 1:
        shown = ", ".join(path.stem for path in paths)
        raise CorpusError(f"corpus {name}: {repo} holds several builds of it ({shown}); keep one")
    if not paths:
        return None
    corpus = store.read(paths[0])
    if corpus.name != name or expected not in (None, corpus.hash):
        raise CorpusError(f"{paths[0]}: it holds another corpus than its name says")
    return corpus
