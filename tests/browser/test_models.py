"""The Models page as somebody who needs a model for Swahili uses it; numbers as in the API."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks import made_up
from browser.board_app import WITHOUT_RECORDS, App
from browser.reading import query

LANGUAGES = (70, 45)
BILLION = 10**9
ROWS = "#page-models tbody tr"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    board = tmp_path_factory.mktemp("models") / "board"
    made_up.write(board, 30, LANGUAGES, workers=1)
    app = App(board, WITHOUT_RECORDS)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def api(app):
    """`api(name, **parameters)` is what the API says."""
    with httpx.Client(base_url=f"{app.url}/api/v1/", timeout=30, trust_env=False) as client:
        yield lambda name, **asked: client.get(name, params=asked).raise_for_status().json()


@pytest.fixture
def models(app, page: Page):
    page.goto(app.url)
    expect(page.locator(ROWS).first).to_be_visible()
    return page


def column(page: Page, title: str) -> list[str]:
    """The texts of a column, by the start of its header."""
    heads = [text.strip() for text in page.locator("#page-models thead th").all_inner_texts()]
    place = next(i for i, head in enumerate(heads) if head.startswith(title))
    return page.locator(f"{ROWS} td:nth-child({place + 1})").all_inner_texts()


def names(page: Page) -> list[str]:
    return page.locator(f"{ROWS} td:first-child a").all_inner_texts()


def rounded(value: float, digits: int) -> str:
    """As browsers round: halves go up, Python's to the even."""
    return str(Decimal(str(value)).quantize(Decimal(10) ** -digits, ROUND_HALF_UP))


def wait_for(page: Page, text: str) -> None:
    expect(page.locator("#page-models .sentence")).to_contain_text(text)


def ranks(answer: dict) -> list[str]:
    """As the table writes them: where several weights are ranked apart, with which and how many."""
    ranked = [model for model in answer["models"] if model["rank"]]
    classes = Counter((model["weights"], model["dtype"]) for model in ranked)
    apart = answer["ranked"] == "group" and len(classes) > 1

    def text(model: dict) -> str:
        if model["rank"] is None:
            return "–"
        low, high = model["rank"]["low"], model["rank"]["high"]
        said = str(low) if low == high else f"{low}–{high}"
        among = classes[model["weights"], model["dtype"]]
        return f"{said} of {among} {model['weights']}" if apart else said

    return [text(model) for model in answer["models"]]


def pick(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")


def test_the_table_says_what_the_api_says(models: Page, api):
    answer = api("models")
    assert names(models) == [model["name"] for model in answer["models"]]
    assert column(models, "Rank") == ranks(answer)
    for title, pooling in (("Average, mean", "mean"), ("Average, max", "max")):
        shown = [text.split()[0] for text in column(models, title)]
        exact = [model[pooling] for model in answer["models"]]
        assert shown == [rounded(score["value"], 3) if score else "–" for score in exact]
        first = column(models, title)[0].split()[1]
        assert first == f"{rounded(exact[0]['low'], 3)}–{rounded(exact[0]['high'], 3)}"
    above = [f"{model['above_chance']} of {model['of']}" for model in answer["models"]]
    assert column(models, "Above chance") == above
    lacking = sum(bool(model["missing"]) for model in answer["models"])
    if lacking:
        wait_for(models, "some of the")


def test_from_a_language_to_a_small_model(models: Page, api):
    field = models.get_by_label("Languages to show", exact=True)
    field.focus()
    expect(models.locator("datalist option").first).to_be_attached()
    pick(models, "Languages to show", "kiswahili")
    expect(models.locator("#page-models thead th", has_text="Swahili")).to_be_visible()
    expect(models.locator(".chips li", has_text="Swahili")).to_be_visible()
    asked: list[str] = []
    models.on("request", lambda request: asked.append(request.url))
    models.get_by_text("≤ 3 B", exact=True).click()
    answer = api("models", show="swh_Latn", max_parameters=3 * BILLION)
    wait_for(models, f"{len(answer['models'])} of 30 models (the filters leave out")
    assert 0 < len(answer["models"]) < 30
    assert not [url for url in asked if "/models" in url]  # a filter is no request
    assert column(models, "Rank") == ranks(answer)
    scores = [model["shown"]["swh_Latn"] for model in answer["models"]]
    said = [rounded(score["value"], 2) if score else "–" for score in scores]
    assert [text.split()[0] for text in column(models, "Swahili")] == said
    low, high = (rounded(scores[0][end], 2) for end in ("low", "high"))
    assert column(models, "Swahili")[0] == f"{said[0]} {low}–{high}"
    models.locator("#page-models thead th", has_text="Swahili").click()
    expect(models).to_have_url(re.compile("sort=-swh_Latn"))
    best = [
        0.0 if text == "–" else float(text.split()[0]) for text in column(models, "Swahili")
    ]
    above = best[: sum(bool(score) and not score["at_chance"] for score in scores)]
    assert above == sorted(above, reverse=True)
    models.reload()
    wait_for(models, f"{len(answer['models'])} of 30 models")
    expect(models.locator("th[aria-sort=descending]")).to_contain_text("Swahili")
    name = names(models)[0]
    models.get_by_role("link", name=name, exact=True).click()
    key = parse_qs(urlsplit(models.url).query)["model"][0]
    assert next(m["name"] for m in answer["models"] if m["model"] == key) == name


def test_averages_and_ranks_follow_the_chosen_languages_and_pooling(models: Page, api):
    models.get_by_label("Average over").select_option("own")
    field = models.get_by_label("Languages of the average", exact=True)
    for name in ("French", "hin_Deva"):
        pick(models, "Languages of the average", name)
        expect(field).to_have_value("")
    models.locator("summary", has_text="More filters").click()
    models.get_by_role("group", name="Layer pooling").get_by_text("max", exact=True).click()
    wait_for(models, "max over layers")
    expect(models.locator("summary", has_text="More filters")).to_contain_text("(1 in use)")
    answer = api("models", languages="fra_Latn,hin_Deva", pooling="max")
    assert names(models) == [model["name"] for model in answer["models"]]
    assert column(models, "Rank") == ranks(answer)
    models.get_by_label("Rank models").select_option("across all")
    wait_for(models, "across all weights")
    across = api("models", languages="fra_Latn,hin_Deva", pooling="max", ranked="all")
    assert column(models, "Rank") == ranks(across)
    models.get_by_role("button", name="Reset").click()
    wait_for(models, "mean over layers")
    assert query(models) == {"languages": "fra_Latn,hin_Deva"}


def test_filters_combine_and_say_what_they_leave_out(models: Page, api):
    everything = api("models")["models"]
    models.locator("summary", has_text="More filters").click()
    weights = everything[0]["weights"]
    models.get_by_role("group", name="Weights").get_by_text(f"{weights} (").click()
    models.get_by_role("group", name="Kind").get_by_text("decoder (").click()
    left = api("models", weights=weights, kind="decoder")["models"]
    wait_for(models, f"{len(left)} of 30 models")
    assert names(models) == [model["name"] for model in left]
    models.get_by_label("Size to (B)").fill("0.00001")
    models.get_by_label("Size to (B)").press("Tab")
    expect(models.locator("#page-models .dt-empty")).to_have_text("No model passes the filters")
    wait_for(models, "0 of 30 models")


def test_another_corpus_is_one_request(models: Page, api):
    asked: list[str] = []
    models.on("request", lambda request: asked.append(request.url))
    control = models.get_by_label("Corpus", exact=True)
    labels = control.locator("option").all_inner_texts()
    assert len(labels) == 2
    control.select_option(labels[1])
    corpus = control.input_value()
    wait_for(models, labels[1].split(" ")[0])
    expect(models).to_have_url(re.compile(f"corpus={corpus}"))
    assert len([url for url in asked if "/api/v1/models" in url]) == 1
    view = next(each for each in api("board")["views"] if each["corpus"] == corpus)
    answer = api("models", corpus=corpus, embedding=view["embedding"])
    assert names(models) == [model["name"] for model in answer["models"]]


def test_presets_and_columns_are_kept_in_the_address(models: Page):
    models.get_by_role("button", name="Cost").click()
    heads = models.locator("#page-models thead th")
    expect(heads.filter(has_text="Evaluation")).to_be_visible()
    expect(heads.filter(has_text="Licence")).to_have_count(0)
    models.locator("summary", has_text="Columns").click()
    models.get_by_role("group", name="Columns", exact=True).get_by_text("Revision").click()
    expect(heads.filter(has_text="Revision")).to_be_visible()
    models.reload()
    expect(heads.filter(has_text="Revision")).to_be_visible()
    expect(heads.filter(has_text="Licence")).to_have_count(0)
    revision = models.locator(f"{ROWS} [title]").filter(has_text=re.compile("^[0-9a-f]{8}$")).first
    assert re.fullmatch(r"[0-9a-f]{40,64}", revision.get_attribute("title"))
    models.get_by_role("button", name="Languages", exact=True).click()
    expect(heads.filter(has_text="French")).to_be_visible()


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
def test_the_models_to_compare_stand_inside_the_window(app, page: Page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(app.url)
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


def test_links_out_keep_corpus_method_pooling_and_for_a_comparison_the_languages(app, page: Page):
    view = {"corpus": "bible", "embedding": "last-token@1", "pooling": "max"}
    chosen = {"languages": "fra_Latn,hin_Deva,rus_Cyrl", "family": "Indo-European"}
    asked = "&".join(f"{key}={value}" for key, value in {**view, **chosen}.items())
    page.goto(f"{app.url}/?{asked}&show=swh_Latn&max_parameters=8000000000")
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


def test_the_languages_shown_can_be_averaged_over_with_one_click(models: Page, api):
    for name in ("French", "hin_Deva"):
        pick(models, "Languages to show", name)
        expect(models.get_by_label("Languages to show", exact=True)).to_have_value("")
    heads = models.locator("#page-models thead th").all_inner_texts()
    assert [head.strip() for head in heads[1:4]] == ["Rank", "French", "Hindi"]
    models.get_by_role("button", name="Average over these").click()
    wait_for(models, "French and Hindi")
    assert query(models) == {
        "show": "fra_Latn,hin_Deva",
        "languages": "fra_Latn,hin_Deva",
    }
    answer = api("models", languages="fra_Latn,hin_Deva")
    assert names(models) == [model["name"] for model in answer["models"]]
    second = models.get_by_label("Languages of the average", exact=True)
    expect(second).to_be_hidden()
    models.get_by_role("button", name="Remove Hindi").locator("visible=true").click()
    expect(second).to_be_visible()
    expect(models.get_by_role("button", name="Average over it")).to_be_visible()


def test_a_rank_says_among_which_models_and_sorts_within_them(models: Page, api):
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


def test_the_search_finds_by_organisation_and_id(models: Page, api):
    wanted = [model for model in api("models")["models"] if model["id"].startswith("acme/")]
    assert 0 < len(wanted) < 30
    search = models.get_by_role("searchbox", name="Search models")
    search.fill("acme/")
    expect(models.locator(ROWS)).to_have_count(len(wanted))
    assert names(models) == [model["name"] for model in wanted]
    assert column(models, "Model")[0] == f"acme/{wanted[0]['name']}"
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
    models.locator("h1:visible").click(force=True)
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


def test_the_files_hold_what_the_filters_leave(models: Page, api):
    models.get_by_text("≤ 8 B", exact=True).click()
    wait_for(models, "of 30 models")
    with models.expect_download() as waiting:
        models.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(waiting.value.path().read_text("utf-8-sig"))))
    assert [row["model"] for row in rows] == [
        model["model"] for model in api("models", max_parameters=8 * BILLION)["models"]
    ]


def test_the_chart_draws_every_model_that_has_an_average_and_a_size(models: Page, api):
    models.get_by_role("button", name="Chart").click()
    points = models.locator("#page-models .scatterlayer .point")
    known = [m for m in api("models")["models"] if m["mean"] and m["parameters"]]
    expect(points).to_have_count(len(known))
    expect(models.get_by_role("figure")).to_have_attribute(
        "aria-label", re.compile(f"{len(known)}")
    )
    models.get_by_text("≤ 3 B", exact=True).click()
    small = [m for m in known if m["parameters"] <= 3 * BILLION]
    expect(points).to_have_count(len(small))
    models.reload()
    expect(points).to_have_count(len(small))


def test_the_picker_finds_by_country_and_says_when_it_finds_nothing(models: Page, api):
    there = [
        each["name"]
        for each in api("languages")["languages"]
        if "India" in [country["name"] for country in each["countries"]]
    ]
    assert len(there) > 1
    pick(models, "Languages to show", "India")
    said = models.locator("#page-models .picker .hint").first
    expect(said).to_contain_text(f"{len(there)} languages fit")
    pick(models, "Languages to show", "Klingonish")
    expect(said).to_contain_text("No language is called “Klingonish” here.")
    pick(models, "Languages to show", "fra")
    expect(models.locator(".chips li", has_text="French")).to_be_visible()
    models.get_by_role("button", name="Remove French").press("Enter")
    expect(models.locator(".chips li")).to_have_count(0)
    expect(models.locator("#page-models thead th", has_text="French")).to_have_count(0)


def test_what_is_not_known_is_said_and_left_out(app, page: Page):
    page.goto(
        f"{app.url}/?languages=sw,xyzzy&family=Nonsense&corpus=none&max_parameters=lots&rows=7"
    )
    wait_for(page, "Swahili")
    notes = page.locator("#page-models .notes")
    for text in ("xyzzy", "family=Nonsense", "max_parameters=lots", "the corpus and method"):
        expect(notes).to_contain_text(text)
    assert query(page) == {"languages": "swh_Latn"}
