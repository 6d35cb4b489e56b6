"""What starts workers for a board's requests, by setting; all start the same command line."""

from __future__ import annotations

from typing import Protocol

from leaderboard.launchers.hf_jobs import HfJobs
from leaderboard.launchers.local import Local, Nothing
from results.queue import Queue
from results.settings import Settings


class Launcher(Protocol):
    """Looks at the queue every so often and starts what is needed."""

    every: float
    """Seconds between two looks."""
    serves: bool
    """Whether requests are worked on because of it."""

    trouble: str
    """Why requests wait, for a person; empty when all is well."""

    def tick(self) -> None:
        """One look; trouble is logged, and met again at the next."""

    def stop(self) -> None:
        """Called once, when the board ends."""


def launcher(settings: Settings, queue: Queue) -> Launcher:
    """The launcher that the settings name."""
    if settings.launcher == "hf-jobs":
        return HfJobs(settings, queue)
    return Nothing() if settings.launcher == "none" else Local(settings)
