"""The catalogue of what can be measured as tables, from `results.methods` alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from results.described import Described, Statistic
from results.methods import EMBEDDINGS, NOISES, SCORES, STATISTICS

KINDS: tuple[tuple[str, Iterable[Described], str], ...] = (
    (
        "Embedding methods",
        EMBEDDINGS.values(),
        "How token states become one vector a segment and layer. Each is scored by alignment, and "
        "is a view of its own.",
    ),
    (
        "Scores",
        SCORES.values(),
        "How well segments find their translations. Scores are never ranked together.",
    ),
    (
        "Statistics of layers",
        STATISTICS.values(),
        "What a layer's vectors are like: on a model's page. Nothing is ranked by them.",
    ),
    (
        "Noise",
        NOISES.values(),
        "The language's segments are spoiled with a rate, the pivot's are left as they are.",
    ),
)
ARXIV = re.compile(r"(?:arXiv )?(\d{4}\.\d{5})")


def tables() -> str:
    """All of the catalogue as HTML."""
    return "".join(
        f"<h3>{title}</h3><p>{says}</p>{_table(title, measures)}" for title, measures, says in KINDS
    )


def _table(title: str, measures: Iterable[Described]) -> str:
    found = list(measures)
    statistic = isinstance(found[0], Statistic)
    heads = ("Name", "What it is", "Formula", *(("Higher means",) if statistic else ()), "Source")
    head = "".join(f"<th scope='col'>{each}</th>" for each in heads)
    rows = "".join(map(_row, found))
    return (
        f"<div class='scroll' tabindex='0' role='region' aria-label='{title}'>"
        f"<table class='plain stacked'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        "</table></div>"
    )


def _row(each: Described) -> str:
    cells = [escape(each.title), escape(each.formula)]
    if isinstance(each, Statistic):
        cells.append(escape(each.higher))
    cells.append(_linked(each.source))
    data = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr><th scope='row'><code>{escape(str(each))}</code></th>{data}</tr>"


def _linked(source: str) -> str:
    """A source, its arXiv numbers as links."""
    return ARXIV.sub(
        lambda at: f"<a href='https://arxiv.org/abs/{at[1]}'>{at[0]}</a>", escape(source)
    )
