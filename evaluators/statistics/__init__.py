"""Statistics: something of each layer that is no share, and so never ranked.

To add one, write a file beside these, describe it in `results.methods.STATISTICS` and list it
here. Nothing but `curvature`, which the engine calls, imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from evaluators.statistics.intrinsic_dimension import intrinsic_dimension
from evaluators.statistics.leading_dimensions import leading_dimensions
from evaluators.statistics.neighbourhood_overlap import neighbourhood_overlap
from evaluators.statistics.sphere import closeness, uniformity
from evaluators.statistics.spread import anisotropy, effective_rank, matrix_entropy
from results.described import chosen
from results.methods import STATISTICS

ALONE: dict[str, Callable[[np.ndarray], float]] = {
    "anisotropy": anisotropy,
    "intrinsic-dimension": intrinsic_dimension,
    "effective-rank": effective_rank,
    "uniformity": uniformity,
    "matrix-entropy": matrix_entropy,
}
PIVOTED: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "closeness": closeness,
    "neighbourhood-overlap": neighbourhood_overlap,
}
Layers = Sequence[np.ndarray]


def _mean_angles(curvature: np.ndarray) -> list[float]:
    """Mean over segments at each layer, from (layers, n) with NaN where a segment has none."""
    has = ~np.isnan(curvature)
    total = np.where(has, curvature, 0).sum(axis=1)
    counts = has.sum(axis=1)
    return np.divide(total, counts, out=np.full(len(counts), np.nan), where=counts > 0).tolist()


def _curves(
    name: str, pivot: Layers | None, other: Layers, curvature: np.ndarray | None
) -> dict[str, list[float]]:
    if name in ALONE:
        return {"value": [ALONE[name](layer) for layer in other]}
    if name == "curvature":
        return {} if curvature is None else {"value": _mean_angles(curvature)}
    if pivot is None:
        return {}
    if name == "leading-dimensions":
        return leading_dimensions(pivot, other)
    return {"value": [PIVOTED[name](a, b) for a, b in zip(pivot, other, strict=True)]}


def curves(
    names: Iterable[str],
    pivot: Layers | None,
    other: Layers,
    curvature: np.ndarray | None = None,
) -> dict[str, dict[str, list[float]]]:
    """For each statistic its curves, one number a layer: `value`, or several by name.

    The vectors are (n, hidden) a layer; curvature is (layers, n), radians, NaN where a segment has
    none. Left out are statistics that need a pivot or a curvature that is not given, and those
    with a layer where they are no finite number: all for vectors that are not finite, the
    intrinsic dimension of two segments, the neighbourhood overlap of fewer than seven. Equal
    vectors have a number everywhere: anisotropy 1, overlap and alignment 0, the rest that is of
    one language 0. Raises ValueError for an unknown name.
    """
    finite = all(np.isfinite(layer).all() for layer in [*(pivot or ()), *other])
    if not finite:
        return {}
    found = {}
    for statistic in chosen(names, STATISTICS, "statistic"):
        lines = _curves(statistic.name, pivot, other, curvature)
        if lines and np.isfinite(list(lines.values())).all():
            found[statistic.name] = lines
    return found
