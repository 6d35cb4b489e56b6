"""The board's own files: from this server, for ever, compressed, and nothing beside them."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from leaderboard import assets


@pytest.fixture(scope="module")
def client():
    return TestClient(Starlette(routes=assets.routes()))


def raw(client: TestClient, name: str, accept: str) -> tuple[bytes, str | None]:
    with client.stream("GET", assets.base() + name, headers={"Accept-Encoding": accept}) as answer:
        assert answer.status_code == 200
        return b"".join(answer.iter_raw()), answer.headers.get("content-encoding")


def test_every_file_is_served_and_may_be_kept(client: TestClient):
    for name, path in assets.files().items():
        if name == "plotly.min.js":
            continue
        answer = client.get(assets.base() + name)
        assert answer.content == path.read_bytes(), name
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].split(";")[0] == assets.TYPES[path.suffix]


def test_the_encoding_is_the_readers(client: TestClient):
    plain = assets.files()["table.js"].read_bytes()
    packed, encoding = raw(client, "table.js", "gzip, br")
    assert (encoding, brotli.decompress(packed)) == ("br", plain)
    packed, encoding = raw(client, "table.js", "gzip")
    assert (encoding, gzip.decompress(packed)) == ("gzip", plain)
    assert raw(client, "table.js", "identity") == (plain, None)
    chart, encoding = raw(client, "plotly.min.js", "br")
    assert encoding == "br"
    assert len(chart) < assets.files()["plotly.min.js"].stat().st_size / 3


@pytest.mark.parametrize(
    "name", ["table.py", "..%2ftable.py", "..%2f..%2fapp.py", "models.png", "x"]
)
def test_nothing_else_is_served(client: TestClient, name: str):
    assert client.get(assets.base() + name).status_code == 404


def test_the_name_moves_with_the_content(monkeypatch, tmp_path):
    before = assets.base()
    other = tmp_path / "table.js"
    other.write_text("// another")
    files = {**assets.files(), "table.js": other}
    monkeypatch.setattr(assets, "files", lambda: files)
    assets.base.cache_clear()
    assert assets.base() != before
    monkeypatch.undo()
    assets.base.cache_clear()
    assert assets.base() == before


def test_modules_import_only_what_is_served():
    for name, path in assets.files().items():
        if path.parent == assets.STATIC and name.endswith(".js"):
            imported = re.findall(r"""(?:from |import\()["`]\./([\w.]+)["`]""", path.read_text())
            assert set(imported) <= set(assets.files()), name
