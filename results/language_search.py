"""What language somebody means by a word, and what is said of one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from results.languages import Language, country_name, find, load_table, resolve

LONGEST_TEXT = 80
# Letters that Unicode does not take apart, and marks that keyboards lack.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ə": "e", "æ": "ae", "œ": "oe", "ɛ": "e",
     "ɔ": "o", "ŋ": "n"} | dict.fromkeys("'’‘ʻʼʽ`ʹˈ", "") | dict.fromkeys("-_–()", " ")
)  # fmt: skip


def fold(text: str) -> str:
    """Lower case without accents, apostrophes, hyphens and brackets, for comparing names."""
    parts = unicodedata.normalize("NFKD", text[:LONGEST_TEXT].casefold())
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    return " ".join(bare.translate(PLAIN).split())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """English name or autonym, folded or in lower case only, to a canonical code.

    English goes before autonyms, the name in full before a part, many speakers before few.
    """
    table = load_table()
    names: dict[str, str] = {}
    rows = [row for row in table.languages.values() if row.get("scripts")]
    rows.sort(key=lambda row: -row.get("population", 0))
    said = [(row["name"], row["iso"]) for row in rows] + list(table.broader.items())
    said += [(row["autonym"], row["iso"]) for row in rows if "autonym" in row]
    passes = (str.casefold, fold, lambda name: fold(name.split(" (")[0]))
    for key in passes:
        for name, iso in said:
            names.setdefault(key(name), f"{iso}_{table.languages[iso]['scripts'].split()[0]}")
    return names


@lru_cache(maxsize=1)
def _scripts() -> dict[str, str]:
    return {fold(name): code for code, name in load_table().scripts.items()}


@lru_cache(maxsize=16384)
def understand(text: str) -> Language | None:
    """The language that a code, an English name or an autonym means, or None.

    A code goes before a name of the same letters, unless it is written as a name (`ga` is Irish,
    `Ga` is Ga).
    """
    text = text[: LONGEST_TEXT + 1].strip()
    if not text or len(text) > LONGEST_TEXT:
        return None
    named = _names().get(text.casefold()) or _names().get(fold(text))
    coded = find(text)
    written_as_name = text[0].isupper() and not text.isupper()
    code = None if coded and not (named and written_as_name) else named
    return find(code) if code else coded or _scripted(text)


def _scripted(text: str) -> Language | None:
    """`Serbian (Latin)`, as names are shown where a language has several scripts."""
    for bracket in re.finditer(r" \(", text):
        named = _names().get(fold(text[: bracket.start()]))
        script = _scripts().get(fold(text[bracket.end() :]))
        if named and script:
            return find(f"{named.split('_')[0]}_{script}")
    return None


def facts(code: str) -> dict[str, Any]:
    """What the public API says of a language, ready for JSON; raises UnknownLanguage."""
    language = resolve(code)
    return {
        "language": language.code,
        "name": language.name,
        "autonym": language.autonym,
        "iso": language.iso,
        "script": language.script,
        "script_name": language.script_name,
        "direction": language.direction,
        "family": language.family,
        "region": language.region,
        "continent": language.continent,
        "countries": [{"code": c, "name": country_name(c)} for c in language.countries],
        "speakers": language.population,
        "latitude": language.latitude,
        "longitude": language.longitude,
    }
