"""Bakes `results/data/languages.json`: run `python -m results.bake_languages borders.json`.

Needed only to renew the table; the application reads the JSON. What the sources say is taken as
it stands except where `results.bake_corrections` says otherwise.
"""

# ruff: noqa: ANN401 (the packages have no types)
from __future__ import annotations

import json
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from results.bake_corrections import (
    EXTRA_SCRIPTS,
    FLORES_200,
    NAMES,
    NO_AUTONYM,
    NO_SCRIPT,
    POPULATION_OF,
    REPRESENTATIVE,
    RETIRED,
    RTL,
    SCRIPTS,
)
from results.bake_places import Borders, Places, load_borders

PACKAGES = {
    "qq": "qwanqwa==1.2.1",
    "langcodes": "langcodes==3.5.1",
    "language_data": "language_data==1.4.0",
    "iso639": "python-iso639==2026.7.23",
    "shapely": "shapely==2.2.0",
}
TARGET = Path(__file__).parent / "data" / "languages.json"


def load_sources() -> dict[str, Any]:
    """The packages; exits with what to install when one is missing."""
    modules, missing = {}, []
    for module, requirement in PACKAGES.items():
        try:
            modules[module] = import_module(module)
        except ImportError:
            missing.append(requirement)
    if missing:
        sys.exit("Baking the language table needs: pip install " + " ".join(missing))
    return modules


def plain(name: str) -> str:
    """A reference name without the parentheses that only tell codes apart."""
    name = name.replace("Modern Greek", "Greek")
    for tail in (" (macrolanguage)", " (individual language)"):
        name = name.removesuffix(tail)
    return name


def script_of(text: str) -> str | None:
    """`Latn` or `other`, for telling an autonym in a wrong script."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return None
    return "Latn" if sum(ord(char) < 0x250 for char in letters) * 2 > len(letters) else "other"


class Baker:
    def __init__(self, modules: dict[str, Any], borders: Borders) -> None:
        self.qq, self.langcodes, self.iso639 = (modules[m] for m in ("qq", "langcodes", "iso639"))
        self.database = self.qq.Database.load()
        self.iso = {item.part3: item for item in self.iso639.ALL_LANGUAGES if item.part3}
        self.macro_of = {member: macro for macro, member in REPRESENTATIVE.items()}
        self.scripts = self.script_names()
        self.places = Places(self, borders)

    def script_names(self) -> dict[str, str]:
        found = {
            script.iso_15924: script.name
            for script in self.database.query(self.qq.Script)
            if script.name and script.iso_15924 and len(script.iso_15924) == 4
        }
        found |= EXTRA_SCRIPTS
        return {code: found[code] for code in sorted(found) if code not in NO_SCRIPT}

    def languoid(self, iso: str) -> Any | None:
        try:
            return self.database.get(iso, self.qq.IdType.ISO_639_3)
        except KeyError:
            return None

    def tag(self, iso: str) -> Any:
        return self.langcodes.Language.get(self.iso[iso].part1 or iso)

    def name(self, iso: str) -> str:
        if iso in NAMES:
            return NAMES[iso]
        name = self.tag(iso).language_name("en")
        same = self.tag(iso).language in (iso, self.iso[iso].part1)
        known = name and not name.startswith("Unknown") and same
        return plain(name if known else self.iso[iso].name)

    def script_list(self, iso: str, source: Any | None) -> list[str]:
        if iso in SCRIPTS:
            return SCRIPTS[iso].split()
        canonical = [s.iso_15924 for s in (source.canonical_scripts or [])] if source else []
        canonical = [script for script in canonical if script in self.scripts]
        likely = self.tag(iso).maximize().script
        if source and likely in self.scripts and likely in (source.script_codes or []):
            canonical = [likely, *(script for script in canonical if script != likely)]
        return canonical

    def autonym(self, iso: str, name: str, scripts: list[str], source: Any | None) -> str | None:
        if iso in NO_AUTONYM:
            return None
        wanted = "Latn" if scripts[:1] == ["Latn"] else "other"
        tag = self.tag(iso)
        candidates = [tag.autonym() if tag.language in (iso, self.iso[iso].part1) else None]
        if iso in self.macro_of:
            candidates.append(self.langcodes.Language.get(self.macro_of[iso]).autonym())
        english = {name, tag.language_name("en"), plain(self.iso[iso].name)}
        candidates = [c for c in candidates if c and c not in english and "[" not in c]
        candidates.append(source.endonym if source else None)
        return next((c for c in candidates if c and scripts and script_of(c) == wanted), None)

    def population(self, iso: str, source: Any | None) -> int | None:
        """Speakers: a representative stands for its macrolanguage's; under 10 is a data error."""
        if iso in POPULATION_OF:
            source = self.languoid(POPULATION_OF[iso])
        counts = [source.speaker_count if source else None]
        if iso in self.macro_of and iso not in ("quy", "fuv", "knc", "twi", "gug", "kpv", "dik"):
            macro = self.languoid(self.macro_of[iso])
            counts.append(macro.speaker_count if macro else None)
        sane = [int(count) for count in counts if count and count >= 10]
        return max(sane, default=None)

    def family(self, iso: str, source: Any | None) -> str | None:
        if source is None or iso == "und":
            return None
        if source.root_family:
            name = source.root_family.name
            return {"Artificial Language": "Constructed", "Bookkeeping": None}.get(name, name)
        members = [
            member.root_family.name
            for member in (
                self.languoid(i.part3) for i in self.iso.values() if i.macrolanguage == iso
            )
            if member and member.root_family
        ]
        if members:
            return max(sorted(set(members)), key=members.count)
        return "Isolate" if self.iso[iso].scope == "I" and source.glottocode else None

    def entries(self) -> list[dict[str, Any]]:
        rows, names = [], set()
        for iso in sorted(self.iso):
            item = self.iso[iso]
            replaced = item.status != "A" and item.retire_change_to
            if item.scope == "S" or replaced or iso in REPRESENTATIVE or iso in RETIRED:
                continue
            source = self.languoid(iso)
            scripts = self.script_list(iso, source)
            if item.status != "A" and not scripts:
                continue
            name = self.name(iso)
            if name in names:
                name = item.name if item.name not in names else f"{name} ({iso})"
            names.add(name)
            family = self.family(iso, source)
            row = {
                "iso": iso,
                "name": name,
                "autonym": self.autonym(iso, name, scripts, source),
                "scripts": " ".join(scripts),
                "macro": item.macrolanguage,
                "family": family,
                "population": self.population(iso, source),
                **self.places.row(iso, family),
            }
            rows.append({key: value for key, value in row.items() if value})
        return rows

    def aliases(self, present: set[str]) -> dict[str, str]:
        """Two-letter, bibliographic and retired codes, and broader codes, to a row's ISO code."""
        found = dict(REPRESENTATIVE)
        for iso, item in self.iso.items():
            if item.status != "A" and item.retire_change_to:
                found.setdefault(iso, item.retire_change_to)
        for iso, item in self.iso.items():
            for short in (item.part1, item.part2b):
                if short and short != iso:
                    found.setdefault(short, iso)
        found |= RETIRED
        flat = {}
        for alias, target in found.items():
            for _ in range(4):
                target = found.get(target, target)
            if target in present and alias not in present:
                flat[alias] = target
        return dict(sorted(flat.items()))

    def broader(self, taken: set[str]) -> dict[str, str]:
        """Names of codes that are no rows, to the row that stands for them: Chinese, Arabic."""
        named = {self.name(macro): iso for macro, iso in REPRESENTATIVE.items()}
        return {name: iso for name, iso in named.items() if name not in taken}

    def table(self) -> dict[str, Any]:
        rows = self.entries()
        return {
            "scripts": self.scripts,
            "rtl": sorted(set(RTL) & set(self.scripts)),
            "aliases": self.aliases({row["iso"] for row in rows}),
            "corpora": {"flores200": FLORES_200},
            "broader": self.broader({row["name"] for row in rows}),
            "countries": self.places.countries(),
            "languages": rows,
        }


def dump(table: dict[str, Any]) -> str:
    """JSON with one language a line, so that a change shows as its line."""

    def compact(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    heads = [f"{compact(key)}:{compact(table[key])}" for key in table if key != "languages"]
    rows = ",\n".join(compact(row) for row in table["languages"])
    return "{\n" + ",\n".join(heads) + ',\n"languages":[\n' + rows + "\n]}\n"


def main() -> None:
    warnings.simplefilter("ignore")
    table = Baker(load_sources(), load_borders(sys.argv[1:])).table()
    TARGET.write_text(dump(table), encoding="utf-8")
    print(
        f"{TARGET.name}: {len(table['languages'])} languages, {len(table['aliases'])} aliases, "
        f"{len(table['scripts'])} scripts, {TARGET.stat().st_size / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main()
