"""A model's scores as the Hub keeps them in model repos: `.eval_results/mexa.yaml`.

Source: the Hub's documentation, "Evaluation results". One number a (data set, task). A task is one
metric of one evaluator configuration for one language, or for the average over the core languages:
`udhr_weighted-mean_mean_fra_Latn_998daf3bebe4`, the last part the hash in the configuration's key.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml
from huggingface_hub.utils import yaml_dump

from results.ids import folder
from results.interval import mean_interval
from results.language_sets import CORE
from results.repo import Repo, read_hits
from results.schema import ModelKey, Record
from results.tasks import HALVES

log = logging.getLogger(__name__)
Records = list[tuple[Path, Record]]
"""The records of one model, each with its file."""
POOLING = {"mean": "mean over layers", "max": "max over layers"}


@dataclass(frozen=True)
class Attribution:
    """Where the numbers are from. dataset: `ORG/NAME` of the benchmark's data set on the Hub."""

    dataset: str
    url: str | None = None
    name: str | None = None


def documents(root: Path, about: Attribution) -> dict[str, str]:
    """YAML by its path, `eval_results/ORG__MODEL/mexa.yaml`, for every model of the Hub.

    Of a model measured in several revisions, formats or dtypes one speaks for its repo, since a
    task has one number: the revision measured last, and of it the one with most scores.
    """
    found: defaultdict[str, defaultdict[ModelKey, Records]]
    found = defaultdict(lambda: defaultdict(list))
    for path, record in Repo(root).records():
        if ":" not in record.model.id:
            found[record.model.id][record.model].append((path, record))
    written = {}
    for model, variants in sorted(found.items()):
        chosen, *others = _ranked(list(variants.values()))
        for records in others:
            other = records[0][1].model
            log.warning(
                "%s: %s in %s at %s is left out; another speaks for the repo",
                *(model, other.weights, other.dtype, other.revision[:12]),
            )
        whole = [(path, record) for path, record in chosen if _is_whole(record)]
        entries = [entry for path, record in whole for entry in _entries(path, record, about)]
        plain = eval_result_entries_to_yaml(sorted(entries, key=lambda entry: entry.task_id))
        if plain:
            written[f"eval_results/{folder(model)}/mexa.yaml"] = yaml_dump(plain, sort_keys=False)
    return written


def _is_whole(record: Record) -> bool:
    """Not on a half that is only compared with a task, nor on a task's first questions alone."""
    parameters = record.evaluator.parameters
    return parameters.split not in HALVES[:1] and not parameters.options.get("limit")


def _ranked(variants: list[Records]) -> list[Records]:
    """The variant that speaks for its repo, then the others."""
    last: dict[str, datetime] = {}
    for records in variants:
        for _, record in records:
            started = max(run.started for run in record.runs)
            revision = record.model.revision
            last[revision] = max(started, last.get(revision, started))

    def weight(records: Records) -> tuple[datetime, int, str]:
        model = records[0][1].model
        cells = sum(len(record.scores) for _, record in records)
        return last[model.revision], cells, f"{model.weights} {model.dtype} {model.file}"

    return sorted(variants, key=weight, reverse=True)


def _entries(path: Path, record: Record, about: Attribution) -> Iterator[EvalResultEntry]:
    parameters = record.evaluator.parameters
    method = (parameters.embedding or record.evaluator.name).partition("@")[0]
    key = record.evaluator.key().rpartition("-")[2]
    by_language = {score.language: score for score in record.scores}
    metrics = sorted({name for score in record.scores for name in score.values})

    def entry(metric: str, what: str, value: float, started: str, more: str) -> EvalResultEntry:
        pooled = POOLING.get(metric, metric)
        notes = [pooled, *([method.replace("-", " ")] if parameters.embedding else [])]
        notes += [parameters.split or "", f"n={parameters.n}", f"weights {record.model.weights}"]
        notes += [f"computed in {record.model.dtype}", f"revision {record.model.revision}", more]
        return EvalResultEntry(
            dataset_id=about.dataset,
            task_id=f"{parameters.corpus}_{method}_{metric}_{what}_{key}",
            value=value,
            date=started,
            source_url=about.url,
            source_name=about.name,
            notes=", ".join(note for note in notes if note),
        )

    for metric in metrics:
        for code, score in sorted(by_language.items()):
            value = score.values.get(metric)
            if value is not None:
                ends = _interval(value.low, value.high)
                chance = "" if value.chance is None else f"chance {value.chance:.3f}"
                more = ", ".join(part for part in (ends, chance) if part)
                date = record.runs[score.run].started.date().isoformat()
                yield entry(metric, code, value.value, date, more)
        core = [by_language[code] for code in CORE if code in by_language]
        values = [score.values[metric].value for score in core if metric in score.values]
        if len(values) == len(CORE):
            date = max(record.runs[score.run].started for score in core).date().isoformat()
            ends = _interval(*_average_ends(path, metric))
            more = f"average over {len(CORE)} languages" + (f", {ends}" if ends else "")
            yield entry(metric, "average", float(np.mean(values)), date, more)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"95 % interval {low:.3f} to {high:.3f}"


def _average_ends(path: Path, metric: str) -> tuple[float | None, float | None]:
    """The interval of the average, which resamples segments once for all languages together."""
    if metric != "mean" or not path.with_suffix(".hits.json").exists():
        return None, None
    hits = read_hits(path)
    if not set(CORE) <= hits.bits.keys():
        return None, None
    segments = np.mean([hits.unpack(code).mean(axis=0) for code in CORE], axis=0)
    low, high = mean_interval(segments)
    return low, high
