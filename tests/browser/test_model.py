"""One model's profile: layers, languages, segments, where its numbers are from."""

import re
from statistics import fmean

import pytest
from playwright.sync_api import expect

from browser.reading import line, query, written
from browser.records import GEMMA, SMOLLM, hits, key, record, whole
from results.language_sets import CORE


@pytest.fixture(scope="module")
def app(shipped_app):
    return shipped_app


def test_facts_scores_and_curves_are_those_of_the_record(app, page):
    page.goto(f"{app.url}/?page=model&model={GEMMA}&show=fra_Latn,swh_Latn")
    expect(page.get_by_role("heading", name="Gemma 3 270M")).to_be_visible()
    expect(page).to_have_title("Gemma 3 270M · MEXA leaderboard")
    path, whole_record = whole(GEMMA)
    above = sum(
        score.values["mean"].value > score.values["mean"].chance
        for score in whole_record.scores
        if score.language != "eng_Latn"
    )
    counted = len(whole_record.scores) - ("eng_Latn" in whole_record.languages())
    expect(page.locator(".board.model .lead")).to_contain_text(f"{above} of the {counted}")
    facts = page.locator(".board.model .facts")
    model = facts.filter(has_text="Revision")
    expect(model).to_contain_text(whole_record.model.revision)
    expect(model).to_contain_text("268,098,176 parameters")
    expect(facts.last).to_contain_text(path.name)
    for run in whole_record.runs:
        expect(facts.last).to_contain_text(run.started.strftime("%Y-%m-%d %H:%M"))
    page.get_by_label("Search languages").fill("swahili")
    swahili = record(GEMMA, "swh_Latn")
    mean, largest = swahili.values["mean"], swahili.values["max"]
    cells = line(page, "Swahili").all_inner_texts()
    assert cells[2].split() == [f"{mean.value:.3f}", f"{mean.low:.3f}–{mean.high:.3f}"]
    assert cells[3].split() == [f"{largest.value:.3f}", f"{largest.low:.3f}–{largest.high:.3f}"]
    assert cells[6] == f"{swahili.tokens:,}"
    french = record(GEMMA, "fra_Latn").layers
    said = f"French peaks at {max(french):.3f} in layer {french.index(max(french))}"
    expect(page.locator(".plot").first).to_have_attribute("aria-label", re.compile(re.escape(said)))
    heat = page.get_by_role("figure", name=f"Alignment of {counted} languages in every layer")
    expect(heat).to_be_visible()
    others = page.get_by_role("region", name="Models to compare with")
    beside = others.get_by_role("row").filter(has=page.get_by_role("link", name="compare"))
    expect(beside).to_contain_text(re.compile(r"▼ 0\.0\d{2} worse, 0\.0\d{2} to 0\.\d{3}; clear"))


def base_model(route):
    """The same answer, where the other model of its size is its base model."""
    answer = route.fetch().json()
    for other in answer["like"]:
        other["relation"] = "base model"
    route.fulfill(json=answer)


def test_the_page_begins_with_the_average_and_the_base_model(app, page):
    page.route("**/api/v1/scores*", base_model)
    page.goto(f"{app.url}/?page=model&model={GEMMA}")
    core = [record(GEMMA, code).values["mean"] for code in CORE]
    above = sum(mean.value > mean.chance for mean in core)
    short = page.locator(".board.model .in-short")
    average = fmean(mean.value for mean in core)
    expect(short).to_contain_text(
        re.compile(rf"Average {average:.3f} \(0\.\d{{3}} to 0\.\d{{3}}\)")
    )
    expect(short).to_contain_text(f"over the 40 core languages, above chance in {above} of 40")
    other = fmean(record(SMOLLM, code).values["mean"].value for code in CORE)
    expect(short).to_contain_text(f"base model SmolLM2-135M-Instruct: {average - other:.3f} worse")
    headings = page.locator(".board.model h2").all_inner_texts()
    assert headings[0] == "Beside others"
    assert headings[-2:] == ["What it is", "How it was measured"]
    page.unroute_all(behavior="wait")


def without_smollm(route):
    """The same answer without one of its models."""
    answer = route.fetch().json()
    answer["models"] = [model for model in answer["models"] if model["model"] != key(SMOLLM)]
    route.fulfill(json=answer)


def test_a_model_that_the_view_does_not_have_links_to_its_own_views(app, page):
    page.route("**/api/v1/models", without_smollm)
    page.goto(f"{app.url}/?page=model&model={key(SMOLLM)}")
    said = page.locator(".board.model .absent")
    expect(said).to_contain_text("is not measured in this view")
    expect(page.locator("[role=alert]:visible")).to_have_count(0)
    said.get_by_role("link", name="segments · last token").click()
    expect(page.get_by_role("heading", name="SmolLM2-135M-Instruct")).to_be_visible()
    expect(said).to_have_count(0)
    expect(line(page, "French").first).to_be_visible()
    assert query(page)["embedding"] == "last-token@1"
    page.unroute_all(behavior="wait")


def test_segments_stand_side_by_side_only_where_their_text_is_here(app, page):
    page.goto(f"{app.url}/?page=model&model={GEMMA}&language=arb_Arab&segments=best")
    bits = hits(GEMMA).unpack("arb_Arab")
    counts = bits.sum(axis=0)
    largest = bits.sum(axis=1).argmax()
    best, some = int(bits[largest].sum()), int((counts > 0).sum())
    expect(page.locator(".board.model section .sentence").last).to_contain_text(
        f"{best} of 50 segments of Modern Standard Arabic align at the best layer, {some} at some"
    )
    first = page.locator("table.segments tbody tr").first
    number = int(first.locator("td").first.inner_text())
    assert counts[number - 1] == counts.max()
    share = round(100 * counts.max() / len(bits))
    expect(first.locator(".share")).to_contain_text(f"{share} %")
    expect(first.locator(".words").first).to_have_text(f"<b>Sentence</b> {number}")
    arabic = first.locator(".words").last
    expect(arabic).to_have_text(f"جملة {number}")
    assert arabic.evaluate("node => getComputedStyle(node).direction") == "rtl"
    field = page.get_by_role("combobox", name="Language of the segments")
    field.fill("hau_Latn")
    field.press("Enter")
    expect(page.get_by_text("this machine does not have it")).to_be_visible()
    expect(page.locator("table.segments .words")).to_have_count(0)
    assert query(page)["language"] == "hau_Latn"


def test_choices_stand_in_the_address_and_come_back_from_it(app, page):
    page.goto(f"{app.url}/?page=model")
    expect(page.get_by_role("heading", name="Gemma 3 270M")).to_be_visible()
    assert query(page) == {"page": "model", "model": key(GEMMA)}
    page.get_by_label("Model", exact=True).select_option(key(SMOLLM))
    expect(page.get_by_role("heading", name="SmolLM2-135M-Instruct")).to_be_visible()
    page.locator(".board.model .choice").get_by_text("max", exact=True).click()
    page.get_by_label("Rows of the heatmap").select_option("family")
    page.get_by_role("button", name="Remove Hindi").click()
    page.get_by_label("Method or score", exact=True).select_option(label="last token")
    largest = record(SMOLLM, "fra_Latn", "last-token@1").values["max"]
    expect(line(page, "French").nth(2)).to_have_text(
        f"{largest.value:.3f} {largest.low:.3f}–{largest.high:.3f}"
    )
    shown = "swh_Latn,fra_Latn,arb_Arab,cmn_Hans,rus_Cyrl,ind_Latn,tur_Latn"
    assert query(page) == {
        "page": "model",
        "model": key(SMOLLM),
        "pooling": "max",
        "heat": "family",
        "show": shown,
        "corpus": "udhr",
        "embedding": "last-token@1",
    }
    plots = [each.get_attribute("aria-label") for each in page.locator(".plot").all()]
    page.goto(page.url)
    for plot, said in zip(page.locator(".plot").all(), plots, strict=False):
        expect(plot).to_have_attribute("aria-label", said)
    expect(page.get_by_label("Rows of the heatmap")).to_have_value("family")
    expect(page.get_by_label("Method or score", exact=True)).to_have_value(
        re.compile("^last-token@1")
    )
    page.go_back()
    expect(page.get_by_role("heading", name="Gemma 3 270M")).to_be_visible()


def test_a_failed_answer_can_be_asked_again(app, browser):
    context = browser.new_context()
    page = context.new_page()
    page.route("**/api/v1/scores*", lambda route: route.fulfill(status=503, body="{}"))
    page.goto(f"{app.url}/?page=model&model={GEMMA}&q=zulu")
    alert = page.locator(".board.model [role=alert]")
    expect(alert).to_contain_text("503")
    page.unroute("**/api/v1/scores*")
    alert.get_by_role("button", name="Retry").click()
    expect(line(page, "Zulu").first).to_be_visible()
    expect(page.get_by_label("Search languages")).to_have_value("zulu")
    expect(alert).to_have_count(0)
    page.goto(f"{app.url}/?page=model&model=nobody/nothing")
    expect(page.locator(".board.model h2")).to_have_count(0)
    said = page.locator(".board.model .absent")
    expect(said).to_contain_text("The board has no model nobody/nothing")
    expect(page.get_by_label("Model", exact=True).locator("option:checked")).to_have_text(
        "choose a model …"
    )
    expect(alert).to_have_count(0)
    said.get_by_role("link", name="Submit it").click()
    expect(page.get_by_role("heading", name="Submit a model")).to_be_visible()
    context.close()


def test_tasks_and_similar_models_are_the_apis(tasks_app, tasks_api, page):
    answer = tasks_api("tasks", languages="all")
    whole = next(m for m in answer["models"] if all(m["english"].values()))
    page.goto(f"{tasks_app.url}/?page=model&model={whole['model']}")
    rows = page.get_by_role("region", name="Measured tasks").locator("tbody tr")
    expect(rows).to_have_count(3)
    for task, row in zip(answer["tasks"], rows.all(), strict=True):
        cell, english = whole["values"][task["key"]], whole["english"][task["key"]]
        expect(row).to_contain_text(
            f"{written(cell['value'])} ({written(cell['low'])} to {written(cell['high'])})"
        )
        expect(row).to_contain_text(f"over {cell['of']} languages")
        expect(row).to_contain_text(f"{written(english['value'])} (")
    similar = tasks_api("scores", model=whole["model"], layers=1)["similar"]
    near = page.get_by_role("region", name="Similar models").locator("tbody tr")
    expect(near).to_have_count(len(similar))
    for other, row in zip(similar, near.all(), strict=True):
        expect(row).to_contain_text(f"{written(other['distance'])}")
        expect(row).to_contain_text(f"{other['shared']} languages")
    rows.first.get_by_role("link", name="against alignment").click()
    expect(page.get_by_label("Draw", exact=True)).to_have_value(whole["model"])
    none = {m["model"] for m in tasks_api("models")["models"]} - {
        m["model"] for m in answer["models"]
    }
    page.goto(f"{tasks_app.url}/?page=model&model={none.pop()}")
    expect(page.get_by_text("No task was measured with this model")).to_be_visible()
