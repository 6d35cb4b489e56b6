"""What all answers share: finding what is asked for, and how numbers and models are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from leaderboard.answers.views import NotFound as NotFound
from leaderboard.answers.views import find_sheet as find_sheet
from leaderboard.answers.views import sheets as sheets
from leaderboard.answers.views import view as view
from leaderboard.answers.views import views as views
from results.architectures import family
from results.language_search import facts, understand
from results.language_sets import Chosen, choose
from results.languages import UnknownLanguage, resolve
from results.sheet import Sheet

if TYPE_CHECKING:
    from leaderboard.asked import LanguagesAsked
    from leaderboard.board import Board

Json = dict[str, Any]
Pooling = Literal["mean", "max"]
DIGITS = 6
SHORT = 8
"""Characters of a revision in a model's key."""


def rounded(value: float) -> float | None:
    """A number as JSON has it; None for NaN. Single precision holds no more digits than these."""
    return None if math.isnan(value) else round(float(value), DIGITS)


def numbers(values: np.ndarray, digits: int = DIGITS) -> list[Any]:
    """`rounded` of an array, in lists of its shape; many times as fast as one by one."""
    found = np.round(np.asarray(values, dtype=float), digits)
    plain: list[Any] = found.tolist()
    if np.isnan(found).any():
        plain = np.where(np.isnan(found), None, found.astype(object)).tolist()
    return plain


def key_of(model: Json) -> str:
    """A model's key: `ID@REV8:WEIGHTS:DTYPE`."""
    return f"{model['id']}@{model['revision'][:SHORT]}:{model['weights']}:{model['dtype']}"


def identity(model: Json) -> Json:
    """What a model is, as every answer writes it."""
    return {
        "model": key_of(model),
        **{name: model[name] for name in ("id", "revision", "weights", "dtype", "name")},
        "architecture": model["architecture"],
        "kind": family(model["architecture"]),
        "parameters": model["parameters"],
        "licence": model["licence"],
        "base_model": model["base_model"],
        "states": model["layers"],
        "hidden_size": model["hidden_size"],
    }


def find_row(board: Board, sheet: Sheet, model: str) -> int:
    """The row of a model, by its key or its id alone: then the newest. Raises NotFound."""
    models = board.snapshot.models
    named = [
        (row.started, at)
        for at, row in enumerate(sheet.rows)
        if model in (key_of(models[row.model]), models[row.model]["id"])
    ]
    if not named:
        elsewhere = any(model in (key_of(each), each["id"]) for each in models)
        raise NotFound(
            f"{model[:120]} has no scores of {view(sheet)['label']}; choose another view"
            if elsewhere
            else f"the board has no model {model[:120]}; /api/v1/models lists those it has"
        )
    return max(named)[1]


def find_language(sheet: Sheet, text: str) -> str:
    """A measured language by any of its codes or names. Raises NotFound."""
    found = understand(text)
    if found is None:
        raise NotFound(str(UnknownLanguage(text)))
    code = found.code
    if code not in sheet.places or code == sheet.pivot:
        raise NotFound(f"{resolve(code).name} is not measured in {view(sheet)['label']}")
    return code


def counted(board: Board, sheet: Sheet) -> list[str]:
    """The languages that averages may include: one declaration a language, the pivot left out.

    Of a corpus without a card, all that are no variants.
    """
    card = next((c for c in board.cards if c.hash == sheet.parameters["corpus_hash"]), None)
    codes = card.counted() if card else [c for c in sheet.languages if not resolve(c).variant]
    return [code for code in codes if code != sheet.pivot]


def chosen_languages(board: Board, sheet: Sheet, asked: LanguagesAsked) -> Chosen:
    """The languages that a question wants averages over."""
    return choose(
        counted(board, sheet),
        ",".join(asked.languages),
        family=asked.family,
        script=asked.script,
        region=asked.region,
        speakers=asked.speakers or 0,
    )


def states(board: Board, sheet: Sheet) -> np.ndarray:
    """(rows,) hidden states that each row's hits are of: one where a method has one vector."""
    models = board.snapshot.models
    found = [row.layers or models[row.model]["layers"] or 1 for row in sheet.rows]
    return np.array(found, dtype=float)


@lru_cache(maxsize=8192)
def language(code: str) -> Json:
    """What is known of a language; not to be changed."""
    return facts(code)


def interval(value: float, ends: Sequence[float] | np.ndarray | None) -> Json | None:
    """A number with its 95 % interval; None for NaN."""
    if math.isnan(value):
        return None
    low, high = (None, None) if ends is None else (rounded(ends[0]), rounded(ends[1]))
    return {"value": rounded(value), "low": low, "high": high}


def intervals(values: np.ndarray, ends: np.ndarray) -> list[Json | None]:
    """`interval` of (m,) numbers and their (m, 2) ends; an end that is NaN is not known."""
    return [
        None if value is None else {"value": value, "low": low, "high": high}
        for value, (low, high) in zip(numbers(values), numbers(ends), strict=True)
    ]


class Cells:
    """A sheet's scores of one pooling as answers write them."""

    def __init__(self, sheet: Sheet, pooling: str) -> None:
        parts = ("", "_low", "_high", "_chance")
        self._columns = [sheet.column(f"{pooling}{part}") for part in parts]

    def of(self, rows: Any, places: Any) -> list[Json | None]:  # noqa: ANN401
        """The scores at rows and languages: arrays of both, or one of the two a single place."""
        return scores([column[rows, places] for column in self._columns])

    def of_row(self, row: int, places: Sequence[int] | np.ndarray) -> list[Json | None]:
        """A row's scores of several languages."""
        return self.of(row, places)

    def of_language(self, place: int) -> list[Json | None]:
        """All rows' scores of a language."""
        return self.of(slice(None), place)


def scores(columns: Sequence[np.ndarray]) -> list[Json | None]:
    """Languages' scores of values, low ends, high ends and chance levels; None if not measured."""
    unknown = np.isnan(columns[3])
    at_chance = np.where(unknown, None, (columns[0] <= columns[3]).astype(object)).tolist()
    return [
        None
        if value is None
        else {"value": value, "low": low, "high": high, "chance": chance, "at_chance": at}
        for value, low, high, chance, at in zip(*map(numbers, columns), at_chance, strict=True)
    ]
