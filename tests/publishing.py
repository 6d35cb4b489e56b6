"""A publisher as a worker makes it, what a job measures, and what the store then holds."""

import numpy as np
from queue_board import FIXTURE

from evaluators.publisher import Publisher
from results.repo import Repo

WEIGHTED, LAST = FIXTURE.configurations
MODEL = FIXTURE.model


def submit(board):
    return board.submit(languages=["deu_Latn", "kor_Hang", "yor_Latn"])


def start(board, request, folder):
    """A publisher as the worker makes it: fenced if it is not the first, then seeded."""
    made = Publisher(board.queue, board.results, request, folder)
    if len(request.attempts) > 1:
        made.write()
    made.seed()
    return made


def measure(made, code, value=1, evaluator=WEIGHTED):
    """The job adds a language to its private folder."""
    known = Repo(made.private.root).record(MODEL, WEIGHTED)
    row = next(row for row in known.scores if row.layers)
    hits = np.full((known.model.layers, evaluator.parameters.n), bool(value))
    row = row.model_copy(
        update={"language": code, "layers": [float(value)] * known.model.layers, "values": {}}
    )
    made.private.add(known.model, evaluator, known.interval, known.runs[0], [row], {code: hits})


def languages(board, evaluator=WEIGHTED):
    record = Repo(board.results.root).record(MODEL, evaluator)
    return record.languages() if record else set()


def state(board):
    """The store's records, byte for byte."""
    board.results.refresh()
    root = board.results.root
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("results/**/*.json")}


def until_idle(made):
    if made._running:
        made._running.exception()
