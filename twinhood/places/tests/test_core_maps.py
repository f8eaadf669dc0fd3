"""The straight line between two cities, wherever on the globe they are."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinhood.places.core.maps import (
    ATLAS_SIZE,
    TALL,
    WIDE,
    BandFrame,
    LatLon,
    atlas_link,
    atlas_svg,
    atlas_xy,
    band,
    band_svg,
    distance_km,
    land,
)

STAMFORD: LatLon = (41.0534, -73.5387)
KRAMATORSK: LatLon = (48.7389, 37.5844)
VLADIVOSTOK: LatLon = (43.1155, 131.8855)
SAN_DIEGO: LatLon = (32.7157, -117.1611)
KYIV: LatLon = (50.4501, 30.5234)

points = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


def numbers_of(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]


def test_stamford_and_kramatorsk_are_7969_kilometres_apart() -> None:
    assert round(distance_km(STAMFORD, KRAMATORSK)) == 7969


def test_a_quarter_of_the_meridian_is_a_quarter_of_the_sphere() -> None:
    assert distance_km((0, 20), (90, 0)) == pytest.approx(6371.0088 * 3.14159265358979 / 2)


@pytest.mark.parametrize("frame", [WIDE, TALL])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(STAMFORD, KRAMATORSK, id="over the Atlantic"),
        pytest.param(VLADIVOSTOK, SAN_DIEGO, id="over the antimeridian"),
        pytest.param(SAN_DIEGO, VLADIVOSTOK, id="westward"),
        pytest.param(KYIV, (31.2, 30.5234), id="on one meridian"),
        pytest.param((71.3, -156.8), (78.2, 15.6), id="over the pole"),
        pytest.param((90.0, 0.0), (10.0, 20.0), id="from the pole itself"),
        pytest.param((10.0, 20.0), (-10.0, -160.0), id="opposite places"),
        pytest.param((0.0, 0.0), (0.0, 90.0), id="on the equator"),
    ],
)
def test_both_cities_stand_on_the_centre_line_with_the_first_at_the_left(
    a: LatLon, b: LatLon, frame: BandFrame
) -> None:
    drawn = band(a, b, frame)

    assert drawn.a_xy == pytest.approx((frame.pad, frame.height / 2), abs=0.01)
    assert drawn.b_xy == pytest.approx((frame.width - frame.pad, frame.height / 2), abs=0.01)
    assert drawn.land_path


@settings(max_examples=15, deadline=None)
@given(a=points, b=points)
def test_no_pair_draws_land_outside_the_picture(a: LatLon, b: LatLon) -> None:
    if distance_km(a, b) < 1:
        return

    drawn = band(a, b, TALL)

    starts = re.findall(r"M(-?\d+) (-?\d+)", drawn.land_path)
    assert all(-80 <= int(x) <= 780 and -30 <= int(y) <= 590 for x, y in starts)


def test_one_place_has_no_map_of_a_pair() -> None:
    with pytest.raises(ValueError, match="two different places"):
        band(KYIV, KYIV)


def test_a_westward_pair_says_that_north_points_down() -> None:
    assert abs(band(VLADIVOSTOK, SAN_DIEGO).north_deg) < 60
    assert abs(band(SAN_DIEGO, VLADIVOSTOK).north_deg) > 120
    assert 'class="n"' in band_svg(band(SAN_DIEGO, VLADIVOSTOK))


def test_the_same_pair_gives_the_same_bytes() -> None:
    assert band_svg(band(STAMFORD, KRAMATORSK)) == band_svg(band(STAMFORD, KRAMATORSK))


def test_a_map_is_well_formed_and_small_enough_to_send_to_a_phone() -> None:
    svg = band_svg(band(STAMFORD, KRAMATORSK, TALL))

    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 (ours)
    assert len(svg) < 30_000
    assert "style=" not in svg


def test_land_in_the_middle_of_a_continent_fills_the_picture() -> None:
    drawn = band((48.7389, 37.5844), (48.99, 37.80), TALL)

    assert numbers_of(drawn.land_path)[:2] != []
    assert drawn.land_path.count("M") == 1


def test_the_north_pole_is_the_middle_of_the_atlas_and_the_far_south_its_rim() -> None:
    middle = ATLAS_SIZE / 2

    assert atlas_xy((90, 0)) == pytest.approx((middle, middle))
    assert atlas_xy((-90, -22)) == pytest.approx((middle, ATLAS_SIZE - 3))


def test_a_link_of_the_atlas_joins_its_two_places() -> None:
    link = atlas_link(VLADIVOSTOK, SAN_DIEGO)

    assert link.a_xy == pytest.approx(atlas_xy(VLADIVOSTOK))
    assert link.b_xy == pytest.approx(atlas_xy(SAN_DIEGO))
    assert link.path.count("L") == 24
    assert round(link.distance_km) == 9050


def test_the_atlas_leaves_antarctica_out() -> None:
    assert "<path" in atlas_svg()
    assert any(max(lat for lat, _ in ring) < -58 for ring in land("land-110m"))
