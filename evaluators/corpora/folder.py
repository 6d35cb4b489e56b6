"""A folder of text files, one a language, as MEXA publishes its data: `CODE.txt` in UTF-8.

Line i of every file is segment i. The file's stem is the language's code (`eng_Latn.txt`); a
file for the pivot is required. Other files than `.txt`, and hidden ones, are not looked at.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from pathlib import Path

from evaluators.corpora.corpus import PIVOT, Corpus, CorpusError, content_hash, in_order
from results.languages import UnknownLanguage, canonical_script, resolve

MIN_SEGMENTS = 2
MIN_CORRELATION = 0.5
MAX_BYTES = 64 * 1024 * 1024


def load(path: Path, pivot: str = PIVOT) -> Corpus:
    """The corpus in a folder, named after it (its small letters and digits, `-` for the rest).

    Raises CorpusError naming every file at fault, and its line: no file, no pivot, an unknown or
    repeated language, an empty line, bytes that are not UTF-8, a byte order mark, a number of
    lines unlike the pivot's, fewer than two segments. A text whose segment lengths do not follow
    the pivot's (Pearson correlation under 0.5) is a warning: its lines may be shifted.
    """
    problems: list[str] = []
    try:
        pivot = resolve(pivot).code
        files = sorted(
            file for file in path.iterdir() if _is_text(file) and not file.name.startswith(".")
        )
    except UnknownLanguage as error:
        raise CorpusError(f"pivot {error}") from error
    except OSError as error:
        raise CorpusError(f"{path}: cannot be listed ({error})") from error
    if not files:
        raise CorpusError(f"{path}: no .txt file; a corpus has one a language, such as {pivot}.txt")
    named: dict[str, Path] = {}
    for file in files:
        try:
            code = resolve(file.stem).code
        except UnknownLanguage as error:
            problems.append(f"{_shown(file)}: unknown language code, {error}")
            continue
        if code in named:
            problems.append(f"{_shown(file)}: the same language as {_shown(named[code])}, {code}")
        else:
            named[code] = file
    if pivot not in named:
        problems.append(f"{path}: the pivot's file {pivot}.txt is missing")
    texts: dict[str, tuple[str, ...]] = {}
    for code, file in named.items():
        segments, found = read_segments(file)
        problems += found
        if segments is not None:
            texts[code] = segments
    if pivot in texts:
        n = len(texts[pivot])
        if n < MIN_SEGMENTS:
            problems.append(f"{_shown(named[pivot])}: {n} segments; at least {MIN_SEGMENTS} needed")
        problems += [
            f"{_shown(named[code])}: {len(segments)} lines where {_shown(named[pivot])} has {n};"
            " line i of every file must say the same thing"
            for code, segments in texts.items()
            if len(segments) != n
        ]
    if problems:
        raise CorpusError(problems)
    languages = in_order(texts, pivot)
    return Corpus(
        name=corpus_name(path),
        split=None,
        hash=content_hash(in_order(texts)),
        languages=languages,
        n=n,
        text_public=False,
        licence="not stated",
        counted=counted(languages, pivot),
        warnings=tuple(shifted(languages, pivot, named)),
        sources={code: named[code].name for code in languages},
    )


def corpus_name(path: Path) -> str:
    """A folder's name as records can bear it: a letter, then letters, digits and `-`, up to 40."""
    name = re.sub("[^a-z0-9]+", "-", path.resolve().name.lower()).strip("-")
    return (name if name[:1].isalpha() else f"folder-{name}")[:40].strip("-")


def read_segments(file: Path) -> tuple[tuple[str, ...] | None, list[str]]:
    """The lines of a file, in NFC, without the blanks around them; and the problems found.

    Lines end at a line feed, with or without a carriage return; other separators are text.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            return None, [f"{_shown(file)}: larger than {MAX_BYTES // 1024**2} MB"]
        data = file.read_bytes()
    except OSError as error:
        return None, [f"{_shown(file)}: cannot be read ({error.strerror})"]
    if data.startswith(b"\xef\xbb\xbf"):
        return None, [
            f"{_shown(file)}: line 1: starts with a byte order mark; save it as plain UTF-8"
        ]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [
            f"{_shown(file)}: line {line}: not UTF-8 (byte 0x{data[error.start]:02x}"
            f" at offset {error.start})"
        ]
    lines = text.removesuffix("\n").split("\n") if text else []
    segments = tuple(unicodedata.normalize("NFC", line).strip() for line in lines)
    empty = [f"{_shown(file)}: line {i}: empty" for i, s in enumerate(segments, 1) if not s]
    return segments, empty


def counted(languages: dict[str, tuple[str, ...]], pivot: str) -> frozenset[str]:
    """One code an ISO 639-3 code: the pivot, else in the canonical script, without a suffix."""
    best: dict[str, str] = {}

    def order(code: str) -> tuple[bool, bool, str]:
        language = resolve(code)
        return (code != pivot, language.script != canonical_script(language.iso), code)

    for code in sorted(languages, key=order):
        best.setdefault(resolve(code).iso, code)
    return frozenset(best.values())


def shifted(languages: dict[str, tuple[str, ...]], pivot: str, named: dict[str, Path]) -> list[str]:
    """A warning for each text whose segment lengths do not follow the pivot's."""
    lengths = [len(segment) for segment in languages[pivot]]
    found = []
    for code, segments in languages.items():
        try:
            value = statistics.correlation(lengths, [len(segment) for segment in segments])
        except statistics.StatisticsError:
            continue
        if value < MIN_CORRELATION:
            found.append(
                f"{_shown(named[code])}: segment lengths follow the pivot's with a correlation of"
                f" {value:.2f} only; its lines may be shifted"
            )
    return found


def _is_text(file: Path) -> bool:
    return file.suffix == ".txt" and file.is_file()


def _shown(file: Path) -> str:
    """A file's name, safe to print: control characters and stray bytes escaped."""
    return ascii(file.name)[1:-1] if not file.name.isprintable() else file.name
