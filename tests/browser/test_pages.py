"""What holds for every page: reachable, readable by machines, safe from what strangers wrote."""

import json
import re
import time
from urllib.parse import quote

import httpx
import psutil
import pytest
from playwright.sync_api import expect

from benchmarks import made_up
from browser import task_records
from browser.board_app import WITHOUT_RECORDS, App
from browser.pages_tools import PAGES, opened, query_of, serious, visited
from results.repo import Repo

NAMED = "compare|tasks|trust"
EVIL = "<img src=x onerror=window.hacked=1><a href='https://evil.example'>press</a>"


@pytest.fixture(scope="module")
def app(models_app):
    return models_app


@pytest.fixture(scope="module")
def names(models_api):
    return [each["model"] for each in models_api("models")["models"]]


def test_a_board_that_nobody_visits_leaves_the_processor_alone(app):
    process = psutil.Process(app.process.pid)

    def busy() -> float:
        return sum(process.cpu_times()[:2])

    def share() -> float:
        begun = busy()
        time.sleep(1)
        return busy() - begun

    # What it does at its start, and what the last visitor left it to do, may take some seconds.
    assert any(share() < 0.03 for _ in range(12))


@pytest.mark.parametrize("name", [*PAGES, "language"])
def test_a_page_fits_a_phone_fetches_nothing_from_elsewhere_and_axe_finds_nothing_serious(
    app, page, names, name
):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 390, "height": 844})
    query = "?page=languages&language=swh_Latn" if name == "language" else query_of(name, names)
    opened(page, app, f"{query}&__theme=light")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    outside = [url for url in asked if not url.startswith((app.url, "data:", "blob:"))]
    assert outside == []
    page.set_viewport_size({"width": 1280, "height": 900})
    for dark in (False, True):
        assert serious(page, dark) == [], "dark" if dark else "light"


def test_the_menu_goes_everywhere_by_keyboard_and_back(app, page):
    opened(page, app, "")
    for name in ("Languages", "Tasks", "Compare", "Trust", "Submit", "Queue", "About", "Models"):
        link = page.get_by_role("navigation").get_by_role("link", name=name, exact=True)
        link.focus()
        page.keyboard.press("Enter")
        expect(link).to_have_attribute("aria-current", "page")
        expect(page.locator("h1:visible")).to_have_count(1)
        # Once its rows are there.
        page.wait_for_function("document.activeElement.tagName === 'H1'")
    page.go_back()
    expect(page).to_have_url(f"{app.url}/?page=about")
    expect(page.locator("html")).to_have_attribute("data-page", "about")


def test_old_addresses_still_lead_there(app, page):
    page.goto(f"{app.url}/queue")
    expect(page).to_have_url(f"{app.url}/?page=queue")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


def test_an_empty_board_and_a_single_model_look_right_on_every_page(tmp_path, rough):
    app = App(tmp_path / "board", WITHOUT_RECORDS)
    problems: list[str] = []
    rough.on("pageerror", lambda error: problems.append(str(error)))
    try:
        opened(rough, app, "")
        for name in PAGES:
            visited(rough, f"?page={name}")
            assert rough.locator("[role=alert]:visible").count() == 0, name
        rough.goto(f"{app.url}/?page=models")
        expect(rough.locator(".board.models")).to_contain_text("Nothing is measured yet")
        made_up.write(tmp_path / "board", 1, (45, 45), workers=1)
        expect(rough.locator(".board.models tbody tr a")).to_have_count(1, timeout=30_000)
        (only,) = httpx.get(f"{app.url}/api/v1/models", trust_env=False).json()["models"]
        for name in PAGES:
            visited(rough, query_of(name, [only["model"]]))
    finally:
        app.stop()
    assert problems == []


def test_what_a_stranger_wrote_is_text_on_every_page_and_chart(tmp_path, page):
    board = tmp_path / "board"
    made_up.write(board, 3, (45, 45), workers=1)
    task_records.add(board)
    for path in Repo(board).paths():
        record = json.loads(path.read_text())
        record["model"] |= {"name": EVIL, "licence": EVIL, "architecture": EVIL, "base_model": EVIL}
        for run in record["runs"]:
            run |= {"machine": EVIL, "device": EVIL, "software": {EVIL: EVIL}}
        path.write_text(json.dumps(record))
    app = App(board, WITHOUT_RECORDS)
    try:
        rows = httpx.get(f"{app.url}/api/v1/models", trust_env=False).json()["models"]
        keys = [row["model"] for row in rows]
        shown = (
            "?columns=everything&chart=1",
            "?page=languages&language=swh_Latn",
            "?page=languages",
            "?page=tasks&kind=plain",
            "?page=trust",
            *(query_of(name, keys) for name in ("model", "compare")),
        )
        opened(page, app, shown[0])
        for query in shown:
            visited(page, query)
            page.wait_for_timeout(500)
            assert EVIL in page.locator("body").inner_text() or not re.search(NAMED, query)
            assert page.evaluate("window.hacked") is None, query
            forged = "img[src=x], a[href*=evil], svg a"
            assert page.locator(forged).count() == 0, query
    finally:
        page.goto("about:blank")
        app.stop()


def test_nonsense_in_the_address_breaks_nothing(app, rough):
    problems: list[str] = []
    rough.on("pageerror", lambda error: problems.append(str(error)))
    junk = json.dumps({"<script>": ["'", '"', "%", "\\"]})
    keys = ("model", "models", "language", "sort", "q", "rows", "max_parameters", "picked")
    query = "&".join(f"{key}={quote(junk)}" for key in keys)
    for name in ("models", "nowhere", "<b>", "__proto__"):
        opened(rough, app, f"?page={name}&{query}")
    for name in PAGES:
        visited(rough, f"?page={name}&{query}")
    assert problems == []
