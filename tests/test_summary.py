"""A snapshot goes into one Parquet file and comes out the same."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_snapshot import load, repo, same  # noqa: F401 (repo is a fixture)

from results import sheet_writer, snapshot, summary
from results.corpora import cards
from results.repo import SHIPPED
from results.snapshot import Snapshots


def test_it_comes_back_as_it_was(repo, tmp_path):  # noqa: F811
    shot = load(repo)
    file = tmp_path / "summary.parquet"
    summary.write(shot, cards(SHIPPED), file)
    found, known = summary.unpack(file, tmp_path / "derived")
    same(shot, found)
    assert known == cards(SHIPPED)
    assert summary.unpack(file, tmp_path / "derived")[0].key == found.key == f"summary-{shot.key}"
    assert [path.name for path in (tmp_path / "derived").iterdir()] == [found.key]


def test_its_records_are_not_read_again_where_they_lie(repo, tmp_path, monkeypatch):  # noqa: F811
    summary.write(load(repo), [], tmp_path / "summary.parquet")
    fresh = tmp_path / "fresh"
    shutil.copytree(repo.root / "results", fresh / "results", copy_function=shutil.copyfile)
    summary.unpack(tmp_path / "summary.parquet", fresh / "derived")
    monkeypatch.setattr(sheet_writer, "read_part", lambda *_: pytest.fail("read again"))
    again = snapshot.Repo(fresh)
    same(load(repo), with_times_of(Snapshots(again).load(snapshot.key(again)), load(repo)))


def with_times_of(shot, other):
    for sheet, known in zip(shot.sheets, other.sheets, strict=True):
        for row, model in zip(sheet.rows, known.rows, strict=True):
            row.stat[:] = model.stat
    return shot


def test_it_is_a_table_that_others_can_read(repo, tmp_path):  # noqa: F811
    shot = load(repo)
    summary.write(shot, [], tmp_path / "summary.parquet")
    table = pq.read_table(tmp_path / "summary.parquet").to_pandas()
    assert len(table) == sum(int((~np.isnan(s.column("seconds"))).sum()) for s in shot.sheets)
    sheet = shot.sheets[0]
    mine = table[(table["sheet"] == 0) & (table["row"] == 0)].set_index("language")["mean"]
    for code in mine.dropna().index:
        assert mine[code] == sheet.column("mean")[0, sheet.places[code]]


def test_what_is_no_summary_is_refused(tmp_path: Path):
    file = tmp_path / "other.parquet"
    file.write_bytes(b"PAR1")
    with pytest.raises(summary.BadSummary):
        summary.unpack(file, tmp_path)
    pq.write_table(pa.table({"sheet": [1]}), file)
    with pytest.raises(summary.BadSummary, match="no summary"):
        summary.unpack(file, tmp_path)


def test_a_summary_of_another_format_is_refused(repo, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(summary, "FORMAT", 0)
    summary.write(load(repo), [], tmp_path / "summary.parquet")
    monkeypatch.undo()
    with pytest.raises(summary.BadSummary, match="another version"):
        summary.unpack(tmp_path / "summary.parquet", tmp_path)


def test_an_empty_board_has_a_summary_too(tmp_path):
    shot = load(snapshot.Repo(tmp_path / "none"))
    summary.write(shot, [], tmp_path / "summary.parquet")
    assert summary.unpack(tmp_path / "summary.parquet", tmp_path / "derived")[0].sheets == []
