"""Stand-ins for the two corpora of the Hub: datasets of the same form with made-up text."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hub_repos import Repo
from hub_server import Hub

FLORES, BIBLE = "openlanguagedata/flores_plus", "cis-lmu/sPBC"
CANARY = "kwxqcanary"
"""Stands in every made-up sentence: where it is found, text has leaked."""
READER, STRANGER = "hf_reader0123", "hf_stranger0123"
LETTERS = {
    "Latn": "abcdefghijklmnoprstuv",
    "Arab": "ابتثجحخدرزسشصضطظعغفقكلمنهوي",
    "Cyrl": "абвгдежзиклмн",
}


def sentences(code: str, count: int, salt: str = "") -> list[str]:
    """Made-up sentences that are alike in length from language to language, and in nothing else."""
    letters = LETTERS.get(code.split("_")[1], LETTERS["Latn"])
    found = []
    for i in range(count):
        sizes = random.Random(i).choices(range(3, 9), k=8)
        own = random.Random(f"{code} {i} {salt}")
        words = ["".join(own.choices(letters, k=size)) for size in sizes]
        found.append(" ".join([CANARY, *words]))
    return found


def rows(code: str, texts: Sequence[str], first: int = 1, **columns: Any) -> list[dict[str, Any]]:
    """As FLORES+ writes them, not in the order of their ids."""
    iso, script, *_ = code.split("_")
    same = {"iso_639_3": iso, "iso_15924": script, "glottocode": "abcd1234", "url": "", **columns}
    found = [{"id": i, **same, "text": text} for i, text in enumerate(texts, first)]
    return found[1::2] + found[::2]


def json_lines(found: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found).encode()


def parquet(found: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(found), sink)
    return sink.getvalue()


def archive(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return sink.getvalue()


def lines(texts: Iterable[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


def flores(hub: Hub, codes: Iterable[str], salt: str = "", **files: bytes) -> Repo:
    """Serve a dataset in the form of FLORES+, gated, with 104 sentences a language in devtest."""
    content = {
        f"devtest/{code}.jsonl": json_lines(rows(code, sentences(code, 104, salt)))
        for code in codes
    }
    return _gated(
        hub, FLORES, {**content, "README.md": b"stand-in", "dev/eng_Latn.jsonl": b"{}\n"} | files
    )


def bible(hub: Hub, files: dict[str, bytes]) -> Repo:
    """Serve a dataset in the form of sPBC, gated."""
    return _gated(hub, BIBLE, files)


def _gated(hub: Hub, id: str, files: dict[str, bytes]) -> Repo:
    hub.tokens |= {
        READER: {"name": "reader", "role": "read"},
        STRANGER: {"name": "stranger", "role": "read"},
    }
    return hub.create(id, files=files, gated="auto", granted={"reader"})
