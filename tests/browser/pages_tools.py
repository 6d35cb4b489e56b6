"""What tests of several pages share: opening one, and waiting until it is drawn."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser.board_app import App

PAGES = ("models", "languages", "tasks", "model", "compare", "trust", "submit", "queue", "about")
COUNTING = """
if (window.pendingAnswers === undefined) {
    window.pendingAnswers = window.askedAnswers = 0;
    const fetched = window.fetch;
    // What was answered is drawn once nothing is left to do, however slow the machine is.
    const drawn = () => requestIdleCallback(
        () => requestIdleCallback(() => (window.pendingAnswers -= 1)));
    window.fetch = (...given) => {
        if (!/api.v1.(?!state)/.test(String(given[0]))) return fetched(...given);
        window.pendingAnswers += 1;
        window.askedAnswers += 1;
        const answer = fetched(...given);
        answer.then((found) => found.clone().arrayBuffer()).then(drawn, drawn);
        return answer;
    };
}
"""
QUIET = """() => window.pendingAnswers === 0 && !document.querySelector('[aria-busy=true]')
    && (window.askedAnswers || /submit|queue|about/.test(document.documentElement.dataset.page))"""

LIGHT = {"resultTypes": ["violations"]}
# In the dark nothing but colours is another.
DARK = {**LIGHT, "runOnly": ["color-contrast"]}


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


def visited(page: Page, query: str) -> None:
    """Go to another page of the board that is open, as the arrows of a browser do."""
    page.evaluate(
        """(query) => {
            history.pushState(null, "", query);
            dispatchEvent(new PopStateEvent("popstate"));
        }""",
        query,
    )
    expect(page.locator("h1:visible")).to_have_count(1)
    settled(page)


def serious(page: Page, dark: bool) -> list[tuple[str, object, str]]:
    """What axe finds amiss on a page as it is shown, light or dark."""
    # Gradio's own mark of a dark page.
    page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", dark)
    page.wait_for_timeout(300)
    return [
        (each["id"], node["target"], node["failureSummary"][:300])
        for each in Axe().run(page, options=DARK if dark else LIGHT).response["violations"]
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
