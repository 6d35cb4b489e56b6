"""Where languages are spoken, for `results.bake_languages`: position, countries, UN regions.

Positions are Glottolog's and countries are LinguaMeta's, both as qwanqwa hands them on; which
country a position lies in, and the UN M49 region of every country, come from country-coder.
"""

# ruff: noqa: ANN401 (the packages have no types)
from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

BORDERS = "npm pack @rapideditor/country-coder@5.6.1; the file is package/src/data/borders.json"

# Positions and main countries where the sources mislead, each with the reason.
HAND: dict[str, tuple[tuple[float, float] | None, str | None, str]] = {
    "jct": (None, "UA", "Krymchak is of Crimea; only those who moved to Uzbekistan are listed"),
}
# A part of a country that M49 counts to another one: Crimea (General Assembly, 68/262).
COUNTED_TO = {"Q7835": "UA"}
# States younger than LinguaMeta's list, and the one that it still names for them.
SUCCEEDED = {"SS": "SD", "XK": "RS"}
# Nobody lives there, yet LinguaMeta lists them under their state's language.
UNINHABITED = {"AQ", "BV", "HM", "TF"}
# Wider or narrower than the regions people ask for.
SKIPPED_REGIONS = {"003", "202", "419", "830"}


class Borders:
    """Country and UN region of a point, and the centre of a country."""

    def __init__(self, features: Sequence[Mapping[str, Any]]) -> None:
        self.shapely = import_module("shapely")
        places = [feature["properties"] for feature in features]
        levels = {p["m49"]: (p["nameEn"], p["level"]) for p in places if "m49" in p}
        self.continents = {m: name for m, (name, level) in levels.items() if level == "region"}
        self.regions = {
            m: name
            for m, (name, level) in levels.items()
            if level in ("subregion", "intermediateRegion") and m not in SKIPPED_REGIONS
        }
        drawn = [feature for feature in features if feature["geometry"]]
        self.places = [feature["properties"] for feature in drawn]
        self.shapes = [
            self.shapely.make_valid(self.shapely.from_geojson(json.dumps(feature["geometry"])))
            for feature in drawn
        ]
        self.tree = self.shapely.STRtree(self.shapes)
        self.parts: dict[str, list[int]] = {}
        for index, place in enumerate(self.places):
            if country := self.country_of(place):
                self.parts.setdefault(country, []).append(index)

    def country_of(self, place: Mapping[str, Any]) -> str | None:
        """ISO 3166-1 alpha-2 (XK for Kosovo) of a feature, which may be a part of a country."""
        if place.get("wikidata") in COUNTED_TO:
            return COUNTED_TO[place["wikidata"]]
        own = place.get("iso1A2")
        if own and place.get("isoStatus") in (None, "usrAssn"):
            return str(own)
        country: str | None = place.get("country", own)
        return country

    def region_of(self, place: Mapping[str, Any]) -> tuple[str, str] | None:
        """(region, continent) by the names of M49."""
        groups = place.get("groups", [])
        region = next((self.regions[g] for g in groups if g in self.regions), None)
        continent = next((self.continents[g] for g in groups if g in self.continents), None)
        return (region, continent) if region and continent else None

    def at(self, latitude: float, longitude: float) -> Mapping[str, Any] | None:
        """The feature, coastal waters included, that holds the point."""
        point = self.shapely.Point(longitude, latitude)
        found = sorted(self.tree.query(point, predicate="within"))
        return self.places[found[0]] if found else None

    def by_size(self, country: str) -> list[int]:
        """Its parts, the largest first."""
        return sorted(self.parts[country], key=lambda index: -float(self.shapes[index].area))

    def centre(self, country: str) -> tuple[float, float]:
        point = self.shapes[self.by_size(country)[0]].representative_point()
        return float(point.y), float(point.x)

    def region_of_country(self, country: str) -> tuple[str, str] | None:
        """That of its largest part which has one: M49 knows no region of Siberia."""
        found = (self.region_of(self.places[index]) for index in self.by_size(country))
        return next((region for region in found if region), None)


def load_borders(arguments: Sequence[str]) -> Borders:
    """From the path that was typed; exits with what to fetch when no such file is there."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        sys.exit(f"Baking the language table needs country-coder's borders.json: {BORDERS}")
    return Borders(json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["features"])


class Places:
    """`row(iso)` gives what a row of the table says about place.

    Position: by hand; Glottolog's; that of the language whose dialect it is; for a
    macrolanguage, that of its member with most speakers; the centre of its main country.
    Countries: main one first, then by speakers. The main one is that of the position if LinguaMeta
    lists it, else the listed one with most speakers: a position is one point of an area, and may
    lie just across a border.
    """

    def __init__(self, baker: Any, borders: Borders) -> None:
        self.baker, self.borders = baker, borders
        self.used: set[str] = set()
        self.fallbacks: dict[str, str] = {}
        spoken = import_module("qq.data_model").RelationType.SPOKEN_IN_REGION
        self.spoken_in = spoken

    def listed(self, iso: str) -> list[str]:
        """Countries of the source, those with most speakers first."""
        source = self.baker.languoid(iso)
        found: dict[str, tuple[float, bool, str]] = {}
        for relation in source._relations.get(self.spoken_in, []) if source else []:
            country = relation.target_id.removeprefix("region:").upper()
            if country in self.borders.parts and country not in UNINHABITED:
                said = relation.metadata
                found[country] = (
                    -(said.get("speaker_count") or 0), not said.get("is_official"), country,
                )  # fmt: skip
        if not found and iso in self.baker.macro_of:
            return self.listed(self.baker.macro_of[iso])
        return sorted(found, key=found.__getitem__)

    def position(self, iso: str, countries: Sequence[str]) -> tuple[float, float] | None:
        source = self.baker.languoid(iso)
        if HAND.get(iso, (None,))[0]:
            return HAND[iso][0]
        if source is not None and source.latitude is not None:
            return source.latitude, source.longitude
        parent = source.parent if source is not None and source.is_dialect else None
        if parent is not None and parent.latitude is not None:
            self.fallbacks[iso] = f"parent {parent.name}"
            return parent.latitude, parent.longitude
        members = [
            member
            for item in self.baker.iso.values()
            if item.macrolanguage == iso and (member := self.baker.languoid(item.part3))
            if member.latitude is not None
        ]
        if members:
            member = max(members, key=lambda found: found.speaker_count or 0)
            self.fallbacks[iso] = f"member {member.iso_639_3}"
            return member.latitude, member.longitude
        if countries:
            self.fallbacks[iso] = f"country {countries[0]}"
            return self.borders.centre(countries[0])
        return None

    def row(self, iso: str, family: str | None) -> dict[str, Any]:
        """Empty for constructed languages and where the sources say nothing; else two fields.

        place: "-8.26 37.62 TZ BI KE", degrees north and east and countries, one text because it
        loads quicker than lists; region: [region, continent] only where the position's is not
        the main country's (Hawaii).
        """
        if family == "Constructed":
            return {}
        countries = self.listed(iso)
        at = self.position(iso, countries)
        place = self.borders.at(*at) if at else None
        here = self.borders.country_of(place) if place else None
        here = here if here not in UNINHABITED else None
        if here in SUCCEEDED and here not in countries:
            countries = [here if code == SUCCEEDED[here] else code for code in countries]
        main = HAND.get(iso, (None, None))[1] or (here if here in countries else None)
        first = [main] if main else []
        last = [here] if here else []
        countries = list(dict.fromkeys([*first, *countries, *last]))
        self.used |= set(countries)
        if at is None or not countries:
            return {}
        row: dict[str, Any] = {"place": f"{at[0]:.2f} {at[1]:.2f} {' '.join(countries)}"}
        own = self.borders.region_of(place) if place and countries[0] == here else None
        if own and own != self.borders.region_of_country(countries[0]):
            row["region"] = own
        return row

    def countries(self) -> dict[str, dict[str, str]]:
        """Name, region and continent of every country that a row names."""
        table = {}
        for code in sorted(self.used):
            name = self.baker.langcodes.Language.make(territory=code).territory_name("en")
            region, continent = self.borders.region_of_country(code) or ("", "")
            said = {"name": name, "region": region, "continent": continent}
            table[code] = {key: value for key, value in said.items() if value}
        return table
