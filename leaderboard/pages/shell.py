"""The one page that holds all others: its head, its navigation, and the islands in it."""

from __future__ import annotations

import json

import gradio as gr

from leaderboard import assets

PAGES = {
    "models": "Models",
    "languages": "Languages",
    "tasks": "Tasks",
    "compare": "Compare",
    "trust": "Trust",
    "submit": "Submit",
    "queue": "Queue",
    "about": "About",
    "model": "Model",
}
"""What `?page=` may name, with the title; `model` is reached from a row, not from the menu."""
FIRST = (
    *("dom", "state", "net", "shell", "nav", "datatables", "table", "cells", "controls", "views"),
    *("grid_state", "language_picker", "downloads", "clipboard", "plot", "ranks"),
)
OF_PAGE = {
    "models": (
        "models",
        "models_columns",
        "models_controls",
        "models_filters",
        "models_set",
        "models_sentence",
        "models_menu",
        "models_panel",
        "page_parts",
        "compare_tray",
    ),
    "languages": ("languages",),
    "tasks": ("tasks",),
    "compare": ("compare",),
    "trust": ("trust",),
    "model": ("model",),
}
"""Modules that a page needs, or it would fetch them one behind the other."""
TITLE = "MEXA leaderboard: which open language model works in your language?"
DESCRIPTION = (
    "How well open language models understand hundreds of languages, measured without labelled "
    "tests, with intervals and rank ranges."
)
"""What other sites show of a link; Gradio's own say nothing, and the first of a name counts."""
STYLES = ("site", "table", "models", "about", "pages", "tasks", "forecast")
BEGIN = """
// In a frame of another site a browser may keep its storage from us; Gradio does not expect that.
try { localStorage.length; } catch {
  const kept = new Map();
  Object.defineProperty(window, "localStorage", { value: {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, String(value)),
    removeItem: (key) => kept.delete(key),
  } });
}
const asked = new URLSearchParams(location.search).get("page");
const page = %(pages)s.includes(asked) ? asked : "models";
document.documentElement.dataset.page = page;
const fetchEarly = (given) =>
  document.head.append(Object.assign(document.createElement("link"), given));
for (const name of %(modules)s[page] ?? []) {
  fetchEarly({ rel: "modulepreload", href: `%(at)s${name}.js` });
}
const first = { rel: "preload", as: "fetch", crossOrigin: "" };
fetchEarly({ ...first, href: "api/v1/board" });
if (%(measured)s && !location.search) fetchEarly({ ...first, href: "api/v1/models" });
"""


def head(measured: bool) -> str:
    """HTML for the start of `<head>`: which page, its styles, its modules, its first rows.

    measured: whether the board has results; else there are no first rows to ask for.
    """
    at = assets.base().lstrip("/")
    pages, modules = json.dumps(list(PAGES)), json.dumps(OF_PAGE)
    facts = {"pages": pages, "modules": modules, "at": at, "measured": json.dumps(measured)}
    begin = BEGIN % facts
    links = "".join(f'<link rel="modulepreload" href="{at}{name}.js">' for name in FIRST)
    about = {"og:title": TITLE, "og:description": DESCRIPTION, "description": DESCRIPTION}
    metas = "".join(
        f'<meta {"property" if ":" in name else "name"}="{name}" content="{text}">'
        for name, text in about.items()
    )
    styles = "".join(f'<link rel="stylesheet" href="{at}{name}.css">' for name in STYLES)
    return (
        '<base href="./">'  # Gradio's own, but it must come before the first relative address
        f"{metas}<script>{{{begin}}}</script>"
        f'{styles}{links}<script type="module" src="{at}shell.js"></script>'
    )


def island(name: str, html: str = "") -> gr.HTML:
    """A page that is drawn by `static/NAME.js`, or is `html`, which is trusted.

    It goes in as a value: Gradio runs what a template holds as JavaScript, a stranger's `${` too.
    """
    return gr.HTML(
        html,
        elem_id=f"island-{name}",
        elem_classes=["island"],
        html_template="<div class='island-root'>${value}</div>",
        js_on_load=f'{assets.module("shell.js")}.then((shell) => shell.attach("{name}", element))',
        apply_default_css=False,
    )


def navigation() -> gr.HTML:
    """Our own menu, with the strip that says what is amiss below it."""
    return gr.HTML(
        elem_id="board-nav",
        html_template=(
            "<div class='nav-root'></div><div class='banner'><div role='status'></div></div>"
        ),
        js_on_load=f"{assets.module('shell.js')}.then((shell) => shell.navigation(element))",
        apply_default_css=False,
    )


def signal(name: str, once: bool = False) -> gr.HTML:
    """A hidden component whose `changed` event the script sets off when page NAME wants news.

    That is whenever the page is opened and when the queue has changed; `once`: when first opened.
    """
    return gr.HTML(
        elem_id=f"signal-{name}",
        elem_classes=["signal"],
        html_template="<div hidden></div>",
        js_on_load=(
            f'{assets.module("shell.js")}.then((shell) => shell.onNews("{name}", '
            f"() => trigger('changed', {{}}), {str(once).lower()}))"
        ),
        apply_default_css=False,
    )
