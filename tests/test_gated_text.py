"""The text of a gated corpus (a stand-in) is nowhere but in this user's cache of built corpora."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hub_corpora import CANARY, READER, flores
from hub_server import Hub
from test_hub_text import CODES

from evaluators import corpora
from leaderboard import answers
from leaderboard.asked import SegmentsAsked
from leaderboard.board import Board
from leaderboard.pages import about
from results.settings import Settings


def test_a_run_over_a_stand_in_leaves_its_text_nowhere(
    hub: Hub,
    tiny: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from evaluators import job, report
    from evaluators.models import load, source
    from evaluators.options import Options, wanted
    from results.repo import Repo, check

    caplog.set_level(logging.DEBUG)
    flores(hub, CODES)
    parallel = corpora.load("flores-plus", cache=tmp_path / "cache", token=READER)
    board = tmp_path / "board"
    corpora.write_card(parallel, board)
    loaded = load.load(source.find(str(tiny), tmp_path / "cache"), tmp_path / "cache", "float32")
    asked = wanted(Options(("weighted-mean",)), loaded)
    (done,) = job.evaluate(loaded, parallel, CODES[1:], asked, Repo(board))
    record = Repo(board).record(loaded.about, done)
    print(report.table(record, {*CODES}), corpora.describe(parallel))
    assert record.evaluator.parameters.corpus == "flores-plus"
    assert record.evaluator.parameters.corpus_hash == parallel.hash
    assert check(board) == []
    corpora.publish(parallel, board)

    shown = Board(
        Settings(board=board, cache=tmp_path / "cache", corpus="flores-plus", launcher="none")
    )
    assert shown.card is not None and shown.card.hash == parallel.hash
    found = answers.segments(
        shown, SegmentsAsked(model=loaded.about.id, language="fra_Latn", corpus="flores-plus")
    )
    assert found["text_public"] is False and len(found["segments"]) == 100
    said = [str(found), about.content(shown), str(answers.board(shown)), *capsys.readouterr()]
    assert not [text for text in [*said, caplog.text] if CANARY in text]
    holders = {path.parent.name for path in tmp_path.rglob("*") if path.is_file() and _holds(path)}
    assert holders <= {"corpora", "blobs", "devtest"}
    assert not [path for path in board.rglob("*") if path.is_file() and _holds(path)]
    (kept,) = (tmp_path / "cache" / "corpora").glob("*")
    assert kept.stat().st_mode & 0o077 == 0


def _holds(path: Path) -> bool:
    """Whether a file holds the made-up text, also within a Parquet file's compression."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return CANARY in str(pq.read_table(path).to_pydict()) + str(pq.read_schema(path).metadata)
    return CANARY.encode() in path.read_bytes()
