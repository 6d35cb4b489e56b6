"""The Hub's client as this project uses it: with an end to its patience, and its ways to fail."""

from __future__ import annotations

from json import JSONDecodeError

from httpx2 import Client, Request, Timeout
from huggingface_hub import set_client_factory
from huggingface_hub.errors import (
    FileMetadataError,
    HfHubHTTPError,
    HTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
)
from huggingface_hub.utils import disable_progress_bars
from huggingface_hub.utils._http import default_client_factory

SILENCE = 30.0
"""Seconds without a byte from the Hub after which a call is given up."""
REFUSED = (HfHubHTTPError, HTTPError, OfflineModeIsEnabled)
"""No connection, or an answer that says no."""
NO_ANSWER = (*REFUSED, LocalEntryNotFoundError, FileMetadataError, JSONDecodeError)
"""That, and what the client raises on half an answer while it fetches files."""


def be_patient() -> None:
    """For long-lived processes: calls that are silent for `SILENCE` seconds fail, no bars drawn."""
    disable_progress_bars()
    set_client_factory(patient_client)


def patient_client() -> Client:
    """The Hub's client, which by itself waits for ever."""
    client = default_client_factory()
    client.timeout = Timeout(SILENCE)
    hooks = client.event_hooks
    client.event_hooks = {**hooks, "request": [*hooks["request"], _bound]}
    return client


def _bound(request: Request) -> None:
    """Some calls of `huggingface_hub` ask for no time-out at all: they get the same one."""
    if not any((request.extensions.get("timeout") or {}).values()):
        bounded = {**request.extensions, "timeout": Timeout(SILENCE).as_dict()}
        request.extensions = bounded
