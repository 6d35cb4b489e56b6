"""Ways through the Models page: links out, from languages to ranks, what is in reach."""

from __future__ import annotations

import re
from itertools import groupby
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.models_page import ROWS, column, names, pick, wait_for
from browser.reading import query


def test_two_to_six_models_go_to_the_comparison(models: Page):
    tray = models.get_by_role("complementary", name="Models to compare")
    boxes = models.locator(f"{ROWS} input[type=checkbox]")
    boxes.nth(0).press("Space")
    expect(tray).to_contain_text("Tick one more")
    boxes.nth(2).check()
    keys = [boxes.nth(i).get_attribute("value") for i in (0, 2)]
    models.reload()
    expect(boxes.nth(2)).to_be_checked()
    for place in range(3, 8):
        boxes.nth(place).check()
    expect(tray).to_contain_text("At most 6")
    for _ in range(5):
        tray.get_by_role("button", name="Do not compare").last.click()
    tray.get_by_role("link", name="Compare 2 models").click()
    assert query(models) == {"page": "compare", "models": ",".join(keys)}


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_the_models_to_compare_stand_inside_the_window(models_app, page: Page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(models_app.url)
    boxes = page.locator(f"{ROWS} input[type=checkbox]")
    for place in range(3):
        boxes.nth(place).check()
    tray = page.get_by_role("complementary", name="Models to compare")
    for top in (0, 10**6):
        page.evaluate(f"scrollTo(0, {top})")
        box = tray.bounding_box()
        assert box["x"] >= 0 and box["y"] >= 0
        assert box["x"] + box["width"] <= size[0] and box["y"] + box["height"] <= size[1]
    last = boxes.last.bounding_box()
    assert last["y"] + last["height"] <= box["y"]  # at the end of the page no row is covered


def test_links_out_keep_corpus_method_pooling_and_for_a_comparison_the_languages(
    models_app, page: Page
):
    view = {"corpus": "bible", "embedding": "last-token@1", "pooling": "max"}
    chosen = {"languages": "fra_Latn,hin_Deva,rus_Cyrl", "family": "Indo-European"}
    asked = "&".join(f"{key}={value}" for key, value in {**view, **chosen}.items())
    page.goto(f"{models_app.url}/?{asked}&show=swh_Latn&max_parameters=8000000000")
    wait_for(page, "bible")
    boxes = page.locator(f"{ROWS} input[type=checkbox]")
    keys = [boxes.nth(place).get_attribute("value") for place in (0, 1)]
    boxes.nth(0).check()
    boxes.nth(1).check()

    def leads(link: Locator) -> dict[str, str]:
        found = parse_qs(urlsplit(link.get_attribute("href")).query)
        return {key: value for key, (value,) in found.items()}

    assert leads(page.locator(f"{ROWS} a").first) == {"page": "model", "model": keys[0], **view}
    expected = {"page": "compare", "models": ",".join(keys), **view, **chosen}
    assert leads(page.get_by_role("link", name="Compare 2 models")) == expected
    about = page.get_by_role("link", name="All about Swahili")
    assert leads(about) == {"page": "languages", "language": "swh_Latn", **view}
    page.get_by_role("link", name="Compare 2 models").click()
    expect(page.locator(".board.compare h1")).to_be_visible()
    expect(page.get_by_label("Corpus").locator("visible=true")).to_have_value("bible")


def test_the_languages_shown_can_be_averaged_over_with_one_click(models: Page, models_api):
    for name in ("French", "hin_Deva"):
        pick(models, "Languages to show", name)
        expect(models.get_by_label("Languages to show", exact=True)).to_have_value("")
    heads = models.locator("#page-models thead th")
    for place, head in ((1, "Rank"), (2, "French"), (3, "Hindi")):
        expect(heads.nth(place)).to_have_text(head)
    models.get_by_role("button", name="Average over these").click()
    wait_for(models, "French, Hindi")
    assert query(models) == {
        "show": "fra_Latn,hin_Deva",
        "languages": "fra_Latn,hin_Deva",
    }
    answer = models_api("models", languages="fra_Latn,hin_Deva")
    assert names(models) == [model["name"] for model in answer["models"]]
    second = models.get_by_label("Languages of the average", exact=True)
    expect(second).to_be_hidden()
    models.get_by_role("button", name="Remove Hindi").locator("visible=true").click()
    expect(second).to_be_visible()
    expect(models.get_by_role("button", name="Average over it")).to_be_visible()


def test_a_rank_says_among_which_models_and_sorts_within_them(models: Page, models_api):
    models.locator("#page-models thead th", has_text="Rank").click()
    expect(models).to_have_url(re.compile("sort=rank"))
    shown = [text for text in column(models, "Rank") if text != "–"]
    classes = [text.split(" of ")[1] for text in shown]
    found = re.compile(r"^(\d+)")
    assert len(set(classes)) > 1 and len(list(groupby(classes))) == len(set(classes))
    for _, each in groupby(shown, lambda text: text.split(" of ")[1]):
        lows = [int(found.match(text)[1]) for text in each]
        assert lows == sorted(lows)
    title = models.locator(f"{ROWS} td:nth-child(2)").first.get_attribute("title")
    assert "computed in" in title


def test_the_search_finds_by_organisation_and_id(models: Page, models_api):
    wanted = [model for model in models_api("models")["models"] if model["id"].startswith("acme/")]
    assert 0 < len(wanted) < 30
    search = models.get_by_role("searchbox", name="Search models")
    search.fill("acme/")
    expect(models.locator(ROWS)).to_have_count(len(wanted))
    assert names(models) == [model["name"] for model in wanted]
    assert column(models, "Model")[0].replace("\n", "") == f"acme/{wanted[0]['name']}"
    search.fill(wanted[0]["id"])
    assert wanted[0]["name"] in names(models)


def test_a_filter_in_use_is_named_and_taken_away_by_its_chip(models: Page):
    models.goto(f"{models.url}?max_parameters=8000000000&kind=decoder&family=Austronesian")
    wait_for(models, "of 30 models")
    chips = models.get_by_role("list", name="Filters in use")
    expect(chips.locator("li")).to_have_text(["at most 8 B×", "decoder×", "Austronesian×"])
    chips.get_by_role("button", name="Remove the filter decoder").click()
    expect(chips.locator("li")).to_have_text(["at most 8 B×", "Austronesian×"])
    chips.get_by_role("button", name="Remove the filter Austronesian").click()
    wait_for(models, "core languages")
    expect(chips.locator("li")).to_have_text(["at most 8 B×"])
    assert query(models) == {"max_parameters": "8000000000"}


def test_a_set_without_languages_says_so_and_can_be_reset(models: Page):
    models.goto(f"{models.url}?family=Austronesian&region=Europe")
    wait_for(models, "nothing to average")
    expect(models.locator(ROWS).first).to_be_hidden()
    models.locator("#page-models .sentence").get_by_role("button", name="Reset").click()
    wait_for(models, "core languages")
    expect(models.locator(ROWS).first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_menu_of_columns_closes_and_stays_inside_the_window(models: Page, width):
    models.set_viewport_size({"width": width, "height": 700})
    menu = models.locator("details.columns")
    inside = menu.locator(".inside")

    def opened() -> None:
        menu.locator("summary").click()
        expect(inside).to_be_visible()

    opened()
    models.wait_for_function(
        """width => {
            const box = document.querySelector('details.columns .inside').getBoundingClientRect();
            return box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= 700;
        }""",
        arg=width,
    )
    models.keyboard.press("Escape")
    expect(inside).to_be_hidden()
    opened()
    models.mouse.click(width - 5, 350)
    expect(inside).to_be_hidden()


def test_on_a_phone_the_table_is_near_and_the_menu_is_one_row(models: Page):
    models.set_viewport_size({"width": 390, "height": 844})
    corpus = models.get_by_label("Corpus", exact=True)
    expect(corpus).to_be_hidden()
    models.locator("summary", has_text="More filters").click()
    expect(corpus).to_be_visible()
    tops = models.get_by_role("navigation", name="Pages").get_by_role("link")
    assert len({tops.nth(i).bounding_box()["y"] for i in range(tops.count())}) == 1
    models.set_viewport_size({"width": 1280, "height": 900})
    expect(models.locator("section.panel > .controls").get_by_label("Corpus")).to_be_visible()


def test_a_link_to_a_model_has_its_name_in_the_window_s_title(models: Page):
    models.goto(urljoin(models.url, models.locator(f"{ROWS} a").first.get_attribute("href")))
    head = models.locator(".board.model h1")
    expect(head).not_to_have_text("Model")
    name = head.inner_text().split("\n")[0]
    expect(models).to_have_title(f"{name} · MEXA leaderboard")
    models.wait_for_function("window.gradio_config && document.querySelector('.nav-root a')")
    models.get_by_role("link", name="About", exact=True).click()
    expect(models).to_have_title("About · MEXA leaderboard")
    models.go_back()
    expect(models).to_have_title(f"{name} · MEXA leaderboard")


def test_two_builds_of_a_corpus_are_told_apart_by_a_few_digits(models: Page):
    labels = models.evaluate(
        """async () => {
            const at = document.querySelector('link[href$="views.js"]').href;
            const { viewControls } = await import(at);
            const view = { corpus: "udhr", n: 50, pivot: "eng_Latn", embedding: "weighted-mean@1" };
            const build = (hash) => ({ ...view, view: hash, corpus_hash: hash.repeat(8) });
            const labels = (views) => {
                const controls = viewControls(() => {});
                controls.offer(views);
                return [...controls.elements[0].querySelectorAll("option")].map((o) => o.text);
            };
            return [labels([build("3387f2aa")]), labels([build("3387f2aa"), build("91227c42")])];
        }"""
    )
    assert labels == [
        ["udhr, n = 50"],
        ["udhr, n = 50 (build 3387f2)", "udhr, n = 50 (build 91227c)"],
    ]
