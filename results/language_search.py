"""Finding a language by whatever somebody types, and what is said of one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from results.languages import Language, country_name, find, load_table, resolve

LONGEST_TEXT = 80
# Letters that Unicode does not take apart, and marks that keyboards lack.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ə": "e", "æ": "ae", "œ": "oe", "ɛ": "e",
     "ɔ": "o", "ŋ": "n"} | dict.fromkeys("'’‘ʻʼʽ`ʹˈ", "") | dict.fromkeys("-_–()", " ")
)  # fmt: skip
LAST = 9


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


@dataclass(frozen=True)
class _Card:
    """Folded texts by which one language is found."""

    codes: frozenset[str]
    names: tuple[str, ...]
    main_country: str
    countries: tuple[str, ...]
    speakers: int


@lru_cache(maxsize=1)
def _aliases() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for alias, iso in load_table().aliases.items():
        found.setdefault(iso, []).append(alias)
    return found


@lru_cache(maxsize=16384)
def _card(code: str) -> _Card | None:
    language = find(code)
    if language is None:
        return None
    broader = [name for name, iso in load_table().broader.items() if iso == language.iso]
    countries = tuple(fold(country_name(country)) for country in language.countries)
    return _Card(
        codes=frozenset([fold(code), language.iso, *_aliases().get(language.iso, [])]),
        names=tuple(fold(name) for name in (language.name, language.autonym, *broader) if name),
        main_country=countries[0] if countries else "",
        countries=countries[1:],
        speakers=language.population or 0,
    )


def _rank(typed: str, card: _Card) -> int:
    """0 is best, LAST is no match."""
    word = " " + typed
    for rank, matches in enumerate(
        (
            typed in card.codes,
            typed in card.names,
            any(name.startswith(typed) for name in card.names),
            any(code.startswith(typed) for code in card.codes),
            any(word in name for name in card.names),
            card.main_country.startswith(typed) or word in card.main_country,
            any(country.startswith(typed) for country in card.countries),
            any(typed in name for name in card.names),
            typed in card.main_country,
        )
    ):
        if matches:
            return rank
    return LAST


def search(text: str, codes: Sequence[str], limit: int = 20) -> list[str]:
    """At most `limit` of the canonical `codes` that the text may mean, best first.

    Order: exact code (any alias), exact English name or autonym, start of a name, of a code, of a
    word in a name, of the main country's name, of another country's, anywhere in a name or in the
    main country's; then more speakers. Case, accents and apostrophes are ignored. No text gives
    the first codes as they stand; codes that the language table lacks are left out.
    """
    typed = fold(text)
    if not typed:
        return list(codes[:limit])
    found = []
    for code in codes:
        card = _card(code)
        if card is not None and (rank := _rank(typed, card)) < LAST:
            found.append((rank, -card.speakers, code))
    return [code for _, _, code in sorted(found)[:limit]]


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
