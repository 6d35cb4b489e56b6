"""Calls that do not fit get a 4xx, and what Gradio serves and nobody needs is closed."""

from __future__ import annotations

import gradio as gr
import httpx
import pytest
from starlette.middleware import Middleware

from leaderboard.refusals import Refusals


@pytest.fixture(scope="module")
def client():
    with gr.Blocks() as demo:
        text = gr.Textbox()

        def shout(word: str) -> str:
            if word == "crash":
                raise RuntimeError("nobody foresaw this")
            if word == "refuse":
                raise gr.Error("not this word")
            return word.upper()

        text.submit(shout, text, text, api_name="shout")
    options = {"prevent_thread_lock": True, "server_name": "127.0.0.1", "quiet": True}
    _, url, _ = demo.launch(**options, app_kwargs={"middleware": [Middleware(Refusals)]})
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as found:
        yield found
    demo.close()


def called(client, body, path="run/shout"):
    options = {"content": body} if isinstance(body, bytes) else {"json": body}
    return client.post(f"/gradio_api/{path}", **options)


def test_a_call_that_fits_is_carried_out(client):
    assert called(client, {"data": ["a"]}).json()["data"] == ["A"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"data": ["\\ud800"]}', 400),
        (b'{"data": [NaN]}', 400),
        ([1], 422),
        ({"data": []}, 422),
        ({"data": ["a", "b"]}, 422),
        ({"data": "a"}, 422),
        ({"data": [{"path": "/etc/passwd"}]}, 422),
        ({"data": [[{"a": {"meta": {"_type": "gradio.FileData"}}}]]}, 422),
        (b"a" * (1 << 21), 413),
    ],
)
def test_calls_that_do_not_fit(client, body, status):
    answer = called(client, body)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def test_a_refusal_with_a_message_is_no_crash_and_a_crash_stays_one(client):
    refused = called(client, {"data": ["refuse"]})
    assert (refused.status_code, refused.json()["error"]) == (400, "not this word")
    assert called(client, {"data": ["crash"]}).status_code == 500


@pytest.mark.parametrize(
    ("path", "body"),
    [("run/nothing", {"data": []}), ("queue/join", {"data": [], "fn_index": 999})],
)
def test_functions_that_are_not_there(client, path, body):
    assert called(client, body, path).status_code == 404


def test_nobody_uploads_a_file_or_fetches_another_site_through_the_board(client):
    assert client.post("/gradio_api/upload", files={"files": b"x"}).status_code == 403
    assert client.get("/gradio_api/proxy=http://127.0.0.1:1/").status_code == 403
