"""`python -m leaderboard host ORG/NAME`: a board of one's own on the Hugging Face Hub."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from huggingface_hub import get_token
from huggingface_hub.errors import HfHubHTTPError, HTTPError

from leaderboard.host import SECRETS, Host, HostError
from leaderboard.space_files import ROOT, untracked
from results.corpora import GATED
from results.hub import be_patient
from results.repo import SHIPPED

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_show_locals=False)
BUILD_SECONDS = 600


@app.callback()
def main() -> None:
    """Host a leaderboard."""


@app.command()
def host(
    repo: Annotated[str, typer.Argument(help="ORG/NAME of the Space", metavar="ORG/NAME")],
    private: Annotated[bool, typer.Option(help="only members of ORG see it")] = False,
    hardware: Annotated[str | None, typer.Option(help="of the Space: cpu-basic ...")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="a MEXA_ setting")
    ] = None,
    results: Annotated[Path, typer.Option(help="records to start with")] = SHIPPED,
    renew_secrets: Annotated[
        bool, typer.Option(help="set the secrets anew that the Space has already")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="say what would be done, and do nothing")] = False,
) -> None:
    """Create or update a Space with its two datasets, code, settings and secrets.

    You act with the token of `hf auth login` or HF_TOKEN. The Space gets one of its own, which
    may write to the two datasets, from MEXA_TOKEN or typed in; MEXA_READ_TOKEN for gated models
    and corpora (--set MEXA_CORPUS=flores-plus or bible).
    """
    wrong = [each for each in settings or [] if "=" not in each]
    if wrong:
        # Not the text itself: it may be a secret.
        raise typer.BadParameter("give KEY=VALUE", param_hint="--set")
    variables = dict(each.split("=", 1) for each in settings or [])
    secrets = {name: os.environ[name] for name in SECRETS if os.environ.get(name)}
    be_patient()
    board = Host(repo, get_token(), private, hardware, variables, secrets, renew_secrets, results)
    try:
        with tempfile.TemporaryDirectory(prefix="mexa-corpora-") as built:
            _host(board, Path(built), dry_run)
    except (HostError, OSError, HfHubHTTPError, HTTPError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    finally:
        board.close()


def _host(board: Host, built: Path, dry_run: bool) -> None:
    board.check()
    if "MEXA_TOKEN" not in board.secrets and not board.has_secret("MEXA_TOKEN") and not dry_run:
        typed = _ask()
        if typed:
            board.secrets = {**board.secrets, "MEXA_TOKEN": typed}
            board.check()
    if lacking := board.lacks_card():
        token = board.secrets.get("MEXA_READ_TOKEN") or board.token
        if not _build(lacking, built, token if lacking in GATED else None):
            raise HostError(f"the board needs {lacking}, which could not be built here")
        board.corpora = (built,)
    for name in board.lacks_text():
        if _build(name, built) and any(built.glob(f"corpora/{name}-*.parquet")):
            board.corpora = (built,)
        else:
            typer.echo(f"the text of {name} is not published: workers need npm", err=True)
    for name in untracked():
        typer.echo(f"not uploaded, as git does not track it: {name}", err=True)
    steps = board.steps()
    for step in steps:
        typer.echo(f"would {step.what}" if dry_run else step.what)
        if not dry_run:
            step.do()
    if not steps:
        typer.echo("everything is already so")
    if not dry_run:
        _say_what_next(board)


def _ask() -> str:
    """The Space's token, typed in unseen; empty where nobody is there to ask."""
    if not sys.stdin.isatty():
        return ""
    said = "Token for the Space, with write access to its datasets (empty: read-only board)"
    return str(typer.prompt(said, default="", hide_input=True, show_default=False))


def _build(name: str, folder: Path, token: str | None = None) -> bool:
    """Have a corpus's card, and text that may be public, written into a folder.

    By a process, as only evaluators can; it sees no token but the one that a gated corpus needs.
    """
    words = [sys.executable, "-m", "evaluators", "corpus", name, "--publish", str(folder)]
    kept = {key: value for key, value in os.environ.items() if "TOKEN" not in key}
    kept |= {"MEXA_READ_TOKEN": token} if token else {}
    try:
        done = subprocess.run(
            words, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=BUILD_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode:
        typer.echo((done.stderr.strip().splitlines() or [""])[-1], err=True)
    return done.returncode == 0


def _say_what_next(board: Host) -> None:
    there = board.api.endpoint
    typer.echo(f"\nThe board: {there}/spaces/{board.space}")
    for id in board.datasets.values():
        typer.echo(f"  dataset: {there}/datasets/{id}")
    for id in board.unwritable():
        typer.echo(f"warning: MEXA_TOKEN may not write to {id}; give it that permission", err=True)
    if not board.secrets.get("MEXA_TOKEN") and not board.has_secret("MEXA_TOKEN"):
        typer.echo(
            "The Space has no token, so it takes no submissions. Make a fine-grained one that may "
            f"write to both datasets at {there}/settings/tokens, then type:\n"
            f"  MEXA_TOKEN=... python -m leaderboard host {board.repo}"
        )
    reads = "MEXA_READ_TOKEN=... " if board.variables.get("MEXA_CORPUS") in GATED else ""
    typer.echo(
        "To evaluate, on any machine with this repository and a token of that kind:\n"
        "  pip install -r requirements-eval.txt\n"
        f"  MEXA_TOKEN=... {reads}python -m evaluators work --repo {board.repo}"
    )


if __name__ == "__main__":
    app()
