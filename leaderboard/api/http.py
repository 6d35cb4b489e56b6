"""Plain HTTP: GET with entity tags and gzip, errors as one sentence, and where to submit."""

from __future__ import annotations

import asyncio
import difflib
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leaderboard import refusals
from leaderboard.answers import NotFound
from leaderboard.api import index, submitting
from leaderboard.api.endpoints import ENDPOINTS, ROOT, Endpoint
from leaderboard.api.serving import Crowded, Encoded, Served, served
from leaderboard.asked import SubmissionAsked
from leaderboard.question import BadQuestion

if TYPE_CHECKING:
    from leaderboard.board import Board

log = logging.getLogger(__name__)
SAFE = {"X-Content-Type-Options": "nosniff"}
OPEN = {
    **SAFE,
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Content-Disposition",
    "Vary": "Accept-Encoding",
}
BROKEN = "the board could not work this out; its log says why"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Handler = Callable[[Request], Awaitable[Response]]


def routes(board: Board) -> list[Route]:
    """What the app must serve under `/api/v1`."""
    answers = served(board)
    found = [Route(f"{ROOT}/{each.name}", _get(answers, each)) for each in ENDPOINTS.values()]
    found.append(Route(f"{ROOT}/requests", _post(answers), methods=["POST"]))
    found.append(Route(f"{ROOT}/openapi.json", _document(index.openapi)))
    found += [Route(path, _document(index.contents)) for path in (ROOT, f"{ROOT}/")]
    found.append(Route(f"{ROOT}/{{name:path}}", _nothing, methods=METHODS))
    return found


def _get(answers: Served, endpoint: Endpoint) -> Handler:
    async def get(request: Request) -> Response:
        try:
            asked = endpoint.asked.read(request.query_params.multi_items())
            tag = f'W/"{answers.tag(endpoint, asked)}"'
            if matches(request.headers.get("if-none-match", ""), tag):
                return Response(status_code=304, headers={**OPEN, "ETag": tag})
            found = await answers.answer(endpoint, asked)
        except NotFound as error:
            return failure(404, str(error), OPEN)
        except ValueError as error:
            return failure(400, str(error), OPEN)
        except Crowded as error:
            return failure(503, str(error), {**OPEN, "Retry-After": "5"})
        except Exception:
            log.exception("%s was not answered", endpoint.name)
            return failure(500, BROKEN, OPEN)
        headers = {**OPEN, "ETag": tag}
        if "format" in asked.model_fields_set:
            ending = getattr(asked, "format", "json")
            headers["Content-Disposition"] = f'attachment; filename="{found.file}.{ending}"'
        return await _sent(request, found, headers)

    return get


async def _sent(request: Request, found: Encoded, headers: dict[str, str]) -> Response:
    """An answer, for HEAD without its body."""
    body = found.body
    if found.packed and accepts_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
    elif found.packed:
        body = await asyncio.to_thread(found.plain)
    headers["Content-Length"] = str(len(body))
    shown = b"" if request.method == "HEAD" else body
    return Response(shown, headers=headers, media_type=found.media_type)


def _document(describe: Callable[[], dict[str, Any]]) -> Handler:
    async def get(request: Request) -> Response:
        body = orjson.dumps(describe(), option=orjson.OPT_INDENT_2)
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        if matches(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers={**OPEN, "ETag": tag})
        found = Encoded(body, False, "application/json", "")
        return await _sent(request, found, {**OPEN, "ETag": tag})

    return get


def _post(answers: Served) -> Handler:
    async def post(request: Request) -> Response:
        try:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if "authorization" not in request.headers and kind != "application/json":
                raise submitting.NotTaken(415, "send JSON, with Content-Type: application/json")
            body = refusals.parsed(await refusals.body_of(request.receive))
            if not isinstance(body, dict):
                raise BadQuestion('send an object, such as {"model": "organisation/model"}')
            asked = SubmissionAsked.of(body)
            kept = await submitting.submit(answers, asked, request.headers)
        except submitting.NotTaken as error:
            return failure(error.status, str(error), {**SAFE, **error.headers})
        except refusals.Bad as error:
            return failure(error.status, str(error), SAFE)
        except BadQuestion as error:
            return failure(400, str(error), SAFE)
        except Exception:
            log.exception("a submission was not answered")
            return failure(500, BROKEN, SAFE)
        where = {"Location": f"requests?id={kept['id']}"}
        return Response(orjson.dumps(kept), 201, {**SAFE, **where}, "application/json")

    return post


async def _nothing(request: Request) -> Response:
    """An address that is no endpoint, or not with this method."""
    name = request.path_params["name"].strip("/")
    if name in ENDPOINTS or name in ("", "openapi.json"):
        allowed = "GET, HEAD, POST" if name == "requests" else "GET, HEAD"
        said = f"this address answers {allowed}"
        return failure(405, said, {**SAFE, "Allow": allowed})
    near = difflib.get_close_matches(name, ENDPOINTS, 1, 0.5)
    other = f"do you mean {ROOT}/{near[0]}?" if near else f"{ROOT} lists what there is"
    return failure(404, f"there is no {ROOT}/{name[:60]}; {other}", OPEN)


def failure(status: int, sentence: str, headers: dict[str, str]) -> Response:
    """`{"error": sentence}`."""
    body = orjson.dumps({"error": sentence})
    return Response(body, status, headers, "application/json")


def matches(header: str, tag: str) -> bool:
    """Whether an If-None-Match header names the tag; compared weakly (RFC 9110, 13.1.2)."""
    named = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in named or tag.removeprefix("W/") in named


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip."""
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
