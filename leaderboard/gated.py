"""Gated models that wait for their authors: asked again whether this board may read them."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

from huggingface_hub import HfApi

from results.hub import REFUSED
from results.queue import NotYours, Queue, Step, View
from results.request import Request
from results.settings import Settings

log = logging.getLogger(__name__)
EVERY = 900.0
"""Seconds between two questions about the same request."""
_asked: dict[str, float] = {}


def ask_again(queue: Queue, settings: Settings) -> None:
    """Put gated requests in the queue whose model the board's read token may read by now.

    Raises OSError when the queue cannot be written.
    """
    if settings.read_token is None:
        return
    api = HfApi(token=settings.read_token.get_secret_value())
    now = time.monotonic()
    for request in queue.all():
        due = now - _asked.get(request.id, -EVERY) >= EVERY
        if request.state != "gated" or not due:
            continue
        try:
            api.auth_check(request.model.id)
        except REFUSED:
            _asked[request.id] = now
            continue
        # Cancelled or retried meanwhile: then there is nothing left to do.
        with suppress(NotYours):
            queue.take(f"{request.model.id} may be read now", opened(request))


def opened(request: Request) -> Step:
    """The step from gated to pending."""

    def step(view: View) -> Request:
        now = view.get(request.id)
        if now is None or now.state != "gated":
            raise NotYours("This request waits no more.")
        return now.model_copy(update={"state": "pending", "reason": None})

    return step
