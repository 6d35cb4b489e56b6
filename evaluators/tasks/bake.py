"""Bakes `results/data/tasks.json`: run `python -m evaluators.tasks.bake`.

Needed only after another version of lm-eval is pinned; everything else reads the JSON, so that the
web process never imports lm-eval.
"""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.metadata import version
from typing import Any

from evaluators.tasks import definitions
from evaluators.tasks.definitions import FAMILIES, Family
from results.languages import resolve
from results.tasks import TASKS_FILE

ENGLISH = "eng_Latn"


def table() -> dict[str, Any]:
    """What the installed lm-eval defines.

    {"harness": version, "tasks": {name: {"hash": SHA-256 of the definitions' texts, "languages":
    {canonical code: lm-eval's task or group}}}}

    Raises:
        UnknownLanguage: a code of the harness that the language table does not hold.
    """
    tasks = {
        name: {"hash": _hash(family.folders), "languages": _languages(family)}
        for name, family in FAMILIES.items()
    }
    return {"harness": version("lm-eval"), "tasks": tasks}


def _languages(family: Family) -> dict[str, str]:
    pattern = family.names.rpartition("/")[2]
    before, after = pattern.split("*")
    found = {} if family.english is None else {ENGLISH: family.english}
    for path in sorted((definitions.root() / family.folders[-1]).glob(family.names)):
        code = path.name.removeprefix(before).removesuffix(after)
        # Parts of a group, `fr_stem`, lie beside it under its folder's code.
        if "/" in family.names and code != path.parent.name:
            continue
        language = resolve(code).code
        if found.setdefault(language, path.stem.lstrip("_")) != path.stem.lstrip("_"):
            if language == ENGLISH and family.english:
                continue
            raise ValueError(f"{path.stem} and {found[language]} are both {language}")
    return dict(sorted(found.items()))


def _hash(folders: tuple[str, ...]) -> str:
    """SHA-256 of the names and texts of a family's YAML and of the code that they call."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((definitions.root() / folder).rglob("*")):
            if path.is_file() and (path.name.endswith("yaml") or path.name == "utils.py"):
                name = path.relative_to(definitions.root()).as_posix()
                digest.update(f"{name}\0{path.read_text('utf-8')}\0".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    found = table()
    TASKS_FILE.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    counts = ", ".join(f"{name} {len(each['languages'])}" for name, each in found["tasks"].items())
    sys.stdout.write(f"languages of lm-eval {found['harness']}'s tasks: {counts}\n")
