"""The configuration of alignment, which a submission asks for and a job measures."""

from __future__ import annotations

from results.schema import Evaluator, Parameters

VERSION = 1
"""Rises when the same parameters would give another score."""
SEED = 0


def alignment(
    corpus: str, corpus_hash: str, split: str | None, n: int, pivot: str, embedding: str
) -> Evaluator:
    """Alignment to a pivot on a corpus, by an embedding method with its version."""
    return Evaluator(
        name="alignment",
        version=VERSION,
        parameters=Parameters(
            corpus=corpus,
            corpus_hash=corpus_hash,
            split=split,
            n=n,
            pivot=pivot,
            embedding=embedding,
            seed=SEED,
        ),
    )
