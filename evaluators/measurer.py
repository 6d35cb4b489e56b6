"""One model that measures languages against pivots; a segment is read once for all that shares it.

The pivots' embeddings alone are kept, so memory does not grow with the number of languages.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from evaluators import embeddings, noise, scores, statistics
from evaluators.engine import Embedded, Engine
from evaluators.keeping import Measured, spoiled
from evaluators.models.language_tags import tagged
from evaluators.models.load import Loaded, batch_tokens
from evaluators.scoring import fields
from results.described import Embedding
from results.evaluation import SEED
from results.methods import EMBEDDINGS, SCORES, STATISTICS
from results.schema import Evaluator, LanguageScore


def able(loaded: Loaded, configurations: Sequence[Evaluator]) -> tuple[list[Evaluator], str | None]:
    """Those of the configurations that a model can give, and a sentence on those that it cannot."""
    refused = embeddings.refusals(_methods(configurations), loaded)
    found = [each for each in configurations if _methods([each])[0].name not in refused]
    return found, "; ".join(refused.values()) or None


class Measurer:
    """A loaded model and the pivots that languages are measured against."""

    def __init__(
        self,
        loaded: Loaded,
        pivots: Mapping[str, Sequence[str]],
        configurations: Iterable[Evaluator],
        english: Sequence[str] | None,
    ) -> None:
        """`pivots` by code; `configurations` that any language lacks; the segments in English.

        Raises ValueError for an embedding method that the model cannot give.
        """
        needed = list(configurations)
        embeddings.check(_methods(needed), loaded)
        self.loaded = loaded
        self.batch_tokens = batch_tokens(loaded.model)
        self._pivots = pivots
        self._of_pivot = {
            code: [each for each in needed if each.parameters.pivot in (code, None)]
            for code in pivots
        }
        self._read: dict[str, Embedded] = {}
        self._engines: dict[tuple[Any, ...], Engine] = {}
        self._in_english = self.count(english) if english else None

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        return self._engine([], False).device

    def count(self, segments: Sequence[str]) -> int:
        """Tokens of the segments together."""
        return self._engine([], False).count(segments)

    def measure(
        self, code: str, segments: Sequence[str], configurations: Sequence[Evaluator]
    ) -> list[Measured]:
        """A language under the configurations that it lacks.

        A pivot's own row has its token count alone. Raises ValueError for hidden states that are
        not finite, MemoryError where a segment does not fit.
        """
        groups: dict[tuple[str, float] | None, list[Evaluator]] = {}
        for each in configurations:
            how = None if each.parameters.pivot == code else spoiled(each)
            groups.setdefault(how, []).append(each)
        found = []
        for how, some in groups.items():
            texts = segments if how is None else noise.spoil(*how, segments, SEED)
            found += self._under(code, texts, some)
        return found

    def _under(
        self, code: str, segments: Sequence[str], configurations: Sequence[Evaluator]
    ) -> list[Measured]:
        clean = segments == self._pivots.get(code)
        embedded = self._pivot(code) if clean else None
        if embedded is None or not self._has(embedded, configurations):
            embedded = self._embed(code, segments, configurations)
        groups: dict[tuple[str | None, str | None], list[Evaluator]] = {}
        for each in configurations:
            about = each.parameters
            groups.setdefault((about.pivot, about.embedding), []).append(each)
        found = []
        for (pivot, _), group in groups.items():
            against = None if pivot is None else self._pivot(pivot)
            begun = time.monotonic()
            rows = {} if pivot == code else _rows(group, embedded, against)
            # Of the readings that this method needs: not of what else the run measures.
            read = {embeddings.reading(base) for base in embeddings.bases(_methods(group))}
            seconds = sum(embedded.seconds[each] for each in read) + time.monotonic() - begun
            hits: np.ndarray | None
            for each in group:
                more, hits = rows.get(each.name, ({}, None))
                ratio = embedded.tokens / self._in_english if self._in_english else None
                score = LanguageScore(
                    language=code,
                    **more,
                    tokens=embedded.tokens,
                    tokens_ratio=ratio,
                    cut=max(embedded.cuts[each] for each in read),
                    seconds=round(seconds, 3),
                    run=0,
                )
                found.append(Measured(each, score, hits))
        return found

    def _pivot(self, code: str) -> Embedded:
        if code not in self._read:
            self._read[code] = self._embed(code, self._pivots[code], self._of_pivot[code])
        return self._read[code]

    def _embed(
        self, code: str, segments: Sequence[str], configurations: Sequence[Evaluator]
    ) -> Embedded:
        engine = self._engine(_methods(configurations), self._curved(configurations))
        with tagged(self.loaded.tokenizer, code):
            return engine.embed(segments)

    def _curved(self, configurations: Iterable[Evaluator]) -> bool:
        """Whether a statistic of token states is asked for, of a model that has them."""
        found = [STATISTICS[each.name] for each in configurations if each.name in STATISTICS]
        asked = any(each.of_tokens for each in found)
        return asked and self.loaded.model is not None

    def _has(self, embedded: Embedded, configurations: Sequence[Evaluator]) -> bool:
        """Whether a pivot that was read already serves as a language."""
        needed = embeddings.bases(_methods(configurations))
        there = all(str(base) in embedded.vectors for base in needed)
        return there and (embedded.curvature is not None or not self._curved(configurations))

    def _engine(self, methods: Sequence[Embedding], curvature: bool) -> Engine:
        key = (*methods, curvature)
        if key not in self._engines:
            made = Engine(self.loaded, methods, self.batch_tokens, curvature=curvature)
            self._engines[key] = made
        return self._engines[key]


def _methods(configurations: Iterable[Evaluator]) -> list[Embedding]:
    names = ((each.parameters.embedding or "").partition("@")[0] for each in configurations)
    return [EMBEDDINGS[name] for name in dict.fromkeys(names)]


def _rows(
    group: Sequence[Evaluator], embedded: Embedded, against: Embedded | None
) -> dict[str, tuple[dict[str, Any], np.ndarray | None]]:
    """Fields of a row and its hits, by the names of a group's evaluators."""
    (method,) = _methods(group)
    names = [each.name for each in group]
    # A statistic without a pivot fits on the language what a method fits on the pivot.
    other = embeddings.vectors(method, embedded, against or embedded)
    pivot = None if against is None else embeddings.vectors(method, against, against)
    found: dict[str, tuple[dict[str, Any], np.ndarray | None]] = {}
    asked = [name for name in names if name in SCORES]
    if asked and pivot is not None:
        for name, (credit, shares) in scores.measured(asked, pivot, other, SEED).items():
            hits = credit if SCORES[name].hits else None
            found[name] = fields(credit, shares), hits
    asked = [name for name in names if name in STATISTICS]
    if asked:
        curves = statistics.curves(asked, pivot, other, embedded.curvature)
        found |= {name: ({"curves": each}, None) for name, each in curves.items()}
    return found
