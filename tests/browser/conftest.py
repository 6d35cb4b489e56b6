"""A headless Chromium, a page that tolerates no error, and a Gradio app on a free port."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from benchmarks import made_up
from browser import task_records
from browser.board_app import WITHOUT_RECORDS, App
from browser.queue_tools import DATA
from browser.records import GEMMA, whole
from results.corpus_text import KEY, file_name

CHROMIUM = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# What Gradio says when a page is left while it waits for an answer, and how near to that, seconds.
ABORTED = ("AbortError: signal is aborted without reason", "Unexpected error Connection errored")
LEAVING = 10.0
LOCAL = {"127.0.0.1", "localhost"}
# Milliseconds that a page has on a machine that does other things too.
PATIENCE = 30_000
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail(f"none of {', '.join(names)} is installed: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; the test fails on a console error, an exception or a request elsewhere."""
    troubles: list[str] = []
    aborted: list[tuple[float, str]] = []
    departures: list[float] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type != "error" or "favicon" in message.text + message.location["url"]:
            return
        if message.text.startswith(ABORTED):
            aborted.append((time.monotonic(), f"console error: {message.text}"))
        else:
            troubles.append(f"console error: {message.text}")

    def on_request(request: Request) -> None:
        if request.is_navigation_request():
            departures.append(time.monotonic())
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname not in LOCAL:
            troubles.append(f"request that leaves this machine: {request.url}")

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", on_console)
    page.on("pageerror", lambda error: troubles.append(f"exception in the page: {error}"))
    page.on("request", on_request)
    yield page
    context.close()
    for at, text in aborted:
        if not any(abs(at - left) < LEAVING for left in departures):
            troubles.append(text)
    assert not troubles, "\n".join(troubles)


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., str]]:
    """`serve(demo, **launch_arguments)` starts the app on a free port and returns its URL."""
    running: list[gr.Blocks] = []

    def start(demo: gr.Blocks, **launch: object) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        demo.launch(
            server_name="127.0.0.1",
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            **launch,
        )
        running.append(demo)
        return f"http://127.0.0.1:{port}"

    yield start
    for demo in running:
        demo.close(verbose=False)


@pytest.fixture(scope="session")
def shipped_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The shipped board, with a text of its own for English and Arabic; nobody changes it."""
    root = tmp_path_factory.mktemp("shipped")
    digest = whole(GEMMA)[1].evaluator.parameters.corpus_hash
    texts = {"eng_Latn": "<b>Sentence</b>", "arb_Arab": "جملة"}
    segments = [[f"{text} {k}" for k in range(1, 51)] for text in texts.values()]
    table = pa.table({"code": list(texts), "segments": segments})
    about = json.dumps({"hash": digest, "text_public": True}).encode()
    (root / "board" / "corpora").mkdir(parents=True)
    pq.write_table(
        table.replace_schema_metadata({KEY: about}),
        root / "board" / "corpora" / file_name("udhr", digest),
    )
    app = App(root / "board", MEXA_CACHE=str(root / "cache"))
    yield app
    app.stop()


@pytest.fixture(scope="session")
def models_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A board of 30 made-up models on two corpora."""
    board = tmp_path_factory.mktemp("models") / "board"
    made_up.write(board, 30, (70, 45), workers=1)
    app = App(board, WITHOUT_RECORDS)
    yield app
    app.stop()


@pytest.fixture(scope="session")
def models_api(models_app: App) -> Iterator[Callable[..., dict]]:
    """`models_api(name, **parameters)` is what its API says."""
    yield from answers_of(models_app)


def answers_of(app: App) -> Iterator[Callable[..., dict]]:
    with httpx.Client(base_url=f"{app.url}/api/v1/", timeout=30, trust_env=False) as client:
        yield lambda name, **asked: client.get(name, params=asked).raise_for_status().json()


@pytest.fixture(scope="session")
def tasks_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A board of 5 made-up models, four of them with tasks."""
    board = tmp_path_factory.mktemp("tasks") / "board"
    made_up.write(board, 5, (60, 45), workers=1)
    task_records.add(board)
    app = App(board, WITHOUT_RECORDS)
    yield app
    app.stop()


@pytest.fixture(scope="session")
def tasks_api(tasks_app: App) -> Iterator[Callable[..., dict]]:
    """What its API says."""
    yield from answers_of(tasks_app)


@pytest.fixture
def models(models_app: App, page: Page) -> Page:
    """Its Models page."""
    page.goto(models_app.url)
    expect(page.locator("#page-models tbody tr").first).to_be_visible()
    return page


@pytest.fixture
def rough(browser):
    """A page whose requests may fail, which Chromium itself writes to the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


@pytest.fixture
def start(tmp_path):
    """`start(first, **environment)` starts an app that ends with the test."""
    running: list[App] = []

    def begin(first: str = "", **environment: str) -> App:
        board = tmp_path / "board"
        app = App(board, first, MEXA_CACHE=str(tmp_path / "cache"), **environment)
        running.append(app)
        return app

    yield begin
    for app in running:
        app.stop()


@pytest.fixture
def hosted(hub):
    """The datasets of a board, its corpus card there; and what an app needs to find them."""
    card = {f"corpora/{path.name}": path.read_bytes() for path in DATA.glob("corpora/*.json")}
    hub.create("org/board-results", files={"README.md": b"results", **card})
    hub.create("org/board-requests", files={"README.md": b"requests"})
    hub.tokens["hf_write"] = {"name": "org", "role": "write"}
    return {"MEXA_REPO": "org/board", "MEXA_PATIENCE": "3", "MEXA_GATHER": "1"}
