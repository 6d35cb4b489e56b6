"""Settings, read once from environment variables that start with MEXA_, all checked here."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}"
RepoName = Annotated[str, StringConstraints(pattern=rf"^{_NAME}/{_NAME}$")]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """Every setting of the board, its workers and its jobs."""

    model_config = SettingsConfigDict(
        env_prefix="MEXA_",
        extra="ignore",
        env_ignore_empty=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    board: Path = Path(".board")
    """Folder of a running board: its results repo, requests and derived table."""
    repo: RepoName | None = None
    """`ORG/NAME`: keep results and requests in the datasets NAME-results and NAME-requests."""
    token: Annotated[
        SecretStr | None, Field(validation_alias=AliasChoices("MEXA_TOKEN", "HF_TOKEN"))
    ] = None
    """Hub token that may write to the two datasets; without one the board is read-only."""
    read_token: SecretStr | None = None
    """Hub token of an account that gated models and corpora let in; only jobs with one get it."""
    cache: Path = Path.home() / ".cache" / "mexa"
    """Corpora, converted models, downloads, mirrors of datasets; may be deleted at any time."""
    cache_days: Annotated[float, Field(gt=0)] = 30.0
    """Days after which something unused is deleted from the caches."""
    corpus: Literal["udhr", "flores-plus", "bible"] = "udhr"
    """Corpus that submissions are evaluated on: `udhr`, `flores-plus` or `bible`."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Compute dtype of every evaluation on this board."""
    quantised: Literal["refuse", "run"] = "refuse"
    """What to do with models whose configuration says that they are quantised."""
    refresh: Seconds = 2.0
    """Seconds between two looks for new results and requests; on the Hub at least 30."""

    publish: Seconds = 3600.0
    """Seconds between two summaries of all records in the results dataset, for fresh machines."""

    launcher: Literal["none", "local", "hf-jobs", "ray"] = "local"
    """What starts workers for this board's requests."""
    devices: Annotated[str, StringConstraints(pattern=r"^([0-9]+(,[0-9]+)*)?$")] = ""
    """GPU indices with commas between: one local worker each; one without when empty."""
    time_limit: Seconds = 6 * 3600.0
    """Seconds that a job may take."""
    memory_limit: Annotated[float, Field(ge=0)] = 0.0
    """GiB of main memory that a job may use; 0 is no limit."""
    disk_limit: Annotated[float, Field(gt=0)] = 200.0
    """GiB that the caches and a job's files may take."""
    gpu_memory: Annotated[float, Field(gt=0)] | None = None
    """GiB of the device that evaluates; models that do not fit are refused. Unset: not checked."""
    user_limit: Annotated[int, Field(ge=1)] = 5
    """Requests of one person that may wait or run at a time, where people sign in."""
    total_limit: Annotated[int, Field(ge=1)] = 1000
    """Requests that may wait or run at a time."""

    web_commits: Annotated[int, Field(ge=1, le=128)] = 40
    """Commits an hour to a dataset by the web app. The Hub allows 128 by all together."""
    worker_commits: Annotated[int, Field(ge=1, le=128)] = 80
    """Commits an hour to a dataset by all workers together."""
    commit_window: Seconds = 3600.0
    """Seconds that the two numbers are for."""
    gather: Annotated[float, Field(ge=0)] = 60.0
    """Longest that a submission waits for others to share its commit."""
    lease: Seconds = 1800.0
    """Seconds without a sign of life after which a running request is taken from its worker."""
    heartbeat: Seconds = 600.0
    """Seconds after which a worker gives a sign of life although it has no new results."""
    checkpoint: Annotated[float, Field(ge=0)] = 300.0
    """Seconds that a worker gathers new results for one commit."""
    patience: Seconds = 60.0
    """Seconds that a write is tried again while the Hub does not answer."""

    jobs_namespace: str | None = None
    """User or organisation that Hugging Face Jobs are billed to; that of `repo` when unset."""
    jobs_code: RepoName | None = None
    """Space whose code a Hugging Face Job runs; the Space that runs this, else `repo`."""
    jobs_token: SecretStr | None = None
    """Hub token that a job writes results with, best fine-grained; `token` when unset."""
    jobs_at_once: Annotated[int, Field(ge=1)] = 4
    """Hugging Face Jobs that may run at a time."""
    jobs_image: str = "python:3.11"
    """Image of a Hugging Face Job."""
    jobs_cost: Annotated[float, Field(gt=0)] = 5.0
    """Dollars that one Hugging Face Job may cost; its time-out follows from the flavour's price."""
    ray_address: str = "auto"
    """Address of an existing Ray cluster."""
    ray_parts: Annotated[int, Field(ge=1)] = 2
    """Workers that share the languages of one model on Ray."""

    @model_validator(mode="after")
    def _within_the_hubs_limit(self) -> Self:
        if self.web_commits + self.worker_commits > 128:
            raise ValueError(
                "MEXA_WEB_COMMITS and MEXA_WORKER_COMMITS together are over the Hub's 128 an hour"
            )
        return self


@lru_cache
def settings() -> Settings:
    """The settings of this process. Raises pydantic.ValidationError naming a bad variable."""
    return Settings()


def described() -> str:
    """Every setting with its default and meaning, as a Markdown table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, Path) and default.is_relative_to(Path.home()):
            default = f"~/{default.relative_to(Path.home())}"
        shown = "" if default in (None, "") else f"`{default}`"
        if isinstance(default, float):
            shown = f"`{default:g}`"
        meaning = " ".join((field.description or "").split())
        lines.append(f"| `MEXA_{name.upper()}` | {shown} | {meaning} |")
    return "\n".join(lines)
