"""From a language to the models that understand it, and all languages with the best of each."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser.board_app import WITHOUT_RECORDS, App
from browser.reading import line, query
from browser.records import GEMMA, SMOLLM, key, record


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("languages") / "board")
    yield app
    app.stop()


def rows(page: Page):
    return page.locator(".board.languages .bt-root:visible tbody tr")


def test_a_language_is_found_by_its_own_name_and_its_models_are_ranked(app, page):
    page.goto(f"{app.url}/?page=languages")
    field = page.get_by_role("combobox", name="Find a language")
    field.press_sequentially("kiswahili")
    field.press("Enter")
    page.get_by_role("button", name="Swahili", exact=True).click()
    expect(page.get_by_role("heading", name="Swahili Kiswahili")).to_be_visible()
    assert query(page) == {"page": "languages", "language": "swh_Latn"}
    gemma, small = record(GEMMA, "swh_Latn"), record(SMOLLM, "swh_Latn")
    scores = sorted([("Gemma 3 270M", gemma), ("SmolLM2-135M-Instruct", small)], key=worst_last)
    above = [
        name for name, each in scores if each.values["mean"].value > each.values["mean"].chance
    ]
    sentence = page.locator(".sentence:visible")
    expect(sentence).to_contain_text(f"{len(above)} of 2 models")
    expect(sentence).to_contain_text(f"the best is {scores[0][0]}")
    ratio = scores[0][1].tokens_ratio
    expect(sentence).to_contain_text(f"needs {ratio:.1f} times as many tokens as English")
    expect(rows(page)).to_have_count(2)
    for row, (name, each) in zip(rows(page).all(), scores, strict=True):
        mean = each.values["mean"]
        cells = row.locator("td").all_inner_texts()
        assert cells[1] == name
        assert cells[2].split() == [f"{mean.value:.2f}", f"{mean.low:.2f}–{mean.high:.2f}"]
        assert cells[5] == f"{each.tokens_ratio:.2f}"
    expect(page.locator(".facts:visible")).to_contain_text("Atlantic-Congo")
    expect(page.locator(".plot:visible")).to_have_attribute("aria-label", re.compile("Swahili"))
    page.get_by_role("link", name="SmolLM2-135M-Instruct").last.click()
    expect(page.get_by_role("heading", name="SmolLM2-135M-Instruct")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Swahili Kiswahili")).to_be_visible()


def worst_last(named):
    mean = named[1].values["mean"]
    return mean.value <= mean.chance, -mean.value


def test_a_size_limit_leaves_out_what_is_larger_and_chance_is_grey(app, page):
    page.goto(f"{app.url}/?page=languages&language=swh_Latn&max_parameters=200000000&pooling=max")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_label("Models", exact=True)).to_have_value("200000000")
    expect(page.locator(".sentence:visible")).to_contain_text("1 model up to 200 M")
    largest = record(SMOLLM, "swh_Latn").values["max"]
    assert largest.value <= largest.chance
    expect(rows(page).locator("td").nth(2)).to_have_class(re.compile("bt-chance"))
    page.get_by_label("Models", exact=True).select_option("")
    expect(rows(page)).to_have_count(2)
    assert "max_parameters" not in query(page)


def test_the_table_and_the_map_hold_the_best_of_each_and_the_address_restores_them(app, page):
    page.goto(f"{app.url}/?page=languages&q=french")
    best = max((record(each, "fra_Latn").values["mean"] for each in (GEMMA, SMOLLM)), key=value)
    expect(line(page, "French").nth(3)).to_have_text(
        f"{best.value:.2f} {best.low:.2f}–{best.high:.2f}"
    )
    page.get_by_label("Search languages").fill("")
    page.get_by_text("Fewer languages").click()
    page.get_by_label("Region", exact=True).select_option("Western Africa")
    page.get_by_label("Speakers at least", exact=True).select_option("1000000")
    page.get_by_label("Colour the map by").select_option(key(SMOLLM))
    expect(page.locator("thead:visible")).to_contain_text("SmolLM2-135M-Instruct")
    page.locator("thead:visible th", has_text="Tokens to English").click()
    expect(page).to_have_url(re.compile("sort=tokens_ratio"))
    hausa = record(SMOLLM, "hau_Latn").values["mean"]
    expect(line(page, "Hausa").nth(4)).to_contain_text(f"{hausa.value:.2f}")
    said = page.locator(".sentence:visible").inner_text()
    table = rows(page).all_inner_texts()
    plot = page.locator(".map .plot").get_attribute("aria-label")
    page.goto(page.url)
    expect(page.locator("thead:visible")).to_contain_text("SmolLM2-135M-Instruct")
    expect(page.locator(".map .plot")).to_have_attribute("aria-label", plot)
    assert page.locator(".sentence:visible").inner_text() == said
    assert rows(page).all_inner_texts() == table
    points = page.locator(".map .points path")
    points.first.dispatch_event("mousemove")
    point = points.last.bounding_box()
    page.mouse.click(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    expect(page.locator(".language-head")).to_be_visible()
    assert query(page)["language"]


def value(score):
    return score.value


def test_nonsense_is_left_out_with_a_note(app, page):
    page.goto(
        f"{app.url}/?page=languages&language=klingonish&max_parameters=many&pooling=median"
        "&family=None&sort=foo&map=nobody"
    )
    notes = page.locator(".board.languages .notes")
    for word in ("klingonish", "many", "median", "None", "nobody"):
        expect(notes).to_contain_text(word)
    expect(rows(page).first).to_be_visible()
    expect(page).to_have_url(f"{app.url}/?page=languages")


@pytest.mark.parametrize("name", ["languages", "model", "compare"])
def test_an_empty_board_says_so(empty, page, name):
    page.goto(f"{empty.url}/?page={name}")
    expect(page.get_by_text("Nothing is measured yet").last).to_be_visible()
    expect(page.locator("[role=alert]:visible")).to_have_count(0)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("empty") / "board", WITHOUT_RECORDS)
    yield app
    app.stop()
