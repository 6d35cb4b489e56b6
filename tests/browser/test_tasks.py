"""Models by tasks: measured or estimated, marked, with reasons for what is blank."""

import re

from playwright.sync_api import expect

from browser.pages_tools import opened, serious, settled
from browser.reading import line, query, written


def table(page):
    """The rows as {model: {head: text}}, in their order."""
    grid = page.locator(".board.tasks .bt-root")
    heads = [each.replace("\n", " ") for each in grid.locator("thead th").all_inner_texts()]
    rows = [row.locator("td").all_inner_texts() for row in grid.locator("tbody tr").all()]
    return {row[0]: dict(zip(heads, row, strict=True)) for row in rows}


def figures(cell):
    if cell["value"] is None:
        return "–"
    return f"{written(cell['value'])} {written(cell['low'])}–{written(cell['high'])}"


def test_measured_accuracies_are_the_apis_and_none_is_marked(tasks_app, tasks_api, page):
    opened(page, tasks_app, "?page=tasks")
    answer = tasks_api("tasks")
    expect(page.locator(".board.tasks .sentence")).to_contain_text(
        "Measured accuracy, average over 40 core languages"
    )
    shown = table(page)
    assert len(shown) == len(answer["models"]) == 4
    assert not re.search("≈|est\\.", page.locator(".board.tasks .bt-root").inner_text())
    for model in answer["models"]:
        row = shown[model["name"]]
        for task in answer["tasks"]:
            (head,) = [name for name in row if name.startswith(task["label"])]
            assert ("languages" in head) == (task["of"] < 40)
            assert row[head] == figures(model["values"][task["key"]])
            english = model["english"][task["key"]]
            assert row[f"English {task['title']}"] == (figures(english) if english else "–")
    plot = page.locator(".board.tasks .plot")
    expect(plot).to_have_attribute("aria-label", re.compile("measured accuracy of 3 models"))


def test_estimates_are_marked_and_no_column_mixes_them_with_measurements(
    tasks_app, tasks_api, page
):
    opened(page, tasks_app, "?page=tasks")
    page.get_by_text("estimated", exact=True).click()
    expect(page.locator(".board.tasks .sentence")).to_contain_text("Estimates, not measurements")
    answer = tasks_api("tasks", kind="plain")
    shown = table(page)
    for name, row in shown.items():
        for head, text in row.items():
            assert ("≈" in text) == (head.startswith("est.") and text != "–"), (name, head)
    for model in answer["models"]:
        row = shown[model["name"]]
        for task in answer["tasks"]:
            cell = model["values"][task["key"]]
            unsure = cell["value"] is not None and cell["low"] is None
            whole = f"{written(cell['value'])} ±?" if unsure else figures(cell)
            assert row[f"est. {task['label']}"].removeprefix("≈ ") == whole
        if model["published"] and model["published"]["value"]:
            assert row["est. ARC + Belebele"] == f"≈ {written(model['published']['value'])}"
    beside = answer["models"][0]["values"][answer["tasks"][0]["key"]]["measured"]
    assert shown[answer["models"][0]["name"]]["UDHR cloze, measured"] == figures(beside)
    order = sorted(
        (m for m in answer["models"] if m["values"][answer["tasks"][0]["key"]]["value"]),
        key=lambda m: -m["values"][answer["tasks"][0]["key"]]["value"],
    )
    assert list(shown)[: len(order)] == [model["name"] for model in order]
    plot = page.locator(".board.tasks .plot")
    expect(plot).to_have_attribute("aria-label", re.compile("estimated accuracy of 3 models"))
    page.get_by_role("link", name="How far to trust them").click()
    expect(page.get_by_role("heading", name="How far to trust alignment")).to_be_visible()


def test_what_is_blank_says_why(tasks_app, tasks_api, page):
    opened(page, tasks_app, "?page=tasks&kind=corrected")
    answer = tasks_api("tasks", kind="corrected")
    (none,) = [m for m in answer["models"] if not any(m["english"].values())]
    expect(line(page, none["name"]).nth(1)).to_have_attribute("title", "no English score")
    page.get_by_text("Intervals and blanks explained").click()
    reasons = page.locator(".board.tasks .reasons")
    expect(reasons).to_contain_text("Belebele · 5-shot · first 100: blank: no English score")
    expect(reasons).to_contain_text("in languages that this model was measured in")
    expect(reasons).to_contain_text("how far such estimates are off is not known")
    opened(page, tasks_app, "?page=tasks&languages=deu_Latn")
    openly = page.locator(".board.tasks .results .reasons:visible")
    expect(openly).to_contain_text("ARC · 25-shot · first 100: blank: not measured in any")
    expect(page.locator(".sentence").get_by_role("link", name="German")).to_be_visible()


def test_choices_stand_in_the_address_and_come_back_from_it(tasks_app, tasks_api, page):
    opened(page, tasks_app, "?page=tasks")
    page.get_by_role("radio", name="measured").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sentence")).to_contain_text("× alignment")
    page.get_by_label("Layer pooling").select_option("max")
    page.get_by_label("Embedding method", exact=True).select_option(label="last token")
    page.get_by_label("Average over").select_option("all")
    page.get_by_label("Models", exact=True).select_option("500000000")
    arc = tasks_api("tasks")["tasks"][1]
    page.get_by_label("Task drawn").select_option(arc["key"])
    # The columns are made anew with the last answer; a click before that is lost.
    settled(page)
    page.get_by_role("columnheader", name="est. ARC ·").click()
    asked = {
        "kind": "corrected",
        "embedding": "last-token@1",
        "pooling": "max",
        "languages": "all",
        "max_parameters": "500000000",
    }
    page.wait_for_function("location.search.includes('sort=')")
    assert query(page) == {"page": "tasks", **asked, "task": arc["key"], "sort": f"-{arc['key']}"}
    before = table(page)
    answer = tasks_api("tasks", **asked)
    assert {model["name"] for model in answer["models"]} == set(before)
    opened(page, tasks_app, page.url.removeprefix(f"{tasks_app.url}/"))
    assert table(page) == before
    expect(page.get_by_label("Task drawn")).to_have_value(arc["key"])
    expect(page.get_by_role("radio", name="estimated, corrected")).to_be_checked()
    opened(page, tasks_app, "?page=tasks&kind=guessed&task=nothing&languages=klingonish,fra_Latn")
    for said in ("kind=guessed", "the task “nothing”", "the language “klingonish”"):
        expect(page.locator(".board.tasks .notes")).to_contain_text(said)
    assert query(page) == {"page": "tasks", "languages": "fra_Latn"}


def test_axe_finds_nothing_serious(tasks_app, page):
    opened(page, tasks_app, "?page=tasks&kind=plain&languages=fra_Latn")
    page.get_by_text("Intervals and blanks explained").click()
    for dark in (False, True):
        assert serious(page, dark) == [], "dark" if dark else "light"


def test_a_board_without_tasks_says_how_they_come(models_app, page):
    for name in ("tasks", "trust"):
        opened(page, models_app, f"?page={name}")
        said = page.locator(f".board.{name} .message")
        expect(said).to_contain_text("No task is measured on this board yet")
        expect(said.get_by_role("link", name="Submit a model")).to_be_visible()
