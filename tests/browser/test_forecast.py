"""Forecasts on the pages: hatched, beside their error, in a table of their own."""

import re

import forecast_board
import pytest
from playwright.sync_api import expect

from browser.board_app import WITHOUT_RECORDS, App
from browser.conftest import answers_of
from browser.pages_tools import opened, serious
from browser.reading import line, query, written

NAME = "<b>Baobab</b> & more"
LAST = forecast_board.CODES[-1]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    board = tmp_path_factory.mktemp("forecast") / "board"
    forecast_board.write(board, strange=NAME)
    app = App(board, WITHOUT_RECORDS)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def ask(app):
    yield from answers_of(app)


def test_forecasts_are_hatched_labelled_and_apart_from_what_is_measured(app, ask, page):
    first = next(m for m in ask("models", languages="all")["models"] if m["name"] == NAME)
    # The page asks until they are worked out.
    page.goto(f"{app.url}/?page=model&model={first['model']}")
    part = page.locator(".board.model .forecasts")
    expect(part.locator(".hatched").first).to_be_visible(timeout=240_000)
    told = ask("forecast", model=first["model"])
    rows = part.get_by_role("region", name="Forecasts, alignment").locator("tbody tr")
    expect(rows).to_have_count(12)
    aligned = [one for one in told["forecasts"] if one["task"] is None]
    for one, row in zip(aligned, rows.all(), strict=True):
        value = one["forecast"]
        expect(row.get_by_role("link", name=one["language_name"], exact=True)).to_be_visible()
        expect(row).to_contain_text(f"forecast {written(value['value'])}")
        expect(row).to_contain_text(f"{written(value['low'])} to {written(value['high'])}")
        expect(row).to_contain_text(written(one["error"]))
        # A measured language alone has a row in the table of scores.
        expect(line(page, one["language_name"])).to_have_count(0)
    blocks = next(c for c in told["parts"][0]["checks"] if c["way"] == "blocks")
    expect(part).to_contain_text(f"{written(blocks['error'])} with most of a model missing")
    task = part.get_by_role("region", name=f"Forecasts, {told['parts'][1]['label']}")
    expect(task.locator("tbody tr")).to_have_count(len(forecast_board.ASKED) + 1)
    expect(task).to_contain_text(written(told["forecasts"][-1]["forecast"]["value"]))
    part.get_by_text("Held-out errors beside the means").first.click()
    checked = part.get_by_role("region", name="Held-out errors, alignment")
    for mean in blocks["baselines"].values():
        expect(checked.locator("tbody tr").last).to_contain_text(written(mean))
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        bar = rows.first.locator(".hatched")
        bar.scroll_into_view_if_needed()
        look = bar.evaluate("node => getComputedStyle(node).backgroundImage")
        assert look.startswith("repeating-linear-gradient")
        length = bar.evaluate("node => Number(node.style.getPropertyValue('--value'))")
        assert length == aligned[0]["forecast"]["value"]
        assert bar.bounding_box()["width"] > 80
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for dark in (False, True):
        assert serious(page, dark) == []
    rows.last.get_by_role("link").click()
    expect(page.locator(".board.languages h2")).to_be_visible()
    assert query(page)["language"] == aligned[-1]["language"]


def test_a_language_s_page_has_the_models_that_lack_it(app, ask, page):
    forecast_board.ready(lambda: ask("forecast", language=LAST))
    opened(page, app, f"?page=languages&language={LAST}")
    part = page.locator(".board.languages .forecasts")
    rows = part.locator("tbody tr").filter(has=page.locator(".hatched"))
    expect(rows).to_have_count(2)
    expect(rows.filter(has=page.get_by_role("link", name=NAME, exact=True))).to_have_count(1)
    ranked = page.locator(".board.languages .ranking")
    expect(ranked).to_contain_text(re.compile("of 22"))
    expect(ranked.get_by_role("link", name=NAME, exact=True)).to_have_count(0)
    for dark in (False, True):
        assert serious(page, dark) == []
    opened(page, app, f"?page=languages&language={LAST}&max_parameters=1000000000")
    small = [m for m in ask("forecast", language=LAST)["forecasts"] if m["parameters"] <= 1e9]
    expect(rows).to_have_count(len(small))
    assert len(small) == 1
