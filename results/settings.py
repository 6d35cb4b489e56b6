"""Settings, read once from environment variables that start with MEXA_."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of the board and its jobs."""

    model_config = SettingsConfigDict(env_prefix="MEXA_", extra="ignore")

    board: Path = Path(".board")
    """Folder of a running board: its results repo, requests and snapshot."""
    cache: Path = Path.home() / ".cache" / "mexa"
    """Corpora, converted models and package downloads; may be deleted at any time."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Compute dtype of every evaluation on this board."""
    corpus: Literal["udhr"] = "udhr"
    """Corpus that submissions are evaluated on."""
    worker: bool = True
    """Whether the app keeps a worker process on this machine."""
    refresh: Annotated[float, Field(gt=0)] = 2.0
    """Seconds between two looks for new results and requests."""


@lru_cache
def settings() -> Settings:
    """The settings of this process. Raises pydantic.ValidationError naming a bad variable."""
    return Settings()
