"""What the tests of this folder share."""

import json
import os
import shutil

import pytest
from huggingface_hub import set_client_factory
from huggingface_hub.utils._http import default_client_factory
from queue_board import FIXTURES
from results_cli_tools import ROOT, TOKEN, Board


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
