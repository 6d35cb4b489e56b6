"""A board with everything that can be measured: views of every kind, layers, noise, methods."""

from __future__ import annotations

import re
import shutil

import pytest
from measured_records import add_statistic
from playwright.sync_api import expect

from browser.board_app import WITHOUT_RECORDS, App
from browser.conftest import answers_of
from browser.pages_tools import opened, serious, settled, visited
from browser.reading import query, written
from results.methods import SCORES, STATISTICS


@pytest.fixture(scope="module")
def app(tmp_path_factory, measured):
    board = tmp_path_factory.mktemp("measured") / "board"
    shutil.copytree(measured, board)
    add_statistic(board, "closeness", "fra_Latn")
    app = App(board, WITHOUT_RECORDS)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def ask(app):
    yield from answers_of(app)


def sections(page, *names):
    return [page.locator(f"section[aria-labelledby={name}]") for name in names]


def test_views_are_grouped_and_one_without_hits_says_that_it_has_no_interval(app, ask, page):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, app, "?languages=all")
    chosen = page.locator("#page-models").get_by_label("Method or score")
    groups = chosen.locator("optgroup")
    assert [group.get_attribute("label") for group in groups.all()] == [
        "Alignment, by embedding method",
        "Other scores",
        "Alignment under noise",
    ]
    assert groups.nth(1).locator("option").count() == len(SCORES) - 1
    chosen.select_option(label="reciprocal rank from the pivot", force=True)
    settled(page)
    assert query(page)["score"] == "reciprocal-rank"
    sentence = page.locator("#page-models .sentence")
    expect(sentence).to_contain_text("averages have no interval")
    answer = ask("models", score="reciprocal-rank", languages="all")
    rows = page.locator("#page-models tbody tr")
    for at, model in enumerate(answer["models"]):
        expect(rows.nth(at)).to_contain_text(written(model["mean"]["value"]))
    chosen.select_option(label="characters, rate 0.1", force=True)
    settled(page)
    assert (query(page)["noise"], query(page).get("score")) == ("characters:0.1", None)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page, dark=False) == []


def test_a_model_shows_statistics_of_its_layers_and_what_it_keeps_under_noise(app, ask, page):
    opened(page, app, "?page=model&model=org/strong&show=fra_Latn&statistic=anisotropy")
    layers, noise = sections(page, "model-statistics", "model-noise")
    expect(layers).to_contain_text(STATISTICS["anisotropy"].formula)
    expect(layers).to_contain_text(STATISTICS["anisotropy"].higher)
    answer = ask("layers", model="org/strong", statistic="anisotropy", languages="fra_Latn")
    (curve,) = (each["curves"]["value"] for each in answer["languages"])
    french = layers.locator("tbody tr").filter(has_text="French")
    expect(french).to_contain_text(f"{written(max(curve))} in layer {curve.index(max(curve))}")
    layers.get_by_label("Statistic", exact=True).select_option("leading-dimensions")
    settled(page)
    assert query(page)["statistic"] == "leading-dimensions"
    figure = layers.get_by_role("figure", name=re.compile("5 numbers of dimensions by 5 layers"))
    expect(figure).to_be_visible()
    answer = ask("noise", model="org/strong")
    kept = round(100 * answer["average"]["noises"][0]["kept"])
    said = noise.locator(".sentence")
    expect(said).to_contain_text(f"{kept} % under {answer['noises'][0]['title']}")
    expect(said).to_contain_text(f"over the {answer['common']} languages")
    page.emulate_media(reduced_motion="reduce")  # colours on their way to dark are no finding
    for dark in (False, True):
        assert serious(page, dark) == [], "dark" if dark else "light"
    page.set_viewport_size({"width": 390, "height": 844})
    visited(page, "?page=model&model=org/bare")
    for section in (layers, noise):
        expect(section).to_contain_text("Measure also")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_statistic_beside_each_of_two_pivots_can_be_seen(app, page):
    opened(page, app, "?page=model&model=org/strong")
    (layers,) = sections(page, "model-statistics")
    label = STATISTICS["closeness"].title + " · position-weighted mean · beside "
    chosen = layers.get_by_label("Statistic", exact=True)
    for pivot, count in (("English", 12), ("French", 3)):
        chosen.select_option(label=label + pivot)
        settled(page)
        expect(layers).to_contain_text(f"each language beside {pivot}")
        expect(layers.locator("tbody")).to_contain_text(f"mean of {count} languages")
    page.reload()
    expect(layers).to_contain_text("each language beside French")
    link = layers.get_by_role("link", name="CSV")
    link.hover()
    assert "view=closeness-" in link.get_attribute("href")


def test_one_vector_a_segment_has_no_layers_and_fractions_have_no_segments(app, page):
    opened(page, app, "?page=model&model=org/strong&embedding=layer-average")
    for section in sections(page, "model-layers", "model-heat"):
        expect(section).to_contain_text("one vector a segment, not one a layer")
        expect(section.get_by_role("figure")).to_have_count(0)
    visited(page, "?page=model&model=org/strong&score=reciprocal-rank")
    layers, segments = sections(page, "model-layers", "model-segments")
    expect(layers.get_by_role("figure", name=re.compile("^Reciprocal rank"))).to_be_visible()
    expect(segments).to_contain_text("counts segments by fractions")
    expect(segments.locator("table")).to_be_hidden()


def test_trust_compares_all_methods_and_warns_of_luck(app, ask, page):
    opened(page, app, "?page=trust")
    (section,) = sections(page, "trust-agreement")
    methods = ask("agreement")["methods"]
    rows = section.locator("tbody tr")
    expect(rows).to_have_count(len(methods))
    for at, method in enumerate(methods):
        expect(rows.nth(at)).to_contain_text(method["view"]["method"])
        gap = method["difference"]
        verdict = "compared with" if gap is None else "no clear difference"
        if gap and (gap["low"] > 0 or gap["high"] < 0):
            verdict = "agrees better" if gap["low"] > 0 else "agrees less"
        expect(rows.nth(at)).to_contain_text(verdict)
    by_luck = f"With {len(methods) - 1} comparisons at 95 % each, about"
    expect(section).to_contain_text(by_luck)
    expect(section).not_to_contain_text("null")
    assert serious(page, dark=False) == []
