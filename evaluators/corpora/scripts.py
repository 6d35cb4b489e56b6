"""The script that a text is written in, from the text itself."""

# ruff: noqa: SIM905 (lists of codes read best as text)
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

import regex  # type: ignore[import-untyped]

# Unicode scripts by ISO 15924 code, the frequent ones first: the first match ends the search.
SCRIPTS = (
    "Latn Cyrl Arab Hani Hira Kana Hang Deva Ethi Beng Mymr Grek Hebr Thai Laoo Khmr Tibt Taml "
    "Telu Knda Mlym Gujr Guru Orya Sinh Armn Geor Cher Cans Mong Tfng Nkoo Thaa Syrc Adlm Yiii "
    "Java Bali Sund Bugi Lana Talu Tale Tavt Cham Kali Lepc Limb Olck Mtei Cakm Vaii Bamu Tglg "
    "Hano Buhd Tagb Rjng Batk Saur Sylo Gran Osge Rohg Hmng Hmnp Mand Samr Copt Goth Runr Ogam "
    "Medf Nand Newa Sora Wara Bopo Lisu Plrd Wcho Gong Gonm Tirh Modi Khoj Sind Takr Dogr Shrd"
).split()
# Characters of the Universal Declaration that the two Chinese standards write differently.
SIMPLIFIED = frozenset("权国个会与为这应对时义产护无")
TRADITIONAL = frozenset("權國個會與為這應對時義產護無")


@cache
def _patterns() -> tuple[tuple[str, regex.Pattern[str]], ...]:
    found = []
    for code in SCRIPTS:
        try:
            found.append((code, regex.compile(rf"\p{{Script={code}}}")))
        except regex.error:
            continue
    return tuple(found)


@cache
def _of_character(character: str) -> str | None:
    return next((code for code, pattern in _patterns() if pattern.match(character)), None)


def detect(segments: Iterable[str], chinese: bool = True) -> str | None:
    """ISO 15924 code of the script of most letters, or None where no letter has a known one.

    Kana beside Han is `Jpan`. Han alone is `Hans` or `Hant` by the characters that differ, or
    plain `Hani` when `chinese` is false, as for Vietnamese.
    """
    characters = Counter("".join(segments))
    counts: Counter[str] = Counter()
    for character, count in characters.items():
        if character.isalpha() and (code := _of_character(character)):
            counts[code] += count
    if not counts:
        return None
    script = counts.most_common(1)[0][0]
    if script in ("Hani", "Hira", "Kana"):
        if counts["Hira"] + counts["Kana"] > 0.1 * counts.total():
            return "Jpan"
        if not chinese:
            return "Hani"
        simple = sum(characters[c] for c in SIMPLIFIED - TRADITIONAL)
        traditional = sum(characters[c] for c in TRADITIONAL - SIMPLIFIED)
        return "Hans" if simple >= traditional else "Hant"
    return script
