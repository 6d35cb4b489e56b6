"""Which segments align; their text only where the corpus says that it is public."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from answers.answers_tools import GEMMA, ask, board_of
from leaderboard import answers
from leaderboard.asked import SegmentsAsked
from results.corpus_text import KEY, file_name
from results.repo import read_hits


def segments(board, language="fra_Latn"):
    return answers.segments(board, ask(SegmentsAsked, model=GEMMA, language=language))


def with_text(folder: Path, public: bool = True) -> None:
    """A corpus file of two languages with the hash that the records name."""
    (card,) = (json.loads(path.read_text()) for path in (folder / "corpora").glob("*.json"))
    about = {"hash": card["hash"], "text_public": public}
    texts = [[f"{code} {k}" for k in range(card["n"])] for code in ("eng", "fra")]
    table = pa.table({"code": ["eng_Latn", "fra_Latn"], "segments": texts})
    schema = table.schema.with_metadata({KEY: json.dumps(about)})
    pq.write_table(table.cast(schema), folder / "corpora" / file_name("udhr", card["hash"]))


def test_shares_and_hits_are_the_record_s(real):
    found = segments(real)
    (path,) = (
        path
        for path, record in real.repo.records()
        if (record.model.id, record.evaluator.key()) == (GEMMA, found["view"]["view"])
    )
    hits = read_hits(path).unpack("fra_Latn")
    best = hits[hits.mean(axis=1).argmax()]
    assert [each["share"] for each in found["segments"]] == pytest.approx(
        hits.mean(axis=0).tolist(), abs=1e-6
    )
    assert [each["at_best"] for each in found["segments"]] == best.tolist()
    assert [each["number"] for each in found["segments"]] == list(range(1, 51))


def test_public_text_is_shown_side_by_side(folder):
    with_text(folder)
    found = segments(board_of(folder))
    assert found["text_public"] and found["text_here"]
    assert (found["segments"][2]["pivot"], found["segments"][2]["text"]) == ("eng 2", "fra 2")


def test_without_the_file_there_is_no_text(folder):
    found = segments(board_of(folder))
    assert found["text_public"] and not found["text_here"]
    assert found["segments"][0]["text"] is None


@pytest.mark.parametrize("by", ["card", "file"])
def test_text_that_is_not_public_stays_where_it_is(folder, by):
    with_text(folder, public=by == "card")
    if by == "card":
        (path,) = (folder / "corpora").glob("*.json")
        path.write_text(json.dumps({**json.loads(path.read_text()), "text_public": False}))
    found = segments(board_of(folder))
    assert not found["text_here"]
    assert all(each["text"] is each["pivot"] is None for each in found["segments"])


def test_a_damaged_file_is_no_text(folder, caplog):
    with_text(folder)
    (path,) = (folder / "corpora").glob("*.parquet")
    os.truncate(path, 40)
    assert not segments(board_of(folder))["text_here"] and "no text from" in caplog.text


def test_a_record_without_hits_says_so(folder):
    for path in folder.rglob("*.hits.json"):
        path.unlink()
    with pytest.raises(ValueError, match="was not kept"):
        segments(board_of(folder))
