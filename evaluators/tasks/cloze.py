"""UDHR cloze: how a paragraph goes on, in any language of the corpus, as lm-eval tasks.

The context is the first half of a segment of an even article. The four endings are its own second
half and those of three other segments, the same ones in every language, in the same order. A model
answers with the ending whose log-likelihood, over its UTF-8 bytes, is largest (`acc_bytes`). It is
one text, very likely in training data: it says whether a model can write on in a language, and
nothing about question answering.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import regex  # type: ignore[import-untyped]

from evaluators.corpora import Corpus
from evaluators.corpora.splits import split
from results.files import write_atomic
from results.tasks import ANSWERS, CLOZE, METRIC, SEED

SHORTEST = 60
"""Graphemes of the English segment below which it is left out: half of it says too little."""
_GRAPHEMES = regex.compile(r"\X")


def halves(text: str) -> tuple[str, str, str]:
    """First half, what stands between (a space or nothing), second half.

    The cut is at the middle grapheme, moved to the nearest space that is at most a quarter of the
    text away: inside a word, spelling alone would give the ending away.
    """
    graphemes = _GRAPHEMES.findall(text)
    middle, reach = len(graphemes) // 2, len(graphemes) // 4
    spaces = [at for at, each in enumerate(graphemes) if each.isspace()]
    near = min(spaces, key=lambda at: abs(at - middle), default=None)
    if near is not None and abs(near - middle) <= reach:
        return "".join(graphemes[:near]), " ", "".join(graphemes[near + 1 :])
    return "".join(graphemes[:middle]), "", "".join(graphemes[middle:])


def items(english: Iterable[str], seed: int = SEED) -> list[list[int]]:
    """For each question the places of its four endings, its own first; short segments have none."""
    long = [at for at, text in enumerate(english) if len(_GRAPHEMES.findall(text)) >= SHORTEST]
    random = np.random.default_rng(seed)
    return [
        [at, *random.choice([i for i in long if i != at], ANSWERS - 1, replace=False).tolist()]
        for at in long
    ]


def questions(corpus: Corpus, language: str, seed: int = SEED) -> list[dict[str, Any]]:
    """Context, four endings and the place of the right one, for each question of a language."""
    even = split(corpus, CLOZE.split).languages
    cut = [halves(text) for text in even[language]]
    random = np.random.default_rng([seed, 1])
    found = []
    for ids in items(even["eng_Latn"], seed):
        order = random.permutation(ANSWERS).tolist()
        context, between, _ = cut[ids[0]]
        endings = [between + cut[ids[k]][2].strip() for k in order]
        found.append({"context": context, "endings": endings, "answer": order.index(0)})
    return found


def write(corpus: Corpus, languages: Iterable[str], folder: Path) -> None:
    """Files for `lm-eval --include_path FOLDER`: a task and its questions a language."""
    folder.mkdir(parents=True, exist_ok=True)
    for code in languages:
        lines = [json.dumps(each, ensure_ascii=False) for each in questions(corpus, code)]
        data = (folder / f"{code}.jsonl").absolute()
        write_atomic(data, ("\n".join(lines) + "\n").encode())
        task = {
            "task": f"udhr_cloze_{code}",
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(data)}},
            "output_type": "multiple_choice",
            "test_split": "test",
            "num_fewshot": 0,
            "doc_to_text": "{{context}}",
            "doc_to_choice": "{{endings}}",
            "doc_to_target": "answer",
            "target_delimiter": "",
            "metric_list": [{"metric": METRIC, "aggregation": "mean", "higher_is_better": True}],
            "metadata": {"version": 1.0},
        }
        # JSON is YAML.
        write_atomic(folder / f"udhr_cloze_{code}.yaml", json.dumps(task, indent=1).encode())
