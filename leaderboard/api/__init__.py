"""The public API, version 1: plain HTTP under `/api/v1`, and the same through Gradio's clients."""

from __future__ import annotations

from leaderboard.api.functions import build
from leaderboard.api.http import routes

__all__ = ["build", "routes"]
