"""What a job is told: machine, time, cost, tokens."""

import json
import logging

import pytest
from hf_jobs_board import (
    CANARIES,
    READ,
    RESULTS,
    WRITE,
    asked,
    machine,
)

from leaderboard.launchers import flavours, hf_job
from results.settings import Settings


def test_what_a_job_is_told_and_whom_it_is_billed_to(board):
    request = board.submit("small", parameters=3_000_000_000)
    board.web(jobs_namespace="lab", time_limit=3600, dtype="float32", checkpoint=7.5).tick()
    (job,) = board.jobs()
    spec, env = job.spec, job.spec["environment"]
    assert (job.namespace, spec["dockerImage"], spec["flavor"]) == ("lab", "python:3.11", "l4x1")
    assert spec["command"] == ["bash", "-c", hf_job.SCRIPT, "mexa", request.id, "1"]
    assert spec["timeoutSeconds"] == 3600 + hf_job.SETUP
    assert env["MEXA_TIME_LIMIT"] == "3600.0" and env["MEXA_REPO"] == "org/board"
    assert (env["MEXA_LAUNCHER"], env["MEXA_CHECKPOINT"]) == ("none", "7.5")
    assert Settings(**{k.removeprefix("MEXA_").lower(): v for k, v in env.items() if "MEXA_" in k})
    (volume,) = spec["volumes"]
    sha = board.space.find("main").id
    where = {"type": "space", "source": "org/board", "mountPath": "/opt/mexa"}
    assert volume == where | {"revision": sha, "readOnly": True}
    labels = {"board": "org--board", "request": request.id, "attempt": "1"}
    assert spec["labels"] == labels | {"name": f"mexa-{request.id}"}
    assert not [path for _, path, _ in board.hub.requests if "whoami" in path]


def test_the_code_is_that_of_the_space_that_runs_this_or_of_the_setting(board, monkeypatch):
    for id in ("lab/running", "lab/chosen"):
        board.hub.create(id, "space", {"a": b"1"})
    board.submit("one")
    monkeypatch.setenv("SPACE_ID", "lab/running")
    board.web().tick()
    board.submit("two")
    board.web(jobs_code="lab/chosen").tick()
    sources = [job.spec["volumes"][0]["source"] for job in board.jobs()]
    assert sources == ["lab/running", "lab/chosen"]
    board.submit("three")
    web = board.web(jobs_code="lab/none")
    web.tick()
    assert "sees no Space lab/none" in web.trouble and len(board.jobs()) == 2


@pytest.mark.parametrize(
    ("about", "name"),
    [
        ({"parameters": 135_000_000}, "cpu-upgrade"),
        ({"parameters": 500_000_001}, "t4-small"),
        ({"parameters": 2_370_000_000}, "t4-small"),
        ({"parameters": 2_380_000_000}, "l4x1"),
        ({"parameters": 7_000_000_000}, "l40sx1"),
        ({"parameters": 7_000_000_000, "dtype": "bfloat16"}, "l4x1"),
        ({"parameters": 11_000_000_000}, "a100-large"),
        ({"parameters": 13_000_000_000}, "rtx-pro-6000"),
        ({"parameters": 20_000_000_000}, "h200"),
        ({"parameters": 2_000_000_000, "size": 40_000_000_000}, "t4-medium"),
        ({"parameters": None, "size": 1_000_000_000}, "t4-small"),
        ({"parameters": None, "size": 4_000_000_000, "file": "q.gguf"}, "a100-large"),
        ({"parameters": None}, "t4-small"),
    ],
)
def test_the_cheapest_machine_that_holds_the_model(about, name):
    model = asked(**about).model
    chosen = flavours.choose(model)
    assert chosen.name == name
    cheaper = [each for each in flavours.TABLE if each.price < chosen.price]
    assert not [each.name for each in cheaper if each.fits(model)]
    if count := flavours.parameters(model):
        device = chosen.gpu or chosen.memory
        assert count * flavours.BYTES[model.dtype] * 1.35 <= 0.8 * device * 1e9


def test_main_memory_holds_what_the_gpu_can():
    for each in flavours.TABLE:
        assert each.gpu / flavours.OVERHEAD <= each.memory, each.name


def test_a_model_that_no_machine_holds_fails_with_a_sentence(board):
    request = board.submit("huge", parameters=70_000_000_000)
    other = board.submit("small")
    board.web(jobs_at_once=1).tick()
    found = board.now(request)
    assert (found.state, found.attempts) == ("failed", [])
    assert found.reason.startswith("No machine with one GPU of Hugging Face Jobs holds this model")
    assert [job.labels["request"] for job in board.jobs()] == [other.id]


def test_the_cost_cap_shortens_a_job_and_refuses_one_that_could_hardly_start(board):
    board.submit("seven", parameters=7_000_000_000)
    large = board.submit("twenty", parameters=20_000_000_000)
    board.web(jobs_cost=1.80, time_limit=6 * 3600).tick()
    (job,) = board.jobs()
    assert job.spec["flavor"] == "l40sx1" and job.spec["timeoutSeconds"] == 3600
    assert job.spec["environment"]["MEXA_TIME_LIMIT"] == str(3600 - hf_job.SETUP)
    found = board.now(large)
    assert found.state == "failed"
    assert found.reason == (
        "This model needs h200 at $5.00 an hour. The $1.80 that a job may cost last for 22 min, "
        "too short to start."
    )


def test_prices_are_the_hubs_and_what_is_not_to_be_had_is_not_chosen(board):
    there = [machine("l40sx1", 2.00), machine("a100-large", 1.50), machine("new-thing", 0.01)]
    board.hub.fail(200, "/api/jobs/hardware", body=json.dumps(there))
    board.submit("small", parameters=1_000_000_000)
    board.web(jobs_cost=3.0).tick()
    (job,) = board.jobs()
    assert (job.spec["flavor"], job.spec["timeoutSeconds"]) == ("a100-large", 2 * 3600)


def test_prices_that_the_hub_does_not_tell_are_the_tables(board):
    board.hub.fail(500, "/api/jobs/hardware")
    board.submit("small")
    board.web().tick()
    assert [job.spec["flavor"] for job in board.jobs()] == ["cpu-upgrade"]


def test_tokens_are_secrets_alone_and_the_read_token_is_for_what_is_gated_only(board, caplog):
    caplog.set_level(logging.DEBUG)
    board.submit("plain")
    board.submit("closed", gated=True)
    board.submit("verses", corpus="bible")
    web = board.web()
    web.tick()
    plain, closed, verses = [job.spec for job in board.jobs()]
    assert plain.pop("secrets") == {"MEXA_TOKEN": RESULTS}
    assert closed.pop("secrets") == {"MEXA_TOKEN": RESULTS, "MEXA_READ_TOKEN": READ}
    assert verses.pop("secrets") == {"MEXA_TOKEN": RESULTS, "MEXA_READ_TOKEN": READ}
    board.hub.fail(403, "/api/jobs/org", method="POST", body=f'{{"error": "no {WRITE}"}}')
    last = board.submit("third")
    web.tick()
    said = str([plain, closed, board.now(last), web.trouble]) + caplog.text.replace("\n", "")
    assert not [canary for canary in CANARIES if canary in said]


def test_without_a_results_token_a_job_gets_the_boards(board):
    board.submit("plain")
    board.web(jobs_token=None).tick()
    assert [job.spec["secrets"] for job in board.jobs()] == [{"MEXA_TOKEN": WRITE}]
