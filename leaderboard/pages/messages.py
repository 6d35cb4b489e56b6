"""Messages on a page, and waiting for the queue without keeping other pages waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import Literal, TypeVar

from leaderboard import checks
from results.durations import duration
from results.store import Busy, ReadOnly

T = TypeVar("T")
# Gradio has 40 threads for all pages; a minute's wait for the Hub must not use them up.
POOL = ThreadPoolExecutor(64, "asking")
SIGN_IN = "Sign in with Hugging Face to {do}."
KEEPING = "Keeping it … this takes up to a minute when many ask at once."


def message(text: str, kind: Literal["good", "bad", "plain"], html: str = "") -> str:
    """A message box that is read out; `text` is escaped, `html` after it is not."""
    return f"<div class='message {kind}' role='status'>{escape(text)}{html}</div>"


def not_kept(error: Exception) -> str:
    """One clause on why something was not kept, without a full stop."""
    if isinstance(error, ReadOnly):
        return f"{error} (its owner must set MEXA_TOKEN)"
    if isinstance(error, Busy):
        return f"{error}; the next is free in {duration(error.seconds)}"
    if isinstance(error, checks.Unreachable):
        return "the Hub, which knows the model, cannot be reached just now"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said.rstrip(".") or "it took too long"


async def aside(act: Callable[[], T]) -> T:
    """What `act` returns or raises, in a thread of its own pool."""
    return await asyncio.get_running_loop().run_in_executor(POOL, act)
