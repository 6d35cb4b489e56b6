"""Where lm-eval's own definitions of a task lie. All of them are 14,000 files, which take longer to
read than many a task takes to ask."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from results.tasks import Task


class Family(NamedTuple):
    """A task's definitions among lm-eval's own: folders, names by language, English by its own."""

    folders: tuple[str, ...]
    names: str
    """Pattern below the last folder; its star is the harness's code of a language."""
    english: str | None = None


FAMILIES = {
    "arc": Family(("arc", "okapi/arc_multilingual"), "arc_*.yaml", "arc_challenge"),
    "mmlu": Family(("mmlu/default", "okapi/mmlu_multilingual"), "m_mmlu_*.yaml", "mmlu"),
    "global-mmlu": Family(("global_mmlu/full",), "*/_global_mmlu_full_*.yaml"),
    "belebele": Family(("belebele",), "belebele_*.yaml"),
}


def root() -> Path:
    """The folder of all of them."""
    spec = find_spec("lm_eval")
    assert spec and spec.origin  # noqa: S101
    return Path(spec.origin).parent / "tasks"


def folders(task: Task) -> list[Path]:
    """Those of a task that is not made from a corpus."""
    return [root() / folder for folder in FAMILIES[task.name].folders]
