"""The files that a Space gets are enough: no npm, nothing but requirements.txt, no evaluators."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from leaderboard import space_files

CODE = """
import sys


class Absent:
    '''What requirements.txt does not bring, and the room that only jobs need.'''

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(name, name=name)


sys.meta_path.insert(0, Absent())
import app
from leaderboard import site
from leaderboard.board import Board
from results.settings import settings

board = Board(settings())
demo = site.build(board)
models = set(model["id"] for model in board.snapshot.models)
print(len(models), "models", len(demo.blocks), "blocks")
"""
ABSENT = {
    *("evaluators", "torch", "transformers", "accelerate", "safetensors", "gguf", "sentencepiece"),
    *("regex", "ray", "pytest", "hypothesis", "playwright"),
}


def test_a_space_builds_its_pages_from_what_is_uploaded(tmp_path: Path) -> None:
    files = {*space_files.needed(), *space_files.untracked()}
    for name in files:
        target = tmp_path / "app" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(space_files.ROOT / name, target)
    kept = {"HOME": str(tmp_path / "home"), "PATH": "", "LANG": "C.UTF-8"}
    env = {**kept, "MEXA_LAUNCHER": "none", "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
    words = [sys.executable, "-c", CODE.format(names=ABSENT)]
    done = subprocess.run(
        words, cwd=tmp_path / "app", env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    count, _, blocks, _ = done.stdout.split()[-4:]
    assert int(count) >= 2
    assert int(blocks) > 30
