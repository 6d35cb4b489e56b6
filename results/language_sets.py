"""Sets of languages that a model is evaluated on and averaged over: named, typed or narrowed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from results.language_search import LONGEST_TEXT, understand
from results.languages import find, load_table

_CORE = """
    fra_Latn spa_Latn deu_Latn rus_Cyrl pol_Latn ell_Grek hye_Armn hin_Deva ben_Beng urd_Arab
    pes_Arab cym_Latn arb_Arab heb_Hebr amh_Ethi hau_Latn swh_Latn zul_Latn ibo_Latn wol_Latn
    tur_Latn kaz_Cyrl fin_Latn hun_Latn kat_Geor eus_Latn tam_Taml tel_Telu cmn_Hans mya_Mymr
    bod_Tibt jpn_Jpan kor_Hang tha_Thai vie_Latn khm_Khmr ind_Latn haw_Latn quy_Latn hat_Latn
"""

CORE = tuple(_CORE.split())
"""40 languages of 15 families and 19 scripts, from the best resourced to hardly any text."""

SEPARATORS = re.compile(r"[,;\r\n]")
# A list of so few is said by name.
FEW = 3
MOST_ENTRIES = 2_000
LONGEST_BASE = 170_000


@dataclass(frozen=True)
class Chosen:
    """Languages to average over.

    codes: of those counted; unknown: typed things that mean nothing, the narrowing ones too;
    absent: canonical codes that were typed but are not counted; said: for people, "40 core
    languages".
    """

    codes: list[str]
    unknown: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    said: str = ""


def choose(
    counted: Sequence[str],
    base: str = "core",
    family: str = "",
    script: str = "",
    region: str = "",
    speakers: int = 0,
) -> Chosen:
    """The languages of `counted` (canonical codes) that a reader means.

    base: `core`, `all`, or codes, English names and autonyms between commas, semicolons or line
    ends; family: as Language.family; script: ISO 15924 or its English name; region: a UN M49
    region or continent; speakers: at least so many, which leaves out languages whose number is
    not known. Narrowing ignores case. Order is that of `counted`, or as typed for a list.

    Raises ValueError for a list of more than 2,000 entries.
    """
    base = base.strip() or "core"
    unknown: list[str] = []
    absent: list[str] = []
    if base.lower() == "all":
        codes = list(counted)
    elif base.lower() == "core":
        core = frozenset(CORE)
        codes = [code for code in counted if code in core]
    else:
        codes, unknown, absent = _typed(counted, base)
    wanted = {}
    for label, text in (("family", family), ("script", script), ("region", region)):
        if text := " ".join(text.split()):
            known = _values()[label].get(text.casefold())
            wanted[label] = known or text[:LONGEST_TEXT]
            unknown += [] if known else [f"{label} {wanted[label]}"]
    codes = [code for code in codes if _fits(code, wanted, speakers)]
    return Chosen(codes, unknown, absent, _said(base, codes, wanted, speakers))


def _typed(counted: Sequence[str], base: str) -> tuple[list[str], list[str], list[str]]:
    """(codes, unknown, absent) of a list, each once and in the order typed."""
    entries = [entry.strip() for entry in SEPARATORS.split(base[: LONGEST_BASE + 1])]
    entries = list(dict.fromkeys(entry for entry in entries if entry))
    if len(entries) > MOST_ENTRIES or len(base) > LONGEST_BASE:
        raise ValueError(
            f"at most {MOST_ENTRIES:,} languages in one list; choose `all` and narrow it instead"
        )
    present = set(counted)
    by_iso: dict[str, str] = {}
    for code in counted:
        by_iso.setdefault(code.split("_")[0], code)
    codes: dict[str, None] = {}
    unknown: dict[str, None] = {}
    absent: dict[str, None] = {}
    for entry in entries:
        language = understand(entry)
        if language is None:
            unknown[entry if len(entry) <= LONGEST_TEXT else entry[:LONGEST_TEXT] + "..."] = None
        elif language.code in present:
            codes[language.code] = None
        elif language.iso in by_iso and not ({"_", "-", "("} & set(entry)):
            codes[by_iso[language.iso]] = None
        else:
            absent[language.code] = None
    return list(codes), list(unknown), list(absent)


@lru_cache(maxsize=1)
def _values() -> dict[str, dict[str, str]]:
    """What narrows by each label, in lower case, to its own spelling."""
    table = load_table()
    regions = {c[key] for c in table.countries.values() for key in ("region", "continent")}
    families = {row["family"] for row in table.languages.values() if "family" in row}
    scripts = {
        text.casefold(): code for code, name in table.scripts.items() for text in (name, code)
    }
    return {
        "family": {name.casefold(): name for name in families},
        "script": scripts,
        "region": {name.casefold(): name for name in regions},
    }


def _fits(code: str, wanted: Mapping[str, str], speakers: int) -> bool:
    language = find(code) if wanted or speakers > 0 else None
    if language is None:
        return not wanted and speakers <= 0
    return (
        wanted.get("family", language.family) == language.family
        and wanted.get("script", language.script) == language.script
        and wanted.get("region", language.region) in (language.region, language.continent)
        and (language.population or 0) >= speakers
    )


def _said(base: str, codes: Sequence[str], wanted: Mapping[str, str], speakers: int) -> str:
    """Such as "23 languages of Africa in Latin script with at least 1 million speakers"."""
    narrowed = bool(wanted) or speakers > 0
    kind = base.lower() if base.lower() in ("core", "all") else "chosen"
    if kind == "chosen" and not narrowed and 0 < len(codes) <= FEW:
        return ", ".join(language.name for code in codes if (language := find(code)))
    family = wanted.get("family", "")
    words = [
        "all" if kind == "all" and not narrowed else "",
        f"{len(codes):,}" if codes else "no",
        kind if kind != "all" else "",
        family.lower() if family in ("Isolate", "Constructed") else family,
        "language" if len(codes) == 1 else "languages",
        f"of {wanted['region']}" if "region" in wanted else "",
        f"in {_script_name(wanted['script'])} script" if "script" in wanted else "",
        f"with at least {_count(speakers)} speakers" if speakers > 0 else "",
    ]
    if kind == "all" and not narrowed and len(codes) < 2:
        words[0] = ""
    return " ".join(word for word in words if word)


def _script_name(script: str) -> str:
    return load_table().scripts.get(script, script)


def _count(number: int) -> str:
    for unit, name in ((10**9, "billion"), (10**6, "million")):
        if number >= unit:
            return f"{number / unit:.12g} {name}"
    return f"{number:,}"
