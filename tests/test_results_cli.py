"""`python -m results`: every command on a folder and on a dataset, and its errors in one line."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import set_client_factory
from huggingface_hub.utils._http import default_client_factory
from typer.testing import CliRunner

from results.__main__ import app
from results.blocklist import blocked
from results.evaluation import VERSION
from results.interval import METHOD
from results.queue import Blocked, Queue, new_id
from results.repo import Repo, check
from results.request import Request
from results.settings import Settings
from results.stores import open_stores

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures"
FIXTURE = Request.model_validate_json((FIXTURES / "request.json").read_text())
TOKEN = "hf_write"  # noqa: S105


@pytest.fixture(autouse=True)
def environment(hub, monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("MEXA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MEXA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MEXA_PATIENCE", "5")
    monkeypatch.setenv("MEXA_TOKEN", TOKEN)
    yield
    set_client_factory(default_client_factory)


@pytest.fixture
def source(tmp_path):
    """A results repo with cards: one whose text is public, one whose is not."""
    root = tmp_path / "source"
    shutil.copytree(FIXTURES / "repo", root)
    (root / "corpora").mkdir()
    (shipped,) = (ROOT / "results" / "data" / "corpora").glob("*.json")
    card = json.loads(shipped.read_text())
    for hash_, public in (("b" * 64, True), ("c" * 64, False)):
        about = card | {"hash": hash_, "text_public": public}
        name = root / "corpora" / f"udhr-{hash_[:12]}.json"
        name.write_text(json.dumps(about))
        name.with_suffix(".parquet").write_bytes(b"PAR1" + hash_.encode())
    return root


class Board:
    """Where commands work, as words, and how a test looks at it."""

    def __init__(self, words, settings, root):
        self.words = words  # of withdraw, block, stale ...
        self.to = ["--to" if word == "--folder" else word for word in words]
        self.source = ["--from" if word == "--folder" else word for word in words]
        self._settings, self._root = settings, root

    def stores(self):
        found = open_stores(Settings(**self._settings), "web")
        for store in found:
            store.refresh()
        return found

    @property
    def root(self):
        return self.stores()[0].root


@pytest.fixture(params=["folder", "dataset"])
def board(request, hub, tmp_path):
    if request.param == "folder":
        root = tmp_path / "board"
        root.mkdir()
        return Board(["--folder", str(root)], {"board": root}, root)
    hub.tokens[TOKEN] = {"name": "org", "role": "write"}
    for kind in ("results", "requests"):
        hub.create(f"org/board-{kind}", files={"README.md": b"# a card\n"})
    return Board(["--repo", "org/board"], {"repo": "org/board"}, None)


def run(*words, code=0, typed=None):
    done = CliRunner().invoke(app, [str(word) for word in words], input=typed)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done.output


def records(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in Repo(root).paths()}


def test_push_copies_what_may_be_public(board, source):
    output = run("push", source, *board.to, code=1)
    assert records(board.root) == records(source)
    assert check(board.root) == []
    names = {path.name for path in (board.root / "corpora").iterdir()}
    assert names == {
        "udhr-bbbbbbbbbbbb.json",
        "udhr-bbbbbbbbbbbb.parquet",
        "udhr-cccccccccccc.json",
    }
    assert "udhr-cccccccccccc.parquet: its card does not allow" in output


def test_push_of_what_is_there_is_no_commit(hub, board, source):
    (source / "corpora" / "udhr-cccccccccccc.parquet").unlink()
    first = run("push", source, *board.to)
    made = sum(len(repo.made) for repo in hub.datasets.values())
    assert "0 left out" in first
    assert run("push", source, *board.to).startswith("0 files written")
    assert sum(len(repo.made) for repo in hub.datasets.values()) == made


def test_push_names_what_does_not_hold_and_takes_the_rest(board, source):
    bad, *good = Repo(source).paths()
    bad.write_text("{")
    output = run("push", source, *board.to, code=1)
    assert f"left out: {bad.name}" in output
    assert len(records(board.root)) == len(good)


def test_many_records_go_in_several_commits(hub, board, source, monkeypatch):
    monkeypatch.setattr("results.exchange.BATCH", 2)
    run("push", source, *board.to, code=1)
    assert records(board.root) == records(source)
    if hub.datasets:
        titles = [made.title for made in hub.datasets["org/board-results"].made[1:]]
        assert len(titles) == 1 + -(-len(records(source)) // 2)
        assert set(titles) == {"web: push source: corpora", "web: push source: records"}


def test_pull_brings_everything_and_keeps_what_is_here(board, source, tmp_path):
    run("push", source, *board.to, code=1)
    mine = tmp_path / "mine"
    assert "0 left out" in run("pull", mine, *board.source)
    assert records(mine) == records(source) and check(mine) == []
    path = Repo(mine).paths()[0]
    before = path.read_bytes()
    assert run("pull", mine, *board.source).startswith("0 files written")
    assert path.read_bytes() == before


def test_check_of_a_board(board, source):
    run("push", source, *board.to, code=1)
    where = [board.words[1]] if board.words[0] == "--folder" else board.words
    assert f"{len(records(source))} records, 0 problems" in run("check", *where)
    results, _ = board.stores()
    name = Repo(results.root).paths()[0].relative_to(results.root).as_posix()
    results.change("damage", lambda: {name: b"{"})
    output = run("check", *where, code=1)
    assert name in output and "1 problems" in output


def test_withdrawn_records_leave_and_never_come_back(board, source, tmp_path):
    run("push", source, *board.to, code=1)
    mine = tmp_path / "mine"
    run("pull", mine, *board.source)
    gone = [name for name in records(source) if "/org__small/" in name]
    output = run("withdraw", "org/small", "--reason", " Its author asks. ", *board.words)
    assert [line.removeprefix("withdrawn: ") for line in output.splitlines()] == gone
    root = board.root
    assert gone and set(records(root)) == set(records(source)) - set(gone)
    assert not [path for path in root.rglob("*.hits.json") if "org__small" in path.parts]
    for name in gone:
        kept = json.loads((root / "withdrawn" / name.removeprefix("results/")).read_text())
        assert kept["reason"] == "Its author asks." and kept["when"].endswith("+00:00")
        assert kept["record"] == json.loads((source / name).read_text())
    run("push", source, *board.to, code=1)
    assert not set(gone) & set(records(board.root)), "it came back by push"
    output = run("pull", mine, *board.source)
    assert all(f"withdrawn: {name}" in output for name in gone)
    assert set(records(mine)) == set(records(source)) - set(gone)
    assert check(board.root) == []
    results, requests = board.stores()
    queue = Queue(requests, results)
    with pytest.raises(Blocked):
        queue.take("s", queue.submission(FIXTURE.model_copy(update={"id": new_id()})))
    assert "no record of org/small" in run(
        "withdraw", "org/small", "--reason", "x", *board.words, code=1
    )


def test_one_revision_only_is_withdrawn_and_a_damaged_record_too(board, source):
    path = next(path for path in Repo(source).paths() if "org__small" in path.parts)
    run("push", source, *board.to, code=1)
    results, _ = board.stores()
    name = path.relative_to(source).as_posix()
    results.change("damage", lambda: {name: b"{ damaged"})
    for wrong in ("f" * 40, "*", "../.."):
        output = run(
            "withdraw", "org/small", "--revision", wrong, "--reason", "x", *board.words, code=1
        )
        assert "no record of org/small at" in output
    run("withdraw", "org/small", "--revision", path.parts[-3], "--reason", "x", *board.words)
    kept = json.loads((board.root / "withdrawn" / name.removeprefix("results/")).read_text())
    assert kept["record"] == "{ damaged"


def test_block_and_unblock(board):
    run("block", "org/Small", "--reason", "Spam.", *board.words)
    assert blocked(board.stores()[1].root, "org/small") == "Spam."
    run("unblock", "org/small", *board.words)
    assert blocked(board.stores()[1].root, "org/small") is None
    assert "org/small is not blocked" in run("unblock", "org/small", *board.words, code=1)
    assert "not a model id" in run("block", "../x", "--reason", "x", *board.words, code=1)
    assert "say why" in run("block", "org/m", "--reason", " ", *board.words, code=1)
    assert "say why" in run("withdraw", "org/m", "--reason", " ", *board.words, code=1)


def test_stale_says_which_and_why(board, source):
    run("push", source, *board.to, code=1)
    results, _ = board.stores()

    def edit():
        """Bring every record to today's, then make three of them stale in one way each."""
        files, ways = {}, iter(["version", "interval", "corpus"])
        for path in Repo(results.root).paths():
            plain = json.loads(path.read_text())
            name = path.relative_to(results.root).as_posix()
            if plain["evaluator"]["name"] != "alignment":
                continue
            way = next(ways, None)
            plain["interval"] = "percentile@0" if way == "interval" else METHOD
            plain["evaluator"]["version"] = VERSION - (way == "version")
            plain["evaluator"]["parameters"]["corpus_hash"] = ("d" if way == "corpus" else "c") * 64
            files[name] = json.dumps(plain).encode()
        return files | {"corpora/udhr-bbbbbbbbbbbb.json": None}

    results.change("stale", edit)
    output = run("stale", *board.words)
    lines = output.splitlines()
    assert len(lines) == 4 and lines[-1].endswith(", 3 stale")
    for reason in (
        f"evaluator version {VERSION - 1}, now {VERSION}",
        f"intervals by percentile@0, now {METHOD}",
        f"udhr build {'d' * 12}, now {'c' * 12}",
    ):
        assert sum(reason in line for line in lines) == 1, output


def test_the_shipped_records_are_not_stale_and_hold():
    assert " 0 stale" in run("stale", "--folder", ROOT / "results" / "data")
    assert " 0 problems" in run("check")


def test_squash_forgets_the_history_and_keeps_the_files(hub, board, source):
    run("push", source, *board.to, code=1)
    if not hub.datasets:
        assert "keeps no history" in run("squash", code=1)
        return
    repo = hub.datasets["org/board-results"]
    before, length = repo.files(), len(repo.history)
    assert length > 2
    run("squash", *board.words, code=1, typed="n\n")
    assert len(repo.history) == length
    output = run("squash", *board.words, typed="y\n")
    assert "org/board-results and org/board-requests" in output
    assert [len(each.history) for each in hub.datasets.values()] == [1, 1]
    assert repo.files() == before
    run("push", source, *board.to, code=1)
    run("squash", *board.words, "--yes")


def test_the_board_of_the_environment_is_meant_when_none_is_named(board, source, monkeypatch):
    name = "MEXA_BOARD" if board.words[0] == "--folder" else "MEXA_REPO"
    monkeypatch.setenv(name, board.words[1])
    run("push", source, code=1)
    assert records(board.root) == records(source)
    run("block", "org/x", "--reason", "x")
    assert blocked(board.stores()[1].root, "org/x")


WRITES = (
    ["push", "SOURCE"],
    ["withdraw", "org/small", "--reason", "x"],
    ["block", "org/small", "--reason", "x"],
    ["unblock", "org/small"],
    ["squash", "--yes"],
)
READS = (["pull", "NEW"], ["stale"], ["check"])
EXPORT = ["export", "NEW", "--format", "csv"]


def words(command, source, tmp_path):
    names = {"SOURCE": str(source), "NEW": str(tmp_path / "new")}
    return [names.get(word, word) for word in command] + ["--repo", "org/board"]


@pytest.mark.parametrize("command", [*WRITES, *READS, EXPORT], ids=lambda each: each[0])
def test_no_such_dataset_and_no_hub_are_told_in_a_line(hub, source, tmp_path, command):
    hub.tokens[TOKEN] = {"name": "org", "role": "write"}
    asked = words(command, source, tmp_path)
    output = run(*asked, code=1)
    assert "error: the dataset org/board-results is not there" in output
    hub.down()
    output = run(*asked, code=1)
    assert "error: the Hub did not answer for org/board-results" in output
    assert len(output.splitlines()) == 1, output


@pytest.mark.parametrize("command", WRITES, ids=lambda each: each[0])
def test_without_a_token_nothing_is_written_and_what_to_set_is_told(
    hub, source, tmp_path, monkeypatch, command
):
    for kind in ("results", "requests"):
        hub.create(f"org/board-{kind}")
    monkeypatch.delenv("MEXA_TOKEN")
    output = run(*words(command, source, tmp_path), code=1)
    assert "error: set MEXA_TOKEN to a token that may write to org/board" in output
    monkeypatch.setenv("MEXA_TOKEN", "hf_read")
    hub.tokens["hf_read"] = {"name": "reader", "role": "read"}
    if command[0] not in ("withdraw", "unblock"):  # there is nothing to withdraw or unblock
        assert "error: " in run(*words(command, source, tmp_path), code=1)
    assert [len(repo.made) for repo in hub.datasets.values()] == [0, 0]


@pytest.mark.parametrize("command", READS, ids=lambda each: each[0])
def test_reading_needs_no_token(hub, source, tmp_path, monkeypatch, command):
    for kind in ("results", "requests"):
        hub.create(f"org/board-{kind}")
    monkeypatch.delenv("MEXA_TOKEN")
    run(*words(command, source, tmp_path))


def test_a_used_up_hour_is_told_with_when_to_go_on(hub, source, monkeypatch):
    hub.tokens[TOKEN] = {"name": "org", "role": "write"}
    for kind in ("results", "requests"):
        hub.create(f"org/board-{kind}")
    monkeypatch.setenv("MEXA_WEB_COMMITS", "1")
    output = run("push", source, "--repo", "org/board", code=1)
    assert "used up; the same again in" in output
    assert len(hub.datasets["org/board-results"].made) == 1


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["stale", "--repo", "org/board", "--folder", "x"], "not both"),
        (["check", "x", "--repo", "org/board"], "not both"),
        (["stale", "--repo", "no/such/name"], "error: repo: String should match"),
        (["stale", "--folder", "nowhere"], "nowhere is no folder"),
        (["push", "nowhere"], "nowhere is no folder"),
        (["push", "tests"], "is it a results repo?"),
        (["withdraw", "../x", "--reason", "x", "--folder", "tests"], "not a model id"),
    ],
)
def test_wrong_words_are_told_in_a_line(asked, says, monkeypatch):
    monkeypatch.chdir(ROOT)
    output = run(*asked, code=1)
    assert says in output and len(output.splitlines()) == 1


def test_export_writes_what_a_board_has(board, source, tmp_path):
    run("push", source, *board.to, code=1)
    out = tmp_path / "out"
    run("export", out, *board.source, "--format", "csv")
    run("export", tmp_path / "same", "--from", source, "--format", "csv")
    assert (out / "scores.csv").read_bytes() == (tmp_path / "same" / "scores.csv").read_bytes()


def test_export_is_one_of_the_commands_and_none_loads_torch(tmp_path):
    code = "import sys, results.__main__; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b"False"
    run("export", tmp_path / "out", "--from", FIXTURES / "repo", "--format", "csv")
    assert (tmp_path / "out" / "scores.csv").exists()
