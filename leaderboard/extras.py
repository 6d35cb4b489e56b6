"""What a submission may have measured beside the usual alignment, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable

from leaderboard.checks import Refused
from results import giveable
from results.evaluation import Wanted
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS
from results.schema import Evaluator
from results.tasks import PIVOT

EXTRAS = {
    "embeddings": "All embedding methods",
    "scores": "All scores",
    "statistics": "Statistics of layers",
    "noise": "Noise, rate 0.1",
    "own": "The embedder's own",
}
"""Key to label."""
RATE = 0.1
PASSES = {
    "plain": 1.0,
    "routed": 1.0,
    "echo": 2.3,
    "prompt": 1.4,
    "prepended": 1.4,
    "own": 1.0,
    "decoder": 1.1,
}
"""What a reading costs beside a plain forward pass over the segments, for segments of 40 tokens:
echo reads them twice, prompts are some tokens more."""
HINT = (
    "Each takes longer than the usual two methods alone: scores and statistics a little, they come "
    "from the same forward pass; all embedding methods about five times as long; noise a pass more "
    f"for each of {len(NOISES)} kinds; the embedder's own, of sentence-transformers folders alone, "
    "one pass more."
)
ALONE = "%s can be measured with alignment alone, not with a task; send two submissions."


def checked(extras: Iterable[str], *, aligned: bool) -> tuple[str, ...]:
    """The extras, each once. Raises Refused for one that there is not, or beside a task."""
    asked = tuple(dict.fromkeys(extras))
    if unknown := [name for name in asked if name not in EXTRAS]:
        named = ", ".join(str(name)[:30] for name in unknown[:3])
        raise Refused(f"There is no extra measure {named}; there are {', '.join(EXTRAS)}.")
    if asked and not aligned:
        raise Refused(ALONE % ", ".join(EXTRAS[name] for name in asked))
    return asked


def wanted(
    extras: Iterable[str], architecture: str | None = None, *, own: bool | None = None
) -> Wanted:
    """What a run measures of a model of this architecture.

    own: whether the folder says how it pools and prompts; None where there is no folder yet to
    look at. Raises Refused where the own method is asked of a model that has none.
    """
    extras = set(extras)
    usual = giveable.usual(architecture)
    has_own = bool(own) or "own" in usual
    if "own" in extras and not has_own and own is not None:
        raise Refused(
            "This model has no way of its own from a text to one vector: it is no "
            "sentence-transformers folder. Leave “The embedder's own” out."
        )
    methods = usual
    if "embeddings" in extras:
        methods = giveable.methods(architecture, own=has_own)
    if "own" in extras:
        methods = (*methods, "own")
    # The first is what scores, statistics and noise are measured with.
    names = tuple(dict.fromkeys((*usual, *methods)))
    return Wanted(
        embeddings=names,
        scores=tuple(SCORES) if "scores" in extras else ("alignment",),
        statistics=tuple(STATISTICS) if "statistics" in extras else (),
        noises=tuple((name, RATE) for name in NOISES) if "noise" in extras else (),
        pivots=(PIVOT,),
    )


def passes(configurations: Iterable[Evaluator]) -> float:
    """What configurations cost, in plain forward passes over the segments."""
    readings, noises = set(), set()
    for each in configurations:
        method = EMBEDDINGS.get((each.parameters.embedding or "").partition("@")[0])
        if method is None:
            continue
        if "noise" in each.parameters.options:
            noises.add((method.reading, each.key()))
        else:
            readings.add(method.reading)
    # Routers are read in the pass that reads the states.
    if "plain" in readings:
        readings.discard("routed")
    spoiled = sum(PASSES[reading] for reading, _ in noises)
    return max(1.0, sum(PASSES[reading] for reading in readings) + spoiled)
