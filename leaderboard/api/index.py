"""What the API says of itself, from the same models that check what it is asked."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from pydantic.fields import FieldInfo

from leaderboard.api.endpoints import API, ENDPOINTS, ROOT, Endpoint, Json
from leaderboard.asked import SubmissionAsked
from leaderboard.question import Asked

EXAMPLES: dict[str, Json] = {
    "models": {"languages": "core", "show": "swh_Latn,fra_Latn"},
    "languages": {"max_parameters": 1_000_000_000},
    "scores": {"language": "swh_Latn"},
    "tasks": {"languages": "swh_Latn,fra_Latn", "kind": "plain"},
    "trust": {"task": "udhr-cloze"},
    "forecast": {"language": "swh_Latn"},
}
"""Where what must be given does not make a telling one."""
SUBMITTING = "Put a model in the queue; the body is JSON. Where people sign in, with a Hub token."


@cache
def contents() -> Json:
    """Every endpoint with its parameters and an example."""
    found = [
        {
            "name": each.name,
            "method": "GET",
            "address": f"{ROOT}/{each.name}",
            "says": each.says,
            "parameters": _parameters(each.asked),
            "example": example(each),
        }
        for each in ENDPOINTS.values()
    ]
    submitting = {
        "name": "submit",
        "method": "POST",
        "address": f"{ROOT}/requests",
        "says": SUBMITTING,
        "parameters": _parameters(SubmissionAsked),
        "example": _needed(SubmissionAsked),
    }
    return {"api": API, "openapi": f"{ROOT}/openapi.json", "endpoints": [*found, submitting]}


def example(endpoint: Endpoint) -> str:
    """An address that can be opened."""
    chosen = EXAMPLES.get(endpoint.name) or _needed(endpoint.asked)
    query = urlencode(chosen, quote_via=quote, safe=",:/@")
    return f"{ROOT}/{endpoint.name}" + (f"?{query}" if query else "")


def _needed(asked: type[Asked]) -> dict[str, Any]:
    fields = asked.model_fields.items()
    return {name: _first(field) for name, field in fields if field.is_required()}


def _first(field: FieldInfo) -> Any:  # noqa: ANN401
    return (field.examples or [""])[0]


def _parameters(asked: type[Asked]) -> list[Json]:
    schema = asked.model_json_schema()
    needed = schema.get("required", [])
    rows = []
    for name, said in schema.get("properties", {}).items():
        plain = _simple(said)
        row = {
            "name": name,
            "says": said.get("description", ""),
            "type": f"list of {plain['items']['type']}" if "items" in plain else plain["type"],
            "needed": name in needed,
            "default": said.get("default"),
        }
        choices = plain.get("enum") or plain.get("items", {}).get("enum")
        rows.append({**row, "choices": choices} if choices else row)
    return rows


def _simple(said: Json) -> Json:
    """A property's schema without the null that stands for a parameter that is not given."""
    kinds = [each for each in said.get("anyOf", []) if each.get("type") != "null"]
    return kinds[0] if kinds else said


@cache
def openapi() -> Json:
    """The same as an OpenAPI 3.1 document."""
    paths: Json = {}
    for endpoint in ENDPOINTS.values():
        paths[f"{ROOT}/{endpoint.name}"] = {"get": _operation(endpoint)}
    paths[f"{ROOT}/requests"]["post"] = {
        "operationId": "submit",
        "summary": SUBMITTING,
        "security": [{"hub": []}, {}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": SubmissionAsked.model_json_schema()}},
        },
        "responses": {"201": {"description": "the request as it stands in the queue"}}
        | _failures("400", "401", "403", "409", "413", "415", "429", "503"),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "MEXA leaderboard", "version": str(API)},
        "paths": paths,
        "components": {"securitySchemes": {"hub": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(endpoint: Endpoint) -> Json:
    schema = endpoint.asked.model_json_schema()
    rows = []
    for name, said in schema.get("properties", {}).items():
        row = {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", []),
            "description": said.get("description", ""),
            "schema": {key: v for key, v in said.items() if key not in ("description", "title")},
        }
        if said.get("type") == "array":
            row |= {"style": "form", "explode": False}
        rows.append(row)
    formats = ("application/json",)
    if "format" in schema.get("properties", {}):
        formats += ("text/csv", "application/vnd.apache.parquet")  # type: ignore[assignment]
    return {
        "operationId": endpoint.name,
        "summary": endpoint.says,
        "parameters": rows,
        "responses": {
            "200": {"description": "the answer", "content": {each: {} for each in formats}},
            "304": {"description": "it is still what If-None-Match names"},
            **_failures("400", "404"),
        },
    }


def _failures(*statuses: str) -> Json:
    error = {"type": "object", "properties": {"error": {"type": "string"}}}
    content = {"application/json": {"schema": error}}
    return {
        each: {"description": "a sentence that says why", "content": content} for each in statuses
    }
