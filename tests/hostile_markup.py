"""Judges markup: only what the templates of the board write may stand in a page."""

from __future__ import annotations

import json
from html.parser import HTMLParser

TAGS = {"a", "b", "br", "code", "details", "div", "dd", "dl", "dt", "h1", "h2", "h3", "li", "ol"}
TAGS |= {"p", "pre", "section", "span", "strong", "summary", "ul"}
ATTRIBUTES = {"class", "href", "id", "role", "title", "aria-label", "aria-hidden", "lang", "dir"}


class Markup(HTMLParser):
    """Fails on an element, attribute or address that no template of the board writes."""

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, f"<{tag}>"
        for name, value in attrs:
            assert name in ATTRIBUTES, f"<{tag} {name}={value!r}>"
            if name == "href":
                assert (value or "").startswith(("/", "#", "?page=")), value
                assert not (value or "").startswith("//"), value


def lines(stream):
    """Lines of an event stream; httpx would also cut at separators inside a text."""
    rest = b""
    for piece in stream.iter_bytes():
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole


def look_at(text):
    """An HTML value: a table's JSON, which its script puts on the page as text, or markup."""
    try:
        json.loads(text)
    except ValueError:
        Markup(convert_charrefs=True).feed(text)
