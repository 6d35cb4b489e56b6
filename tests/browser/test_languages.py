"""From a language to the models that understand it, and all languages with the best of each."""

import base64
import json
import re
import urllib.request

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from browser.board_app import WITHOUT_RECORDS, App
from browser.reading import line, query
from browser.records import GEMMA, SMOLLM, key, record, whole


@pytest.fixture(scope="module")
def app(shipped_app):
    return shipped_app


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
    expect(sentence).to_contain_text(f"best: {scores[0][0]}")
    ratio = scores[0][1].tokens_ratio
    expect(sentence).to_contain_text(f"needs {ratio:.1f} times as many tokens as for English")
    expect(rows(page)).to_have_count(2)
    for row, (name, each) in zip(rows(page).all(), scores, strict=True):
        mean = each.values["mean"]
        cells = row.locator("td").all_inner_texts()
        assert cells[0] == name
        assert cells[1].split() == [f"{mean.value:.3f}", f"{mean.low:.3f}–{mean.high:.3f}"]
        weights = "Q4_K_M" if name.startswith("Gemma") else "Q4_1"
        assert cells[2] == f"1 of 1 {weights}"
        assert cells[8] == f"{each.tokens_ratio:.2f}"
    expect(page).to_have_title("Swahili · MEXA leaderboard")
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
    expect(rows(page).locator("td").nth(1)).to_have_class(re.compile("bt-chance"))
    page.get_by_label("Models", exact=True).select_option("")
    expect(rows(page)).to_have_count(2)
    assert "max_parameters" not in query(page)


def test_the_table_and_the_map_hold_the_best_of_each_and_the_address_restores_them(app, page):
    page.goto(f"{app.url}/?page=languages&q=french")
    best = max((record(each, "fra_Latn").values["mean"] for each in (GEMMA, SMOLLM)), key=value)
    expect(line(page, "French").nth(3)).to_have_text(
        f"{best.value:.3f} {best.low:.3f}–{best.high:.3f}"
    )
    page.get_by_label("Search languages").fill("")
    world = page.locator(".map .plot.js-plotly-plot")
    expect(world).to_be_visible()
    assert world.evaluate("plot => plot._fullLayout.xaxis.range") == [-170, 180]
    page.get_by_text("Fewer languages").click()
    page.get_by_label("Region", exact=True).select_option("Western Africa")
    page.get_by_label("Speakers at least", exact=True).select_option("1000000")
    page.get_by_label("Colour the map by").select_option(key(SMOLLM))
    expect(page.locator("thead:visible")).to_contain_text("SmolLM2-135M-Instruct")
    page.locator("thead:visible th", has_text="Tokens to English").click()
    expect(page).to_have_url(re.compile("sort=tokens_ratio"))
    hausa = record(SMOLLM, "hau_Latn").values["mean"]
    expect(line(page, "Hausa").nth(4)).to_contain_text(f"{hausa.value:.3f}")
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


@pytest.mark.parametrize("language", ["swh_Latn", "fra_Latn", "deu_Latn", "hin_Deva"])
def test_models_that_the_best_is_not_better_than_are_named_beside_it(app, page, language):
    with urllib.request.urlopen(f"{app.url}/api/v1/scores?language={language}") as found:
        answer = json.load(found)
    scores = answer["scores"]
    bits = np.unpackbits(np.frombuffer(base64.b64decode(answer["better"]), dtype=np.uint8))
    better = bits[: len(scores) ** 2].reshape(len(scores), -1)
    above = [k for k, score in enumerate(scores) if not score["mean"]["at_chance"]]
    tied = [scores[k] for k in above[1:] if not better[0, k]]
    page.goto(f"{app.url}/?page=languages&language={language}")
    sentence = page.locator(".board.languages .sentence:visible")
    expect(sentence).to_contain_text(f"best: {scores[0]['name']}")
    if tied:
        expect(sentence).to_contain_text(f"{len(tied)} other cannot be told apart from it")
    else:
        expect(sentence).not_to_contain_text("cannot be told apart")
    little = scores[0]["mean"]["value"] < 0.1
    assert (f"{scores[0]['mean']['value']:.3f} is little" in sentence.inner_text()) == little


def test_models_are_filtered_by_kind_and_licence_and_ranked_among_those_left(app, page):
    licences = {model: whole(model)[1].model.licence for model in (GEMMA, SMOLLM)}
    assert len(set(licences.values())) == 2
    page.goto(f"{app.url}/?page=languages&language=fra_Latn")
    expect(rows(page)).to_have_count(2)
    page.get_by_text("Fewer models").click()
    page.get_by_label(f"{licences[SMOLLM]} (1)", exact=True).check()
    expect(rows(page)).to_have_count(1)
    cells = rows(page).first.locator("td").all_inner_texts()
    assert cells[0] == "SmolLM2-135M-Instruct"
    assert cells[2] == "1"
    assert cells[5:7] == [licences[SMOLLM], "decoder"]
    expect(page.locator(".sentence:visible")).to_contain_text("best: SmolLM2-135M-Instruct")
    assert query(page)["licence"] == licences[SMOLLM]
    page.goto(page.url)
    expect(rows(page)).to_have_count(1)
    page.goto(page.url.replace(f"licence={licences[SMOLLM]}", "licence=nobody&kind=decoder"))
    expect(page.locator(".board.languages .notes")).to_contain_text("licence=nobody")
    expect(rows(page)).to_have_count(2)
    assert query(page) == {"page": "languages", "language": "fra_Latn", "kind": "decoder"}


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
