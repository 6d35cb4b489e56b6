"""What a task is, in which languages there is one, and what makes two of its scores comparable."""

from __future__ import annotations

import pytest

from results.languages import resolve
from results.tasks import ANSWERS, CLOZE, SEED, TASKS, configuration, harness_tasks

HASH = "a" * 64
HUB = [task for task in TASKS.values() if not task.local]


def test_the_tasks_by_name():
    assert list(TASKS) == ["udhr-cloze", "arc", "mmlu", "global-mmlu", "belebele"]
    assert [task.name for task in TASKS.values() if task.local] == ["udhr-cloze"]


@pytest.mark.parametrize("task", HUB, ids=lambda task: task.name)
def test_languages_are_canonical_and_english_is_among_them(task):
    names = harness_tasks(task)
    assert "eng_Latn" in names and len(names) >= 30
    assert [code for code in names if resolve(code).code != code] == []
    assert len({*names.values()}) == len(names)


def test_names_of_the_harness():
    arc, mmlu, full, belebele = (harness_tasks(task) for task in HUB)
    assert (arc["eng_Latn"], arc["cmn_Hans"]) == ("arc_challenge", "arc_zh")
    assert (mmlu["eng_Latn"], mmlu["nob_Latn"]) == ("mmlu", "m_mmlu_nb")
    assert (full["pes_Arab"], full["swh_Latn"]) == ("global_mmlu_full_fa", "global_mmlu_full_sw")
    assert (belebele["ekk_Latn"], belebele["hin_Latn"]) == (
        "belebele_est_Latn",
        "belebele_hin_Latn",
    )


def test_the_cloze_is_in_the_languages_of_its_corpus_not_of_the_harness():
    assert harness_tasks(CLOZE) == {}
    assert configuration(CLOZE, HASH).parameters.corpus_hash == HASH


@pytest.mark.parametrize("task", HUB, ids=lambda task: task.name)
def test_a_hub_tasks_hash_is_of_the_harness_definitions_whatever_corpus_is_there(task):
    assert configuration(task, HASH) == configuration(task)
    assert configuration(task).parameters.corpus_hash != HASH


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_a_configuration_says_all_that_a_score_depends_on(task):
    asked = configuration(task, HASH)
    about = asked.parameters
    assert (asked.name, about.corpus, about.split) == (task.name, task.corpus, task.split)
    assert (about.n, about.seed, about.pivot, about.embedding) == (task.n, SEED, None, None)
    assert about.options == {
        "answers": ANSWERS,
        "few-shot": task.few_shot,
        "limit": None,
        "metric": task.metric,
    }


def test_another_limit_few_shot_count_or_corpus_is_another_configuration():
    task = TASKS["belebele"]
    keys = {
        configuration(task).key(),
        configuration(task, limit=10).key(),
        configuration(task, few_shot=0).key(),
        configuration(task, few_shot=5, limit=10).key(),
        configuration(TASKS["arc"]).key(),
        configuration(CLOZE, HASH).key(),
        configuration(CLOZE, "b" * 64).key(),
    }
    assert len(keys) == 6
    assert configuration(task, limit=10).parameters.n == 10
    assert configuration(task, limit=10_000).parameters.n == task.n
