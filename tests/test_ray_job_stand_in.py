"""How a job hands languages out and collects them, with a stand-in for Ray in one process."""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from evaluators import ray_job
from evaluators.corpora import Corpus
from evaluators.corpora.corpus import content_hash
from evaluators.keeping import Measured, UnknownLanguages
from evaluators.options import Options
from evaluators.ray_cluster import ClusterError
from evaluators.ray_worker import Order, Ready
from results.evaluation import alignment
from results.repo import Repo
from results.schema import LanguageScore, Model, Run


class Dead(Exception):
    """What stands in for Ray's error of a dead worker."""


class Library:
    """What of Ray a job uses, in one process: `bad` languages kill their worker."""

    exceptions = SimpleNamespace(
        RayError=Dead,
        RayTaskError=type("T", (Dead,), {}),
        RuntimeEnvSetupError=type("E", (Dead,), {}),
    )

    def __init__(self, ready, bad):
        self.ready, self.bad, self.answers, self.given = ready, bad, {}, []

    def remote(self, *args):
        if args and isinstance(args[0], type):
            return SimpleNamespace(options=lambda **options: self)
        return SimpleNamespace(
            load=SimpleNamespace(remote=lambda order: self.task(None)),
            measure=SimpleNamespace(remote=lambda code, segments, asked: self.task(code)),
        )

    def task(self, code):
        self.answers[len(self.answers)] = code
        self.given += [code] if code else []
        return len(self.answers) - 1

    def nodes(self):
        return [{"Alive": True, "Resources": {"CPU": 2.0, "memory": 1e9}}]

    def wait(self, tasks, num_returns):
        return tasks[:1], tasks[1:]

    def get(self, task):
        code = self.answers[task]
        if code in self.bad:
            raise Dead
        pivot = code == "eng_Latn"
        row = LanguageScore(
            language=code or "eng_Latn", tokens=4, tokens_ratio=1, cut=0, seconds=1, run=0,
            layers=None if pivot else [0.5, 0.5],
        )  # fmt: skip
        (configuration,) = self.ready.configurations
        hits = None if pivot else np.eye(2, 2, dtype=bool)
        return [Measured(configuration, row, hits)] if code else self.ready

    def kill(self, actor):
        pass


@pytest.fixture
def made_up():
    """A corpus of four short languages, and a worker that has loaded."""
    texts = {code: ("a" * size, "b") for code, size in zip(
        ["eng_Latn", "fra_Latn", "deu_Latn", "swh_Latn"], [5, 9, 8, 7], strict=True
    )}  # fmt: skip
    corpus = Corpus(
        name="made-up", split=None, hash=content_hash(texts), languages=texts, n=2,
        text_public=False, licence="none", counted=frozenset(texts),
    )  # fmt: skip
    about = Model(
        id="local:made-up", revision="0" * 64, weights="float32", dtype="float32", file=None,
        name="made-up", architecture="llama", parameters=1, layers=2, hidden_size=1, licence=None,
        base_model=None,
    )  # fmt: skip
    run = Run(
        started=datetime(2026, 1, 1, tzinfo=UTC), device="cpu", machine="made up", threads=1,
        batch_tokens=1, software={},
    )  # fmt: skip
    of_corpus = (corpus.name, corpus.hash, None, corpus.n)
    ready = Ready(about, [alignment(*of_corpus, "eng_Latn", "weighted-mean@1")], run)
    pivots = {"eng_Latn": texts["eng_Latn"]}
    order = Order("made-up", None, None, "float32", Options(), of_corpus, pivots, None)
    return order, corpus, ready


def test_a_language_that_kills_its_workers_fails_the_job_and_the_others_are_kept(
    made_up, monkeypatch, tmp_path
):
    order, corpus, ready = made_up
    library = Library(ready, {"fra_Latn"})
    monkeypatch.setattr(ray_job, "ray", lambda: library)
    with pytest.raises(ClusterError, match=r"3 workers .* at fra_Latn: .*2 languages are kept"):
        ray_job.evaluate(order, corpus, list(corpus.languages), Repo(tmp_path))
    ((_, record),) = Repo(tmp_path).records()
    assert record.languages() == {"eng_Latn", "deu_Latn", "swh_Latn"}
    library.bad, library.given = set(), []
    joined = ray_job.evaluate(order, corpus, list(corpus.languages), Repo(tmp_path))
    assert library.given == ["fra_Latn"] and joined.deaths == 0


def test_workers_that_cannot_load_fail_the_job(made_up, monkeypatch, tmp_path):
    order, corpus, ready = made_up
    monkeypatch.setattr(ray_job, "ray", lambda: Library(ready, {None}))
    with pytest.raises(ClusterError, match="while loading the model: the nodes may lack memory"):
        ray_job.evaluate(order, corpus, list(corpus.languages), Repo(tmp_path))


def test_costly_languages_go_first_and_other_weights_are_refused(made_up, monkeypatch, tmp_path):
    order, corpus, ready = made_up
    library = Library(ready, set())
    monkeypatch.setattr(ray_job, "ray", lambda: library)
    seen = []
    codes = ["swh_Latn", "deu_Latn", "fra_Latn"]
    ray_job.evaluate(order, corpus, codes, Repo(tmp_path), 1, report=seen.append)
    assert library.given == ["eng_Latn", "fra_Latn", "deu_Latn", "swh_Latn"]
    assert [now.done for now in seen] == [0, 0, 1, 2, 3] and seen[-1].seconds_left == 0
    with pytest.raises(ClusterError, match="holds float32 weights, the request says Q4_1"):
        ray_job.evaluate(order, corpus, codes, Repo(tmp_path), expect_weights="Q4_1")
    with pytest.raises(UnknownLanguages, match="has no yor_Latn"):
        ray_job.evaluate(order, corpus, ["yor_Latn"], Repo(tmp_path))
