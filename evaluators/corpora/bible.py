"""The Bible subset of MEXA (arXiv 2410.05873, section 4.1): 103 verses in about 1,400 languages.

The dataset has `103.zip`, or a folder `103`, of `CODE.txt` in UTF-8: line i of every file is the
same verse. The archive is read in memory; nothing in it is ever written to a path.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from evaluators.corpora import scripts
from evaluators.corpora.corpus import CorpusError
from evaluators.corpora.hub_text import HubText, Text, clean, unreadable
from results.languages import find

NAME = "bible"
VERSES = 103
ARCHIVE = "103.zip"
FILE = re.compile(r"(?:103/)?([A-Za-z0-9_-]{1,60})\.txt")
MOST_FILES, MOST_BYTES, MOST_ALTOGETHER = 10_000, 1024 * 1024, 512 * 1024 * 1024
"""Files of the archive; bytes of one, and of all, once unpacked."""


def choose(names: Sequence[str]) -> list[str]:
    """The archive, or the text files where there is none."""
    if ARCHIVE in names:
        return [ARCHIVE]
    return [name for name in sorted(names) if FILE.fullmatch(name)]


def read(files: Mapping[str, Path]) -> Iterator[Text]:
    """Each language's verses. Raises CorpusError for an archive that is none, or too large."""
    if ARCHIVE in files:
        yield from unpacked(files[ARCHIVE])
        return
    for name, path in files.items():
        with path.open("rb") as file:
            yield verses(name, file.read(MOST_BYTES + 1))


def unpacked(archive: Path) -> Iterator[Text]:
    """The texts in the archive, whatever folder they are in."""
    try:
        with zipfile.ZipFile(archive) as packed:
            members = packed.infolist()
            size = sum(member.file_size for member in members)
            if len(members) > MOST_FILES or size > MOST_ALTOGETHER:
                raise CorpusError(
                    f"corpus {NAME}: {ARCHIVE} holds {len(members)} files of {size} bytes, more "
                    "than it should"
                )
            for member in members:
                path = PurePosixPath(member.filename)
                if member.is_dir() or not FILE.fullmatch(path.name) or "__MACOSX" in path.parts:
                    continue
                try:
                    with packed.open(member) as file:
                        data = file.read(MOST_BYTES + 1)
                except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
                    # RuntimeError: it is encrypted.
                    yield unreadable(Text(path.name, path.stem), type(error).__name__)
                    continue
                yield verses(path.name, data)
    except zipfile.BadZipFile as error:
        raise CorpusError(f"corpus {NAME}: {ARCHIVE} is no zip archive ({error})") from None


def verses(name: str, data: bytes) -> Text:
    """The lines of a file, a verse each, or why it cannot be read."""
    text = Text(name, PurePosixPath(name).stem)
    if len(data) > MOST_BYTES:
        return unreadable(text, f"larger than {MOST_BYTES // 1024} KB")
    try:
        lines = data.decode("utf-8-sig").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        return unreadable(text, f"not UTF-8 at byte {error.start}")
    segments = tuple(map(clean, lines))
    return Text(name, in_its_script(text.code, segments), segments)


def in_its_script(code: str, segments: Sequence[str]) -> str:
    """The code, where it says Han alone (`zho_Hani`) with Hans or Hant, as the text shows."""
    language = find(code)
    if language is None or language.script != "Hani":
        return code
    script = scripts.detect(segments)
    if script not in ("Hans", "Hant"):
        return code
    return "_".join(filter(None, (language.iso, script, language.variant)))


CORPUS = HubText(
    name=NAME,
    repo="cis-lmu/sPBC",
    n=VERSES,
    licence="sPBC, 103 verses: of each translation its own, many under copyright",
    form=f"{ARCHIVE} and no 103/CODE.txt",
    choose=choose,
    read=read,
    module="bible",
)
load = CORPUS.load
