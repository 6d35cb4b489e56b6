"""What a visitor waits for in Chromium: acts to painted rows, and bytes on the wire."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Error, Page, sync_playwright

from benchmarks.measured import Section

PAINTED_MS, WIRE_BYTES = 400.0, 300_000.0
QUIET_MS = 500
"""After so long without a request or a change an act is over."""
CHROMIUM = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PROBE = Path(__file__).with_name("browser_probe.js")
OURS = ("/board-assets/", "/api/v1/")
CHARTS = "/plotly.min.js"
"""The library of charts, which comes with the first one that somebody sees."""


class NothingDrawn(RuntimeError):
    """Raised when an act changes nothing that is measured."""


@dataclass(frozen=True)
class Act:
    """Something that a visitor does on a page, as JavaScript, and what brings it back."""

    name: str
    does: str
    undoes: str = ""


def models_acts() -> list[Act]:
    """On Models."""
    choose = "probe.choose({!r}, {!r})".format
    sets = [
        Act("set: all languages", choose("Average over", "all"), choose("Average over", "core")),
        Act("set: a family", choose("Family", 3), choose("Family", 0)),
        Act("set: a script", choose("Script", 2), choose("Script", 0)),
        Act("set: a region", choose("Region", 2), choose("Region", 0)),
        Act("set: speakers", choose("Speakers at least", 2), choose("Speakers at least", 0)),
        Act("pooling max", choose("Layer pooling", "max"), choose("Layer pooling", "mean")),
        Act("other corpus", choose("Corpus", 1), choose("Corpus", 0)),
        Act("other embedding", choose("Embedding", 1), choose("Embedding", 0)),
    ]
    filters = [
        Act("filter: size", choose("Size", "3"), choose("Size", "")),
        Act("filter: size from", "probe.type('Size from (B)', '1')", "probe.type('Size from', '')"),
        Act("filter: size to", "probe.type('Size to (B)', '9')", "probe.type('Size to', '')"),
        *(
            Act(f"filter: {name.lower()}", choose(name, 0), choose(name, 0))
            for name in ("Kind", "Weights", "Compute dtype", "Licence", "Architecture")
        ),
        Act("rank across all", choose("Rank", "all"), choose("Rank", "group")),
    ]
    sorts = [
        Act(f"sort: {title}", f"probe.head({title!r})", "")
        for title in (
            "Model",
            "Rank",
            "Average, mean",
            "Above chance",
            "Size",
            "Licence",
            "Measured",
        )
    ]
    return [*sets, *filters, *sorts]


@dataclass
class Wire:
    """Bytes that Chromium reports for what it fetched."""

    page: Page
    parts: dict[str, float] = field(
        default_factory=lambda: {"ours": 0.0, "charts": 0.0, "gradio": 0.0}
    )

    def __post_init__(self) -> None:
        self._urls: dict[str, str] = {}
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)

    def _asked(self, event: dict[str, Any]) -> None:
        self._urls[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict[str, Any]) -> None:
        url = self._urls.get(event["requestId"], "")
        part = "ours" if any(each in url for each in OURS) else "gradio"
        part = "charts" if url.endswith(CHARTS) else part
        self.parts[part] += event["encodedDataLength"]

    def take(self) -> dict[str, float]:
        """Bytes since the last time."""
        self.page.wait_for_timeout(60)  # events of the browser come a little later
        found = dict(self.parts)
        self.parts = dict.fromkeys(self.parts, 0.0)
        return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, closed at the end."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=binary, args=CHROMIUM)
        try:
            yield browser
        finally:
            browser.close()


def visitor(browser: Browser) -> Page:
    """A page of somebody who has seen nothing yet."""
    fresh = browser.new_context(viewport={"width": 1440, "height": 900})
    fresh.add_init_script(path=PROBE)
    return fresh.new_page()


def measure(url: str, empty: str, keys: Sequence[str], times: int) -> Section:
    """All of it. url: of the board; empty: of an empty app; keys: of six models."""
    section = Section(
        "In Chromium: milliseconds to painted rows, and kB on the wire",
        "1,440 x 900; first: not kept in the page or at the server yet; all: to the last thing "
        "painted, charts too. Acts are done and undone, so the goal is for the 95th percentile.",
    ).begin()
    with chromium() as browser:
        _first_loads(section, browser, url, empty, keys)
        page = visitor(browser)
        wire = Wire(page)
        page.goto(f"{url}/")
        page.evaluate(f"probe.load({QUIET_MS})")
        wire.take()
        for act in models_acts():
            name = f"Models, {act.name}"
            with section.trying(name, Error, NothingDrawn):
                _act(section, wire, name, act, times)
        for name in ("languages", "model", "compare", "submit", "queue", "about", "models"):
            with section.trying(f"tab: {name}", Error, NothingDrawn):
                _tab(section, wire, name, keys, times)
        _elsewhere(section, wire, url, keys, times)
    return section


def addresses(keys: Sequence[str]) -> dict[str, str]:
    """Of every page, with the models that it needs."""
    return {
        "models": "",
        "languages": "?page=languages",
        "one language": "?page=languages&language=swh_Latn",
        "model": f"?page=model&model={quote(keys[0], safe=':/@')}",
        "compare": f"?page=compare&models={quote(','.join(keys[:3]), safe=',:/@')}",
        "submit": "?page=submit",
        "queue": "?page=queue",
        "about": "?page=about",
    }


def _first_loads(
    section: Section, browser: Browser, url: str, empty: str, keys: Sequence[str]
) -> None:
    """Each page opened by its address: by somebody new, and by somebody who was here before."""
    nothing = _opened(browser, f"{empty}/")
    for name, query in addresses(keys).items():
        for who, bare, (loaded, parts) in zip(
            ("first visit", "again"), nothing, _opened(browser, f"{url}/{query}"), strict=True
        ):
            charts, whole = parts["charts"] / 1e3, sum(parts.values()) / 1e3
            own = whole - parts["gradio"] / 1e3
            said = f"of it {charts:.0f} kB Plotly" if charts else ""
            rows, every = loaded["rows"] or loaded["all"], loaded["all"]
            section.add(
                f"{name}, {who}", [rows], "ms", beside=bare[0]["all"], note=f"all {every:.0f} ms"
            )
            section.add(f"  its own bytes, {who}", [own], "kB", WIRE_BYTES / 1e3, note=said)
            if name == "models":
                beside = sum(bare[1].values()) / 1e3
                section.add(f"  all bytes, {who}", [whole], "kB", beside=beside)


def _opened(browser: Browser, address: str) -> list[tuple[dict[str, float], dict[str, float]]]:
    """Times and bytes of the first visit, and of one that follows."""
    page = visitor(browser)
    wire, found = Wire(page), []
    for _ in range(2):
        page.goto(address, wait_until="load")
        loaded = page.evaluate(f"probe.load({QUIET_MS})")
        found.append((loaded, wire.take()))
    page.context.close()
    return found


def _act(section: Section, wire: Wire, name: str, act: Act, times: int) -> None:
    """Do it and bring it back, so often; the first time by itself in the note."""
    scripts = [script for script in (act.does, act.undoes) if script]
    _note(section, name, *_timed(wire, scripts * times))


def _timed(wire: Wire, scripts: Sequence[str]) -> tuple[list[float], list[float], list[float]]:
    """Of each script: ms to its rows, ms to all of it, kB. Raises NothingDrawn."""
    rows, every, sent = [], [], []
    for script in scripts:
        found = wire.page.evaluate(f"probe.time(() => {script}, {QUIET_MS})")
        if found["rows"] is None:
            raise NothingDrawn("nothing was drawn")
        rows.append(found["rows"])
        every.append(found["all"])
        sent.append(sum(wire.take().values()) / 1e3)
    return rows, every, sent


def _note(
    section: Section, name: str, rows: list[float], every: list[float], sent: list[float]
) -> None:
    note = f"first {rows[0]:.0f}, all {max(every):.0f} ms; at most {max(sent):.0f} kB"
    section.add(name, rows, "ms", PAINTED_MS, by="p95", note=note)
    if max(sent) > WIRE_BYTES / 1e3:
        section.add(f"  bytes of {name}", [max(sent)], "kB", WIRE_BYTES / 1e3)


def _tab(section: Section, wire: Wire, name: str, keys: Sequence[str], times: int) -> None:
    """From Models to another page by the menu and back; the model page has no place in the menu."""
    there = f"probe.follow({name!r})"
    if name == "model":
        query = addresses(keys)["model"]
        there = (
            f"(() => {{ const a = document.createElement('a'); a.href = {query!r};"
            " document.querySelector('nav').append(a); a.click(); a.remove(); })()"
        )
    back = "probe.follow('models')" if name != "models" else "probe.follow('about')"
    rows, every, sent = [], [], []
    if name == "models":
        there, back = back, there
        wire.page.evaluate(f"probe.time(() => {there}, {QUIET_MS})")
        there, back = back, there
    for _ in range(times):
        wire.take()
        found = wire.page.evaluate(f"probe.time(() => {there}, {QUIET_MS})")
        rows.append(found["rows"] or found["all"])
        every.append(found["all"])
        sent.append(sum(wire.take().values()) / 1e3)
        wire.page.evaluate(f"probe.time(() => {back}, {QUIET_MS})")
    _note(section, f"tab: {name}", rows, every, sent)


def _elsewhere(section: Section, wire: Wire, url: str, keys: Sequence[str], times: int) -> None:
    """Switching language and model, and what Compare and Languages are asked."""

    def opened(query: str) -> None:
        wire.page.goto(f"{url}/{query}")
        wire.page.evaluate(f"probe.load({QUIET_MS})")
        wire.take()

    def timed(name: str, scripts: Sequence[str]) -> None:
        with section.trying(name, Error, NothingDrawn):
            _note(section, name, *_timed(wire, scripts))

    where = addresses(keys)
    opened(where["languages"])
    limits = ["1000000000", "3000000000", "8000000000", ""][: times + 1]
    timed("Languages, size limit", [f"probe.choose('Models', {each!r})" for each in limits])
    codes = ("swh_Latn", "fra_Latn", "hin_Deva", "yor_Latn", "zul_Latn")[: times + 1]
    typed = [f"probe.type('Find a language', {code!r})" for code in codes]
    timed("Languages, another language", typed)
    timed("Languages, a language's size limit", [f"probe.choose('Models', {e!r})" for e in limits])
    opened(where["model"])
    others = [f"probe.choose('Model', {key!r})" for key in keys[1 : times + 2]]
    timed("Model, another model", others)
    opened(where["compare"])
    pooling = [f"probe.choose('Layer pooling', {each!r})" for each in ("max", "mean")]
    timed("Compare, layer pooling", pooling)
    over = [f"probe.choose('Average over', {each!r})" for each in ("all", "core")]
    timed("Compare, all languages", over)
