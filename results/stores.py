"""The two stores of a board: its results and its requests."""

from __future__ import annotations

from typing import Literal

from httpx2 import Client, Request, Timeout
from huggingface_hub import set_client_factory
from huggingface_hub.utils import disable_progress_bars
from huggingface_hub.utils._http import default_client_factory

from results.budget import Budget
from results.dataset import Dataset
from results.settings import Settings
from results.store import Folder, Store

SILENCE = 30.0
"""Seconds without a byte from the Hub after which a call is given up."""


def open_stores(settings: Settings, role: Literal["web", "worker"]) -> tuple[Store, Store]:
    """(results, requests): two datasets when `settings.repo` names them, else two local folders."""
    if settings.repo is None:
        board = settings.board.resolve()
        return Folder(board), Folder(board / "requests")
    disable_progress_bars()
    set_client_factory(patient_client)
    most = settings.web_commits if role == "web" else settings.worker_commits
    token = settings.token.get_secret_value() if settings.token else None

    def dataset(kind: str) -> Dataset:
        return Dataset(
            f"{settings.repo}-{kind}",
            settings.cache / "mirrors",
            token=token,
            role=role,
            budget=Budget(most, settings.commit_window),
            patience=settings.patience,
            checkpoint=settings.checkpoint,
            heartbeat=settings.heartbeat,
        )

    return dataset("results"), dataset("requests")


def patient_client() -> Client:
    """The Hub's client, which by itself waits for ever, with an end to its patience."""
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
