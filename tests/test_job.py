"""A job keeps what it measured, and does not spend its time on that."""

import os
import signal
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from evaluators import corpora, job
from evaluators.__main__ import app
from evaluators.corpora.corpus import content_hash
from evaluators.failures import judge
from evaluators.measurer import Measurer
from evaluators.models.load import load
from evaluators.models.source import find
from evaluators.options import Options, wanted
from results.repo import Repo, check
from results.settings import settings

PIVOT = "eng_Latn"
SECONDS = 0.1


@pytest.fixture(scope="module")
def corpus():
    whole = corpora.load("udhr", cache=settings().cache)
    codes = [PIVOT, *sorted(code for code in whole.languages if code.endswith("_Latn"))[:24]]
    texts = {code: whole.languages[code][:8] for code in codes}
    return replace(whole, languages=texts, hash=content_hash(texts), n=8)


@pytest.fixture(scope="module")
def loaded(tiny):
    cache = settings().cache
    return load(find(str(tiny), cache), cache)


@pytest.fixture
def writes(monkeypatch):
    """Begin, end and languages of each write, all of which take a while."""
    found = []
    keep = job.keep

    def slowly(repo, model, run, rows):
        begun, codes = time.monotonic(), {row.score.language for row in rows}
        time.sleep(SECONDS)
        keep(repo, model, run, rows)
        found.append((begun, time.monotonic(), codes))

    monkeypatch.setattr(job, "keep", slowly)
    return found


def evaluate(loaded, corpus, root):
    job.evaluate(loaded, corpus, list(corpus.languages), wanted(Options(), loaded), Repo(root))


def languages(root):
    return [record.languages() for _, record in Repo(root).records()]


def test_a_fast_model_waits_for_a_slow_disk_a_tenth_of_the_time(loaded, corpus, writes, tmp_path):
    evaluate(loaded, corpus, tmp_path)
    assert check(tmp_path) == []
    assert languages(tmp_path) == [set(corpus.languages)] * 2
    assert sum(len(codes) for _, _, codes in writes) == len(corpus.languages)
    assert len(writes) < len(corpus.languages) / 2
    # The last is when all is done.
    for (begun, ended, _), (later, _, _) in pairwise(writes[:-1]):
        assert later - ended >= (ended - begun) / job.WRITING - 0.01


def test_what_waits_to_be_written_outlives_an_error(loaded, corpus, writes, tmp_path, monkeypatch):
    measure, bad = Measurer.measure, list(corpus.languages)[4]

    def failing(self, code, segments, configurations):
        if code == bad:
            raise ValueError("not finite")
        return measure(self, code, segments, configurations)

    monkeypatch.setattr(Measurer, "measure", failing)
    with pytest.raises(ValueError, match="not finite"):
        evaluate(loaded, corpus, tmp_path)
    assert languages(tmp_path) == [set(list(corpus.languages)[:4])] * 2
    assert len(writes[0][2]) == 1 and sum(len(codes) for _, _, codes in writes) == 4


def test_what_waits_to_be_written_outlives_a_request_to_end(
    tiny, corpus, writes, tmp_path, monkeypatch
):
    measure, told = Measurer.measure, list(corpus.languages)[4]

    def ended(self, code, segments, configurations):
        if code == told:
            os.kill(os.getpid(), signal.SIGTERM)
        return measure(self, code, segments, configurations)

    monkeypatch.setattr(Measurer, "measure", ended)
    monkeypatch.setattr(corpora, "load", lambda *_, **__: corpus)
    before = signal.getsignal(signal.SIGTERM)
    try:
        done = CliRunner().invoke(app, ["run", str(tiny), "--results", str(tmp_path)])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert judge(done.exit_code, done.output).sentence == "The job was killed (SIGTERM)."
    assert languages(tmp_path) == [set(list(corpus.languages)[:4])] * 2
    assert len(writes) == 2


def test_what_takes_long_beside_its_writing_is_written_at_once(
    loaded, corpus, tmp_path, monkeypatch
):
    """By a clock of its own, on which a language takes a second and a write 50 ms."""
    clock, kept = [0.0], []
    measure, keep = Measurer.measure, job.keep

    def slowly(self, code, segments, configurations):
        kept.append(languages(tmp_path))
        clock[0] += 1
        return measure(self, code, segments, configurations)

    def quickly(repo, model, run, rows):
        clock[0] += 0.05
        keep(repo, model, run, rows)

    monkeypatch.setattr(Measurer, "measure", slowly)
    monkeypatch.setattr(job, "keep", quickly)
    monkeypatch.setattr(job.time, "monotonic", lambda: clock[0])
    some = replace(corpus, languages=dict(list(corpus.languages.items())[:4]))
    evaluate(loaded, some, tmp_path)
    codes = list(some.languages)
    assert kept == [[], *([set(codes[:count])] * 2 for count in range(1, 4))]
