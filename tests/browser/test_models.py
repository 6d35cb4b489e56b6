"""The Models page as somebody who needs a model for Swahili uses it; numbers as in the API."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from browser.models_page import BILLION, ROWS, column, names, pick, rank_texts, rounded, wait_for
from browser.reading import query


def test_the_table_says_what_the_api_says(models: Page, models_api):
    answer = models_api("models")
    assert names(models) == [model["name"] for model in answer["models"]]
    assert column(models, "Rank") == rank_texts(answer)
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


def test_from_a_language_to_a_small_model(models: Page, models_api):
    field = models.get_by_label("Languages to show", exact=True)
    field.focus()
    expect(models.locator("datalist option").first).to_be_attached()
    pick(models, "Languages to show", "kiswahili")
    expect(models.locator("#page-models thead th", has_text="Swahili")).to_be_visible()
    expect(models.locator(".chips li", has_text="Swahili")).to_be_visible()
    asked: list[str] = []
    models.on("request", lambda request: asked.append(request.url))
    models.get_by_text("≤ 3 B", exact=True).click()
    answer = models_api("models", show="swh_Latn", max_parameters=3 * BILLION)
    wait_for(models, f"{len(answer['models'])} of 30 models (the filters leave out")
    assert 0 < len(answer["models"]) < 30
    assert not [url for url in asked if "/models" in url]  # a filter is no request
    assert column(models, "Rank") == rank_texts(answer)
    scores = [model["shown"]["swh_Latn"] for model in answer["models"]]
    said = [rounded(score["value"], 3) if score else "–" for score in scores]
    assert [text.split()[0] for text in column(models, "Swahili")] == said
    low, high = (rounded(scores[0][end], 3) for end in ("low", "high"))
    assert column(models, "Swahili")[0] == f"{said[0]} {low}–{high}"
    models.locator("#page-models thead th", has_text="Swahili").click()
    expect(models).to_have_url(re.compile("sort=-swh_Latn"))
    best = [0.0 if text == "–" else float(text.split()[0]) for text in column(models, "Swahili")]
    above = best[: sum(bool(score) and not score["at_chance"] for score in scores)]
    assert above == sorted(above, reverse=True)
    models.reload()
    wait_for(models, f"{len(answer['models'])} of 30 models")
    expect(models.locator("th[aria-sort=descending]")).to_contain_text("Swahili")
    name = names(models)[0]
    models.get_by_role("link", name=name, exact=True).click()
    key = parse_qs(urlsplit(models.url).query)["model"][0]
    assert next(m["name"] for m in answer["models"] if m["model"] == key) == name


def test_averages_and_ranks_follow_the_chosen_languages_and_pooling(models: Page, models_api):
    models.get_by_label("Average over").select_option("own")
    field = models.get_by_label("Languages of the average", exact=True)
    for name in ("French", "hin_Deva"):
        pick(models, "Languages of the average", name)
        expect(field).to_have_value("")
    models.locator("summary", has_text="More filters").click()
    models.get_by_role("group", name="Layer pooling").get_by_text("max", exact=True).click()
    wait_for(models, "max over layers")
    expect(models.locator("summary", has_text="More filters")).to_contain_text("(1 in use)")
    answer = models_api("models", languages="fra_Latn,hin_Deva", pooling="max")
    assert names(models) == [model["name"] for model in answer["models"]]
    assert column(models, "Rank") == rank_texts(answer)
    models.get_by_label("Rank models").select_option("across all")
    wait_for(models, "across all weights")
    across = models_api("models", languages="fra_Latn,hin_Deva", pooling="max", ranked="all")
    assert column(models, "Rank") == rank_texts(across)
    models.get_by_role("button", name="Reset").click()
    wait_for(models, "mean over layers")
    assert query(models) == {"languages": "fra_Latn,hin_Deva"}


def test_filters_combine_and_say_what_they_leave_out(models: Page, models_api):
    everything = models_api("models")["models"]
    models.locator("summary", has_text="More filters").click()
    weights = everything[0]["weights"]
    models.get_by_role("group", name="Weights").get_by_text(f"{weights} (").click()
    models.get_by_role("group", name="Kind").get_by_text("decoder (").click()
    left = models_api("models", weights=weights, kind="decoder")["models"]
    wait_for(models, f"{len(left)} of 30 models")
    assert names(models) == [model["name"] for model in left]
    models.get_by_label("Size to (B)").fill("0.00001")
    models.get_by_label("Size to (B)").press("Tab")
    expect(models.locator("#page-models .dt-empty")).to_have_text("No model passes the filters")
    wait_for(models, "0 of 30 models")


def test_another_corpus_is_one_request(models: Page, models_api):
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
    view = next(each for each in models_api("board")["views"] if each["corpus"] == corpus)
    answer = models_api("models", corpus=corpus, embedding=view["embedding"])
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


def test_the_files_hold_what_the_filters_leave(models: Page, models_api):
    models.get_by_text("≤ 8 B", exact=True).click()
    wait_for(models, "of 30 models")
    with models.expect_download() as waiting:
        models.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(waiting.value.path().read_text("utf-8-sig"))))
    assert [row["model"] for row in rows] == [
        model["model"] for model in models_api("models", max_parameters=8 * BILLION)["models"]
    ]


def test_the_chart_draws_every_model_that_has_an_average_and_a_size(models: Page, models_api):
    models.get_by_role("button", name="Chart").click()
    points = models.locator("#page-models .scatterlayer .point")
    known = [m for m in models_api("models")["models"] if m["mean"] and m["parameters"]]
    expect(points).to_have_count(len(known))
    expect(models.get_by_role("figure")).to_have_attribute(
        "aria-label", re.compile(f"{len(known)}")
    )
    models.get_by_text("≤ 3 B", exact=True).click()
    small = [m for m in known if m["parameters"] <= 3 * BILLION]
    expect(points).to_have_count(len(small))
    models.reload()
    expect(points).to_have_count(len(small))


def test_the_picker_finds_by_country_and_says_when_it_finds_nothing(models: Page, models_api):
    there = [
        each["name"]
        for each in models_api("languages")["languages"]
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


def test_what_is_not_known_is_said_and_left_out(models_app, page: Page):
    page.goto(
        f"{models_app.url}/?languages=sw,xyzzy&family=Nonsense&corpus=none&max_parameters=lots&rows=7"
    )
    wait_for(page, "Swahili")
    notes = page.locator("#page-models .notes")
    for text in ("xyzzy", "family=Nonsense", "max_parameters=lots", "the corpus and method"):
        expect(notes).to_contain_text(text)
    assert query(page) == {"languages": "swh_Latn"}
