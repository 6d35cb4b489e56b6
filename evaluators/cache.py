"""The caches kept small: the Hub's models and ours, least recently used first, never a corpus."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import quote, unquote

from filelock import FileLock, Timeout
from huggingface_hub import scan_cache_dir
from huggingface_hub.errors import CacheNotFound

from evaluators.limits import disk
from results.packaged import packaged

DAY = 86_400
HOLDS = "in-use"
"""Folder of the hold markers, below our cache."""
LEFT_OVER = {"converted": ".*", "packaged": "tmp*"}
"""What a killed job leaves half done in our folders."""


@dataclass(frozen=True)
class Cleaned:
    """Bytes freed, and what was removed: `org/name@SHA`, `converted/HASH`, `packaged/FILE`."""

    freed: int
    removed: tuple[str, ...]


@dataclass(frozen=True)
class _Item:
    name: str
    used: float
    size: int
    path: Path
    remove: Callable[[], None]
    kept: bool


@contextmanager
def hold(settings_cache: Path, model: str) -> Iterator[None]:
    """Mark a model, by its request's id, as in use on this machine; freed when the process dies."""
    folder = settings_cache / HOLDS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{quote(model, safe='')[:200]}~{os.getpid()}-{time.monotonic_ns()}.lock"
    with FileLock(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def held(settings_cache: Path) -> set[str]:
    """Models in use on this machine; markers of the dead are deleted."""
    found = set()
    for path in (settings_cache / HOLDS).glob("*.lock"):
        try:
            with FileLock(path, timeout=0):
                path.unlink(missing_ok=True)
        except Timeout:
            found.add(unquote(path.name.rpartition("~")[0]))
        except OSError:
            continue
    return found


def clean(
    settings_cache: Path,
    hub_cache: Path,
    max_age_days: float,
    max_bytes: int,
    keep: Collection[str] = (),
) -> Cleaned:
    """Remove what was not used for `max_age_days`, then what is over `max_bytes` (0: no limit).

    `keep` names models in use, as requests do (`org/name`, `pypi:NAME@VERSION`), besides those that
    are held. Only models of the Hub's cache, converted and packaged models are counted and
    removed: data sets, built corpora and anything unknown stay. Last use is the later of access
    and change, so on a disk that notes no access it is the download.
    """
    freed = _left_over(settings_cache, hub_cache)
    removed: list[str] = []
    tried: set[Path] = set()
    while True:
        items, total = _items(settings_cache, hub_cache, {*keep, *held(settings_cache)})
        old = time.time() - max_age_days * DAY
        over = bool(max_bytes) and total > max_bytes
        doomed = [
            each
            for each in sorted(items, key=lambda each: each.used)
            if not each.kept and each.path not in tried and (over or each.used < old)
        ]
        if not doomed:
            return Cleaned(freed, tuple(removed))
        first = doomed[0]
        tried.add(first.path)
        with suppress(OSError):
            first.remove()
        if not first.path.exists():
            freed += first.size
            removed.append(first.name)


def _items(settings_cache: Path, hub_cache: Path, keep: set[str]) -> tuple[list[_Item], int]:
    hashes = set(keep)
    for name in keep:
        with suppress(ValueError):
            if known := packaged(name):
                unpacked = f"{known.package}-{known.version}"
                hashes |= {known.sha256, unpacked, f"{unpacked}.gguf"}
        blobs = hub_cache / f"models--{name.replace('/', '--')}" / "blobs"
        if "/" in name and blobs.is_dir():
            # A GGUF file's blob is named after its SHA-256, and so is its conversion.
            hashes |= {path.name for path in blobs.iterdir()}
    found, total = _hub(hub_cache, keep)
    converted = (settings_cache / "converted").glob("[!.]*")
    for path in [*converted, *(settings_cache / "packaged").glob("[!.]*")]:
        with suppress(OSError):
            size = _size(path)
            total += size
            name, remove = f"{path.parent.name}/{path.name}", partial(_remove, path)
            found.append(_Item(name, _used(path), size, path, remove, path.name in hashes))
    return found, total


def _hub(folder: Path, keep: set[str]) -> tuple[list[_Item], int]:
    """Revisions of models with what the removal of each alone frees, and what all take."""
    found, total = [], 0
    with suppress(CacheNotFound, OSError, ValueError):
        cache = scan_cache_dir(folder)
        for repo in (each for each in cache.repos if each.repo_type == "model"):
            total += repo.size_on_disk
            # Alone, for another repo may hold a commit of the same hash.
            alone = replace(cache, repos=frozenset([repo]))
            for revision in repo.revisions:
                times = [max(f.blob_last_accessed, f.blob_last_modified) for f in revision.files]
                plan = alone.delete_revisions(revision.commit_hash)
                found.append(
                    _Item(
                        name=f"{repo.repo_id}@{revision.commit_hash[:12]}",
                        used=max(times, default=revision.last_modified),
                        size=plan.expected_freed_size,
                        path=revision.snapshot_path,
                        remove=plan.execute,
                        kept=repo.repo_id in keep,
                    )
                )
    return found, total


def _left_over(settings_cache: Path, hub_cache: Path) -> int:
    """Remove what killed jobs left half done a day ago or longer; the bytes freed."""
    found = [
        path for kind, name in LEFT_OVER.items() for path in (settings_cache / kind).glob(name)
    ]
    found += hub_cache.glob("models--*/blobs/*.incomplete")
    freed = 0
    for path in found:
        with suppress(OSError):
            if _used(path) < time.time() - DAY:
                size = _size(path)
                _remove(path)
                freed += size
    return freed


def _size(path: Path) -> int:
    return disk([path]) if path.is_dir() else path.stat().st_size


def _used(path: Path) -> float:
    """When it or a file in it was last read or written."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    times = [about.st_mtime for about in map(Path.stat, files)]
    reads = [file.stat().st_atime for file in files if file.is_file()]
    return max([*times, *reads])


def _remove(path: Path) -> None:
    """Away from its name first: what is there by its name is taken to be whole."""
    if path.is_dir():
        aside = path.rename(path.with_name(f".deleting-{path.name.lstrip('.')}-{time.time_ns()}"))
        shutil.rmtree(aside, ignore_errors=True)
    else:
        path.unlink()
