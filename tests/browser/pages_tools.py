"""What tests of several pages share: opening one, and waiting until it is drawn."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser.board_app import App

PAGES = ("models", "languages", "tasks", "model", "compare", "trust", "submit", "queue", "about")
COUNTING = """
window.pendingAnswers = 0;
const fetched = window.fetch;
window.fetch = (...given) => {
    if (!/api.v1.(?!state)/.test(String(given[0]))) return fetched(...given);
    window.pendingAnswers += 1;
    return fetched(...given).finally(() => setTimeout(() => (window.pendingAnswers -= 1)));
};
"""
QUIET = "() => window.pendingAnswers === 0 && !document.querySelector('[aria-busy=true]')"


def settled(page: Page) -> None:
    """Wait until nothing is being fetched and what was fetched is drawn."""
    for _ in range(2):
        page.wait_for_function(QUIET)
        page.wait_for_timeout(80)


def opened(page: Page, app: App, query: str) -> None:
    """Go to a page of the board and wait for it."""
    page.add_init_script(COUNTING)
    page.goto(f"{app.url}/{query}")
    expect(page.locator("h1:visible")).to_have_count(1)
    settled(page)


def serious(page: Page, dark: bool) -> list[tuple[str, object, str]]:
    """What axe finds amiss on a page as it is shown, light or dark."""
    # Gradio's own mark of a dark page.
    page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", dark)
    page.wait_for_timeout(300)
    return [
        (each["id"], node["target"], node["failureSummary"][:300])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]


def query_of(name: str, names: list[str]) -> str:
    """The query that shows a page with something on it."""
    more = {
        "model": f"&model={names[0]}",
        "compare": f"&models={','.join(names[:3])}",
    }
    return f"?page={name}{more.get(name, '')}"
