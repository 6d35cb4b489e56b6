"""What a failed call to the Hub means for a dataset: a lost race, wait, not allowed, no answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub.errors import (
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from results.hub import NO_ANSWER
from results.store import Busy, ReadOnly, Unreachable

TROUBLE = (
    *NO_ANSWER,
    KeyError,  # an answer that lacks something
    RuntimeError,  # the client was closed by another thread's failed connection; a failed upload
)


class Lost(Unreachable):
    """Raised when somebody else committed first."""


@contextmanager
def asking(repo: str) -> Iterator[None]:
    """Around calls of the client about a dataset: its troubles as a store's.

    Raises Unreachable, Lost or Busy, ReadOnly; what is this machine's trouble goes through.
    """
    try:
        yield
    except (Unreachable, ReadOnly):
        raise
    except TROUBLE as error:
        raise _meaning(repo, error) from error
    except OSError as error:
        if error.errno is not None:  # this machine's: a full disk, no permission
            raise
        raise _meaning(repo, error) from error


def _meaning(repo: str, error: Exception) -> OSError:
    answer = error.response if isinstance(error, HfHubHTTPError) else None
    status = answer.status_code if answer is not None else 0
    if status == 412:
        return Lost(f"{repo} was changed by somebody else at the same moment")
    if status == 429 and answer is not None:
        wait = answer.headers.get("retry-after", "")
        seconds = float(wait) if wait.isdigit() else 5.0
        return Busy(f"the Hub takes no more of {repo} just now", seconds)
    if isinstance(error, RevisionNotFoundError | RemoteEntryNotFoundError):
        return Lost(f"{repo} was squashed at the same moment")
    if isinstance(error, RepositoryNotFoundError) or status in (401, 403, 404):
        return ReadOnly(f"the dataset {repo} is not there, or this token may not use it")
    return Unreachable(f"the Hub did not answer for {repo} ({type(error).__name__})")
