"""One task in one language by lm-evaluation-harness, with its own model class and definitions."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datasets
import lm_eval
from datasets.exceptions import DatasetNotFoundError, DatasetsError
from huggingface_hub import HfApi
from huggingface_hub.errors import LocalEntryNotFoundError
from lm_eval.tasks import TaskManager

from evaluators.models.load import Headed
from evaluators.tasks.needed_logits import NeededLogits
from results.hub import NO_ANSWER, REFUSED, SILENCE
from results.tasks import SEED

BATCH = 4
"""Requests a batch on a processor: the endings of one question, which are alike in length."""
UNREACHABLE = (*REFUSED, LocalEntryNotFoundError, ConnectionError)
"""What the client and `datasets` raise where no Hub answers."""


@dataclass(frozen=True)
class Answered:
    """What the harness found: the share of right answers, its standard error, the questions."""

    accuracy: float
    stderr: float | None
    questions: int
    datasets: dict[str, str] = field(default_factory=dict)
    """The newest commit on the Hub of each dataset that they are from, when all were asked."""


class Harness:
    """A model, ready to be asked."""

    def __init__(self, loaded: Headed, folders: Sequence[Path]) -> None:
        """folders: where the tasks are defined that will be asked."""
        for name in ("lm_eval", "lm-eval", "datasets"):
            logging.getLogger(name).setLevel(logging.ERROR)
        datasets.disable_progress_bars()
        on_processor = loaded.model.device.type == "cpu"
        self._model = NeededLogits(
            pretrained=loaded.model,
            tokenizer=loaded.tokenizer,
            batch_size=BATCH if on_processor else "auto",
        )
        self._tasks = TaskManager(include_path=list(folders), include_defaults=False)

    def ask(self, name: str, metric: str, few_shot: int, limit: int | None) -> Answered:
        """The harness's own `simple_evaluate` with its own seeds, on a task or a group of tasks.

        Raises:
            ValueError: the questions cannot be fetched from the Hub, or are not there.
        """
        try:
            found: Any = lm_eval.simple_evaluate(
                model=self._model,
                tasks=[name],
                num_fewshot=few_shot,
                limit=limit,
                task_manager=self._tasks,
                fewshot_random_seed=SEED,
                log_samples=False,
            )
        except (*UNREACHABLE, DatasetsError) as error:
            raise _unasked(name, error) from error
        group = found.get("groups", {}).get(name)
        values = group or found["results"][name]
        stderr = values.get(f"{metric}_stderr,none")
        asked = sum(counts["effective"] for counts in found["n-samples"].values())
        return Answered(
            accuracy=float(values[f"{metric},none"]),
            stderr=float(stderr) if isinstance(stderr, (int, float)) else None,
            questions=asked,
            datasets=revisions(str(each["dataset_path"]) for each in found["configs"].values()),
        )


def revisions(paths: Iterable[str]) -> dict[str, str]:
    """The newest commit of each dataset on the Hub; none of local files or of a silent Hub."""
    found = {}
    for path in sorted({*paths} - {"json"}):
        with suppress(*NO_ANSWER):
            found[path] = str(HfApi().dataset_info(path, timeout=SILENCE).sha)
    return found


def _unasked(name: str, error: Exception) -> ValueError:
    """What is said where the questions of a task cannot be had."""
    said = (str(error).strip().partition("\n")[0] or type(error).__name__)[:160]
    if isinstance(error, DatasetNotFoundError):
        return ValueError(
            f"the questions of {name} are not on the Hub, or closed to this board: {said}"
        )
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, UNREACHABLE):
            return ValueError(
                f"the Hub cannot be reached for the questions of {name} ({said}): they are a "
                "dataset there; try again when it answers, or measure udhr-cloze, which needs "
                "no Hub"
            )
        seen = seen.__cause__ or seen.__context__
    return ValueError(f"the questions of {name} cannot be read: {said}")
