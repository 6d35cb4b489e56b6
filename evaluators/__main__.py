"""`python -m evaluators`: `run` a model, `work` on a board's queue, list a `corpus`."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evaluators import arguments, exits, lifetime
from evaluators.progress import screen, shown
from results.methods import SCORES, STATISTICS
from results.settings import Settings, settings
from results.store import ReadOnly

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_show_locals=False)


@app.command()
def run(
    model: arguments.ModelName,
    corpus: arguments.CorpusName = "udhr",
    split: arguments.Split = None,
    revision: arguments.Revision = None,
    file: arguments.OneFile = None,
    languages: arguments.Languages = None,
    embedding: arguments.EmbeddingNames = None,
    score: arguments.ScoreNames = None,
    statistic: arguments.StatisticNames = None,
    noise: arguments.NoiseNames = None,
    pivot: arguments.Pivots = None,
    dtype: arguments.Dtype = None,
    results: arguments.ResultsFolder = None,
    progress: arguments.ProgressFile = None,
    ray: arguments.RayAddress = None,
    ray_parts: arguments.RayParts = 2,
    tied: arguments.Tied = False,
    published: arguments.Published = None,
    expect_corpus: Annotated[str | None, typer.Option(help="its hash", hidden=True)] = None,
    expect_weights: arguments.ExpectedWeights = None,
) -> None:
    """Measure how well a model's languages align with the pivot, and print a table."""
    lifetime.begin(tied)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from evaluators import corpora, report
    from evaluators.keeping import known
    from evaluators.models import source
    from evaluators.options import Options, wanted
    from results.languages import resolve
    from results.repo import Repo

    board = settings()
    try:
        options = Options(
            tuple(embedding or ()),
            tuple(score or ()),
            tuple(statistic or ()),
            tuple(noise or ()),
            tuple(resolve(code).code for code in pivot or ["eng_Latn"]),
        )
        options.check()
        parallel = corpora.load(
            corpus,
            cache=board.cache,
            pivot=options.pivots[0],
            published=published,
            expected=expect_corpus,
            token=_read_token(board),
        )
        if expect_corpus not in (None, parallel.hash):
            raise ValueError(
                f"this machine's {corpus} is another build ({parallel.hash[:12]}) than the board's "
                f"({str(expect_corpus)[:12]}): bring both to the same version"
            )
        parallel = corpora.split(parallel, split)
        for warning in parallel.warnings:
            typer.echo(f"warning: {warning}", err=True)
        asked = [part.strip() for part in languages.split(",")] if languages else None
        codes = [resolve(part).code for part in asked] if asked else list(parallel.languages)
        known(f"corpus {parallel.name}", parallel.languages, (*options.pivots, *codes))
        if ray is None:
            with screen.status(f"loading {model}"):
                found = source.find(model, board.cache, revision, file)
            # What was asked for is wrong at once, not after the seconds that these take.
            with screen.status("loading libraries"):
                from evaluators import job
                from evaluators.models import load
            with screen.status(f"loading {model}"):
                loaded = load.load(found, board.cache, dtype or board.dtype, board.quantised)
            about = loaded.about
            if expect_weights not in (None, about.weights):
                raise ValueError(
                    f"the file holds {about.weights} weights, the request says {expect_weights}"
                )
        repo = Repo(results or board.board)
        with shown(progress) as show:
            if ray is None:
                asks = wanted(options, loaded)
                done = job.evaluate(loaded, parallel, codes, asks, repo, show)
            else:
                from evaluators import ray_job

                joined = ray_job.run(
                    ray,
                    ray_parts,
                    model,
                    parallel,
                    codes,
                    options,
                    repo,
                    show,
                    revision=revision,
                    file=file,
                    dtype=dtype or board.dtype,
                    expect_weights=expect_weights,
                )
                about, done = joined.model, joined.configurations
        if ray is not None:
            typer.echo(joined, err=True)
    except Exception as error:
        raise typer.Exit(exits.say(error)) from None
    for configuration in done:
        record = repo.record(about, configuration)
        if record and configuration.name in SCORES:
            Console().print(report.table(record, {*codes}))
    kept = [each.name for each in done if each.name in STATISTICS]
    if kept:
        typer.echo(f"kept too, for the model's page: {', '.join(dict.fromkeys(kept))}")


@app.command()
def ask(
    model: arguments.ModelName,
    task: Annotated[str, typer.Option(help="udhr-cloze, arc, mmlu, global-mmlu, belebele")],
    languages: Annotated[
        str, typer.Option(help="codes with commas between, or all; English when left out")
    ] = "eng_Latn",
    limit: Annotated[
        int | None, typer.Option(min=1, help="the first so many questions of each harness task")
    ] = None,
    few_shot: Annotated[
        int | None, typer.Option(min=0, help="solved examples before each question")
    ] = None,
    revision: arguments.Revision = None,
    file: arguments.OneFile = None,
    dtype: arguments.Dtype = None,
    results: arguments.ResultsFolder = None,
    progress: arguments.ProgressFile = None,
    tied: arguments.Tied = False,
    published: arguments.Published = None,
    expect_task: Annotated[str | None, typer.Option(help="its hash", hidden=True)] = None,
    expect_weights: arguments.ExpectedWeights = None,
) -> None:
    """Ask a model the questions of a task through lm-evaluation-harness, and print its accuracy."""
    lifetime.begin(tied)
    # The harness's own bars, a line an item in a log, cannot be turned off in another way.
    os.environ.setdefault("TQDM_DELAY", "1e9")
    from evaluators import report
    from evaluators.tasks import command
    from results.repo import Repo

    board = settings()
    repo = Repo(results or board.board)
    try:
        with shown(progress) as show:
            about, configuration, codes = command.run(
                model,
                task,
                languages,
                repo,
                board.cache,
                show,
                limit=limit,
                few_shot=few_shot,
                revision=revision,
                file=file,
                dtype=dtype or board.dtype,
                quantised=board.quantised,
                published=published,
                expect_task=expect_task,
                expect_weights=expect_weights,
            )
    except Exception as error:
        raise typer.Exit(exits.say(error)) from None
    record = repo.record(about, configuration)
    if record:
        Console().print(report.accuracies(record, {*codes}))


@app.command()
def work(
    repo: Annotated[
        str | None,
        typer.Option(help="ORG/NAME of a hosted board; MEXA_TOKEN must be allowed to write to it"),
    ] = None,
    request: Annotated[str | None, typer.Option(help="work on this one request")] = None,
    attempt: Annotated[
        int | None, typer.Option(min=1, help="of it, that a launcher made", hidden=True)
    ] = None,
    once: Annotated[bool, typer.Option(help="end when the queue is empty")] = False,
    tied: arguments.Tied = False,
) -> None:
    """Take requests from the board's queue and run a job for each, in a process of its own."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    if tied:
        threading.Thread(target=lifetime.ask_to_end, daemon=True).start()
    if repo:
        os.environ["MEXA_REPO"] = repo
    from evaluators.worker import serve

    try:
        board = settings()
        if board.repo and not board.token:
            raise ValueError(f"set MEXA_TOKEN to a token that may write to {board.repo}'s datasets")
        if attempt and not request:
            raise ValueError("--attempt belongs to a --request")
        if tied and not board.repo:
            threading.Thread(target=_prepare, args=(board,), daemon=True).start()
        serve(board, once=once, only=request, attempt=attempt)
    except (ReadOnly, ValueError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None


@app.command()
def corpus(
    name: Annotated[str, typer.Argument(help=arguments.CORPORA)] = "udhr",
    publish: Annotated[
        Path | None, typer.Option(help="write its card, and public text, to this results repo")
    ] = None,
) -> None:
    """Build or read a corpus; say what is left of it, and what was left out and why.

    flores-plus and bible are read from the Hub: accept their terms there, and set MEXA_READ_TOKEN.
    """
    from evaluators import corpora

    board = settings()
    try:
        found = corpora.load(name, cache=board.cache, token=_read_token(board))
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(corpora.describe(found))
    if publish:
        typer.echo(corpora.write_card(found, publish))
        text = corpora.publish(found, publish)
        typer.echo(text or "its text is not published: its licence is not known to allow it")


def _read_token(board: Settings) -> str | None:
    return board.read_token.get_secret_value() if board.read_token else None


def _prepare(board: Settings) -> None:
    """Have the corpus before the first request asks for it; the pages show its text from then.

    A board that has no card of it gets one, and can be asked for its languages.
    """
    from evaluators import corpora
    from results.corpora import cards

    try:
        found = corpora.load(board.corpus, cache=board.cache, token=_read_token(board))
        if not any(card.name == found.name for card in cards(board.board)):
            corpora.write_card(found, board.board)
    except (ValueError, OSError) as error:
        logging.getLogger(__name__).warning("the corpus is not here yet: %s", error)


if __name__ == "__main__":
    app()
