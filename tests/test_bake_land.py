from __future__ import annotations

import json

import pytest

from leaderboard.bake_land import TARGET, arc_points, flat, ring_points

LAND = json.loads(TARGET.read_text(encoding="utf-8"))


def inside(longitude: float, latitude: float) -> bool:
    """By the even-odd rule over every ring, as the map is filled."""
    crossings = 0
    for ring in LAND:
        points = list(zip(ring[::2], ring[1::2], strict=True))
        for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
            if (y1 > latitude) != (y2 > latitude):
                crossings += longitude < x1 + (latitude - y1) / (y2 - y1) * (x2 - x1)
    return crossings % 2 == 1


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(13.4, 52.5), (37.6, -8.3), (-74.3, -13.8), (133, -25), (-42, 72), (-175, 66.8), (170, 67),
     (0, -85), (179, -85), (-179, -85), (115, -1), (47, -19)],
)  # fmt: skip
def test_land_is_land(longitude: float, latitude: float) -> None:
    assert inside(longitude, latitude)


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(-35, 30), (-160, 0), (80, -20), (50.5, 42), (5, 38), (179.9, 0), (-179.9, 40), (0, 88)],
)
def test_sea_is_sea(longitude: float, latitude: float) -> None:
    assert not inside(longitude, latitude)


def test_no_edge_goes_round_the_world_but_antarcticas_foot() -> None:
    long = []
    for ring in LAND:
        points = list(zip(ring[::2], ring[1::2], strict=True))
        for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
            assert -180 <= x1 <= 180
            assert -90 <= y1 <= 90
            if abs(x1 - x2) > 30:
                long.append((y1, y2))
    assert long == [(-90, -90)]


def test_the_file_is_small() -> None:
    assert TARGET.stat().st_size < 40_000
    assert all(len(ring) >= 6 and len(ring) % 2 == 0 for ring in LAND)


def test_arcs_are_steps_and_a_negative_index_turns_one_round() -> None:
    topology = {
        "transform": {"scale": [0.5, 2], "translate": [-10, 1]},
        "arcs": [[[0, 0], [2, 1], [2, 0]], [[0, 0], [0, 3], [4, -2]]],
    }
    arcs = arc_points(topology)
    assert arcs == [[(-10, 1), (-9, 3), (-8, 3)], [(-10, 1), (-10, 7), (-8, 3)]]
    assert ring_points([0, ~1], arcs) == [(-10, 1), (-9, 3), (-8, 3), (-10, 7), (-10, 1)]


def test_flat_rounds_and_drops_doubles_and_the_closing_point() -> None:
    assert flat([(0.04, 1), (0.01, 1.02), (2.26, -0.01), (0, 1)]) == [0, 1, 2.3, 0]
