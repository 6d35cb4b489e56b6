"""Two models, one of which lacks most languages."""

import pytest
from answers.answers_tools import edit, only, shipped
from playwright.sync_api import expect

from browser.board_app import WITHOUT_RECORDS, App
from browser.records import GEMMA, SMOLLM, record
from results.language_sets import CORE


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The shipped board, where SmolLM2 was measured in the core languages alone."""
    board = shipped(tmp_path_factory.mktemp("gaps") / "board")
    edit(board, only("eng_Latn", *CORE), "SmolLM2")
    app = App(board, WITHOUT_RECORDS)
    yield app
    app.stop()


def test_without_a_language_in_common_nothing_is_averaged(app, page):
    alone = ["bre_Latn", "bul_Cyrl", "cat_Latn"]
    page.goto(f"{app.url}/?page=compare&models={GEMMA},{SMOLLM}&languages={','.join(alone)}")
    expect(page.locator(".board.compare .sentence")).to_contain_text(
        "These models have no language of this set in common"
    )
    expect(page.get_by_text("there is nothing to draw")).to_be_visible()
    score = record(GEMMA, alone[0]).values["mean"]
    rows = page.locator(".board.compare .bt-root tbody tr")
    expect(rows).to_have_count(3)
    row = rows.filter(has=page.locator(f"[href*='language={alone[0]}&'], [href$='{alone[0]}']"))
    assert row.locator("td").nth(1).inner_text().split()[0] == f"{score.value:.3f}"
    assert row.locator("td").nth(2).inner_text() == "–"


def test_a_small_board_says_in_a_line_why_nothing_is_forecast(app, page):
    page.goto(f"{app.url}/?page=model&model={SMOLLM}")
    said = "No forecasts of what is not measured: they need 20 models, this view has 2."
    expect(page.locator(".board.model .forecasts")).to_have_text(said)
