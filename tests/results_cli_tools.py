"""`python -m results` as its tests type it, on a board in a folder or in datasets."""

from pathlib import Path

from typer.testing import CliRunner

from results.__main__ import app
from results.repo import Repo
from results.settings import Settings
from results.stores import open_stores

ROOT = Path(__file__).parent.parent
TOKEN = "hf_write"  # noqa: S105


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


def run(*words, code=0, typed=None):
    done = CliRunner().invoke(app, [str(word) for word in words], input=typed)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done.output


def records(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in Repo(root).paths()}
