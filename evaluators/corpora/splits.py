"""Parts of a corpus, so that two measures of one text need not share a sentence."""

from __future__ import annotations

from dataclasses import replace

from evaluators.corpora.corpus import Corpus, CorpusError

UDHR_ARTICLES = (
    1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 2, 2, 3, 2, 1, 1, 2, 3, 1, 4, 1, 2, 3, 2, 1, 3, 1,
)  # fmt: skip
"""Paragraphs of articles 1 to 30: segments of the corpus `udhr`."""
_ARTICLE = tuple(at for at, size in enumerate(UDHR_ARTICLES, 1) for _ in range(size))
SPLITS: dict[str, dict[str, tuple[int, ...]]] = {
    "udhr": {
        "odd-articles": tuple(i for i, article in enumerate(_ARTICLE) if article % 2),
        "even-articles": tuple(i for i, article in enumerate(_ARTICLE) if not article % 2),
    }
}
"""By corpus and split: the places of its segments."""


def split(corpus: Corpus, name: str | None) -> Corpus:
    """The corpus with the segments of a split alone; its hash stays that of the whole.

    Raises CorpusError for a split that the corpus does not have.
    """
    if name is None:
        return corpus
    there = SPLITS.get(corpus.name, {})
    if name not in there:
        raise CorpusError(f"corpus {corpus.name} has no split {name}; it has {', '.join(there)}")
    places = there[name]
    languages = {code: tuple(texts[i] for i in places) for code, texts in corpus.languages.items()}
    return replace(corpus, split=name, n=len(places), languages=languages)
