"""A job keeps what it measured, and does not spend its time on that."""

import os
import signal
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from evaluators import corpora, job
from evaluators.__main__ import app
from evaluators.failures import judge
from evaluators.measurer import Measurer
from evaluators.options import Options, wanted
from results.repo import Repo, check
from results.settings import settings

PIVOT, OTHERS = "eng_Latn", 24


@pytest.fixture(scope="module")
def corpus():
    return corpora.load("udhr", cache=settings().cache)


@pytest.fixture(scope="module")
def codes(corpus):
    """The pivot and the languages with the least text."""
    size = {code: sum(map(len, texts)) for code, texts in corpus.languages.items()}
    return [PIVOT, *sorted(size.keys() - {PIVOT}, key=size.get)[:OTHERS]]


@pytest.fixture
def timed(monkeypatch):
    """`timed(language=1, write=2)`: by the job's own clock, each takes so many seconds.

    What it returns fills with the languages of each write.
    """
    clock = [0.0]
    monkeypatch.setattr(job, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def start(language, write):
        writes = []
        measure, keep = Measurer.measure, job.keep

        def measured(self, *words):
            clock[0] += language
            return measure(self, *words)

        def kept(repo, model, run, rows):
            clock[0] += write
            keep(repo, model, run, rows)
            writes.append(len({row.score.language for row in rows}))

        monkeypatch.setattr(Measurer, "measure", measured)
        monkeypatch.setattr(job, "keep", kept)
        return writes

    return start


def evaluate(loaded, corpus, codes, root):
    job.evaluate(loaded, corpus, codes, wanted(Options(), loaded), Repo(root))


def languages(root):
    return [record.languages() for _, record in Repo(root).records()]


def at(code, do, monkeypatch):
    """Before a language is measured something happens."""
    measure = Measurer.measure

    def measured(self, now, *words):
        if now == code:
            do()
        return measure(self, now, *words)

    monkeypatch.setattr(Measurer, "measure", measured)


def test_a_fast_model_writes_a_tenth_of_the_time(loaded, corpus, codes, timed, tmp_path):
    writes = timed(language=1, write=0.5)
    evaluate(loaded, corpus, codes, tmp_path)
    # The first at once, when nothing is known of the disk; the last when all is done.
    assert writes == [1, 5, 5, 5, 5, 4]
    assert check(tmp_path) == []
    assert languages(tmp_path) == [set(codes)] * 2


def test_what_takes_long_beside_its_writing_is_written_at_once(
    loaded, corpus, codes, timed, tmp_path
):
    writes = timed(language=1, write=0.05)
    evaluate(loaded, corpus, codes[:5], tmp_path)
    assert writes == [1, 1, 1, 1, 1, 0]


def test_what_waits_to_be_written_outlives_an_error(
    loaded, corpus, codes, timed, tmp_path, monkeypatch
):
    def fail():
        raise ValueError("not finite")

    writes = timed(language=1, write=0.5)
    at(codes[4], fail, monkeypatch)
    with pytest.raises(ValueError, match="not finite"):
        evaluate(loaded, corpus, codes, tmp_path)
    assert languages(tmp_path) == [set(codes[:4])] * 2
    assert writes == [1, 3]


@pytest.mark.parametrize("command", ["run", "ask"])
def test_what_waits_to_be_written_outlives_a_request_to_end(
    command, tiny, codes, timed, tmp_path, monkeypatch
):
    """Of a task that is made from the corpus the other half is measured first, the pivot too."""
    writes = timed(language=1, write=0.5)
    at(codes[4], lambda: os.kill(os.getpid(), signal.SIGTERM), monkeypatch)
    before = signal.getsignal(signal.SIGTERM)
    words = [command, str(tiny), "--languages", ",".join(codes), "--results", str(tmp_path)]
    words += ["--task", "udhr-cloze"] if command == "ask" else []
    try:
        done = CliRunner().invoke(app, words)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert judge(done.exit_code, done.output).sentence == "The job was killed (SIGTERM)."
    assert languages(tmp_path) == [set(codes[:4])] * 2
    assert writes == [1, 3]
