"""The results repo as a local folder: one file a (model, evaluator configuration)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from results.ids import folder
from results.methods import SCORES
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
from results.store import Folder

log = logging.getLogger(__name__)
OPTIONAL = ("curves", "questions", "stderr")
SHIPPED = Path(__file__).parent / "data"


class BadRecord(ValueError):
    """Raised for a record or side file that does not hold; the message names the file."""


def record_path(model: ModelKey, evaluator: Evaluator) -> Path:
    """Where the record lies below the repo's root."""
    where = Path("results", folder(model.id), model.revision, f"{model.weights}-{model.dtype}")
    return where / f"{evaluator.key()}.json"


def _parse(name: str, raw: bytes, schema: type[Record] | type[Hits]) -> Any:  # noqa: ANN401
    try:
        return schema.model_validate(migrate(json.loads(raw)))
    except (ValueError, UnknownVersion, ValidationError, AttributeError) as error:
        raise BadRecord(f"{name}: {error}") from error


def parse_record(name: str, raw: bytes) -> Record:
    """A record from its file's content, migrated and validated. Raises BadRecord."""
    record: Record = _parse(name, raw, Record)
    return record


def parse_hits(name: str, raw: bytes) -> Hits:
    """A side file from its content. Raises BadRecord."""
    hits: Hits = _parse(name, raw, Hits)
    return hits


def read_record(path: Path) -> Record:
    """The record at `path`, migrated and validated. Raises BadRecord."""
    return parse_record(path.name, path.read_bytes())


def read_hits(path: Path) -> Hits:
    """The side file of the record at `path`. Raises BadRecord."""
    side = path.with_suffix(".hits.json")
    return parse_hits(side.name, side.read_bytes())


def _dump(document: Record | Hits) -> bytes:
    """JSON with one language a line, so that a diff shows what changed."""
    # What only some evaluators have is left out elsewhere, so that those files stay as they were.
    plain = document.model_dump(mode="json")
    for score in plain.get("scores", []):
        for name in OPTIONAL:
            if not score[name] and score[name] != 0:
                del score[name]
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

    def add(
        self,
        model: Model,
        evaluator: Evaluator,
        interval: str | None,
        run: Run,
        scores: list[LanguageScore],
        hits: dict[str, np.ndarray],
    ) -> None:
        """Append languages to a record, and their hits (layers, n) to its side file.

        The hits are written first: a kill between the two leaves hits without a score, which the
        next try overwrites. A language already there keeps its first score.

        Raises:
            BadRecord: the file there does not hold, or measures something else.
        """
        side = None
        if hits:
            shape = next(iter(hits.values())).shape
            bits = {code: pack(each) for code, each in hits.items()}
            side = Hits(schema_version=SCHEMA_VERSION, layers=shape[0], n=shape[1], bits=bits)
        fresh = Record(
            schema_version=SCHEMA_VERSION,
            model=model,
            evaluator=evaluator,
            interval=interval,
            scores=[score.model_copy(update={"run": 0}) for score in scores],
            runs=[run],
        )
        Folder(self.root).change("", lambda: self.additions(fresh, side))

    def additions(self, fresh: Record, side: Hits | None) -> dict[str, bytes | None]:
        """The files that add a record's languages to the one here; none when it has them all.

        Raises BadRecord, see `add`.
        """
        where = record_path(fresh.model, fresh.evaluator)
        path = self.root / where
        old = self.record(fresh.model, fresh.evaluator)
        if old and (old.model, old.interval) != (fresh.model, fresh.interval):
            raise BadRecord(
                f"{path.name} holds another description of the model or intervals by "
                f"{old.interval}: move it away, or measure with the version that wrote it"
            )
        present = old.languages() if old else set()
        lacking = [score for score in fresh.scores if score.language not in present]
        if not lacking:
            return {}
        runs = list(old.runs) if old else []
        rows = list(old.scores) if old else []
        for score in lacking:
            run = fresh.runs[score.run]
            if run not in runs:
                runs.append(run)
            rows.append(score.model_copy(update={"run": runs.index(run)}))
        files: dict[str, bytes | None] = {}
        codes = {score.language for score in lacking}
        if side and codes & side.bits.keys():
            beside = path.with_suffix(".hits.json")
            bits = dict(read_hits(path).bits) if beside.exists() else {}
            bits |= {code: text for code, text in side.bits.items() if code in codes}
            new = Hits(schema_version=SCHEMA_VERSION, layers=side.layers, n=side.n, bits=bits)
            files[where.with_suffix(".hits.json").as_posix()] = _dump(new)
        # Rows are not validated again, they were when they were read or made; the whole is.
        whole = Record(
            schema_version=SCHEMA_VERSION,
            model=fresh.model,
            evaluator=fresh.evaluator,
            interval=fresh.interval,
            scores=rows,
            runs=runs,
        )
        files[where.as_posix()] = _dump(whole)
        return files

    def all_additions(self, source: Repo, paths: Iterable[Path] | None = None) -> Additions:
        """What `source`'s records, or those at `paths`, add to this repo.

        A record that does not hold on either side is named in `problems` and left out.
        """
        files: dict[str, bytes | None] = {}
        problems = []
        for path in source.paths() if paths is None else paths:
            if withdrawn(self.root, path.relative_to(source.root)):
                continue
            try:
                side = path.with_suffix(".hits.json")
                record = read_record(path)
                files |= self.additions(record, read_hits(path) if side.exists() else None)
            except BadRecord as error:
                problems.append(str(error))
        return Additions(files, problems)


class Additions(NamedTuple):
    """Files to write, and what was left out."""

    files: dict[str, bytes | None]
    problems: list[str]


def withdrawn(root: Path, record: Path) -> bool:
    """Whether the record at this path below the root was withdrawn and must not come back."""
    return (root / "withdrawn" / record.relative_to("results")).exists()


def keeps_hits(evaluator: Evaluator) -> bool:
    """Whether a segment counts or does not under an evaluator: a side file then says which do."""
    score = SCORES.get(evaluator.name)
    return score is not None and score.hits


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
                if keeps_hits(record.evaluator) and any(score.layers for score in record.scores):
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
