"""The scores of one evaluator configuration as arrays over models and languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

ARRAYS = ("values", "segments", "peaks")


@dataclass(frozen=True)
class Row:
    """One record: a model's scores in a sheet."""

    model: int
    """Its place in the snapshot's list of models."""
    record: str
    stat: list[int]
    content: list[str]
    hits: bool
    """Whether the segments that counted are known."""
    interval: str | None
    runs: list[dict[str, Any]]
    layers: int | None = None
    """Hidden states that its hits are of; None without hits."""

    @property
    def started(self) -> str:
        """When the newest run began, ISO 8601."""
        return max(str(run["started"]) for run in self.runs)


@dataclass(frozen=True)
class Sheet:
    """Scores of different sheets are never ranked together. Arrays are memory-mapped."""

    configuration: str
    evaluator: dict[str, Any]
    columns: list[str]
    languages: list[str]
    """Sorted codes; the pivot among them, for its tokens."""
    rows: list[Row]
    values: np.ndarray = field(repr=False)
    """(columns, rows, languages) float32; NaN where there is no value."""
    segments: np.ndarray | None = field(repr=False)
    """(languages, rows, n) unsigned: at how many layers each segment counts; None for a task."""
    peaks: np.ndarray | None = field(repr=False)
    """(languages, rows, 2, 8 * words) uint8: `results.peaks.peaks`, a bit a segment."""

    @property
    def arrays(self) -> dict[str, list[Any]]:
        """The arrays that it has, by name, as [dtype, *shape]: a task has no segments."""
        there = ((name, getattr(self, name)) for name in ARRAYS)
        return {name: [a.dtype.str, *a.shape] for name, a in there if a is not None}

    @property
    def name(self) -> str:
        """The evaluator's: `alignment`, or a task."""
        return str(self.evaluator["name"])

    @property
    def parameters(self) -> dict[str, Any]:
        """Corpus, its hash, n, pivot, embedding ... as `results.schema.Parameters`."""
        found: dict[str, Any] = self.evaluator["parameters"]
        return found

    @property
    def n(self) -> int:
        """Segments of the corpus, or questions of the task."""
        return int(self.parameters["n"])

    @property
    def pivot(self) -> str | None:
        """The language that others are aligned to."""
        return self.parameters["pivot"]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each language stands."""
        return {code: at for at, code in enumerate(self.languages)}

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """What readers worked out of this sheet; it goes with it."""
        return {}

    @cached_property
    def measured(self) -> list[int]:
        """How many languages each row has scores of; the pivot has none."""
        metric = next(c for c in (*self.columns, "seconds_chance") if c.endswith("_chance"))
        count: list[int] = (
            (~np.isnan(self.column(metric.removesuffix("_chance")))).sum(axis=1).tolist()
        )
        return count

    def column(self, name: str) -> np.ndarray:
        """(rows, languages) float32 of a column. Raises KeyError for one that is not there."""
        if name not in self.columns:
            raise KeyError(name)
        found: np.ndarray = self.values[self.columns.index(name)]
        return found

    def above_chance(self, metric: str) -> np.ndarray:
        """(rows, languages) bool: measured, and above what chance reaches one time in twenty."""
        above: np.ndarray = self.column(metric) > self.column(f"{metric}_chance")
        return above

    def segment_means(self, at: np.ndarray, states: np.ndarray) -> np.ndarray:
        """(rows, n) float64: each segment's share of layers, averaged over languages.

        at: (l,), places of the languages. states: (rows,), hidden states of each row's model.
        A row that lacks one of the languages, or its hits, is wrong here.
        """
        left = self._left_out(at)
        total = self._segment_sum(at) if left is None else self._whole[0] - self._segment_sum(left)
        return total / (max(1, len(at)) * states[:, None])

    def peak_means(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Twice (rows, n) float64: shares of languages at the best layer, and cross-fitted.

        at: (l,), places of the languages. Rows as in `segment_means`.
        """
        left = self._left_out(at)
        total = self._peak_sum(at) if left is None else self._whole[1] - self._peak_sum(left)
        means = total / max(1, len(at))
        return means[:, 0], means[:, 1]

    def _left_out(self, at: np.ndarray) -> np.ndarray | None:
        """The other languages where they are fewer, and so sooner taken from the whole."""
        if 2 * len(at) <= len(self.languages):
            return None
        return np.setdiff1d(np.arange(len(self.languages)), at)

    @cached_property
    def _whole(self) -> tuple[np.ndarray, np.ndarray]:
        """Sums over all languages, of segments and of peaks."""
        every = np.arange(len(self.languages))
        return self._segment_sum(every), self._peak_sum(every)

    def _segment_sum(self, at: np.ndarray) -> np.ndarray:
        assert self.segments is not None  # noqa: S101
        total = np.zeros(self.segments.shape[1:], np.uint32)
        for language in at:  # one at a time: all together would be the size of the sheet
            total += self.segments[language]
        return total

    def _peak_sum(self, at: np.ndarray) -> np.ndarray:
        assert self.peaks is not None  # noqa: S101
        if not len(at):
            return np.zeros((*self.peaks.shape[1:3], self.n), np.uint32)
        return bit_sums(self.peaks[language] for language in at)[..., : self.n]


def medians(values: np.ndarray) -> np.ndarray:
    """(columns,) medians over the rows of (rows, columns); NaN where there is nothing.

    As `numpy.nanmedian`, which takes three times as long.
    """
    if not len(values):
        return np.full(values.shape[1], np.nan)
    ordered = np.sort(values.T, axis=1)  # NaN last
    count = (~np.isnan(ordered)).sum(axis=1)
    column = np.arange(len(ordered))
    low, high = (ordered[column, np.maximum(at, 0)] for at in ((count - 1) // 2, count // 2))
    return np.where(count > 0, (low.astype(float) + high) / 2, np.nan)


def bit_sums(packed: Iterable[np.ndarray]) -> np.ndarray:
    """How often each bit is set in arrays of packed bits, (..., 8 * words) uint8 each.

    Adds in bit planes, 64 counters a word, as a ripple-carry adder does: unpacking takes longer.
    Returns uint32 (..., 64 * words). Raises ValueError for no array at all.
    """
    planes: list[np.ndarray] = []
    for each in packed:
        carry = np.ascontiguousarray(each).view(np.uint64)
        for at, plane in enumerate(planes):
            planes[at], carry = plane ^ carry, plane & carry
        if not planes or carry.any():
            planes.append(carry)
    if not planes:
        raise ValueError("no bits to add up")
    bits = np.stack([np.unpackbits(plane.view(np.uint8), axis=-1) for plane in planes], axis=-1)
    weights = (2 ** np.arange(len(planes))).astype(np.uint32)
    total: np.ndarray = bits @ weights
    return total
