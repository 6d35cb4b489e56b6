"""`python -m results check [FOLDER]`: validate every record of a results repo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from results.repo import SHIPPED, Repo
from results.repo import check as find_problems

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def main() -> None:
    """Look after a results repo."""


@app.command()
def check(folder: Annotated[Path, typer.Argument(help="a results repo")] = SHIPPED) -> None:
    """Validate every record: schema, place, and the shares against the hits they come from."""
    problems = find_problems(folder)
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo(f"{len(Repo(folder).paths())} records, {len(problems)} problems")
    raise typer.Exit(bool(problems))


if __name__ == "__main__":
    app()
