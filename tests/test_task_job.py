"""A job of tasks: what is asked, what is kept, and what is not asked again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scipy.stats import binom

from evaluators import corpora
from evaluators.keeping import UnknownLanguages
from evaluators.models.load import load_with_head
from evaluators.models.source import find
from evaluators.tasks import command, job
from evaluators.tasks.harness import Answered, Harness
from evaluators.tasks.job import evaluate, row
from results.repo import Repo, check
from results.settings import settings
from results.tasks import CLOZE, TASKS, configuration

ROOT = Path(__file__).parent.parent
CACHE = settings().cache


@pytest.fixture(scope="module")
def corpus(corpus_cache):
    return corpora.load("udhr", cache=corpus_cache)


@pytest.fixture(scope="module")
def small(tiny):
    return load_with_head(find(str(tiny), CACHE), CACHE)


@pytest.fixture
def asked(monkeypatch):
    """Names that the harness was asked."""
    found = []
    real = Harness.ask

    def watched(self, name, *more):
        found.append(name)
        return real(self, name, *more)

    monkeypatch.setattr(Harness, "ask", watched)
    return found


def test_each_language_is_kept_as_it_is_done_and_never_asked_again(corpus, small, asked, tmp_path):
    repo, seen = Repo(tmp_path), []

    def run(codes, report=seen.append):
        return evaluate(small, CLOZE, codes, repo, tmp_path / "q", corpus, 4, report=report)

    def stop(progress):
        if progress.doing == "swh_Latn":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["fra_Latn", "swh_Latn"], stop)
    assert asked == ["udhr_cloze_fra_Latn"]
    made = run(["swh_Latn", "fra_Latn", "swh_Latn"])
    assert asked == ["udhr_cloze_fra_Latn", "udhr_cloze_swh_Latn"]
    assert [(each.done, each.total, each.doing) for each in seen] == [
        (0, 1, "swh_Latn"),
        (1, 1, ""),
    ]
    record = repo.record(small.about, made)
    assert record.languages() == {"fra_Latn", "swh_Latn"}
    assert run(["fra_Latn"]) == made
    assert repo.record(small.about, made) == record and len(asked) == 2


def test_the_record_holds_and_says_what_was_asked(corpus, small, tmp_path):
    made = evaluate(small, CLOZE, ["fra_Latn"], Repo(tmp_path), tmp_path / "q", corpus, 4)
    assert made == configuration(CLOZE, corpus.hash, 4)
    assert check(tmp_path) == []
    words = [sys.executable, "-m", "results", "check", str(tmp_path)]
    assert subprocess.run(words, cwd=ROOT, capture_output=True, timeout=120).returncode == 0
    (path,) = Repo(tmp_path).paths()
    assert re.fullmatch(r"udhr-cloze-[0-9a-f]{12}\.json", path.name)
    record = Repo(tmp_path).record(small.about, made)
    (score,) = record.scores
    assert (record.model, record.interval) == (small.about, "wilson@1")
    assert (score.language, score.questions) == ("fra_Latn", 4)
    assert (score.layers, score.tokens, score.cut) == (None, None, None)
    assert record.runs[0].software["lm-eval"] == "0.4.13"
    # A share of four questions.
    assert score.values["accuracy"].value * 4 % 1 == 0
    raw = json.loads(path.read_text())["scores"][0]
    assert {"questions", "stderr"} <= raw.keys()


def test_a_language_without_such_a_task_is_named_before_anything_is_asked(corpus, small, tmp_path):
    repo = Repo(tmp_path)
    with pytest.raises(UnknownLanguages, match=r"UDHR cloze has no xxx_Latn, yyy_Latn$"):
        evaluate(small, CLOZE, ["fra_Latn", "xxx_Latn", "yyy_Latn"], repo, tmp_path, corpus)
    with pytest.raises(UnknownLanguages, match="ARC has no swh_Latn"):
        evaluate(small, TASKS["arc"], ["swh_Latn"], repo, tmp_path)
    assert repo.paths() == []


@pytest.mark.parametrize(("right", "n"), [(0, 21), (5, 21), (21, 21), (300, 900), (7, 10)])
def test_the_interval_is_wilsons_and_chance_what_guesses_reach_one_time_in_twenty(right, n):
    share = right / n
    value = row("fra_Latn", Answered(share, 0.1, n), 1.23456).values["accuracy"]
    z = 1.959963984540054
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    assert value.low == pytest.approx(min(middle - reach, share), abs=1e-12)
    assert value.high == pytest.approx(max(middle + reach, share), abs=1e-12)
    guesses = round(value.chance * n)
    assert binom.cdf(guesses, n, 0.25) >= 0.95 > binom.cdf(guesses - 1, n, 0.25)


def test_the_interval_covers():
    """Exact coverage over every outcome, at the sizes and shares that tasks have."""
    for n in (21, 900):
        for truth in (0.25, 0.4, 0.6):
            covered = 0.0
            for right in range(n + 1):
                value = row("fra_Latn", Answered(right / n, None, n), 0).values["accuracy"]
                covered += binom.pmf(right, n, truth) * (value.low <= truth <= value.high)
            assert 0.93 <= covered <= 0.98, (n, truth, covered)


def asking(tmp_path, **more):
    options = {
        "limit": None,
        "few_shot": None,
        "revision": None,
        "file": None,
        "dtype": "float32",
        "quantised": "refuse",
        "published": None,
        "expect_task": None,
        "expect_weights": None,
    }
    model, name, languages = (more.pop(key) for key in ("model", "name", "languages"))
    show = lambda progress: None  # noqa: E731
    repo = Repo(tmp_path / "results")
    return command.run(model, name, languages, repo, CACHE, show, **options | more)


@pytest.mark.parametrize(
    ("name", "more", "says"),
    [
        ("squad", {}, "there is no task squad; there are udhr-cloze, arc, mmlu"),
        ("udhr-cloze", {"few_shot": 3}, "udhr-cloze has no solved examples to show"),
        (
            "belebele",
            {"expect_task": "a" * 64},
            "questions of belebele are others than the board's",
        ),
        ("udhr-cloze", {"expect_weights": "Q4_0"}, "holds bfloat16 weights, the request says Q4_0"),
        ("udhr-cloze", {"languages": "tlh_Latn"}, "tlh_Latn"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_sentence(tiny, tmp_path, name, more, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        asking(tmp_path, **{"model": str(tiny), "name": name, "languages": "eng_Latn", **more})
    assert not Repo(tmp_path / "results").paths()


def test_the_command_by_any_name_of_a_language(tiny, tmp_path):
    words = ["ask", str(tiny), "--task", "udhr-cloze", "--languages", "fr,swa", "--limit", "3"]
    words += ["--results", str(tmp_path), "--progress", str(tmp_path / "progress.json")]
    done = subprocess.run(
        [sys.executable, "-m", "evaluators", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert (
        "French" in done.stdout and "Swahili" in done.stdout and "first 3 questions" in done.stdout
    )
    ((_, record),) = Repo(tmp_path).records()
    assert record.languages() == {"fra_Latn", "swh_Latn"}
    assert json.loads((tmp_path / "progress.json").read_text())["done"] == 2
    # The harness's bars would be a line an item in a log.
    assert "Running loglikelihood" not in done.stderr


def test_what_a_task_holds_is_counted_by_its_questions(corpus, small, tmp_path):
    """All questions: as many as the configuration says."""
    made = evaluate(small, CLOZE, ["eng_Latn"], Repo(tmp_path), tmp_path / "q", corpus)
    (score,) = Repo(tmp_path).record(small.about, made).scores
    assert score.questions == made.parameters.n == CLOZE.n
    assert job.INTERVAL == "wilson@1"
