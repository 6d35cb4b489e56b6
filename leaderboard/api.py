"""The public API: the same numbers as on the pages, for programs."""

from __future__ import annotations

from typing import Any

import gradio as gr

from leaderboard import scores
from leaderboard.board import Board
from results.languages import UnknownLanguage, resolve


def build(board: Board) -> None:
    """Register the endpoints, each documented by its docstring."""

    def cells(model: str = "", language: str = "") -> list[dict[str, Any]]:
        """Every alignment score of a model, a language, or both.

        Args:
            model: id as on the board, for example org/name; empty for all
            language: code such as swh_Latn or sw; empty for all

        Returns:
            One object a cell: identity, configuration, values with interval and chance, layers.
        """
        # What is called over HTTP may be of any type.
        model, language = str(model or ""), str(language or "")
        table = board.table
        if table.empty:
            return []
        if model:
            table = table[table["id"] == model]
        if language:
            try:
                table = table[table["language"] == resolve(language).code]
            except UnknownLanguage as error:
                raise gr.Error(str(error)) from None
        if not (model or language):
            table = table.drop(columns=["layers", "layers_chance"])
        return scores.plain(table)

    gr.api(cells, api_name="cells", queue=False)
