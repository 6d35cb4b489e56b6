"""How a job ended, in one sentence for a person."""

from __future__ import annotations

import signal
from dataclasses import dataclass

from evaluators.exits import CODES, KINDS, ORPHANED, SENTENCES, FailureKind
from results.logs import BYTES, LINES, lines_of, log_end

__all__ = ["BYTES", "LINES", "Failure", "FailureKind", "judge", "log_end"]

SENTENCE = 300
RETRIED: frozenset[FailureKind] = frozenset(["disk full", "hub unreachable", "killed"])
"""Kinds that another attempt may well not meet again."""
_KIND_OF = {code: kind for kind, code in CODES.items()}


@dataclass(frozen=True)
class Failure:
    """Why a job failed; `retry` when the same again may end otherwise."""

    kind: FailureKind
    sentence: str
    retry: bool


def judge(code: int, log: str, stopped_by: str | None = None) -> Failure:
    """What became of a job that did not end well.

    `code` as subprocess gives it (negative: a signal; a shell's 128 + signal is read alike);
    `log` its whole output; `stopped_by` what `limits.Watch.over` said, where that ended it.
    """
    if stopped_by:
        name, _, said = stopped_by.partition(": ")
        limit = next((each for each in KINDS if each == name), None)
        return _failure(limit, said) if limit else _failure("killed", stopped_by)
    number = -code if code < 0 else code - 128 if code > 128 else 0
    if code == ORPHANED:
        return _failure("killed", "The job was killed (its worker ended).")
    if number:
        return _failure("killed", _signalled(number))
    kind = _KIND_OF.get(code, "other")
    lines = [line for line in lines_of(log) if line.startswith("error: ")]
    if lines and (said := lines[-1].removeprefix("error: ").strip(" :")):
        return _failure(kind, said)
    if code == 0:
        return _failure("other", "The job ended without an error.")
    return _failure(kind, SENTENCES.get(kind, f"The job ended with code {code}."))


def _signalled(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if name == "SIGKILL":
        return "The job was killed (SIGKILL); the machine may have run out of memory."
    if name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"):
        return f"The job crashed ({name})."
    return f"The job was killed ({name})."


def _failure(kind: FailureKind, sentence: str) -> Failure:
    if len(sentence) > SENTENCE:
        sentence = sentence[: SENTENCE - 1] + "…"
    return Failure(kind, sentence, kind in RETRIED)
