"""The baked table of tasks is what the installed lm-eval defines, name by name."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

from evaluators.tasks import bake, definitions
from results.languages import UnknownLanguage
from results.tasks import TASKS, TASKS_FILE, harness_tasks

HUB = [task for task in TASKS.values() if not task.local]
REQUIREMENTS = Path(__file__).parent.parent / "requirements-eval.txt"


@cache
def index_of(task):
    """What a job of the task knows: the definitions of its own folders."""
    from lm_eval.tasks import TaskManager

    folders = definitions.folders(task)
    return TaskManager(include_path=folders, include_defaults=False).task_index


def test_the_table_is_what_the_installed_harness_defines():
    assert json.loads(TASKS_FILE.read_text("utf-8")) == bake.table()


def test_the_version_is_the_one_that_is_pinned():
    baked = json.loads(TASKS_FILE.read_text("utf-8"))["harness"]
    assert baked == version("lm-eval")
    assert f"lm-eval=={baked}" in REQUIREMENTS.read_text().splitlines()


@pytest.mark.parametrize("task", HUB, ids=lambda task: task.name)
def test_the_harness_has_every_name(task):
    index = index_of(task)
    assert [name for name in harness_tasks(task).values() if name not in index] == []


def leaves(index, name):
    """The configurations of the tasks below a task, a group or a tag."""
    found = index[name]
    if "task" in (found.cfg or {}) and isinstance(found.cfg["task"], str):
        return [found.cfg]
    tagged = [each.cfg for each in index.values() if name in (each.tags or ()) and each.cfg]
    members = (found.cfg or {}).get("task") or []
    return tagged + [cfg for member in members for cfg in leaves(index, member)]


@pytest.mark.parametrize("task", HUB, ids=lambda task: task.name)
def test_every_language_reports_the_metric_and_takes_the_few_shot_count(task):
    index = index_of(task)
    for code, name in harness_tasks(task).items():
        below = leaves(index, name)
        assert len(below) in (1, 57), (code, name, len(below))
        for cfg in below:
            assert task.metric in [each["metric"] for each in cfg["metric_list"]], name
            # lm-eval keeps a task's own 0 whatever it is asked for.
            assert cfg.get("num_fewshot") != 0, name
            assert cfg.get("fewshot_split") or cfg.get("training_split"), name


def test_a_code_that_the_language_table_does_not_hold_fails_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "belebele").mkdir()
    (tmp_path / "belebele" / "belebele_xqx_Latn.yaml").touch()
    monkeypatch.setattr(definitions, "root", lambda: tmp_path)
    with pytest.raises(UnknownLanguage, match="xqx_Latn"):
        bake._languages(definitions.FAMILIES["belebele"])


def test_two_definitions_of_one_language_fail_by_their_names(tmp_path, monkeypatch):
    (tmp_path / "belebele").mkdir()
    for code in ("est_Latn", "ekk_Latn"):
        (tmp_path / "belebele" / f"belebele_{code}.yaml").touch()
    monkeypatch.setattr(definitions, "root", lambda: tmp_path)
    with pytest.raises(ValueError, match="belebele_est_Latn and belebele_ekk_Latn are both ekk"):
        bake._languages(definitions.FAMILIES["belebele"])


def test_the_hash_moves_with_a_definitions_text(tmp_path, monkeypatch):
    monkeypatch.setattr(definitions, "root", lambda: tmp_path)
    (tmp_path / "belebele").mkdir()
    definition = tmp_path / "belebele" / "belebele_fra_Latn.yaml"
    seen = set()
    for text in ("doc_to_text: a", "doc_to_text: b"):
        definition.write_text(text)
        seen.add(bake._hash(("belebele",)))
    assert len(seen) == 2
