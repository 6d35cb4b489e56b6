"""The endpoints as Gradio functions: for gradio_client, MCP and Gradio's own documentation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gradio as gr

from leaderboard.api import submitting
from leaderboard.api.endpoints import ENDPOINTS, Endpoint, Json
from leaderboard.api.serving import Crowded, Served, served
from leaderboard.asked import SubmissionAsked
from leaderboard.question import Asked

if TYPE_CHECKING:
    from leaderboard.board import Board

NOT_HERE = ("format",)
"""Parameters of plain HTTP alone: a function returns objects."""
SUBMIT = """Put a model in the queue, and wait until it is kept there.

Where people sign in, a Hugging Face token says who asks: `Client(url, token="hf_…")`."""


def build(board: Board) -> None:
    """Register the functions, each with the parameters of its endpoint."""
    answers = served(board)
    for endpoint in ENDPOINTS.values():
        if endpoint.function:
            gr.api(_function(answers, endpoint), api_name=endpoint.name, queue=False)
    gr.api(_submit(answers), api_name="submit", queue=False)


def _function(answers: Served, endpoint: Endpoint) -> Callable[..., Any]:
    names = parameters(endpoint.asked)

    async def ask(*values: Any) -> Json:  # noqa: ANN401
        try:
            asked = endpoint.asked.of(dict(zip(names, values, strict=True)))
            return await answers.json(endpoint, asked)
        except (ValueError, Crowded) as error:
            raise gr.Error(str(error), print_exception=False) from None

    return _described(ask, endpoint.name, endpoint.says, endpoint.asked)


def _submit(answers: Served) -> Callable[..., Any]:
    names = parameters(SubmissionAsked)

    async def submit(request: gr.Request, *values: Any) -> Json:  # noqa: ANN401
        try:
            asked = SubmissionAsked.of(dict(zip(names, values, strict=True)))
            return await submitting.submit(answers, asked, request.headers)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return _described(submit, "submit", SUBMIT, SubmissionAsked, request=gr.Request)


def parameters(asked: type[Asked]) -> list[str]:
    """The names of a function's parameters in order: those that must be given go first."""
    names = [name for name in asked.model_fields if name not in NOT_HERE]
    return sorted(names, key=lambda name: not asked.model_fields[name].is_required())


def _described(
    act: Callable[..., Any], name: str, says: str, asked: type[Asked], **special: type
) -> Callable[..., Any]:
    """The function with the signature and documentation that Gradio reads of any function."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    found = [inspect.Parameter(each, kind, annotation=of) for each, of in special.items()]
    told = []
    for each in parameters(asked):
        field = asked.model_fields[each]
        a_list = asked.is_list(each)
        default: Any = inspect.Parameter.empty
        if not field.is_required():
            default = ",".join(field.default) if a_list else field.default
        of = str if a_list else field.annotation
        found.append(inspect.Parameter(each, kind, default=default, annotation=of))
        told.append(f"    {each}: {field.description or ''}")
    signature = inspect.Signature(found, return_annotation=dict)
    act.__name__ = act.__qualname__ = name
    act.__signature__ = signature  # type: ignore[attr-defined]
    act.__annotations__ = {each.name: each.annotation for each in found} | {"return": dict}
    arguments = "\n\nArgs:\n" + "\n".join(told) if told else ""
    act.__doc__ = f"{says}{arguments}"
    return act
