"""The configurations of an evaluation, which a submission asks for and a job measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from results.described import Described, chosen
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS
from results.schema import Evaluator, Parameters, Scalar

ALIGNMENT = SCORES["alignment"]
SEED = 0


def alignment(
    corpus: str, corpus_hash: str, split: str | None, n: int, pivot: str, embedding: str
) -> Evaluator:
    """Alignment to a pivot on a corpus, by an embedding method with its version."""
    return _evaluator(ALIGNMENT, (corpus, corpus_hash, split, n), pivot, embedding)


def _evaluator(
    measure: Described,
    of_corpus: tuple[str, str, str | None, int],
    pivot: str | None,
    embedding: str,
    **options: str | float,
) -> Evaluator:
    corpus, corpus_hash, split, n = of_corpus
    return Evaluator(
        name=measure.name,
        version=measure.version,
        parameters=Parameters(
            corpus=corpus,
            corpus_hash=corpus_hash,
            split=split,
            n=n,
            pivot=pivot,
            embedding=embedding,
            seed=SEED,
            options=options,
        ),
    )


def parse_noise(text: str) -> tuple[str, float]:
    """Kind and rate of `characters:0.1`; 0.1 where no rate is given.

    Raises ValueError naming the kinds, or for a rate that is not over 0 and at most 1.
    """
    name, _, rate = text.partition(":")
    chosen([name], NOISES, "noise")
    try:
        value = float(rate or 0.1)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise ValueError(f"the rate of {text} is not a number over 0 and at most 1")
    return name, value


@dataclass(frozen=True)
class Wanted:
    """What one run measures, by names.

    Every embedding method is scored by alignment; the other scores, the statistics and the noise
    are measured with the first method alone. Nothing is measured twice.
    """

    embeddings: tuple[str, ...]
    scores: tuple[str, ...] = (ALIGNMENT.name,)
    statistics: tuple[str, ...] = ()
    noises: tuple[tuple[str, float], ...] = ()
    pivots: tuple[str, ...] = ("eng_Latn",)

    @classmethod
    def parse(
        cls,
        embeddings: Iterable[str],
        scores: Iterable[str] = (),
        statistics: Iterable[str] = (),
        noises: Iterable[str] = (),
        pivots: Iterable[str] = ("eng_Latn",),
    ) -> Self:
        """From options as people write them; `all` stands for every one of a kind.

        Alignment is always among the scores. Raises ValueError for a name that there is not.
        """
        every = [name for text in noises for name in (NOISES if text == "all" else [text])]
        return cls(
            tuple(each.name for each in chosen(embeddings, EMBEDDINGS, "embedding method")),
            tuple(each.name for each in chosen([ALIGNMENT.name, *scores], SCORES, "score")),
            tuple(each.name for each in chosen(statistics, STATISTICS, "statistic")),
            tuple(dict.fromkeys(map(parse_noise, every))),
            tuple(dict.fromkeys(pivots)),
        )

    @classmethod
    def of(cls, configurations: Sequence[Evaluator]) -> Self:
        """What a request's configurations ask for."""
        first = [each.parameters.embedding for each in configurations][:1]
        mains = [each for each in configurations if [each.parameters.embedding] == first]
        names = [each.name for each in mains if not each.parameters.options]
        options = [each.parameters.options for each in mains if each.parameters.options]
        return cls(
            _unique((each.parameters.embedding or "").partition("@")[0] for each in configurations),
            _unique([ALIGNMENT.name, *(name for name in names if name in SCORES)]),
            _unique(name for name in names if name in STATISTICS),
            tuple(dict.fromkeys(map(_noise, options))),
            _unique(each.parameters.pivot for each in configurations if each.parameters.pivot),
        )

    def configurations(
        self, corpus: str, corpus_hash: str, split: str | None, n: int
    ) -> list[Evaluator]:
        """One a record: by embedding method and pivot, then scores, statistics and noise."""
        of_corpus = (corpus, corpus_hash, split, n)
        methods = [str(EMBEDDINGS[name]) for name in self.embeddings]
        main = methods[0]
        found = []
        for pivot in self.pivots:
            found += [_evaluator(ALIGNMENT, of_corpus, pivot, method) for method in methods]
            found += [
                _evaluator(SCORES[name], of_corpus, pivot, main)
                for name in self.scores
                if name != ALIGNMENT.name
            ]
            found += [
                _evaluator(STATISTICS[name], of_corpus, pivot, main)
                for name in self.statistics
                if STATISTICS[name].pivoted
            ]
            found += [
                _evaluator(ALIGNMENT, of_corpus, pivot, main, noise=str(NOISES[kind]), rate=rate)
                for kind, rate in self.noises
            ]
        found += [
            _evaluator(STATISTICS[name], of_corpus, None, main)
            for name in self.statistics
            if not STATISTICS[name].pivoted
        ]
        return found


def _noise(options: Mapping[str, Scalar]) -> tuple[str, float]:
    return str(options["noise"]).partition("@")[0], float(str(options["rate"]))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
