"""The candidates of `benchmarks.table`, each in a page, and what a reader would do to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import pandas as pd
from playwright.sync_api import Browser, Page, Request

from leaderboard.table import Column, table, update

ROWS, SCORES = 1401, 11
HOSTILE = ["<script>alert(1)</script>", '<img src=x onerror="window.pwned=1"> & co']
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
