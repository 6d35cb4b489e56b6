"""How many commits an hour a role may make to a dataset; the Hub refuses more than 128 by all."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

from huggingface_hub import HfApi, get_session
from huggingface_hub.utils import hf_raise_for_status

from results.store import Busy

TIMEOUT = 20.0
"""Seconds that the Hub has to tell a dataset's history."""
COARSE = 1.0
"""Seconds by which ages may be wrong: the Hub's dates are whole seconds."""


class Budget:
    """Shared by every process of a role: the dataset's own history says what they have spent.

    Commit titles start with the role, and ages are by the Hub's own clock, which its answers tell.
    What this process spent is counted by its monotonic clock too: squashing forgets the history.
    """

    def __init__(
        self, most: int, window: float = 3600.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most = most
        self.window = window
        self._clock = clock
        self._mine: deque[float] = deque()

    def check(self, api: HfApi, repo: str, role: str) -> None:
        """Raises Busy when the window's commits are used up, and what the client raises.

        Asked after `repo` was read and before a commit on top of that state, it is exact: whoever
        commits in between makes that commit fail.
        """
        now = self._clock()
        while self._mine and now - self._mine[0] >= self.window:
            self._mine.popleft()
        if len(self._mine) >= self.most:
            raise _busy(repo, self.window - (now - self._mine[0]))
        ages = self._ages(api, repo, role)
        if len(ages) >= self.most:
            raise _busy(repo, self.window + COARSE - sorted(ages)[self.most - 1])

    def spent(self) -> None:
        """Count a commit of this process."""
        self._mine.append(self._clock())

    def _ages(self, api: HfApi, repo: str, role: str) -> list[float]:
        """Seconds since each of the role's commits in the window, newest first."""
        url: str | None = f"{api.endpoint}/api/datasets/{repo}/commits/main"
        ages: list[float] = []
        while url:
            page = get_session().get(url, headers=api._build_hf_headers(), timeout=TIMEOUT)
            hf_raise_for_status(page)
            now = parsedate_to_datetime(page.headers["date"])
            for each in page.json():
                age = (now - datetime.fromisoformat(each["date"])).total_seconds()
                if age >= self.window + COARSE:
                    return ages
                if each["title"].startswith(f"{role}:"):
                    ages.append(age)
            url = page.links.get("next", {}).get("url")
        return ages


def _busy(repo: str, seconds: float) -> Busy:
    return Busy(f"this hour's commits to {repo} are used up", max(1.0, seconds))
