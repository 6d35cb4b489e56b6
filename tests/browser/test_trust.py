"""How far alignment predicted measured tasks: said in words, and the numbers behind them."""

import re

from playwright.sync_api import expect

from browser.pages_tools import opened, serious
from browser.reading import query, written


def said(number):
    value, low, high = (written(number[part], 2) for part in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def points(page):
    """Rows of the table of languages, by language and model."""
    page.locator(".board.trust .bt-root select").select_option("-1")
    rows = page.locator(".board.trust .bt-root tbody tr")
    found = rows.evaluate_all("rows => rows.map((row) => [...row.cells].map((c) => c.innerText))")
    return {(row[0], row[1]): row for row in found}


def shown_method(answer, **wanted):
    chosen = {"view": answer["view"]["view"], "pooling": answer["pooling"], **wanted}
    return next(
        each
        for each in answer["methods"]
        if (each["view"]["view"], each["pooling"]) == (chosen["view"], chosen["pooling"])
    )


def test_the_verdict_comes_first_and_hides_nothing(tasks_app, tasks_api, page):
    opened(page, tasks_app, "?page=trust")
    answer = tasks_api("trust")
    text = page.locator(".board.trust .verdicts").inner_text()
    method = shown_method(answer)
    for model in method["models"]:
        whole = f"{model['name']}: {answer['verdicts'][model['verdict']]}: Pearson"
        assert f"{whole} {said(model['pearson'])} over {model['n']} languages" in text
        mae = model["forms"]["plain"]["mae"], model["forms"]["corrected"]["mae"], model["constant"]
        off = "by {} on average.* by {};.* by {}".format(*map(written, mae))
        assert re.search(off, text)
    assert "0.90 on average" in text and f"Here it is {written(method['mean_pearson'], 2)}" in text
    caveats = page.locator(".board.trust .results > div > ul.reasons")
    for words in ("The same document", "no evidence for question answering", "too narrow"):
        expect(caveats).to_contain_text(words)
    best = page.locator("#trust-methods + .sentence")
    gap = answer["best"]["gap"]
    expect(best).to_contain_text("Best here: udhr · 29 segments")
    ahead = "not clearly ahead" if gap["low"] <= 0 else ", clearly ahead"
    expect(best).to_contain_text(ahead)
    rows = page.locator("table.methods tbody").first.locator("tr")
    for at, model in enumerate(answer["methods"][0]["models"]):
        cells = rows.nth(1 + at).locator("th, td").all_inner_texts()
        form = model["forms"]["corrected"]
        assert cells[:4] == [
            model["name"],
            str(model["n"]),
            said(model["pearson"]),
            said(model["spearman"]),
        ]
        assert cells[5] == f"{written(form['mae'])}"
        assert cells[-3] == f"{form['held']}; {form['held_family']} of {form['of']}"
    expect(rows.last).to_contain_text("all models together")
    expect(rows.last).to_contain_text("differences between models count here too")


def test_a_method_shows_its_points_and_stands_in_the_address(tasks_app, tasks_api, page):
    opened(page, tasks_app, "?page=trust")
    usual = tasks_api("trust")
    other = next(each for each in usual["methods"] if each["view"]["view"] != usual["view"]["view"])
    asked = {"view": other["view"]["view"], "pooling": "max"}
    bodies = page.locator("table.methods tbody")
    bodies.filter(has_text=f"{other['view']['label']}, max").get_by_role("button").press("Enter")
    expect(page.locator("#trust-languages + p")).to_contain_text("last token, max over layers")
    assert query(page) == {"page": "trust", **asked}
    answer = tasks_api("trust", **asked)
    rows = points(page)
    assert len(rows) == len(answer["points"])
    for point in answer["points"]:
        row = rows[point["name"], point["model_name"]]
        plain, corrected = point["plain"], point["corrected"]
        assert row[2:4] == [f"{written(point['alignment'])}", f"{written(point['accuracy'])}"]
        value, low, high = (written(plain[part]) for part in ("value", "low", "high"))
        assert row[4] == f"≈ {value} {low}–{high}"
        inside = corrected["low"] <= point["accuracy"] <= corrected["high"]
        assert (row[7] == "yes") == inside
        assert ("outlier" in row[8]) == point["outlier"]
    far = [point for point in answer["points"] if point["outlier"]]
    plot = page.locator(".board.trust .plot")
    expect(plot).to_have_attribute("aria-label", re.compile(f"{len(far)} outliers"))
    first = max(far, key=lambda point: abs(point["residual"]))
    named = page.locator(".board.trust .sentence", has_text="standard deviations")
    expect(named.get_by_role("link", name=first["name"], exact=True).first).to_be_visible()
    model = answer["points"][-1]
    page.get_by_label("Draw", exact=True).select_option(model["model"])
    expect(plot).to_have_attribute("aria-label", re.compile("of 1 model"))
    opened(page, tasks_app, page.url.removeprefix(f"{tasks_app.url}/"))
    expect(page.get_by_label("Draw", exact=True)).to_have_value(model["model"])
    expect(page.locator("#trust-languages + p")).to_contain_text("last token, max over layers")
    drawn = page.locator(".board.trust .plot .points path").first
    drawn.scroll_into_view_if_needed()
    box = drawn.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile("page=languages&language="))


def test_too_few_languages_and_nonsense_are_said(tasks_app, page):
    opened(page, tasks_app, "?page=trust&task=arc")
    expect(page.locator(".board.trust .verdict")).to_contain_text("cannot be judged for all 3")
    expect(page.locator(".board.trust .verdicts")).to_contain_text("too few measured languages")
    expect(page.locator(".board.trust")).not_to_contain_text("The same document")
    expect(page.get_by_label("Task", exact=True)).to_contain_text("ARC")
    opened(page, tasks_app, "?page=trust&task=moon&view=nothing&pooling=median&model=nobody")
    for words in ("the task “moon”", "the method nothing", "pooling=median", "the model “nobody”"):
        expect(page.locator(".board.trust .notes")).to_contain_text(words)
    assert query(page) == {"page": "trust"}


def test_axe_finds_nothing_serious_and_a_phone_shows_all(tasks_app, page):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, tasks_app, "?page=trust")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for dark in (False, True):
        assert serious(page, dark) == [], "dark" if dark else "light"
