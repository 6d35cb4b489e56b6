"""Which segments of a language align in a model, with their text where it may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leaderboard.answers.common import (
    Json,
    find_language,
    find_row,
    find_sheet,
    identity,
    language,
    rounded,
    states,
    view,
)
from results.corpus_text import texts

if TYPE_CHECKING:
    from leaderboard.asked import SegmentsAsked
    from leaderboard.board import Board


def answer(board: Board, asked: SegmentsAsked) -> Json:
    """Each segment: the share of layers at which it counts, and whether it does at the best one.

    Text is given only where the corpus is marked `text_public`, and only on a machine that has it.
    """
    sheet = find_sheet(board, asked)
    row, code = find_row(board, sheet, asked.model), find_language(sheet, asked.language)
    place = sheet.places[code]
    if np.isnan(sheet.column("mean")[row, place]):
        raise ValueError(f"this model was not measured in {language(code)['name']}")
    if sheet.segments is None or sheet.peaks is None or not sheet.rows[row].hits:
        raise ValueError("which segments count was not kept with this record")
    share = sheet.segments[place, row] / states(board, sheet)[row]
    best = np.unpackbits(sheet.peaks[place, row, 0])[: sheet.n]
    digest = str(sheet.parameters["corpus_hash"])
    card = next((each for each in board.cards if each.hash == digest), None)
    public = card is not None and card.text_public
    folders = (board.repo.root / "corpora", board.settings.cache / "corpora")
    found = texts(folders, digest, [sheet.pivot or "", code]) if public else None
    sides = [found.get(each) if found else None for each in (sheet.pivot or "", code)]
    return {
        "view": view(sheet),
        "model": identity(board.snapshot.models[sheet.rows[row].model]),
        "language": language(code),
        "pivot": language(sheet.pivot) if sheet.pivot else None,
        "text_public": public,
        "text_here": bool(sides[0] and sides[1]),
        "licence": card.licence if card else None,
        "segments": [
            {
                "number": k + 1,
                "share": rounded(float(share[k])),
                "at_best": bool(best[k]),
                "pivot": sides[0][k] if sides[0] and sides[1] else None,
                "text": sides[1][k] if sides[0] and sides[1] else None,
            }
            for k in range(sheet.n)
        ],
    }
