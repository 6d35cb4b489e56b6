"""The results repo as a local folder: one file a (model, evaluator configuration)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from pydantic import ValidationError

from results.files import write_atomic
from results.ids import folder
from results.migrate import UnknownVersion, migrate
from results.schema import (
    SCHEMA_VERSION,
    Evaluator,
    Hits,
    LanguageScore,
    Model,
    ModelKey,
    Record,
    Run,
    pack,
)

log = logging.getLogger(__name__)
SHIPPED = Path(__file__).parent / "data"


class BadRecord(ValueError):
    """Raised for a record or side file that does not hold; the message names the file."""


def record_path(model: ModelKey, evaluator: Evaluator) -> Path:
    """Where the record lies below the repo's root."""
    where = Path("results", folder(model.id), model.revision, f"{model.weights}-{model.dtype}")
    return where / f"{evaluator.key()}.json"


def _load(path: Path, schema: type[Record] | type[Hits]) -> Any:  # noqa: ANN401
    try:
        return schema.model_validate(migrate(json.loads(path.read_text(encoding="utf-8"))))
    except (ValueError, UnknownVersion, ValidationError, AttributeError) as error:
        raise BadRecord(f"{path.name}: {error}") from error


def read_record(path: Path) -> Record:
    """The record at `path`, migrated and validated. Raises BadRecord."""
    record: Record = _load(path, Record)
    return record


def read_hits(path: Path) -> Hits:
    """The side file of the record at `path`. Raises BadRecord."""
    hits: Hits = _load(path.with_suffix(".hits.json"), Hits)
    return hits


def _dump(document: Record | Hits) -> bytes:
    """JSON with one language a line, so that a diff shows what changed."""
    plain = document.model_dump(mode="json")
    rows = plain.pop("scores", None) or plain.pop("bits", None) or []
    key = "scores" if isinstance(document, Record) else "bits"
    head = json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=False)[:-2]

    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    if isinstance(rows, dict):
        body = ",\n".join(f"  {line(name)}:{line(rows[name])}" for name in sorted(rows))
        return f'{head},\n "{key}": {{\n{body}\n }}\n}}\n'.encode()
    body = ",\n".join(f"  {line(row)}" for row in sorted(rows, key=lambda row: row["language"]))
    return f'{head},\n "{key}": [\n{body}\n ]\n}}\n'.encode()


class Repo:
    """A results repo in a local folder, shaped as the Hub dataset is."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def paths(self) -> list[Path]:
        """Every record's file, sorted."""
        files = self.root.glob("results/*/*/*/*.json")
        return sorted(path for path in files if not path.name.endswith(".hits.json"))

    def records(self) -> Iterator[tuple[Path, Record]]:
        """Every record that holds; one that does not is logged and left out."""
        for path in self.paths():
            try:
                yield path, read_record(path)
            except BadRecord as error:
                log.warning("left out of the board: %s", error)

    def record(self, model: ModelKey, evaluator: Evaluator) -> Record | None:
        """The record of a model under a configuration, or None. Raises BadRecord."""
        path = self.root / record_path(model, evaluator)
        return read_record(path) if path.exists() else None

    def lock(self, model: ModelKey) -> FileLock:
        """Held by whoever writes a model's records: one owner a file. Freed when the owner dies."""
        where = self.root / "locks"
        where.mkdir(parents=True, exist_ok=True)
        return FileLock(where / f"{folder(model.id)}-{model.revision[:12]}.lock")

    def add(
        self,
        model: Model,
        evaluator: Evaluator,
        interval: str | None,
        run: Run,
        scores: list[LanguageScore],
        hits: dict[str, np.ndarray],
    ) -> Record:
        """Append languages to a record, and their hits (layers, n) to its side file.

        The hits are written first: a kill between the two leaves hits without a score, which the
        next try overwrites. A language already there keeps its first score.

        Raises:
            BadRecord: the file there does not hold, or measures something else.
        """
        path = self.root / record_path(model, evaluator)
        old = self.record(model, evaluator)
        if old and (old.model, old.interval) != (model, interval):
            raise BadRecord(
                f"{path.name} holds another description of the model or intervals by "
                f"{old.interval}: move it away, or measure with the version that wrote it"
            )
        runs = list(old.runs) if old else []
        if run not in runs:
            runs.append(run)
        present = old.languages() if old else set()
        fresh = [
            score.model_copy(update={"run": runs.index(run)})
            for score in scores
            if score.language not in present
        ]
        if hits:
            shape = next(iter(hits.values())).shape
            side = path.with_suffix(".hits.json")
            bits = dict(read_hits(path).bits) if side.exists() else {}
            bits |= {code: pack(hits[code]) for code in hits if code not in present}
            document = {"schema_version": SCHEMA_VERSION, "layers": shape[0], "n": shape[1]}
            write_atomic(side, _dump(Hits.model_validate({**document, "bits": bits})))
        record = Record(
            schema_version=SCHEMA_VERSION,
            model=model,
            evaluator=evaluator,
            interval=interval,
            scores=[*(old.scores if old else []), *fresh],
            runs=runs,
        )
        write_atomic(path, _dump(Record.model_validate(record.model_dump())))
        return record


def check(root: Path) -> list[str]:
    """What is wrong in a results repo, a line each: schema, place, shares against their hits."""
    problems = []
    repo = Repo(root)
    for path in repo.paths():
        name = path.relative_to(root).as_posix()
        try:
            record = read_record(path)
            if record_path(record.model, record.evaluator) != path.relative_to(root):
                problems.append(f"{name}: the file does not lie where its content belongs")
            if not path.with_suffix(".hits.json").exists():
                if any(score.layers for score in record.scores):
                    problems.append(f"{name}: its side file of hits is missing")
                continue
            hits = read_hits(path)
        except BadRecord as error:
            problems.append(f"{name}: {error}")
            continue
        for score in record.scores:
            if score.layers is None:
                continue
            if score.language not in hits.bits:
                problems.append(f"{name}: no hits of {score.language}")
            elif not np.allclose(hits.unpack(score.language).mean(axis=1), score.layers):
                problems.append(f"{name}: the shares of {score.language} are not those of its hits")
    return problems
