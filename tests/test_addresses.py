"""The one page's query and head, and where old addresses lead."""

from __future__ import annotations

import gzip
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from leaderboard.addresses import OLD, Addresses, moved

HEAD = "<script>early()</script>"
REVISION = "0123456789abcdef"


@pytest.fixture(scope="module")
def client():
    async def page(request):
        query = request.url.query
        return HTMLResponse(f"<html><head><title>x</title></head>{query}|{'é' * 500}</html>")

    async def other(request):
        return PlainTextResponse(f"<head>{request.url.query}")

    routes = [Route("/", page, methods=["GET", "POST"]), Route("/other", other)]
    app = Starlette(routes=routes, middleware=[Middleware(Addresses, head=lambda: HEAD)])
    return TestClient(app, follow_redirects=False)


def test_the_page_gets_our_head_and_no_query(client: TestClient):
    answer = client.get("/?page=languages&deep_link=x", headers={"Accept-Encoding": "gzip"})
    assert answer.text.startswith(f"<html><head>{HEAD}<title>x</title>")
    assert "</head>|é" in answer.text
    assert answer.headers["content-encoding"] == "gzip"
    with client.stream("GET", "/", headers={"Accept-Encoding": "gzip"}) as raw:
        body = b"".join(raw.iter_raw())
    assert len(body) == int(raw.headers["content-length"])
    assert HEAD.encode() in gzip.decompress(body)
    plain = client.get("/", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert int(plain.headers["content-length"]) == len(plain.content)
    assert client.head("/?page=x").status_code == 200


def test_nothing_else_is_touched(client: TestClient):
    assert client.get("/other?page=x").text == "<head>page=x"
    assert "early" not in client.post("/?page=x").text
    assert client.post("/?page=x").text.count("page=x") == 1


@pytest.mark.parametrize("name", OLD)
def test_an_old_address_leads_to_its_page(client: TestClient, name: str):
    answer = client.get(f"/{name}?view=alignment-1&__theme=dark")
    assert answer.status_code == 307
    assert answer.headers["location"] == f"./?page={name}&view=alignment-1&__theme=dark"
    assert client.get(f"/{name}/").headers["location"].startswith(f"../?page={name}")


def test_an_old_models_identity_becomes_its_key():
    query = urlencode(
        {"id": "org/m@1", "revision": REVISION, "weights": "Q4", "dtype": "float32", "view": "v"}
    )
    assert moved("model", query) == "?page=model&view=v&model=org/m@1@01234567:Q4:float32"
    assert moved("model", "id=org/m") == "?page=model&model=org/m"


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_any_query_survives_the_move(asked):
    plain = {key: value for key, value in asked.items() if key not in ("page", "id")}
    location = moved("queue", urlencode(plain, errors="replace"))
    found = parse_qs(urlsplit(location).query, keep_blank_values=True)
    assert location.startswith("?page=queue")
    assert location.isascii() and location.isprintable()
    assert len(found) == len(plain) + 1
