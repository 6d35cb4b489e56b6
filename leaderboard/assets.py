"""The board's own scripts and styles, served from this server under a name that moves with them.

Everything lies under `/board-assets/HASH/`, so browsers keep it for ever; text is compressed once
a process and kept. DataTables and Plotly come from the installed `itables` and `plotly` packages,
which are never imported: that would load pandas.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import importlib.util
from functools import cache
from pathlib import Path

import brotli
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
LARGE = 1 << 20
"""Bytes from which the slow best compression is not worth its seconds."""


@cache
def files() -> dict[str, Path]:
    """Every file that is served, by name. Raises RuntimeError when a package is missing."""
    found = {path.name: path for path in sorted(STATIC.iterdir()) if path.suffix in TYPES}
    found["datatables.js"] = _packaged("itables", "html/dt_bundle.js")
    found["plotly.min.js"] = _packaged("plotly", "package_data/plotly.min.js")
    return found


def _packaged(package: str, path: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the {package} package is missing: pip install -r requirements.txt")
    return Path(spec.origin).parent / path


@cache
def base() -> str:
    """`/board-assets/HASH/`, where HASH changes with any file's content."""
    digest = hashlib.sha256()
    for name, path in files().items():
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return f"/board-assets/{digest.hexdigest()[:12]}/"


def module(name: str) -> str:
    """JavaScript for a `js_on_load`: the promise of the module `name`, whatever path serves us."""
    return f'import(new URL("{base().lstrip("/")}{name}", document.baseURI).href)'


@cache
def packed(name: str, encoding: str) -> bytes:
    """A file's bytes in an HTTP content encoding: `br`, `gzip` or `identity`."""
    body = files()[name].read_bytes()
    if encoding == "br":
        return brotli.compress(body, quality=5 if len(body) > LARGE else 9)
    return gzip.compress(body, 6, mtime=0) if encoding == "gzip" else body


async def serve(request: Request) -> Response:
    """One file; 404 for any other name."""
    name = request.path_params["name"]
    path = files().get(name)
    if path is None:
        return Response("no such asset", status_code=404, media_type="text/plain")
    encoding = accepted(request.headers.get("accept-encoding", ""))
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    body = await asyncio.to_thread(packed, name, encoding)
    return Response(body, media_type=TYPES[path.suffix], headers=headers)


def accepted(header: str) -> str:
    """The encoding to answer with to this Accept-Encoding header."""
    offered = {part.split(";")[0].strip() for part in header.lower().split(",")}
    return next((each for each in ("br", "gzip") if each in offered), "identity")


def routes() -> list[Route]:
    """What the app must serve."""
    return [Route(base() + "{name}", serve)]
