"""A Hub dataset as a store: compare-and-swap on the parent commit, read from a local mirror."""

from __future__ import annotations

import glob
import json
import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import FileMetadataError, RemoteEntryNotFoundError
from huggingface_hub.hf_api import RepoFile
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from results.budget import Budget
from results.files import write_atomic
from results.hub_trouble import Lost, asking
from results.mirror import free_slot, git_id, holds, is_content
from results.store import Busy, Changes, Hold, ReadOnly, Unreachable, inside

log = logging.getLogger(__name__)
TIMEOUT = 20.0
"""Seconds that the Hub has to say where a dataset stands."""
MANIFEST = ".mirror.json"
DERIVED = "derived"
"""Folder of a mirror that is not the dataset's: what a reader makes of the files and keeps."""
ALONE = ("summary/",)
"""Folders of the dataset that no mirror has: made of all the others, and large."""
SOME = 100
"""Files up to which they are fetched by name; more, and the whole commit is."""


class Dataset:
    """See `results.store.Store`. Threads may share one; every process has a mirror of its own."""

    pause = 30.0

    def __init__(
        self,
        repo: str,
        mirrors: Path,
        *,
        token: str | None = None,
        role: str = "web",
        budget: Budget | None = None,
        patience: float = 60.0,
        checkpoint: float = 300.0,
        heartbeat: float = 600.0,
    ) -> None:
        self.repo = repo
        self.writable = token is not None
        self.checkpoint = checkpoint
        self.heartbeat = heartbeat
        self.commit_id = ""
        self._role = role
        self._patience = patience
        self._api = HfApi(token=token or False)
        self._budget = budget
        self.spacing = budget.window / budget.most if budget else 0.0
        self._lock = threading.RLock()
        self.root, self._slot = free_slot(mirrors / repo.replace("/", "__"))
        self._stage = self.root.with_name(f"{self.root.name}.stage")
        self._files: dict[str, str] = {}
        self._recall()

    def refresh(self) -> None:
        """Fetch what changed since the commit that the mirror holds. Raises Unreachable."""
        with self._lock, asking(self.repo):
            self._pull()

    @property
    def fetched(self) -> bool:
        """Whether the mirror holds a commit."""
        return bool(self.commit_id)

    def fetch(self, path: str) -> Path | None:
        """One file of the newest commit, whatever the mirror holds; None when it is not there.

        Raises Unreachable.
        """
        with asking(self.repo):
            # Asked first: a download tries much longer until it believes that the Hub is away.
            head = self._api.repo_info(self.repo, repo_type="dataset", timeout=TIMEOUT).sha
            try:
                found = self._api.hf_hub_download(
                    self.repo,
                    path,
                    repo_type="dataset",
                    revision=head,
                    local_dir=self.root / DERIVED,
                )
            except RemoteEntryNotFoundError:
                return None
            return Path(found)

    def publish(self, message: str, files: Mapping[str, Path | bytes | None]) -> None:
        """Commit files that no mirror has, from the disk, or None to delete; the last one wins.

        Raises as `change` does.
        """
        if not self.writable:
            raise ReadOnly(f"no token that may write to {self.repo}")
        self._send(message, files)

    def change(self, message: str, edit: Callable[[], Changes]) -> None:
        """See `Store.change`: one commit, whose parent is the state that `edit` read."""
        if not self.writable:
            raise ReadOnly(f"no token that may write to {self.repo}")
        tries = Retrying(
            retry=retry_if_exception_type(Unreachable),
            wait=self._wait,
            stop=stop_after_delay(self._patience),
            reraise=True,
        )
        for attempt in tries:
            with attempt, self._lock:
                self.refresh()
                self._commit(message, edit())

    def _wait(self, state: RetryCallState) -> float:
        """Longer and longer, or as long as the Hub says; past the patience, not at all."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Busy):
            spent = state.seconds_since_start or 0.0
            if spent + error.seconds > self._patience:
                raise error
            return error.seconds
        return float(wait_random_exponential(multiplier=0.25, max=10)(state))

    def hold(self, name: str) -> Hold | None:
        """None: on the Hub a worker lives as long as its lease moves."""

    def held(self, name: str) -> bool | None:
        """None, see `hold`."""

    def _pull(self) -> None:
        head = self._api.repo_info(self.repo, repo_type="dataset", timeout=TIMEOUT).sha
        if head is None:
            raise FileMetadataError("an answer without a commit")
        if head == self.commit_id:
            return
        tree = self._api.list_repo_tree(
            self.repo, repo_type="dataset", revision=head, recursive=True
        )
        there = {
            each.path: each.lfs.sha256 if each.lfs else each.blob_id
            for each in tree
            if isinstance(each, RepoFile) and _mirrored(self.root, each.path)
        }
        changed = [path for path, mark in there.items() if self._files.get(path) != mark]
        if changed:
            self._fetch(head, changed, there)
        for path in self._files.keys() - there.keys():
            self._drop(path)
        for path in changed:
            target = inside(self.root, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            (self._stage / path).replace(target)
        self._remember(head, there)
        shutil.rmtree(self._stage, ignore_errors=True)

    def _fetch(self, head: str, changed: list[str], marks: dict[str, str]) -> None:
        """Bring files of a commit to the stage, each as its mark says."""
        self._api.snapshot_download(
            self.repo,
            repo_type="dataset",
            revision=head,
            local_dir=self._stage,
            allow_patterns=[glob.escape(path) for path in changed] if len(changed) < SOME else None,
        )
        for path in changed:
            if not holds(self._stage / path, marks[path]):
                # Left there, the client would take it for downloaded.
                shutil.rmtree(self._stage, ignore_errors=True)
                raise FileMetadataError(f"{path} arrived damaged")

    def _drop(self, path: str) -> None:
        """Remove a file of the mirror, and folders that are empty then."""
        target = inside(self.root, path)
        target.unlink(missing_ok=True)
        for folder in target.parents:
            if folder == self.root or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()

    def _commit(self, message: str, changes: Changes) -> None:
        targets = {path: inside(self.root, path) for path in changes}
        new = {path: data for path, data in changes.items() if self._differs(path, data)}
        if not new:
            return
        oid = self._send(message, new, self.commit_id)
        files = dict(self._files)
        for path, data in changes.items():
            target = targets[path]
            if data is None:
                self._drop(path)
                files.pop(path, None)
            else:
                write_atomic(target, data)
                files[path] = git_id(data)
        self._remember(oid, files)

    def _send(
        self, message: str, files: Mapping[str, Path | bytes | None], parent: str | None = None
    ) -> str:
        """One commit within the budget, on top of `parent` if given; returns its id.

        Raises Lost when somebody else was faster.
        """
        operations = [
            CommitOperationDelete(path_in_repo=path)
            if data is None
            else CommitOperationAdd(path_in_repo=path, path_or_fileobj=data)
            for path, data in files.items()
        ]
        with asking(self.repo):
            if self._budget:
                self._budget.check(self._api, self.repo, self._role)
            done = self._api.create_commit(
                self.repo,
                operations,
                repo_type="dataset",
                commit_message=f"{self._role}: {message}",
                parent_commit=parent,
            )
        adds = [each for each in operations if isinstance(each, CommitOperationAdd)]
        if not all(each._is_committed for each in adds):
            # The client commits nothing when the newest state, not ours, has these very files.
            raise Lost(f"{self.repo} was changed by somebody else in the same way")
        if self._budget:
            self._budget.spent()
        return done.oid

    def _differs(self, path: str, data: bytes | None) -> bool:
        """Whether a change is one to the state that the mirror holds."""
        known = self._files.get(path)
        if data is None or known is None:
            return data is not known
        return not is_content(data, known)

    def _recall(self) -> None:
        """Make sure of what the mirror holds: whoever had it may have been killed at any moment."""
        try:
            known = json.loads((self.root / MANIFEST).read_text("utf-8"))
            files = {p: mark for p, mark in known["files"].items() if holds(self.root / p, mark)}
            self.commit_id = known["commit"] if files == known["files"] else ""
            self._files = files
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.commit_id, self._files = "", {}
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root)
            ours = name.as_posix() in self._files or name.parts[0] in (MANIFEST, DERIVED)
            if path.is_file() and not ours:
                path.unlink()

    def _remember(self, head: str, files: dict[str, str]) -> None:
        manifest = json.dumps({"commit": head, "files": files})
        write_atomic(self.root / MANIFEST, manifest.encode())
        self.commit_id, self._files = head, files


def _mirrored(root: Path, path: str) -> bool:
    """Whether a file of the dataset is one that this project writes; others are left there."""
    try:
        inside(root, path)
    except ValueError:
        return False
    return not path.startswith((".", *ALONE))
