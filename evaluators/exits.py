"""How a job ends: one exit code a kind of failure, shared by the job and whoever started it.

The code tells the kind even where the log is lost, as on a full disk. No torch here.
"""

from __future__ import annotations

import errno
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from typing import Literal, get_args

FailureKind = Literal[
    "out of memory",
    "gated",
    "no safetensors",
    "unknown architecture",
    "tokenizer missing",
    "disk full",
    "time limit",
    "memory limit",
    "disk limit",
    "hub unreachable",
    "killed",
    "other",
]
KINDS: tuple[FailureKind, ...] = get_args(FailureKind)

CODES: dict[FailureKind, int] = {
    "other": 1,
    "out of memory": 11,
    "gated": 12,
    "no safetensors": 13,
    "unknown architecture": 14,
    "tokenizer missing": 15,
    "disk full": 16,
    "disk limit": 17,
    "hub unreachable": 18,
}
"""Exit codes of `python -m evaluators run`; 2 is a bad command line."""
ORPHANED = 75
"""Exit code of a job whose worker ended before it (EX_TEMPFAIL)."""

SENTENCES: dict[FailureKind, str] = {
    "out of memory": "out of memory: this machine is too small for the model",
    "disk full": "the disk is full: free some space, or set MEXA_CACHE to another disk",
    "disk limit": "a file grew over the disk limit that the job was given",
}
"""What is said of errors whose own text is about a file or an allocator."""
_NO_MEMORY = re.compile(
    r"out of memory|not enough memory|can't allocate memory|cannot allocate memory|"
    r"unable to allocate|bad_alloc|_STATUS_ALLOC_FAILED",
    re.IGNORECASE,
)
_NO_SPACE = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_PHRASES: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    ("gated", re.compile(r" is gated: ")),
    (
        "no safetensors",
        re.compile(r" (has neither .*safetensors|holds no \.?safetensors (file|weights))"),
    ),
    ("unknown architecture", re.compile(r" does not know the architecture | needs code from its ")),
    (
        "unknown architecture",
        re.compile(
            r" do(es)? not (run over plain text|keep one state a token)| returns no hidden states |"
            r" change with the length of other texts | (needs|has) the (\S+ )?module |"
            r" is an encoder-decoder model "
        ),
    ),
    ("unknown architecture", re.compile(r"GGUF model with architecture .* is not supported")),
    ("tokenizer missing", re.compile(r" has no tokenizer")),
    ("hub unreachable", re.compile(r"^the Hub cannot be reached ")),
)
"""What `models.source` and `models.load` say; the tests hold both sides together."""


def out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on a processor or an accelerator.

    torch says so by `OutOfMemoryError`, and on a processor by a plain RuntimeError; what is
    written in Rust by the number alone.
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    if isinstance(error, RuntimeError):
        return bool(_NO_MEMORY.search(str(error)))
    return str(error).endswith("(os error 12)")


def kind(error: BaseException) -> FailureKind:
    """The kind of a job's error; what it was raised from counts too."""
    for each in _chain(error):
        number = each.errno if isinstance(each, OSError) else None
        text = str(each)
        if number in (errno.ENOSPC, errno.EDQUOT) or _NO_SPACE.search(text):
            return "disk full"
        if number == errno.EFBIG or text.endswith("(os error 27)"):
            return "disk limit"
        if out_of_memory(each):
            return "out of memory"
    if isinstance(error, ValueError):
        text = str(error)
        return next((found for found, phrase in _PHRASES if phrase.search(text)), "other")
    return "other"


def sentence(error: BaseException) -> str:
    """What is said to a person; may have more lines, of which the first stands alone."""
    found = kind(error)
    if found in SENTENCES:
        said = [str(e) for e in _chain(error) if type(e) is MemoryError and str(e)]
        return f"out of memory: {said[0]}" if said else SENTENCES[found]
    text = str(error).strip()
    if isinstance(error, ValueError | OSError) and text:
        return text
    return f"unexpected {type(error).__name__}: {text}".rstrip(": ")


def say(error: Exception) -> int:
    """Print `error: ...` on standard error, and return the code to exit with.

    The trace comes before it for errors that nobody foresaw.
    """
    found = kind(error)
    # The log may lie on the disk that is full.
    with suppress(OSError):
        if found == "other" and not isinstance(error, ValueError):
            traceback.print_exception(error)
        print(f"error: {sentence(error)}", file=sys.stderr, flush=True)  # noqa: T201
    return CODES.get(found, 1)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
