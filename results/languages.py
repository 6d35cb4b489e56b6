"""The language table: what a code means, and the one canonical spelling of it.

A canonical code is ISO 639-3 + ISO 15924 as FLORES+ writes it (`swh_Latn`, `cmn_Hans`), with a
suffix for a variant (`deu_Latn_1901`). The table is `results/data/languages.json`, made by
`python -m results.bake_languages`; its sources are named in `results/data/LANGUAGES.md`.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

TABLE = Path(__file__).parent / "data" / "languages.json"
CODE = re.compile(r"[a-z]{2,3}(?:_[a-z0-9]{1,16}){0,3}")
LONGEST_CODE = 40
LONGEST_VARIANT = 16
# Regions that say the script: everything else after the script is a variant.
TRADITIONAL_REGIONS = {"tw", "hk", "mo"}
# Another name of the script that FLORES+ writes for the language.
SCRIPT_ALIASES = {("kor", "Kore"): "Hang"}


class UnknownLanguage(ValueError):
    """A code that the table does not hold; the message names what comes near it."""

    def __init__(self, code: object, reason: str | None = None) -> None:
        self.code = code
        shown = repr(code if len(str(code)) <= LONGEST_CODE else str(code)[:LONGEST_CODE] + "...")
        near = _near(code) if isinstance(code, str) else []
        parts = [f"{shown}: {reason or 'no such language code'}"]
        if near:
            parts.append("near it: " + ", ".join(near))
        parts.append(
            "a code is ISO 639-3 and ISO 15924, as in swh_Latn, cmn_Hans or deu_Latn_1901 (variant)"
        )
        super().__init__("; ".join(parts))


@dataclass(frozen=True)
class Language:
    """One row of the table, in one script.

    code: canonical, `swh_Latn`; iso: ISO 639-3; script: ISO 15924; variant: suffix or None;
    name: English, with script and variant where they are needed to tell it apart; autonym: what
    its speakers call it, or None; direction: of the script; macrolanguage: ISO 639-3 or None;
    family: top level of Glottolog ("Isolate" and "Constructed" are ours) or None; population:
    speakers, or None where the sources say nothing sound; script_name: English; countries: ISO
    3166-1 alpha-2, the main one first, empty if unknown; region, continent: by the names of the
    UN's M49, of the main country, or None; latitude, longitude: degrees north and east of one
    point in its area, or None.
    """

    code: str
    iso: str
    script: str
    variant: str | None
    name: str
    autonym: str | None
    direction: Literal["ltr", "rtl"]
    macrolanguage: str | None
    family: str | None
    population: int | None
    script_name: str
    countries: tuple[str, ...]
    region: str | None
    continent: str | None
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class Table:
    """languages.json as it stands, rows by ISO 639-3; `broader` gives the ISO 639-3 of names that
    have no row of their own (Chinese), `countries` name, region and continent by code."""

    scripts: Mapping[str, str]
    rtl: frozenset[str]
    aliases: Mapping[str, str]
    corpora: Mapping[str, Mapping[str, str]]
    broader: Mapping[str, str]
    countries: Mapping[str, Mapping[str, str]]
    languages: Mapping[str, Mapping[str, Any]]


@lru_cache(maxsize=1)
def load_table() -> Table:
    """The table, read at its first use."""
    raw = json.loads(TABLE.read_text(encoding="utf-8"))
    return Table(
        scripts=raw["scripts"],
        rtl=frozenset(raw["rtl"]),
        aliases=raw["aliases"],
        corpora={
            corpus: {code.lower(): target for code, target in codes.items()}
            for corpus, codes in raw["corpora"].items()
        },
        broader=raw["broader"],
        countries=raw["countries"],
        languages={row["iso"]: row for row in raw["languages"]},
    )


def resolve(code: str, corpus: str | None = None) -> Language:
    """The language that a code means, however it is spelt.

    Takes canonical codes, the codes of other corpora and tasks (`zho_Hans`, `est_Latn`), ISO
    639-1, -2 and -3 codes and BCP-47 tags (`sr-Latn`, `zh-TW`), in either case. Without a script
    the language's canonical one is meant. A broader code means the individual language that
    FLORES+ writes for it (`swa` is `swh`). What follows the script is a variant. `corpus` picks
    the few codes that one corpus uses otherwise than everybody else (`flores200`). The result's
    `code` resolves to itself and holds only letters, digits and underscores.

    Raises UnknownLanguage, a ValueError, for anything else.
    """
    if not isinstance(code, str):
        raise UnknownLanguage(code, "a language code is text")
    found = _resolve(code[: LONGEST_CODE + 1], corpus)
    if isinstance(found, Language):
        return found
    raise UnknownLanguage(code[: LONGEST_CODE + 1], found.reason)


def find(code: str) -> Language | None:
    """What `resolve` gives, or None where it raises; quick for unknown codes too."""
    found = _resolve(code[: LONGEST_CODE + 1], None)
    return found if isinstance(found, Language) else None


@dataclass(frozen=True)
class _Unknown:
    reason: str | None = None


@lru_cache(maxsize=16384)
def _resolve(code: str, corpus: str | None) -> Language | _Unknown:
    table = load_table()
    folded = code.replace("-", "_").lower()
    if len(code) > LONGEST_CODE or not CODE.fullmatch(folded):
        return _Unknown()
    folded = table.corpora.get(corpus or "", {}).get(folded, folded).lower()
    head, *rest = folded.split("_")
    iso = head if head in table.languages else table.aliases.get(head)
    if iso is None:
        return _Unknown()
    row = table.languages[iso]
    script = None
    if rest and len(rest[0]) == 4 and rest[0].isalpha():
        script = rest.pop(0).title()
        script = SCRIPT_ALIASES.get((iso, script), script)
        if script not in table.scripts:
            return _Unknown(f"{script} is no ISO 15924 script of written text")
    elif rest and iso == "cmn" and rest[0] in TRADITIONAL_REGIONS:
        rest, script = rest[1:], "Hant"
    if script is None:
        scripts = row.get("scripts", "").split()
        if not scripts:
            return _Unknown(f"{row['name']} has no script in the table; add one, as in {iso}_Latn")
        script = scripts[0]
    variant = "".join(rest)
    if len(variant) > LONGEST_VARIANT:
        return _Unknown(f"a variant has at most {LONGEST_VARIANT} characters")
    return _language(table, row, script, variant or None)


def _language(table: Table, row: Mapping[str, Any], script: str, variant: str | None) -> Language:
    iso = row["iso"]
    scripts = row.get("scripts", "").split()
    details = []
    if len(scripts) > 1 or script not in scripts:
        details.append(table.scripts[script])
    if variant:
        details.append(variant.upper() if len(variant) == 2 else variant.capitalize())
    latitude, longitude, *countries = row.get("place", "").split() or (None, None)
    main = table.countries[countries[0]] if countries else {}
    region, continent = row.get("region") or (main.get("region"), main.get("continent"))
    return Language(
        code="_".join(filter(None, (iso, script, variant))),
        iso=iso,
        script=script,
        variant=variant,
        name=row["name"] + (f" ({', '.join(details)})" if details else ""),
        autonym=row.get("autonym"),
        direction="rtl" if script in table.rtl else "ltr",
        macrolanguage=row.get("macro"),
        family=row.get("family"),
        population=row.get("population"),
        script_name=table.scripts[script],
        countries=tuple(countries),
        region=region,
        continent=continent,
        latitude=None if latitude is None else float(latitude),
        longitude=None if longitude is None else float(longitude),
    )


def country_name(code: str) -> str:
    """English name of an ISO 3166-1 alpha-2 code; ValueError if no language is spoken there."""
    country = load_table().countries.get(code)
    if country is None:
        raise ValueError(f"{code!r}: no country of the language table; give two letters, as in TZ")
    return country["name"]


def canonical_script(iso: str) -> str | None:
    """The script that a bare ISO 639-3 code implies, or None."""
    scripts = load_table().languages.get(iso, {}).get("scripts", "").split()
    return scripts[0] if scripts else None


def _near(code: str) -> list[str]:
    """Up to three rows whose code or name resembles the text."""
    table, text = load_table(), code[:LONGEST_CODE].lower().replace("-", "_")
    names = {row["name"].lower(): iso for iso, row in table.languages.items()}
    found = difflib.get_close_matches(text, names, n=3, cutoff=0.75)
    isos = [names[name] for name in found]
    head = text.split("_")[0]
    isos += difflib.get_close_matches(head, table.languages, n=3, cutoff=0.6)
    shown = []
    for iso in dict.fromkeys(isos):
        script = canonical_script(iso)
        if script:
            shown.append(f"{iso}_{script} ({table.languages[iso]['name']})")
    return shown[:3]
