"""What models are compared by: a value a segment, for the pooling that is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderboard.answers.common import Json, numbers, rounded
from results.ranks import Difference, better, better_max, difference, difference_max
from results.sheet import Sheet


@dataclass(frozen=True)
class Paired:
    """Arrays (..., n) of shares; NaN where nothing is known of a row.

    By mean pooling `shares` alone; by max pooling `shares` is at the best layer, and `crossfit`
    as `results.peaks.peaks` has it.
    """

    shares: np.ndarray
    crossfit: np.ndarray | None = None

    def take(self, places: np.ndarray | int) -> Paired:
        """Some of the rows."""
        crossfit = None if self.crossfit is None else self.crossfit[places]
        return Paired(self.shares[places], crossfit)

    def better(self) -> np.ndarray:
        """(rows, rows) bool: see `results.ranks.better`."""
        if self.crossfit is None:
            return better(self.shares)
        return better_max(self.shares, self.crossfit)

    def less(self, other: Paired) -> Difference:
        """This less the other, paired over segments."""
        if self.crossfit is None or other.crossfit is None:
            return difference(self.shares, other.shares)
        return difference_max(self.shares, self.crossfit, other.shares, other.crossfit)


def written(gap: Difference, at: int | tuple[()] = ()) -> Json | None:
    """A difference as answers write it; None where it is unknown."""
    names = ("value", "low", "high", "p")
    numbers = {name: rounded(float(np.asarray(getattr(gap, name))[at])) for name in names}
    return None if numbers["value"] is None else numbers


def all_written(gap: Difference) -> list[Json | None]:
    """`written` of (m,) differences, with shorter ends: six models have thousands of them."""
    columns = [
        numbers(gap.value),
        *(numbers(end, 5) for end in (gap.low, gap.high)),
        numbers(gap.p),
    ]
    return [
        None if value is None else {"value": value, "low": low, "high": high, "p": p}
        for value, low, high, p in zip(*columns, strict=True)
    ]


def in_language(sheet: Sheet, place: int, pooling: str, states: np.ndarray) -> Paired:
    """All rows in one language."""
    sound = np.array([row.hits for row in sheet.rows], dtype=bool)
    shape = (len(sheet.rows), sheet.n)
    if sheet.segments is None or sheet.peaks is None:
        return Paired(np.full(shape, np.nan))
    if pooling == "mean":
        shares = sheet.segments[place] / states[:, None]
        return Paired(np.where(sound[:, None], shares, np.nan))
    bits = np.unpackbits(sheet.peaks[place], axis=-1, count=sheet.n).astype(float)
    bits = np.where(sound[:, None, None], bits, np.nan)
    return Paired(bits[:, 0], bits[:, 1])


def in_languages(
    sheet: Sheet, row: int, places: np.ndarray, pooling: str, states: np.ndarray
) -> Paired:
    """One row in several languages, (languages, n)."""
    if sheet.segments is None or sheet.peaks is None or not sheet.rows[row].hits:
        return Paired(np.full((len(places), sheet.n), np.nan))
    if pooling == "mean":
        return Paired(sheet.segments[places, row] / states[row])
    bits = np.unpackbits(sheet.peaks[places, row], axis=-1, count=sheet.n).astype(float)
    return Paired(bits[:, 0], bits[:, 1])
