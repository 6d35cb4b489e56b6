from __future__ import annotations

import gradio as gr
import pytest
from playwright.sync_api import Locator, Page, expect

from leaderboard import assets
from leaderboard.table import Column, href, table, update

SCRIPT = "<script>window.pwned = 1</script>"
IMAGE = '<img src="/nowhere" onerror="window.pwned = 1"> & co'
COLUMNS = [
    Column("model", "Model", "link"),
    Column("weights", "Weights", tooltip="What the file holds"),
    Column("score", "Score", "number", heat=True, heat_range=(0, 1)),
    *(Column(f"x{i}", f"A longer heading {i}", "number") for i in range(9)),
]
SCORES = [0.3, None, 0.9, {"value": 0.1, "low": 0.08, "high": 0.15}, None, 0.0]
HOSTILE = [
    Column("model", f"Model {SCRIPT}", "link", tooltip=IMAGE),
    Column("weights", IMAGE),
    Column("score", "Score", "number"),
]


def models(count: int, tag: str = "") -> list[dict[str, object]]:
    return [
        {
            "model": {"text": f"org/m{i}{tag}", "href": href("/model", id=f"org/m{i}&a=<b>")},
            "weights": "Q4_1" if i % 2 else "bfloat16",
            "score": SCORES[i] if count == len(SCORES) else (i * 37 % count) / count,
            **{f"x{j}": i / 7 for j in range(9)},
        }
        for i in range(count)
    ]


def app() -> gr.Blocks:
    chance = {"value": 0.01, "at_chance": True, "title": "at or below the chance floor"}
    hostile = [
        {"model": SCRIPT, "weights": IMAGE, "score": chance},
        {"model": {"text": IMAGE, "title": SCRIPT}, "weights": SCRIPT, "score": 1234.5},
    ]
    with gr.Blocks() as demo:
        small = table(COLUMNS, models(6), elem_id="small", noun="models", caption="Six models")
        large = table(COLUMNS, models(300), elem_id="large", noun="models", sort=("score", "desc"))
        table(HOSTILE, hostile, elem_id="hostile", noun=SCRIPT, caption=IMAGE)
        empty = table(COLUMNS, elem_id="empty", noun="models")
        answers = {
            "more": (lambda: update(COLUMNS, models(6, "!"), noun="models"), small),
            "fewer": (lambda: update(COLUMNS[:4], models(6, "?"), noun="models"), small),
            "without": (lambda: update(COLUMNS[:2], models(6), noun="models"), small),
            "new": (
                lambda: update(COLUMNS, models(300, "!"), noun="models", sort=("score", "asc")),
                large,
            ),
            "fill": (lambda: update(COLUMNS, models(6), noun="models"), empty),
        }
        for name, (answer, output) in answers.items():
            gr.Button(name, elem_id=name).click(answer, outputs=output, api_visibility="private")
    return demo


@pytest.fixture(scope="module")
def url(serve):
    return serve(app(), app_kwargs={"routes": assets.routes()})


@pytest.fixture
def board(page: Page, url: str) -> Page:
    page.goto(url)
    page.wait_for_selector("#large tbody td")
    return page


def column(page: Page, number: int, name: str = "small") -> Locator:
    return page.locator(f"#{name} tbody td:nth-child({number})")


def header(page: Page, text: str, name: str = "small") -> Locator:
    return page.locator(f"#{name} thead th").filter(has_text=text)


def test_click_sorts_reverses_and_leaves_blanks_last(board: Page):
    expect(column(board, 3)).to_have_text(["0.30", "–", "0.90", "0.10 0.08–0.15", "–", "0.00"])
    header(board, "Score").click()
    expect(column(board, 3)).to_have_text(["0.90", "0.30", "0.10 0.08–0.15", "0.00", "–", "–"])
    expect(header(board, "Score")).to_have_attribute("aria-sort", "descending")
    # Ties, here the blanks, stay in the order that they were given in, both ways.
    expect(column(board, 1)).to_have_text([f"org/m{i}" for i in (2, 0, 3, 5, 1, 4)])
    header(board, "Score").click()
    expect(column(board, 1)).to_have_text([f"org/m{i}" for i in (5, 3, 0, 2, 1, 4)])
    expect(column(board, 3)).to_have_text(["0.00", "0.10 0.08–0.15", "0.30", "0.90", "–", "–"])
    expect(header(board, "Score")).to_have_attribute("aria-sort", "ascending")
    header(board, "Score").click()
    expect(column(board, 3).first).to_have_text("0.90")


def test_text_sorts_as_people_count(board: Page):
    header(board, "Model", "large").click()
    for i in range(3):
        expect(column(board, 1, "large").nth(i)).to_have_text(f"org/m{i}")


def test_first_column_and_header_stay_while_scrolled(board: Page):
    scroller = board.locator("#large .bt-scroll")
    cell, head = board.locator("#large tbody td").first, header(board, "Model", "large")
    second = header(board, "Weights", "large")
    x, y, second_x = cell.bounding_box()["x"], head.bounding_box()["y"], second.bounding_box()["x"]
    scroller.evaluate("(e) => e.scrollTo(150, 300)")
    assert scroller.evaluate("(e) => [e.scrollLeft, e.scrollTop]") == [150, 300]
    assert cell.bounding_box()["x"] == pytest.approx(x, abs=1)
    assert head.bounding_box()["y"] == pytest.approx(y, abs=1)
    assert second.bounding_box()["x"] == pytest.approx(second_x - 150, abs=1)
    covers = "([x, y]) => document.elementFromPoint(x + 5, y + 5).closest('th')?.innerText"
    assert board.evaluate(covers, [x, y]).strip() == "Model"


def test_keyboard_alone(board: Page):
    board.focus("#small input[type=search]")
    press = board.keyboard.press
    press("Tab")
    focused = "document.activeElement.getAttribute('role')"
    assert board.evaluate(focused) == "region"
    for _ in range(3):
        press("Tab")
    press("Enter")
    expect(header(board, "Score")).to_have_attribute("aria-sort", "descending")
    expect(column(board, 3).first).to_have_text("0.90")
    press("Enter")
    expect(column(board, 3).first).to_have_text("0.00")
    press("Shift+Tab")
    press("Shift+Tab")
    press("Shift+Tab")
    press("Shift+Tab")
    board.keyboard.type("m4")
    expect(column(board, 1)).to_have_text(["org/m4"])
    large = board.locator("#large")
    large.get_by_role("link", name="Next").focus()
    press("Enter")
    expect(large.locator(".dt-info")).to_contain_text("51–100 of 300 models")


def test_arrow_keys_scroll(board: Page):
    scroller = board.locator("#large .bt-scroll")
    # A page that is still being put together may take the focus away.
    for _ in range(20):
        scroller.press("ArrowRight")
        scroller.press("ArrowDown")
        if moved := scroller.evaluate("(e) => e.scrollLeft > 0 && e.scrollTop > 0"):
            break
        board.wait_for_timeout(300)
    assert moved


def test_search(board: Page):
    board.fill("#large input[type=search]", "m29 bfloat16")
    info = board.locator("#large .dt-info")
    expect(info).to_contain_text("1–5 of 5 models (of 300)")
    expect(column(board, 1, "large")).to_have_text([f"org/m{i}" for i in (290, 298, 296, 294, 292)])
    board.fill("#large input[type=search]", "nothing like it")
    expect(board.locator("#large .dt-empty")).to_have_text("No models match the search")


def test_update_keeps_order_search_page_length_and_place(board: Page):
    header(board, "Score").click()
    header(board, "Score").click()
    board.fill("#small input[type=search]", "bfloat16")
    board.locator("#small .bt-scroll").evaluate("(e) => (e.scrollLeft = 120)")
    board.click("#more")
    expect(board.locator("#small tbody td").first).to_have_text("org/m0!")
    expect(column(board, 1)).to_have_text(["org/m0!", "org/m2!", "org/m4!"])
    expect(column(board, 3)).to_have_text(["0.30", "0.90", "–"])
    expect(board.locator("#small input[type=search]")).to_have_value("bfloat16")
    assert board.locator("#small .bt-scroll").evaluate("(e) => e.scrollLeft") == 120

    large = board.locator("#large")
    large.locator("select").select_option("25")
    header(board, "Model", "large").click()
    large.get_by_role("link", name="3", exact=True).click()
    board.click("#new")
    expect(large.locator("tbody td").first).to_have_text("org/m50!")
    expect(large.locator(".dt-info")).to_have_text("51–75 of 300 models")


def test_update_takes_the_senders_order_until_the_reader_chose(board: Page):
    expect(header(board, "Score", "large")).to_have_attribute("aria-sort", "descending")
    board.click("#new")
    expect(header(board, "Score", "large")).to_have_attribute("aria-sort", "ascending")


def test_update_of_the_columns_keeps_order_and_search(board: Page):
    header(board, "Score").click()
    board.fill("#small input[type=search]", "Q4_1")
    board.click("#fewer")
    expect(board.locator("#small tbody td").first).to_have_text("org/m3?")
    expect(board.locator("#small thead th")).to_have_count(4)
    expect(column(board, 1)).to_have_text(["org/m3?", "org/m5?", "org/m1?"])
    board.click("#without")
    expect(board.locator("#small thead th")).to_have_count(2)
    expect(column(board, 1)).to_have_text(["org/m1", "org/m3", "org/m5"])
    board.fill("#small input[type=search]", "")
    expect(board.locator("#small tbody tr")).to_have_count(6)
    board.click("#fewer")
    header(board, "Score").click()
    expect(column(board, 3).first).to_have_text("0.90")


def test_an_empty_table_says_so_and_fills(board: Page):
    expect(board.locator("#empty .dt-empty")).to_have_text("No models yet")
    board.click("#fill")
    expect(board.locator("#empty tbody td").first).to_have_text("org/m0")


def test_markup_shows_as_text(board: Page):
    hostile = board.locator("#hostile")
    expect(column(board, 1, "hostile")).to_have_text([SCRIPT, IMAGE])
    expect(column(board, 2, "hostile")).to_have_text([IMAGE, SCRIPT])
    expect(hostile.locator(".bt-caption")).to_have_text(IMAGE)
    heads = hostile.locator(".dt-column-title").all_inner_texts()
    assert heads[:2] == [f"Model {SCRIPT}", IMAGE]
    search = hostile.locator("input[type=search]")
    for text, left in (("& co", 2), ("nowhere", 2), ("<script", 2), ("1234.5", 1), ("&amp;", 0)):
        search.fill(text)
        expect(hostile.locator("tbody tr:has(td:nth-child(2))")).to_have_count(left)
    search.fill("")
    hostile.locator("th").first.click()
    board.wait_for_timeout(300)
    assert hostile.locator("img, script").count() == 0
    assert board.evaluate("window.pwned") is None


def test_links_and_notes(board: Page):
    link = board.locator("#small tbody a").first
    assert link.get_attribute("href") == "/model?id=org/m0%26a%3D%3Cb%3E"
    chance = board.locator("#hostile td.bt-chance")
    assert chance.get_attribute("title") == "at or below the chance floor"
    assert header(board, "Weights").get_attribute("title") == "What the file holds"
    expect(column(board, 3, "hostile")).to_have_text(["0.01", "1,234.50"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_narrow_page_does_not_overflow(page: Page, url: str, theme: str):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{url}/?__theme={theme}")
    page.wait_for_selector("#large tbody td")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#large tbody td").first.bounding_box()["width"] <= 390 * 0.45
    ground = "getComputedStyle(document.querySelector('#large tbody td')).backgroundColor"
    red = int(page.evaluate(ground).split("(")[1].split(",")[0])
    assert red > 200 if theme == "light" else red < 60
