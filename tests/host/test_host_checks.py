"""What stands in the way of a board is told before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from host_tools import READER, host, nothing_was_made
from hub_server import Hub
from test_export import add, model


@pytest.mark.parametrize(
    ("repo", "words", "says"),
    [
        ("board", [], "give ORG/NAME"),
        ("lab/a/b", [], "give ORG/NAME"),
        ("lab/bo--ard", [], "cannot be a name on the Hub"),
        ("lab/" + "x" * 95, [], "cannot be a name on the Hub"),
        ("other/board", [], "lab is no member of other"),
        ("lab/board", ["--set", "MEXA_NOTHING=1"], "MEXA_NOTHING: no such setting"),
        ("lab/board", ["--set", "PATH=1"], "PATH: no such setting"),
        ("lab/board", ["--set", "MEXA_TOKEN=CANARY"], "does not belong on a command line"),
        ("lab/board", ["--set", "MEXA_READ_TOKEN=CANARY"], "does not belong on a command line"),
        ("lab/board", ["--set", "MEXA_LAUNCHER=moon"], "a setting is not valid: "),
        ("lab/board", ["--set", "MEXA_WEB_COMMITS=120"], "over the Hub's 128 an hour"),
        ("lab/board", ["--set", "MEXA_REPO=a/b"], "the board's own name"),
    ],
)
def test_a_bad_wish_is_refused_before_anything_is_made(
    lab: Hub, repo: str, words: list[str], says: str
) -> None:
    code, said = host(*words, repo=repo)
    assert code == 1
    assert says in said
    assert nothing_was_made(lab)


@pytest.mark.parametrize(
    ("variable", "token", "says"),
    [
        ("HF_TOKEN", READER, "this token may only read"),
        ("HF_TOKEN", "hf_unknownCANARY", "the Hub does not know this token"),
        ("HF_TOKEN", "", "no Hugging Face token"),
        ("MEXA_TOKEN", READER, "MEXA_TOKEN may only read"),
        ("MEXA_TOKEN", "hf_unknownCANARY", "the Hub does not know MEXA_TOKEN"),
    ],
)
def test_a_token_that_cannot_do_it_is_refused_before_anything_is_made(
    lab: Hub, monkeypatch: pytest.MonkeyPatch, variable: str, token: str, says: str
) -> None:
    monkeypatch.setenv(variable, token)
    code, said = host()
    assert code == 1
    assert says in said
    assert nothing_was_made(lab)


@pytest.mark.parametrize(
    ("kind", "id", "file"),
    [
        ("space", "lab/board", "app.py"),
        ("dataset", "lab/board-results", "train.csv"),
        ("dataset", "lab/board-requests", "data/train.json"),
    ],
)
def test_a_repo_of_something_else_is_left_alone(lab: Hub, kind: str, id: str, file: str) -> None:
    repo = lab.create(id, kind, {file: b"theirs"})
    head = repo.head.id
    code, said = host()
    assert code == 1
    assert f"{id} " in said
    assert "choose another name" in said
    assert repo.head.id == head
    assert len(lab.spaces) + len(lab.datasets) == 1


def test_records_that_do_not_hold_are_refused(lab: Hub, tmp_path: Path) -> None:
    add(tmp_path, model(), {"fra_Latn": 0.5})
    [side] = tmp_path.glob("results/*/*/*/*.hits.json")
    side.unlink()
    code, said = host("--results", tmp_path)
    assert code == 1
    assert "side file of hits is missing" in said
    assert nothing_was_made(lab)


def test_a_hub_that_does_not_answer_is_an_error_not_a_traceback(lab: Hub) -> None:
    lab.fail(500, "/whoami")
    code, said = host()
    assert code == 1
    assert "error: " in said
    assert nothing_was_made(lab)
