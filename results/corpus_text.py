"""The text of a built corpus, where its file lies on this machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

log = logging.getLogger(__name__)
KEY = b"mexa.corpus"
"""Of the file's metadata: what the corpus is, as JSON."""


def file_name(name: str, digest: str) -> str:
    """A built corpus's file, named after its content's hash."""
    return f"{name}-{digest[:12]}.parquet"


def texts(
    folders: Iterable[Path], digest: str, codes: Sequence[str]
) -> dict[str, list[str]] | None:
    """Segments by language of the corpus with this sha256; None when no folder has it.

    Only of a corpus that says itself that its text is public.
    """
    for folder in folders:
        for path in sorted(folder.glob(f"*-{digest[:12]}.parquet")):
            try:
                return _texts(path, path.stat().st_mtime_ns, digest, tuple(codes))
            except (OSError, pa.ArrowException, KeyError, ValueError) as error:
                log.warning("no text from %s: %s", path.name, error)
    return None


@lru_cache(maxsize=64)
def _texts(path: Path, _: int, digest: str, codes: tuple[str, ...]) -> dict[str, list[str]]:
    about = json.loads((pq.read_schema(path).metadata or {})[KEY])
    if about["hash"] != digest or about["text_public"] is not True:
        raise ValueError("it is another corpus, or its text is not public")
    table = pq.read_table(path, columns=["code", "segments"], filters=[("code", "in", set(codes))])
    return dict(zip(table["code"].to_pylist(), table["segments"].to_pylist(), strict=True))
