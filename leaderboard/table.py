"""A sortable, searchable table in a Gradio page, drawn by the DataTables that `itables` bundles.

The rows travel as one JSON string in the `value` of a `gr.HTML`; `static/table.js` builds the
cells as DOM nodes, so no text is ever read as markup. `python -m benchmarks.table` holds the
measurements that chose this over `gr.Dataframe`.

    board = table([Column("model", "Model", "link"), Column("mean", "Mean", "number")], rows)
    button.click(lambda: update(columns, new_rows), outputs=board)
    demo.launch(app_kwargs={"routes": assets.routes()})
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import gradio as gr

from leaderboard import assets

Kind = Literal["text", "number", "link"]
Row = Mapping[str, Any]
Order = tuple[str, Literal["asc", "desc"]]

NUMBER_FIELDS = frozenset({"value", "low", "high", "at_chance", "title"})
TEXT_FIELDS = {"text": frozenset({"text", "title"}), "link": frozenset({"text", "title", "href"})}
# Same-origin only: one leading slash or a query, then characters that RFC 3986 allows in a URL.
SAFE_HREF = re.compile(r"(?:/(?!/)|\?)(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True)
class Column:
    """One column.

    A `text` cell is a string or `{"text", "title"}`; a `link` cell adds `"href"`, as `href()`
    builds it. A `number` cell is a float or `{"value", "low", "high", "at_chance", "title"}`:
    it sorts by `value`, shows `low–high` muted beside it; where `at_chance` is true it is muted
    as a whole and ranks below all others, tied with its like. None, NaN and an absent key are
    blank: an en dash, last in both directions.

    `heat` shades a number's cell by its place between `heat_range`'s ends, or between the column's
    least and greatest value when that is None.
    """

    key: str
    title: str
    kind: Kind = "text"
    digits: int = 2
    tooltip: str = ""
    heat: bool = False
    heat_range: tuple[float, float] | None = None


def href(path: str, **query: str | int) -> str:
    """A same-origin link, `path?query`, with the query percent-encoded as far as it must be.

    Raises ValueError if `path` leaves the site or holds a character that a URL may not.
    """
    if not query:
        return _checked_href(path)
    return _checked_href(f"{path}{'&' if '?' in path else '?'}{urlencode(query, safe='/@:,')}")


def encode(
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    caption: str = "",
    noun: str = "rows",
    sort: Order | None = None,
    page_length: int = 50,
) -> str:
    """The JSON string that `static/table.js` draws. Arguments as in `table()`.

    Raises ValueError for a doubled or unknown column, a cell that does not fit its column, an
    infinite number, or a link that leaves the site.
    """
    keys = [column.key for column in columns]
    if not keys or len(set(keys)) != len(keys):
        raise ValueError(f"a table needs one or more columns with distinct keys, got {keys}")
    if sort is not None and (sort[0] not in keys or sort[1] not in ("asc", "desc")):
        raise ValueError(f"sort must be (a column key, 'asc' or 'desc'), got {sort}; keys: {keys}")
    cells = [[_cell(column, row.get(column.key)) for column in columns] for row in rows]
    payload = {
        "columns": [_head(column, [row[i] for row in cells]) for i, column in enumerate(columns)],
        "rows": cells,
        "caption": caption,
        "noun": noun,
        "sort": list(sort) if sort else None,
        "pageLength": page_length,
    }
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate would break the response
    # The string also lies inside the page's own script block and under gr.HTML's tag warning.
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def table(
    columns: Sequence[Column],
    rows: Iterable[Row] = (),
    *,
    elem_id: str,
    caption: str = "",
    noun: str = "rows",
    sort: Order | None = None,
    page_length: int = 50,
    visible: bool = True,
) -> gr.HTML:
    """A table component; its first column stays in view while the others scroll sideways.

    rows: one mapping a row, keyed by `Column.key`; kept in the given order unless `sort` is given.
    caption: a line above the table, and its accessible name.
    noun: what the rows are, in the plural, for "1–50 of 1,401 models".
    sort: the first order, (column key, "asc" or "desc"); the reader's own order replaces it.
    page_length: rows on a page at first; the reader can choose 25, 50, 100, 250 or all.

    Raises ValueError as `encode()` does. The app must serve `assets.routes()`.
    """
    return gr.HTML(
        encode(columns, rows, caption=caption, noun=noun, sort=sort, page_length=page_length),
        elem_id=elem_id,
        elem_classes=["board-table"],
        html_template="<div class='bt-root'></div>",  # without ${value}, so an update keeps the DOM
        js_on_load=(
            f"{assets.module('table.js')}.then((table) => table.mount(element, props, watch))"
        ),
        apply_default_css=False,
        visible=visible,
    )


def update(
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    caption: str = "",
    noun: str = "rows",
    sort: Order | None = None,
    page_length: int = 50,
    visible: bool = True,
) -> gr.HTML:
    """An event's output for a `table()`: new rows, and other columns if need be.

    The reader's order, search text, page length, page and sideways position stay. A new `sort`
    applies only while the reader has not chosen an order, or if the column they chose is gone.

    Raises ValueError as `encode()` does.
    """
    return gr.HTML(
        value=encode(columns, rows, caption=caption, noun=noun, sort=sort, page_length=page_length),
        visible=visible,
    )


def _cell(column: Column, cell: object) -> str | int | float | dict[str, Any] | None:
    fields: dict[str, Any] = dict(cell) if isinstance(cell, Mapping) else {}
    if column.kind == "number":
        if not fields:
            return _number(column, cell)
        _only(column, fields, NUMBER_FIELDS)
        for name in ("value", "low", "high"):
            fields[name] = _number(column, fields.get(name))
    elif fields:
        _only(column, fields, TEXT_FIELDS[column.kind])
        if fields.get("href") is not None:
            _checked_href(fields["href"])
        fields["text"] = _text(column, fields.get("text"))
    else:
        return _text(column, cell)
    # By identity: a score of 0 equals False but is not a blank.
    kept = {k: v for k, v in fields.items() if v is not None and v is not False and v != ""}
    return kept if column.kind != "number" or "value" in kept else None


def _only(column: Column, fields: dict[str, Any], allowed: frozenset[str]) -> None:
    if unknown := fields.keys() - allowed:
        raise ValueError(
            f"column {column.key!r}: a {column.kind} cell takes {sorted(allowed)}, "
            f"got {sorted(unknown)}"
        )


def _number(column: Column, value: object) -> int | float | None:
    if value is None or value != value:
        return None
    if isinstance(value, str | bytes | bool):
        raise ValueError(f"column {column.key!r} holds numbers, got {value!r}")
    try:
        number = value if isinstance(value, int) else float(value)  # type: ignore[arg-type]
    except TypeError:
        raise ValueError(f"column {column.key!r} holds numbers, got {value!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"column {column.key!r}: {value!r} is not a finite number; use None")
    return number


def _text(column: Column, value: object) -> str | None:
    if value is None or value != value or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"column {column.key!r} holds text, got {value!r}; write it as a string")
    return value


def _head(column: Column, cells: list[Any]) -> dict[str, Any]:
    heat = column.heat_range
    if column.heat and heat is None:
        numbers = [c.get("value") if isinstance(c, dict) else c for c in cells]
        present = [number for number in numbers if number is not None]
        heat = (min(present), max(present)) if present else (0.0, 1.0)
    return {
        "key": column.key,
        "title": column.title,
        "kind": column.kind,
        "digits": column.digits,
        "tooltip": column.tooltip,
        "heat": list(heat) if column.heat and heat else None,
    }


def _checked_href(value: object) -> str:
    if not isinstance(value, str) or not SAFE_HREF.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a link within this site: start it with one '/' or with '?', and "
            "percent-encode the rest (use href())"
        )
    return value
