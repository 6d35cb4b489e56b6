"""The files of this repository that a Space needs, and how a Space's differ from them."""

from __future__ import annotations

import glob
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.hf_api import RepoFile

from results.mirror import git_id

ROOT = Path(__file__).parent.parent
FILES = ("README.md", "app.py", "requirements.txt", "requirements-eval.txt", "pyproject.toml")
FOLDERS = ("leaderboard", "results", "evaluators")
"""`evaluators` too: Hugging Face Jobs run the Space's own code."""


class NotACheckout(OSError):
    """Raised where git cannot say which files are part of the repository."""


def needed(root: Path = ROOT) -> list[str]:
    """Paths of what git tracks and a Space needs; hidden files, such as `.env`, never."""
    return _listed(root, "--cached")


def untracked(root: Path = ROOT) -> list[str]:
    """Paths that would be needed if git tracked them: perhaps somebody forgot to add them."""
    return _listed(root, "--others", "--exclude-standard")


def _listed(root: Path, *which: str) -> list[str]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", *which], cwd=root, capture_output=True, check=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        raise NotACheckout(
            "git does not know this folder, and only files that it tracks are uploaded; clone the "
            "repository, or type: git init && git add ."
        ) from None
    names = [name for name in listed.split("\0") if name in FILES or _below(name)]
    return sorted(
        name
        for name in names
        if (root / name).is_file() and not any(part.startswith(".") for part in name.split("/"))
    )


def _below(name: str) -> bool:
    return name.startswith(tuple(f"{folder}/" for folder in FOLDERS))


def difference(api: HfApi, space: str | None, root: Path = ROOT) -> tuple[list[str], list[str]]:
    """(files to upload, files to delete) that make a Space like this repository.

    space: None where there is none yet. Only files below `FOLDERS` are ever deleted.
    """
    there = {}
    if space is not None:
        for entry in api.list_repo_tree(space, repo_type="space", recursive=True):
            if isinstance(entry, RepoFile):
                there[entry.path] = entry.lfs.sha256 if entry.lfs else entry.blob_id
    here = needed(root)
    changed = [name for name in here if there.get(name) not in _marks(root / name)]
    gone = [name for name in there if _below(name) and name not in here]
    return changed, sorted(gone)


def _marks(path: Path) -> tuple[str, str]:
    """The ids that the Hub gives a file's content: as a small file, and as a large one."""
    return git_id(path.read_bytes()), hashlib.sha256(path.read_bytes()).hexdigest()


def upload(api: HfApi, space: str, changed: list[str], gone: list[str], root: Path = ROOT) -> None:
    """Upload these files of the repository, and delete those, through `upload_folder`."""
    with tempfile.TemporaryDirectory(prefix="mexa-space-") as stage:
        for name in changed:
            target = Path(stage, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, target)
        api.upload_folder(
            repo_id=space,
            repo_type="space",
            folder_path=stage,
            delete_patterns=[glob.escape(name) for name in gone] or None,
            commit_message="The leaderboard's code",
        )
