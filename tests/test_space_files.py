from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from leaderboard import space_files


def test_only_tracked_files_that_a_space_needs_are_uploaded(tmp_path: Path) -> None:
    names = [".env", "app.py", "README.md", "tests/test_x.py", "leaderboard/.env"]
    names += ["leaderboard/a.py", "results/data/x.json", "secret.txt"]
    for name in [*names, "leaderboard/untracked.py"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    with pytest.raises(space_files.NotACheckout, match="git init"):
        space_files.needed(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "-f", *names], cwd=tmp_path, check=True)
    assert space_files.untracked(tmp_path) == ["leaderboard/untracked.py"]
    assert space_files.needed(tmp_path) == [
        "README.md", "app.py", "leaderboard/a.py", "results/data/x.json",
    ]  # fmt: skip
