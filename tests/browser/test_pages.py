"""What holds for every page: reachable, readable by machines, the same for whoever has the link."""

import http.server
import json
import os
import threading
from functools import partial
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from benchmarks import made_up
from browser.board_app import WITHOUT_RECORDS, App
from browser.models_page import rank_texts
from results.repo import Repo

PAGES = ("models", "languages", "model", "compare", "submit", "queue", "about")
LANGUAGES = (70, 45)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A board of 14 made-up models on two corpora."""
    board = tmp_path_factory.mktemp("pages") / "board"
    made_up.write(board, 14, LANGUAGES, workers=1)
    app = App(board, WITHOUT_RECORDS)
    yield app
    app.stop()


@pytest.fixture(scope="module")
def api(app):
    with httpx.Client(base_url=f"{app.url}/api/v1", timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def names(api):
    return [each["model"] for each in api.get("models").json()["models"]]


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
    page.add_init_script(COUNTING)
    page.goto(f"{app.url}/{query}")
    expect(page.locator("h1:visible")).to_have_count(1)
    settled(page)


def query_of(name: str, names: list[str]) -> str:
    more = {
        "model": f"&model={names[0]}",
        "compare": f"&models={','.join(names[:3])}",
    }
    return f"?page={name}{more.get(name, '')}"


@pytest.mark.parametrize("name", [*PAGES, "language"])
def test_axe_finds_no_serious_violation_light_and_dark(app, page, names, name):
    query = "?page=languages&language=swh_Latn" if name == "language" else query_of(name, names)
    opened(page, app, f"{query}&__theme=light")
    for dark in (False, True):
        # Gradio's own mark of a dark page.
        page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", dark)
        page.wait_for_timeout(300)
        serious = [
            (each["id"], node["target"], node["failureSummary"][:300])
            for each in Axe().run(page).response["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"][:3]
        ]
        assert serious == [], "dark" if dark else "light"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_fetches_nothing_from_elsewhere(app, page, names, name):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, app, query_of(name, names))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    outside = [url for url in asked if not url.startswith((app.url, "data:", "blob:"))]
    assert outside == []


def test_the_menu_goes_everywhere_by_keyboard_and_back(app, page):
    opened(page, app, "")
    for name in ("Languages", "Compare", "Submit", "Queue", "About", "Models"):
        link = page.get_by_role("navigation").get_by_role("link", name=name, exact=True)
        link.focus()
        page.keyboard.press("Enter")
        expect(link).to_have_attribute("aria-current", "page")
        expect(page.locator("h1:visible")).to_have_count(1)
        assert page.evaluate("document.activeElement.tagName") == "H1"
    page.go_back()
    expect(page).to_have_url(f"{app.url}/?page=about")
    expect(page.locator("html")).to_have_attribute("data-page", "about")


def test_old_addresses_still_lead_there(app, page):
    page.goto(f"{app.url}/queue")
    expect(page).to_have_url(f"{app.url}/?page=queue")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


ONE_OF = {
    "family": ["", "Austronesian", "Afro-Asiatic", "Nonsense"],
    "script": ["", "Latn", "Arab"],
    "region": ["", "Africa", "Eastern Asia"],
    "speakers": ["", "1000000"],
    "languages": ["", "all", "swh_Latn,fra_Latn", "swahili,klingonish", "yor_Latn"],
    "pooling": ["", "max", "median"],
    "corpus": ["", "bible", "nowhere"],
    "embedding": ["", "last-token@1"],
    "show": ["", "swh_Latn,hin_Deva", "zzz"],
    "min_parameters": ["", "500000000", "-4"],
    "max_parameters": ["", "8000000000", "many"],
    "kind": ["", "decoder", "encoder"],
    "licence": ["", "apache-2.0", "apache-2.0,mit"],
    "weights": ["", "bfloat16"],
    "dtype": ["", "float32"],
    "ranked": ["", "all"],
    "columns": ["", "languages", "everything", "cost"],
    "sort": ["", "parameters", "-parameters", "max.asc", "parameters.desc"],
    "q": ["", "lynx", "<b>"],
    "chart": ["", "1"],
}
states = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in ONE_OF.items()})
FILTERS = ("min_parameters", "max_parameters", "kind", "licence", "weights", "dtype", "ranked")


def shown(page: Page) -> dict[str, object]:
    """The whole of what a visitor sees of the models page."""
    return page.evaluate(
        """() => {
            const root = document.querySelector('.board.models');
            const visible = (node) => node.offsetParent !== null;
            const controls = [...root.querySelectorAll('select, input, [aria-pressed]')]
                .map((node) => node.matches('[aria-pressed]') ? node.getAttribute('aria-pressed')
                    : ['checkbox', 'radio'].includes(node.type) ? node.checked : node.value);
            return {
                controls,
                sentence: root.querySelector('.sentence').textContent,
                notes: root.querySelector('.notes').textContent,
                heads: [...root.querySelectorAll('thead th')].filter(visible)
                    .map((th) => th.textContent + (th.getAttribute('aria-sort') ?? '')),
                rows: [...root.querySelectorAll('tbody tr')].map((tr) =>
                    [...tr.cells].filter(visible).map((td) => td.textContent)),
                query: location.search,
            };
        }"""
    )


@pytest.fixture
def rough(browser):
    """A page whose requests may fail, which Chromium itself writes to the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def pair(app, browser):
    """Two visitors that have nothing in common."""
    size = {"width": 1440, "height": 900}
    pages = [browser.new_context(viewport=size).new_page() for _ in "ab"]
    yield pages
    for each in pages:
        each.context.close()


def test_random_filter_sets_round_trip_through_the_address(app, api, pair):
    examples = 120 if os.environ.get("MEXA_SOAK") else 10

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(states)
    @example({**dict.fromkeys(ONE_OF, ""), "ranked": "all", "max_parameters": "8000000000"})
    def round_trips(values):
        one, other = pair
        query = "&".join(f"{key}={value}" for key, value in values.items() if value)
        opened(one, app, f"?{query}")
        first = shown(one)
        opened(other, app, first["query"])
        second = shown(other)
        # What was not understood is said once and is then no longer in the address.
        assert {**second, "notes": ""} == {**first, "notes": ""}
        asked = {key: found[0] for key, found in parse_qs(first["query"][1:]).items()}
        endpoint = ("languages", "family", "script", "region", "speakers", "pooling")
        view = ("corpus", "embedding", "pivot")
        known = {k: v for k, v in asked.items() if k in (*FILTERS, *endpoint, *view)}
        answer = api.get("models", params=known)
        assert answer.status_code == 200, (known, answer.text)
        models = answer.json()["models"]
        if not values["q"] and len(models) and not values["sort"]:
            assert [row[0] for row in first["rows"]] == [whole_name(model) for model in models]
            column = next((i for i, head in enumerate(first["heads"]) if "Rank" in head), None)
            if column is not None:
                texts = rank_texts(answer.json())
                assert [row[column] for row in first["rows"]] == texts

    round_trips()


def whole_name(model: dict) -> str:
    """As the table writes it: the organisation before the name."""
    organisation, slash, _ = model["id"].partition("/")
    return f"{organisation}{slash}{model['name']}" if slash else model["name"]


class Frame(http.server.BaseHTTPRequestHandler):
    """A page of another site that shows the board in a frame, as a Space's page does."""

    def __init__(self, source: str, *rest) -> None:
        self.source = source
        super().__init__(*rest)

    def do_GET(self) -> None:
        body = f"<iframe src='{self.source}' width=1300 height=900></iframe>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def framed(app):
    """Addresses of such a page on another host than the board's."""
    servers = []

    def serve(query: str) -> str:
        handler = partial(Frame, f"{app.url}/{query}")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://localhost:{server.server_address[1]}/"

    yield serve
    for server in servers:
        server.shutdown()


def test_inside_a_frame_of_another_site_state_is_kept_and_the_link_is_copied(app, page, framed):
    page.goto(framed("?page=models&max_parameters=8000000000&weights=bfloat16"))
    frame = page.frame_locator("iframe")
    inside = next(each for each in page.frames if each.url.startswith(app.url))
    expect(frame.locator(".board.models tbody tr").first).to_be_visible()
    before = frame.locator(".board.models tbody tr").count()
    frame.get_by_role("radio", name="any size").check(force=True)
    expect(frame.locator(".board.models tbody tr")).not_to_have_count(before)
    query = parse_qs(urlsplit(inside.evaluate("location.href")).query)
    assert query == {"weights": ["bfloat16"]}
    frame.get_by_role("button", name="Copy link").first.click()
    # Without the permission for the clipboard the old command copies, into this field too.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<textarea></textarea>')")
    page.locator("textarea").focus()
    page.keyboard.press("Control+V")
    copied = page.locator("textarea").input_value()
    assert urlsplit(copied).netloc == urlsplit(app.url).netloc
    assert parse_qs(urlsplit(copied).query) == {"weights": ["bfloat16"]}


def test_on_a_space_the_link_is_that_of_the_space_s_page(app, page):
    def on_a_space(route):
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "space": "org/board"})

    page.route("**/api/v1/board", on_a_space)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, app, "?page=languages&language=swh_Latn&__theme=dark")
    page.get_by_role("button", name="Copy link").locator("visible=true").click()
    expect(page.get_by_text("Copied").locator("visible=true")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    address = "https://huggingface.co/spaces/org/board?page=languages&language=swh_Latn"
    assert copied == address


def test_while_an_answer_is_slow_the_page_says_so_and_keeps_the_old_rows(app, page):
    opened(page, app, "")
    rows = page.locator(".board.models tbody tr")
    before = rows.all_inner_texts()

    def late(route):
        page.wait_for_timeout(900)
        route.continue_()

    page.route("**/api/v1/models*", late)
    page.get_by_label("Average over").select_option("all")
    expect(page.locator(".board.models .loading")).to_be_visible()
    assert rows.all_inner_texts() == before
    expect(page.locator(".board.models .loading")).to_have_count(0)
    expect(page.locator(".board.models .sentence")).to_contain_text("all ")


def test_a_failed_answer_leaves_the_old_rows_and_can_be_asked_again(app, rough):
    opened(rough, app, "")
    rows = rough.locator(".board.models tbody tr")
    before = rows.count()
    rough.route("**/api/v1/models*", lambda route: route.fulfill(status=503, body="{}"))
    rough.get_by_label("Average over").select_option("all")
    alert = rough.locator(".board.models [role=alert]")
    expect(alert).to_contain_text("503")
    expect(alert).to_contain_text("What you see is from before")
    assert rows.count() == before
    rough.unroute("**/api/v1/models*")
    alert.get_by_role("button", name="Retry").click()
    expect(alert).to_have_count(0)
    expect(rough.locator(".board.models .sentence")).to_contain_text("all ")


def answered(answer, route) -> None:
    route.fulfill(**answer)


def test_what_is_not_there_is_said_as_it_is_written_and_offers_no_retry(app, rough):
    opened(rough, app, "")
    alert = rough.locator(".board.models [role=alert]")
    rough.locator("summary", has_text="More filters").click()
    for speakers, error, said in (
        ("1000000", "google/x is not here", "google/x is not here."),
        ("10000000", "no such thing", "No such thing."),
    ):
        answer = {"status": 404, "body": json.dumps({"error": error})}
        rough.unroute("**/api/v1/models*")
        rough.route("**/api/v1/models*", partial(answered, answer))
        rough.get_by_label("Speakers at least").select_option(speakers)
        expect(alert).to_contain_text(said)
        expect(alert.get_by_role("button")).to_have_count(0)


def test_when_the_board_goes_away_the_page_says_so(tmp_path, rough):
    made_up.write(tmp_path / "board", 2, (45, 45), workers=1)
    gone = App(tmp_path / "board", WITHOUT_RECORDS)
    try:
        opened(rough, gone, "")
        before = rough.locator(".board.models tbody tr").all_inner_texts()
    finally:
        gone.stop()
    expect(rough.locator(".banner [role=status]")).to_contain_text(
        "does not answer", timeout=15_000
    )
    assert rough.locator(".board.models tbody tr").all_inner_texts() == before


def test_an_empty_board_and_a_single_model_look_right_on_every_page(tmp_path, rough):
    app = App(tmp_path / "board", WITHOUT_RECORDS)
    problems: list[str] = []
    rough.on("pageerror", lambda error: problems.append(str(error)))
    try:
        for name in PAGES:
            opened(rough, app, f"?page={name}")
            assert rough.locator("[role=alert]:visible").count() == 0, name
        rough.goto(f"{app.url}/?page=models")
        expect(rough.locator(".board.models")).to_contain_text("Nothing is measured yet")
        made_up.write(tmp_path / "board", 1, (45, 45), workers=1)
        expect(rough.locator(".board.models tbody tr a")).to_have_count(1, timeout=20_000)
        (only,) = httpx.get(f"{app.url}/api/v1/models", trust_env=False).json()["models"]
        for name in PAGES:
            opened(rough, app, query_of(name, [only["model"]]))
    finally:
        app.stop()
    assert problems == []


EVIL = "<img src=x onerror=window.hacked=1><a href='https://evil.example'>press</a>"


def test_what_a_stranger_wrote_is_text_on_every_page_and_chart(tmp_path, page):
    board = tmp_path / "board"
    made_up.write(board, 3, (45, 45), workers=1)
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
            *(query_of(name, keys) for name in ("model", "compare")),
        )
        for query in shown:
            opened(page, app, query)
            page.wait_for_timeout(500)
            assert EVIL in page.locator("body").inner_text() or "compare" not in query
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
    for name in (*PAGES, "nowhere", "<b>", "__proto__"):
        keys = ("model", "models", "language", "sort", "q", "rows", "max_parameters", "picked")
        query = "&".join(f"{key}={junk}" for key in keys)
        opened(rough, app, f"?page={name}&{query}")
    assert problems == []
