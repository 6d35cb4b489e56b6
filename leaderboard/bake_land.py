"""Bakes `leaderboard/static/land.json`: run `python -m leaderboard.bake_land land-110m.json`.

Needed only to renew the map. It wants the outline of land that `npm pack world-atlas@2.0.2` holds
as `package/land-110m.json` (Natural Earth 1:110m, public domain, as TopoJSON) and
`pip install antimeridian==0.4.9 shapely==2.2.0`.
"""

# ruff: noqa: T201 (a command says what it wrote)
from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "static" / "land.json"
DECIMALS = 1
# Square degrees; an island below it is less than a pixel of a world map.
SMALLEST = 0.3
# Degrees that an outline may move; a pixel of a map 1,200 wide is 0.3.
TOLERANCE = 0.12

Point = tuple[float, float]


def arc_points(topology: Mapping[str, Any]) -> list[list[Point]]:
    """Every arc as (longitude, latitude) degrees: TopoJSON keeps scaled steps between points."""
    (kx, ky), (x0, y0) = topology["transform"]["scale"], topology["transform"]["translate"]
    return [
        [
            (x * kx + x0, y * ky + y0)
            for x, y in accumulate(arc, lambda at, step: [at[0] + step[0], at[1] + step[1]])
        ]
        for arc in topology["arcs"]
    ]


def ring_points(indices: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """A ring joined from arcs; ~i means arc i backwards, and joints are written once."""
    points: list[Point] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def rings(topology: Mapping[str, Any]) -> list[list[float]]:
    """Rings of land, flat [longitude, latitude, ...], cut at the antimeridian.

    A lake is a ring too (the Caspian Sea), so fill them as one path by the even-odd rule.
    """
    antimeridian, shapely = import_module("antimeridian"), import_module("shapely")
    arcs = arc_points(topology)
    found: list[list[float]] = []
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            # world-atlas winds rings clockwise; GeoJSON, and so antimeridian, the other way.
            outline, *holes = (ring_points(ring, arcs)[::-1] for ring in polygon)
            land = antimeridian.fix_polygon(shapely.Polygon(outline, holes), fix_winding=False)
            land = land.simplify(TOLERANCE)
            for part in getattr(land, "geoms", [land]):
                if part.area >= SMALLEST:
                    found += [flat(ring.coords) for ring in (part.exterior, *part.interiors)]
    return sorted((ring for ring in found if len(ring) >= 6), key=len, reverse=True)


def flat(points: Sequence[Point]) -> list[float]:
    """Rounded, without the closing point and without points that rounding made equal."""
    kept: list[Point] = []
    for longitude, latitude in points:
        point = (round(longitude, DECIMALS) + 0.0, round(latitude, DECIMALS) + 0.0)
        if not kept or kept[-1] != point:
            kept.append(point)
    if kept[0] == kept[-1]:
        kept.pop()
    return [int(degrees) if degrees.is_integer() else degrees for at in kept for degrees in at]


def main() -> None:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit(f"Baking the land needs the path of land-110m.json.\n{__doc__}")
    found = rings(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    TARGET.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
    points = sum(map(len, found)) // 2
    print(
        f"{TARGET.name}: {len(found)} rings, {points} points, {TARGET.stat().st_size / 1e3:.1f} kB"
    )


if __name__ == "__main__":
    main()
