"""What a sentence-transformers folder's modules.json says, checked: it is a stranger's file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

NAME = "modules.json"
LARGEST = 1 << 16
"""Bytes of modules.json that are read; real ones hold some hundred."""
LIBRARY = "sentence_transformers."
FIRST = ("Transformer", "StaticEmbedding")
THEN = ("Pooling", "Dense", "LayerNorm", "Dropout", "Normalize")
_PATH = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}(?:/(?!$)|$)){0,3}")


class BadFolder(ValueError):
    """Raised for a folder that is not followed; the message goes on after the model's name."""


@dataclass(frozen=True)
class Module:
    """A step from a text to its vector: the name of its class, and its folder (empty: the top)."""

    kind: str
    path: str

    def file(self, name: str) -> str:
        """The path of one of its files, below the model's folder."""
        return f"{self.path}/{name}" if self.path else name


def parse(content: bytes) -> list[Module]:
    """The modules, in order: a Transformer or StaticEmbedding, and what is done to its output.

    Raises BadFolder for one that the library itself does not have, for one that is not followed
    here, and for a file that is none.
    """
    try:
        raw = json.loads(content)
        found = [(each["type"], each["path"]) for each in raw]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise BadFolder(f"has a {NAME} that cannot be read") from None
    if not found or len(found) > 16:
        raise BadFolder(f"has a {NAME} that names {len(found)} modules")
    modules = [
        _module(kind, path, FIRST if i == 0 else THEN) for i, (kind, path) in enumerate(found)
    ]
    if modules[0].kind == "Transformer" and "Pooling" not in [each.kind for each in modules]:
        raise BadFolder(f"has a {NAME} without pooling, so it gives no vector of a sentence")
    return modules


def is_static(modules: Sequence[Module]) -> bool:
    """Whether no transformer is among them, but a table of token vectors."""
    return bool(modules) and modules[0].kind == "StaticEmbedding"


def _module(kind: object, path: object, taken: tuple[str, ...]) -> Module:
    if not isinstance(kind, str) or not isinstance(path, str):
        raise BadFolder(f"has a {NAME} that cannot be read")
    path = "" if path == "." else path.removeprefix("./").rstrip("/")
    if not _PATH.fullmatch(path):
        raise BadFolder(f"has a {NAME} that names a folder outside its own")
    name = re.sub(r"[^A-Za-z0-9_.]", "", kind)[-60:]
    if not kind.startswith(LIBRARY):
        raise BadFolder(
            f"needs the module “{name}”, which is not one of sentence-transformers' own: code from "
            "a model's repository is never run here"
        )
    if (short := name.rpartition(".")[2]) not in taken:
        raise BadFolder(
            f"has the sentence-transformers module “{short}” where only {', '.join(taken)} are "
            "followed here"
        )
    return Module(short, path)
