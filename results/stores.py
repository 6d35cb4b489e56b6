"""The two stores of a board: its results and its requests."""

from __future__ import annotations

from typing import Literal

from results.budget import Budget
from results.dataset import Dataset
from results.hub import be_patient
from results.settings import Settings
from results.store import Folder, Store


def open_stores(settings: Settings, role: Literal["web", "worker"]) -> tuple[Store, Store]:
    """(results, requests): two datasets when `settings.repo` names them, else two local folders."""
    if settings.repo is None:
        board = settings.board.resolve()
        return Folder(board), Folder(board / "requests")
    be_patient()
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
