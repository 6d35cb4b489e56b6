from __future__ import annotations

import json
import math
import warnings
from urllib.parse import parse_qs, urlsplit

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.table import Column, encode, href, table, update

MODEL = Column("model", "Model", "link")
MEAN = Column("mean", "Mean", "number")


def cells(column: Column, *values: object) -> list[object]:
    return [
        row[0] for row in json.loads(encode([column], [{column.key: v} for v in values]))["rows"]
    ]


def test_blanks_are_null_and_zero_is_not_blank():
    nan = float("nan")
    assert cells(MEAN, None, nan, {"value": None, "low": 0.1}, {"value": nan}) == [None] * 4
    assert cells(MEAN, 0, 0.0, {"value": 0.0, "low": 0.0, "high": 0.0}) == [
        0,
        0.0,
        {"value": 0.0, "low": 0.0, "high": 0.0},
    ]
    assert cells(Column("x", "X"), None, "", "–") == [None, None, "–"]
    assert json.loads(encode([MODEL, MEAN], [{"model": "a"}]))["rows"] == [["a", None]]


def test_numbers_travel_unrounded():
    assert cells(MEAN, 0.123456789012345) == [0.123456789012345]


def test_at_chance_and_title_travel():
    cell = {"value": 0.01, "at_chance": True, "title": "at or below 0.02"}
    assert cells(MEAN, cell, {"value": 0.5, "at_chance": False}) == [cell, {"value": 0.5}]


@given(st.text(), st.text())
def test_any_text_survives_and_no_markup_opens(text, title):
    payload = encode(
        [Column("x", text, tooltip=title)],
        [{"x": {"text": text, "title": title}}],
        caption=text,
        noun=title,
    )
    assert "<" not in payload
    assert not {"\u2028", "\u2029"} & set(payload)
    back = json.loads(payload)
    plain = text.encode("utf-8", "replace").decode()
    assert back["caption"] == back["columns"][0]["title"] == plain
    assert (back["rows"][0][0] or {}).get("text", "") == plain


def test_a_script_raises_no_gradio_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table([Column("x", "X")], [{"x": "<script>alert(1)</script>"}], elem_id="t")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_href_carries_any_id(name):
    link = href("/model", id=name)
    assert link.startswith("/model?")
    assert parse_qs(urlsplit(link).query, keep_blank_values=True) == {"id": [name]}
    there = parse_qs(urlsplit(href("?page=model", model=name)).query, keep_blank_values=True)
    assert there == {"page": ["model"], "model": [name]}
    assert cells(MODEL, {"text": "m", "href": link}) == [{"text": "m", "href": link}]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "https://example.org/",
        "//example.org/",
        "/\\example.org/",
        "\\\\example.org",
        "/\t/example.org",
        " /model",
        "/model?id=a b",
        '/model"onclick="x',
        "/model\n",
        "/%zz",
        "model",
        "",
        7,
    ],
)
def test_links_off_the_site_are_refused(link):
    with pytest.raises(ValueError, match="not a link within this site"):
        encode([MODEL], [{"model": {"text": "m", "href": link}}])


@given(st.text())
def test_an_accepted_path_stays_on_the_site(path):
    try:
        link = href(path)
    except ValueError:
        return
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc) == ("", "")
    assert link[0] in "/?"
    assert link.isascii() and link.isprintable() and not set(link) & set(' "<>\\^`{|}')


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        (MEAN, "0.5", "'mean' holds numbers"),
        (MEAN, True, "'mean' holds numbers"),
        (MEAN, [0.5], "'mean' holds numbers"),
        (MEAN, math.inf, "not a finite number"),
        (MEAN, {"value": 0.5, "lo": 0.1}, r"got \['lo'\]"),
        (MODEL, 5, "'model' holds text"),
        (Column("x", "X"), {"text": "x", "href": "/"}, r"got \['href'\]"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused(column, cell, message):
    with pytest.raises(ValueError, match=message):
        encode([column], [{column.key: cell}])


def test_columns_and_sort_are_checked():
    with pytest.raises(ValueError, match="distinct keys"):
        encode([MEAN, MEAN], [])
    with pytest.raises(ValueError, match="one or more columns"):
        encode([], [])
    for sort in (("nope", "asc"), ("mean", "up")):
        with pytest.raises(ValueError, match="sort must be"):
            encode([MEAN], [], sort=sort)


def test_heat_spans_the_column_or_what_is_asked():
    def heat(column: Column, *values: object) -> object:
        rows = [{"mean": v} for v in values]
        return json.loads(encode([column], rows))["columns"][0]["heat"]

    assert heat(MEAN, 0.1) is None
    hot = Column("mean", "Mean", "number", heat=True)
    assert heat(hot, None, 0.4, {"value": 0.1}) == [0.1, 0.4]
    assert heat(hot) == [0.0, 1.0]
    assert heat(Column("mean", "M", "number", heat=True, heat_range=(0, 1)), 0.4) == [0, 1]


def test_update_sends_the_same_payload_as_table():
    rows = [{"mean": 0.5}]
    assert update([MEAN], rows).value == encode([MEAN], rows)
    component = table([MEAN], rows, elem_id="t")
    assert isinstance(component, gr.HTML)
    assert component.value == encode([MEAN], rows)
    assert "value" not in component.html_template  # or every update would rebuild the DOM
