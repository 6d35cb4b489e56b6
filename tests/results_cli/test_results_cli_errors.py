"""What `python -m results` cannot do is told in one line, and nothing is written then."""

import pytest
from results_cli_tools import ROOT, TOKEN, run

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
