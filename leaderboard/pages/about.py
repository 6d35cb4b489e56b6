"""How to read the numbers."""

from __future__ import annotations

import gradio as gr

from leaderboard.board import Board

TEXT = """# How to read the numbers

**Alignment.** The same {n} segments are read by the model in English and in the language. Where a
segment and its translation are each other's nearest neighbour among all segments, by cosine, the
segment counts. The score is the share that counts, at each layer; *mean* and *max* pool the layers.
The method is MEXA ([arXiv 2410.05873](https://arxiv.org/abs/2410.05873)).

**Interval.** 95 %: how far the score may lie from what other segments of the same kind would give.
When two models' intervals overlap widely, the order between them may well be chance.

**Chance.** What the best twentieth of 200 random pairings of the same vectors reach. A language at
or below it is not covered: its score is grey, and says nothing more than that.

**Tokens to English.** How many tokens a text in the language needs for each token of the same text
in English: what the model costs, and how much of its window is left, in that language.

**What it is not.** Alignment says that the model sees the same meaning in both languages. It is
not the accuracy on a task, and it falls as the number of segments grows, so that scores on
different corpora are never compared. Models computed in another dtype, or from a quantised file,
are other rows.
"""


def build(board: Board) -> None:
    """Lay the page out."""
    card = board.card
    gr.Markdown(TEXT.format(n=card.n if card else "n"))
    if card:
        left = len(card.left_out)
        gr.Markdown(
            f"**The corpus.** {card.name}: {len(card.counted())} languages and "
            f"{len(card.languages) - len(card.counted())} variants, {card.n} segments each; "
            f"{left} texts were left out. Licence: {card.licence}. Hash `{card.hash[:12]}`."
        )
