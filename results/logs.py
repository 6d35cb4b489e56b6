"""The end of a job's log, made fit for a page."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINES = 40
BYTES = 8192
_CSI = r"[0-?]*[ -/]*[@-~]"
_ESCAPE = re.compile(
    rf"\x1b(?:\[{_CSI}|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b{_CSI}"
)
"""ANSI sequences: CSI, OSC and other strings up to their end, two-byte ones."""
_TOKEN = re.compile(r"hf_(?:[a-z]+_)?[A-Za-z0-9]{10,}[\w.~+/=-]*")
_ADDRESS = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]*://\S+|(?<=host=)'[^']*'|(?<=resolve )'[^']*'"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"
)
"""A log may name this machine's registries and neighbours, pages must not."""


def log_end(text: str) -> str:
    """The last 40 lines that are not blank, at most 8 kB of UTF-8, safe to show to strangers.

    Addresses, tokens and this machine's folders are replaced; control characters, colours and
    what a progress bar drew over are gone. Not escaped for HTML.
    """
    lines = [line for line in lines_of(text) if line.strip()]
    data = "\n".join(lines[-LINES:]).encode()
    return data[-BYTES:].decode(errors="ignore").lstrip() if len(data) > BYTES else data.decode()


def lines_of(text: str) -> list[str]:
    """Its lines as a terminal would be left with them, without addresses, tokens and home."""
    text = _ESCAPE.sub("", text)
    lines = (_drawn(line) for line in text.split("\n"))
    text = "\n".join("".join(c for c in line if _shown(c)) for line in lines)
    text = text.replace(f"{ROOT}/", "")
    if len(home := str(Path.home())) > 1:
        text = text.replace(home, "~")
    text = _ADDRESS.sub("(address)", text)
    return _TOKEN.sub("(token)", text).split("\n")


def _drawn(line: str) -> str:
    """What a terminal would be left with, roughly: the last thing drawn over the line."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")


def _shown(character: str) -> bool:
    return character == "\t" or unicodedata.category(character) not in (
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    )
