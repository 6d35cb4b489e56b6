"""Which table reaches the browser: `python -m benchmarks.table > benchmarks/table.txt`.

Runs each candidate in headless Chromium over the same 1,401 rows of 12 columns and prints, for
every criterion, pass or fail with what was seen. Times are medians of five: from the moment the
page holds the event's answer as text (before parsing it) to the frame after the first row shows.
A table of our own would be the third candidate, wanted only if neither of these passes.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Callable

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from playwright.sync_api import sync_playwright

from benchmarks.table_trial import CANDIDATES, COLUMNS, HOSTILE, ROWS, Trial, app
from leaderboard import assets

LIMIT_MS, REPEATS = 400, 5
CHROMIUM = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


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
