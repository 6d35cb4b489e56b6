"""A built corpus as one Parquet file, named after its content's hash."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from evaluators.corpora.corpus import Corpus, CorpusError, LeftOut, content_hash
from results.corpus_text import KEY, file_name
from results.languages import TABLE

SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("source", pa.string()),
        ("counted", pa.bool_()),
        ("segments", pa.list_(pa.string())),
    ]
)


def fingerprint(modules: Iterable[str], *more: str) -> str:
    """sha256 hex of what decides a build: these modules, the language table and what else does."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for name in modules:
        digest.update((here / f"{name}.py").read_bytes())
    digest.update(TABLE.read_bytes())
    for each in more:
        digest.update(each.encode())
    return digest.hexdigest()


def builds(folder: Path, stem: str) -> list[Path]:
    """Every build in a cache, the newest first."""
    return sorted(folder.glob(f"{stem}-*.parquet"), key=lambda path: -path.stat().st_mtime)


def kept(folder: Path, stem: str, builder: str) -> Corpus | None:
    """What that builder left in a cache; None when it is not there. A damaged build is deleted."""
    for path in builds(folder, stem):
        if builder_of(path) == builder:
            try:
                return read(path)
            except CorpusError:
                path.unlink(missing_ok=True)
    return None


def write(corpus: Corpus, folder: Path, stem: str, builder: str) -> Path:
    """Write the corpus whole or not at all. builder: fingerprint of the code that built it.

    Text that is not public is for this user alone.
    """
    about = {
        "builder": builder,
        "name": corpus.name,
        "split": corpus.split,
        "hash": corpus.hash,
        "n": corpus.n,
        "text_public": corpus.text_public,
        "licence": corpus.licence,
        "warnings": corpus.warnings,
        "revision": corpus.revision,
        "left_out": [asdict(item) for item in corpus.left_out],
    }
    table = pa.table(
        {
            "code": list(corpus.languages),
            "source": [corpus.sources.get(code, "") for code in corpus.languages],
            "counted": [code in corpus.counted for code in corpus.languages],
            "segments": [list(segments) for segments in corpus.languages.values()],
        },
        schema=SCHEMA.with_metadata({KEY: json.dumps(about)}),
    )
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(stem, corpus.hash)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{target.name}.")
    try:
        os.close(handle)
        pq.write_table(table, temporary, compression="zstd")
        Path(temporary).chmod(0o644 if corpus.text_public else 0o600)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return target


def builder_of(path: Path) -> str | None:
    """The fingerprint that the file was written with, or None when it is not such a file."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        builder = json.loads(metadata[KEY])["builder"]
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None
    return builder if isinstance(builder, str) else None


def read(path: Path) -> Corpus:
    """The corpus that `write` kept.

    Raises CorpusError when the file is damaged or its content is not what its hash says.
    """
    try:
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[KEY])
        codes = table.column("code").to_pylist()
        languages = {
            code: tuple(segments)
            for code, segments in zip(codes, table.column("segments").to_pylist(), strict=True)
        }
        corpus = Corpus(
            name=about["name"],
            split=about["split"],
            hash=about["hash"],
            languages=languages,
            n=about["n"],
            text_public=about["text_public"],
            licence=about["licence"],
            counted=frozenset(
                code
                for code, counts in zip(codes, table.column("counted").to_pylist(), strict=True)
                if counts
            ),
            warnings=tuple(about["warnings"]),
            left_out=tuple(LeftOut(**item) for item in about["left_out"]),
            sources=dict(zip(codes, table.column("source").to_pylist(), strict=True)),
            revision=about.get("revision"),
        )
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise CorpusError(f"{path}: not a corpus file that can be read ({error})") from error
    if content_hash(languages, corpus.revision) != corpus.hash:
        raise CorpusError(f"{path}: its content is not what its hash says; delete it")
    return corpus
