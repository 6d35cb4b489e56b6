"""Which table reaches the browser: `python -m benchmarks.table > benchmarks/table.txt`.

Runs each candidate in headless Chromium over the same 1,401 rows of 12 columns and prints, for
every criterion, pass or fail with what was seen. Times are medians of five: from the moment the
page holds the event's answer as text (before parsing it) to the frame after the first row shows.
A table of our own would be the third candidate, wanted only if neither of these passes.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
import pandas as pd
from playwright.sync_api import Browser, Page, Request, sync_playwright

from leaderboard import assets
from leaderboard.table import Column, table, update

ROWS, SCORES, LIMIT_MS, REPEATS = 1401, 11, 400, 5
HOSTILE = ["<script>alert(1)</script>", '<img src=x onerror="window.pwned=1"> & co']
CHROMIUM = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PROBE = Path(__file__).with_name("table_probe.js")


class Candidate(NamedTuple):
    name: str
    make: Callable[[list[dict[str, Any]], str], Any]
    change: Callable[[list[dict[str, Any]]], Any]
    column: str  # selector of the body cells of column {col}, or {nth} from 1, in #{id}
    header: str
    search: str
    scroller: str
    by_menu: bool  # sorting needs a menu, so it is tried there once a click has failed


def rows(count: int, tag: str = "") -> list[dict[str, Any]]:
    """`count` rows: a name, and scores in 0 to 1 of which about a tenth are blank."""
    rng = random.Random(count)
    names = [f"org{i % 37}/model-{i}{tag}" for i in range(count)]
    names[2:4] = HOSTILE
    return [
        {"model": name}
        | {f"s{j}": None if rng.random() < 0.1 else rng.random() for j in range(SCORES)}
        for name in names
    ]


SMALL = [row | {"s0": s} for row, s in zip(rows(6), [0.3, None, 0.9, 0.1, None, 0.5], strict=True)]
COLUMNS = [
    Column("model", "Model"),
    *(Column(f"s{j}", f"Score {j}", "number", heat=True) for j in range(SCORES)),
]
HEADINGS = [column.key for column in COLUMNS]


def frame(data: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(data, columns=HEADINGS)


CANDIDATES = [
    Candidate(
        "gr.Dataframe",
        lambda data, name: gr.Dataframe(
            frame(data),
            elem_id=name,
            interactive=False,
            show_search="search",
            pinned_columns=1,
            datatype=["str"] + ["number"] * SCORES,
        ),
        frame,
        "#{id} [role=gridcell][data-col='{col}']",
        "#{id} th[data-testid='header-{col}']",
        "#{id} .search-input",
        "#{id} .virtual-table-viewport",
        True,
    ),
    Candidate(
        "DataTables (itables)",
        lambda data, name: table(COLUMNS, data, elem_id=name, noun="models"),
        lambda data: update(COLUMNS, data, noun="models"),
        "#{id} tbody td:nth-child({nth})",
        "#{id} thead th[data-dt-column='{col}']",
        "#{id} input[type=search]",
        "#{id} .bt-scroll",
        False,
    ),
]


def app(candidate: Candidate) -> gr.Blocks:
    with gr.Blocks() as demo:
        small = candidate.make(SMALL, "small")
        changed = [row | {"model": row["model"] + "!"} for row in SMALL]
        large = candidate.make([], "large")
        answers = {
            "small_change": (lambda: candidate.change(changed), small),
            "fill": (lambda: candidate.change(rows(ROWS)), large),
            "refill": (lambda: candidate.change(rows(ROWS, "+")), large),
        }
        for name, (answer, output) in answers.items():
            gr.Button(name, elem_id=name).click(answer, outputs=output, api_visibility="private")
    return demo


class Trial:
    """One candidate's page, and what a reader would do to it."""

    def __init__(self, browser: Browser, candidate: Candidate, url: str) -> None:
        self.candidate, self.url, self.foreign = candidate, url, set[str]()
        self.page = browser.new_page(viewport={"width": 1100, "height": 900})
        self.page.add_init_script(path=PROBE)
        self.page.on("request", self._note)
        self.open(self.page)

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.foreign.add(request.url)

    def open(self, page: Page, query: str = "") -> None:
        page.goto(f"{self.url}/{query}")
        page.wait_for_selector(self.cells(0, "small"))
        page.wait_for_timeout(300)

    def cells(self, col: int, name: str = "small") -> str:
        return self.at(self.candidate.column, name, col)

    def at(self, selector: str, name: str = "small", col: int = 0) -> str:
        return selector.format(id=name, col=col, nth=col + 1)

    def texts(self, col: int) -> list[str]:
        return [text.strip() for text in self.page.locator(self.cells(col)).all_inner_texts()]

    def click_header(self, col: int, name: str = "small") -> None:
        self.page.click(self.at(self.candidate.header, name, col), position={"x": 30, "y": 10})
        self.page.wait_for_timeout(250)

    def sort(self, col: int, ascending: bool, name: str = "small") -> None:
        """Sort by whatever the candidate offers."""
        header = self.page.locator(self.at(self.candidate.header, name, col))
        if self.candidate.by_menu:
            header.hover()
            header.locator(".cell-menu-button").click()
            self.page.click(f"text=Sort {'ascending' if ascending else 'descending'}")
        else:
            wanted = "ascending" if ascending else "descending"
            for _ in range(2):
                if header.get_attribute("aria-sort") != wanted:
                    header.click()
                    self.page.wait_for_timeout(250)
        self.page.wait_for_timeout(250)

    def painted(self, test: str, name: str, act: Callable[[], Any], since: str) -> float:
        """Milliseconds from `since` to the frame after the first row's text passes `test`."""
        self.page.evaluate(
            f"(selector) => {{ window.done = firstRow(selector, (text) => {test}); }}",
            self.cells(0, name),
        )
        act()
        done = self.page.evaluate("window.done")
        return float(done - self.page.evaluate(f"window.{since}"))


def numbers(texts: list[str]) -> list[float | None]:
    return [float(text) if text.replace(".", "", 1).isdigit() else None for text in texts]


def sorts(trial: Trial) -> tuple[bool, str]:
    seen = []
    for _ in range(2):
        trial.click_header(1)
        seen.append([v for v in numbers(trial.texts(1)) if v is not None])
    passed = seen[0] != seen[1] and all(s in (sorted(s), sorted(s)[::-1]) for s in seen)
    return passed, "one click each way" if passed else f"order after clicks: {seen[1]}"


def blanks(trial: Trial) -> tuple[bool, str]:
    places = []
    for ascending in (True, False):
        trial.sort(1, ascending)
        places.append([i + 1 for i, v in enumerate(numbers(trial.texts(1))) if v is None])
    return places == [[5, 6], [5, 6]], f"places of 6, ascending {places[0]}, descending {places[1]}"


def pinned(trial: Trial) -> tuple[bool, str]:
    cell, head = trial.cells(0), trial.at(trial.candidate.header)
    box = "(s) => document.querySelector(s).getBoundingClientRect().x"
    trial.page.set_viewport_size({"width": 600, "height": 900})
    before = [trial.page.evaluate(box, s) for s in (cell, head)]
    moved = trial.page.evaluate(
        "(s) => { const e = document.querySelector(s); e.scrollLeft = 200; return e.scrollLeft; }",
        trial.at(trial.candidate.scroller),
    )
    trial.page.wait_for_timeout(200)
    after = [trial.page.evaluate(box, s) for s in (cell, head)]
    trial.page.set_viewport_size({"width": 1100, "height": 900})
    shift = max(abs(a - b) for a, b in zip(after, before, strict=True))
    return moved > 100 and shift <= 1, f"scrolled {moved:.0f} px, column moved {shift:.0f} px"


def keyboard(trial: Trial) -> tuple[bool, str]:
    trial.open(trial.page)
    trial.page.focus(trial.at(trial.candidate.search))
    before, header = trial.texts(1), trial.at(trial.candidate.header, col=1)
    inside = "(s) => !!document.activeElement.closest(s)"
    for _ in range(12):
        trial.page.keyboard.press("Tab")
        if trial.page.evaluate(inside, "[role=grid]"):
            trial.page.keyboard.press("ArrowUp")  # a grid may want arrows to its header
        if trial.page.evaluate(inside, header):
            break
    else:
        return False, "neither Tab nor arrows reach the second header"
    trial.page.keyboard.press("Enter")
    trial.page.wait_for_timeout(250)
    marked = trial.page.get_attribute(header, "aria-sort")
    passed = trial.texts(1) != before and marked in ("ascending", "descending")
    return passed, f"Tab, Enter: aria-sort {marked}"


def search(trial: Trial) -> tuple[bool, str]:
    trial.open(trial.page)
    trial.page.fill(trial.at(trial.candidate.search), "model-5")
    trial.page.wait_for_timeout(700)
    left = trial.texts(0)
    return left == ["org5/model-5"], f"'model-5' leaves {len(left)} of 6"


def kept(trial: Trial) -> tuple[bool, str]:
    trial.open(trial.page)
    trial.sort(1, ascending=False)
    trial.page.fill(trial.at(trial.candidate.search), "org")
    trial.page.wait_for_timeout(700)
    before = trial.texts(0)
    trial.page.click("#small_change")
    trial.page.wait_for_timeout(1200)
    after = trial.texts(0)
    passed = after == [name + "!" for name in before] and len(after) == 4
    return passed, "sort and search" if passed else f"{len(before)} rows became {len(after)}"


def escaped(trial: Trial) -> tuple[bool, str]:
    trial.open(trial.page)
    trial.page.fill(trial.at(trial.candidate.search), "&")
    trial.page.wait_for_timeout(700)
    trial.page.fill(trial.at(trial.candidate.search), "")
    trial.page.wait_for_timeout(700)
    made = trial.page.locator("#small td script, #small td img").count()
    ran = trial.page.evaluate("window.pwned === 1")
    shown = all(text in trial.texts(0) for text in HOSTILE)
    return shown and not made and not ran, f"shown as text {shown}, elements made {made}"


def themes(trial: Trial) -> tuple[bool, str]:
    ratios = []
    for theme in ("light", "dark"):
        trial.open(trial.page, f"?__theme={theme}")
        ratios.append(
            trial.page.evaluate("(s) => contrast(s)", f"{trial.cells(0)}, {trial.cells(1)}")
        )
    return min(ratios) >= 4.5, "least contrast {:.1f} light, {:.1f} dark".format(*ratios)


def narrow(trial: Trial) -> tuple[bool, str]:
    trial.page.set_viewport_size({"width": 390, "height": 844})
    trial.open(trial.page)
    wide = trial.page.evaluate("document.documentElement.scrollWidth")
    edges = trial.page.evaluate(
        "(ss) => ss.map((s) => document.querySelector(s).getBoundingClientRect().right)",
        [trial.cells(0), trial.cells(1)],
    )
    trial.page.set_viewport_size({"width": 1100, "height": 900})
    passed = wide <= 390 and edges[1] <= 390
    return passed, f"page {wide} px wide, second column ends at {edges[1]:.0f}"


def speed(trial: Trial) -> list[tuple[str, bool, str]]:
    shown, changed, sorting = [], [], []
    for _ in range(REPEATS):
        trial.open(trial.page)
        for button, test, times in (
            ("#fill", "text.includes('model-0') && !text.includes('+')", shown),
            ("#refill", "text.includes('model-0+')", changed),
        ):
            times.append(
                trial.painted(test, "large", lambda b=button: trial.page.click(b), "arrived")
            )
        trial.page.wait_for_timeout(300)
        sorting.append(
            trial.painted(
                "!text.includes('model-0+')",
                "large",
                lambda: trial.sort(1, False, "large"),
                "clicked",
            )
        )
    names = (f"{ROWS:,} rows shown", f"{ROWS:,} rows changed", f"{ROWS:,} rows sorted")
    medians = [statistics.median(times) for times in (shown, changed, sorting)]
    return [(n, m <= LIMIT_MS, f"{m:.0f} ms") for n, m in zip(names, medians, strict=True)]


CRITERIA: list[tuple[str, Callable[[Trial], tuple[bool, str]]]] = [
    ("a click on a header sorts, another reverses", sorts),
    ("blanks last in both directions", blanks),
    ("first column stays in view", pinned),
    ("keyboard alone, aria-sort", keyboard),
    ("text search", search),
    ("an update keeps sort and search", kept),
    ("markup shown as text", escaped),
    ("light and dark, contrast 4.5", themes),
    ("390 px wide", narrow),
]


def main() -> int:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    good = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        print(
            f"{ROWS:,} rows x {len(COLUMNS)} columns, limit {LIMIT_MS} ms, gradio {gr.__version__}"
        )
        for candidate in CANDIDATES:
            demo = app(candidate)
            _, url, _ = demo.launch(
                quiet=True, prevent_thread_lock=True, app_kwargs={"routes": assets.routes()}
            )
            trial = Trial(browser, candidate, url.rstrip("/"))
            results = [(name, *test(trial)) for name, test in CRITERIA] + speed(trial)
            outside = len(trial.foreign)
            results.append(("no request leaves the server", not outside, f"{outside} did"))
            print(f"\n{candidate.name}, {os.cpu_count()} cores under load {os.getloadavg()[0]:.1f}")
            for name, passed, seen in results:
                print(f"  {'pass' if passed else 'FAIL'}  {name:<44} {seen}")
            good.append(all(passed for _, passed, _ in results))
            trial.page.close()
            demo.close(verbose=False)
        browser.close()
    for candidate, passed in zip(CANDIDATES, good, strict=True):
        print(f"\n{candidate.name}: {'passes' if passed else 'fails'}")
    return 0 if any(good) else 1


if __name__ == "__main__":
    sys.exit(main())
