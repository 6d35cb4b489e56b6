"""`python -m results export`: scores for spreadsheets, data frames and the Hub's model pages."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

from results import eval_results
from results import export as table
from results.files import write_atomic
from results.repo import Repo
from results.settings import Settings, settings
from results.stores import open_stores


class Format(StrEnum):
    """What can be written."""

    csv = "csv"
    parquet = "parquet"
    eval_results = "eval-results"


def export(
    folder: Annotated[Path, typer.Argument(help="folder to write to")],
    source: Annotated[
        Path | None, typer.Option("--from", help="a results repo; the board's when left out")
    ] = None,
    repo: Annotated[
        str | None, typer.Option("--repo", help="ORG/NAME of a hosted board; MEXA_REPO's else")
    ] = None,
    formats: Annotated[
        list[Format] | None, typer.Option("--format", help="all when left out; may be repeated")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="ORG/NAME of the benchmark that .eval_results name")
    ] = None,
    source_url: Annotated[str | None, typer.Option(help="where the numbers can be seen")] = None,
    source_name: Annotated[str | None, typer.Option(help="what that place is called")] = None,
) -> None:
    """Write scores.csv, scores.parquet and eval_results/ORG__MODEL/mexa.yaml."""
    wanted = set(formats or Format)
    try:
        board = Settings(repo=repo) if repo else settings()
        root = source or _newest(board)
        if dataset is None and board.repo:
            dataset = f"{board.repo}-results"
        if not Repo(root).paths():
            raise ValueError(f"{root} holds no records; name a results repo with --from")
        if Format.eval_results in wanted and dataset is None:
            if formats:
                raise ValueError("--format eval-results needs --dataset ORG/NAME")
            wanted.discard(Format.eval_results)
            typer.echo("no eval_results: name the benchmark's data set with --dataset", err=True)
        if source_name and not source_url:
            raise ValueError("--source-name needs --source-url")
        if dataset is not None:
            validate_repo_id(dataset)
        about = eval_results.Attribution(dataset or "", source_url, source_name)
        files = _files(root, wanted, about)
        for name, data in files.items():
            write_atomic(folder / name, data)
            typer.echo(folder / name)
    except (ValueError, OSError, HFValidationError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


def _newest(board: Settings) -> Path:
    """The board's own results, as they are now. Raises OSError."""
    results, _ = open_stores(board, "web")
    results.refresh()
    return results.root


def _files(root: Path, wanted: set[Format], about: eval_results.Attribution) -> dict[str, bytes]:
    files = {}
    if wanted & {Format.csv, Format.parquet}:
        scores = table.scores(root)
        if Format.csv in wanted:
            files["scores.csv"] = table.csv(scores)
        if Format.parquet in wanted:
            files["scores.parquet"] = table.parquet(scores)
    if Format.eval_results in wanted:
        files |= {name: text.encode() for name, text in eval_results.documents(root, about).items()}
    return files
