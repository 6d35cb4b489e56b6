"""The snapshot that pages read: what records say, made again only where files changed."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from results import sheet_writer, snapshot
from results.parts import read_part
from results.repo import Repo, read_hits
from results.snapshot import Snapshot, Snapshots

FIXTURES = Path(__file__).parent / "fixtures" / "repo"


@pytest.fixture
def repo(tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "repo")
    return Repo(tmp_path / "repo")


def load(repo):
    return Snapshots(repo).load(snapshot.key(repo))


def same(one: Snapshot, other: Snapshot) -> None:
    assert one.models == other.models
    for a, b in zip(one.sheets, other.sheets, strict=True):
        assert (a.configuration, a.columns, a.languages, a.rows) == (
            *(b.configuration, b.columns, b.languages, b.rows),
        )
        assert np.array_equal(a.values, b.values, equal_nan=True)
        assert np.array_equal(a.segments, b.segments) and np.array_equal(a.peaks, b.peaks)


def edited(record, path, scores):
    path.write_text(record.model_copy(update={"scores": scores}).model_dump_json())


def test_every_cell_is_what_its_record_says(repo):
    shot, cells = load(repo), 0
    for path, record in repo.records():
        sheet = shot.by_configuration[record.evaluator.key()]
        where = path.relative_to(repo.root).as_posix()
        (at,) = [k for k, row in enumerate(sheet.rows) if row.record == where]
        assert shot.models[sheet.rows[at].model] == record.model.model_dump(mode="json")
        hits = read_hits(path) if path.with_suffix(".hits.json").exists() else None
        for score in record.scores:
            place = sheet.places[score.language]
            for name, value in score.values.items():
                assert sheet.column(name)[at, place] == np.float32(value.value)
                assert sheet.column(f"{name}_chance")[at, place] == np.float32(value.chance)
            tokens = np.nan if score.tokens is None else score.tokens
            assert np.array_equal(sheet.column("tokens")[at, place], tokens, equal_nan=True)
            run = record.runs[int(sheet.column("run")[at, place])]
            assert run == record.runs[score.run]
            if score.layers and hits:
                unpacked = hits.unpack(score.language)
                assert sheet.segments[place, at].tolist() == unpacked.sum(axis=0).tolist()
                assert sheet.column("best_layer")[at, place] == np.argmax(score.layers)
                best = np.unpackbits(sheet.peaks[place, at, 0])[: sheet.n]
                assert best.tolist() == unpacked[np.argmax(score.layers)].tolist()
            cells += 1
    assert cells == sum(int((~np.isnan(s.column("seconds"))).sum()) for s in shot.sheets)


def test_it_is_mapped_again_without_reading_a_record(repo, monkeypatch):
    built = load(repo)
    monkeypatch.setattr(snapshot, "build", lambda *_: pytest.fail("built again"))
    same(built, load(repo))


def test_only_what_changed_is_read_again(repo, monkeypatch):
    snapshots = Snapshots(repo)
    first = snapshots.load(snapshot.key(repo))
    path, record = next(iter(repo.records()))
    edited(record, path, record.scores[:-1])
    read = []
    monkeypatch.setattr(
        sheet_writer, "read_part", lambda root, p: read.append(p) or read_part(root, p)
    )
    second = snapshots.load(snapshot.key(repo))
    assert read == [path]
    assert [each.name for each in (repo.root / "derived").iterdir() if each.is_dir()] == [
        second.key
    ]
    shutil.rmtree(repo.root / "derived")
    same(second, load(repo))
    counts = [sum(sum(sheet.measured) for sheet in shot.sheets) for shot in (first, second)]
    assert counts[1] == counts[0] - bool(record.scores[-1].values)


def test_files_that_only_look_new_are_not_read_again(repo, monkeypatch):
    first = load(repo)
    for path in repo.paths():
        path.touch()
    monkeypatch.setattr(sheet_writer, "read_part", lambda *_: pytest.fail("read again"))
    second = load(repo)
    assert second.key != first.key and second.models == first.models


def test_a_language_that_nobody_has_any_more_is_gone(repo):
    first = load(repo)
    gone = next(
        code
        for sheet in first.sheets
        for code in sheet.languages
        if code != "eng_Latn" and sheet.name == "alignment"
    )
    for path, record in list(repo.records()):
        edited(record, path, [score for score in record.scores if score.language != gone])
    assert all(gone not in sheet.languages for sheet in load(repo).sheets)


def test_a_broken_record_does_not_take_the_others_down(repo, caplog):
    whole = load(repo).rows
    path, _ = next(iter(repo.records()))
    path.write_text("{")
    assert load(repo).rows == whole - 1 and path.name in caplog.text


def test_a_language_without_its_hits_is_left_out(repo, caplog):
    path, record = next((p, r) for p, r in repo.records() if r.scores[-1].layers)
    code = record.scores[-1].language
    side = path.with_suffix(".hits.json")
    hits = read_hits(path)
    bits = {name: text for name, text in hits.bits.items() if name != code}
    side.write_text(hits.model_copy(update={"bits": bits}).model_dump_json())
    part = read_part(repo.root, path)
    assert code not in part.languages and "their hits are missing" in caplog.text


def test_a_record_without_a_side_file_keeps_its_scores(repo):
    path = next(p for p, record in repo.records() if record.scores[-1].layers)
    path.with_suffix(".hits.json").unlink()
    rows = {row.record: row.hits for sheet in load(repo).sheets for row in sheet.rows}
    assert rows[path.relative_to(repo.root).as_posix()] is False and True in rows.values()


def test_an_empty_repo_is_an_empty_snapshot(tmp_path):
    repo = Repo(tmp_path)
    assert load(repo).sheets == [] and load(repo).rows == 0


def test_a_damaged_snapshot_is_made_again(repo):
    built = load(repo)
    index = repo.root / "derived" / built.key / "index.json"
    index.write_text(index.read_text()[:100])
    same(built, load(repo))


@pytest.mark.parametrize("name", ["segments", "peaks", "values"])
def test_a_snapshot_that_lost_an_array_is_made_again(repo, name):
    built = load(repo)
    next((repo.root / "derived" / built.key).glob(f"*.{name}.bin")).unlink()
    same(built, load(repo))


def test_a_snapshot_whose_array_is_cut_short_is_made_again(repo):
    built = load(repo)
    array = next((repo.root / "derived" / built.key).glob("*.segments.bin"))
    whole = array.read_bytes()
    array.unlink()  # not in place: `built` maps the file
    array.write_bytes(whole[:-1])
    same(built, load(repo))


def test_what_a_killed_process_left_is_cleared_away_and_not_built_upon(repo):
    built = load(repo)
    derived = repo.root / "derived"
    (derived / built.key).rename(derived / ".new-dead")
    same(built, load(repo))
    assert [path.name for path in derived.glob(".new-*")] == []


def test_nothing_is_taken_over_from_another_version_s_snapshot(repo, monkeypatch):
    built = load(repo)
    monkeypatch.setattr(snapshot, "CODE", "newer")
    read = []
    monkeypatch.setattr(
        sheet_writer, "read_part", lambda root, p: read.append(p) or read_part(root, p)
    )
    again = load(repo)
    assert again.key != built.key and again.code == "newer"
    assert sorted(read) == repo.paths()


def test_without_hard_links_files_are_copied(repo, monkeypatch):
    load(repo)
    path, record = next(iter(repo.records()))
    edited(record, path, record.scores[:-1])

    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    found = load(repo)
    shutil.rmtree(repo.root / "derived")
    same(found, load(repo))


def odd_n(document):
    document["evaluator"]["parameters"]["n"] = 1


def newer_language(document):
    document["scores"][-1]["language"] = "qqx_Latn"


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "null", '{"schema_version": 1}'])
def test_a_record_that_is_none_is_left_out(repo, text):
    whole = load(repo).rows
    next(iter(repo.records()))[0].write_text(text)
    assert load(repo).rows == whole - 1


def test_a_record_that_is_not_where_it_belongs_is_left_out(repo, caplog):
    whole = load(repo)
    paths = [path for path, record in repo.records() if record.evaluator.name == "alignment"]
    source, target = (
        next(p for p in paths if p.stem != paths[0].stem and p.parent == paths[0].parent),
        paths[0],
    )
    shutil.copyfile(source, target)
    assert load(repo).rows == whole.rows - 1 and "does not lie where" in caplog.text


def test_a_record_with_another_n_is_left_out(repo):
    whole = load(repo).rows
    path = next(p for p, record in repo.records() if record.scores[-1].layers)
    document = json.loads(path.read_text())
    odd_n(document)
    path.write_text(json.dumps(document))
    assert load(repo).rows == whole - 1


def test_a_language_that_this_table_does_not_know_is_left_out(repo, caplog):
    path = next(p for p, record in repo.records() if not record.scores[-1].layers)
    document = json.loads(path.read_text())
    newer_language(document)
    path.write_text(json.dumps(document))
    assert all("qqx_Latn" not in sheet.languages for sheet in load(repo).sheets)
    assert "qqx_Latn" in caplog.text


def test_many_records_are_read_in_a_process_of_their_own(repo, monkeypatch):
    here = load(repo)
    shutil.rmtree(repo.root / "derived")
    monkeypatch.setattr(snapshot, "MANY", 0)
    monkeypatch.setattr(snapshot, "build", lambda *_: pytest.fail("built in this process"))
    same(here, load(repo))


def test_readers_that_share_a_folder_see_the_same(repo):
    """Six threads, each with a reader of its own, after every change of a record."""
    records = list(repo.records())
    for round_ in range(3):
        path, record = records[round_]
        edited(record, path, record.scores[:-1])
        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda _: load(repo), range(6)))
        for each in found[1:]:
            same(found[0], each)
