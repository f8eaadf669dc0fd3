"""Maps as SVG: the straight line between two cities, and the round atlas.

A **band** is an oblique Mercator whose equator is the great circle through both cities, so that
the link is drawn straight and the first city always stands left (north may then point down).
The **atlas** is polar, azimuthal, of equal area: no edge cuts the Pacific. South of 58° S is cut.

Points are (latitude, longitude) in degrees; the earth is a sphere of 6,371.0088 km (IUGG mean).
Formulas: Snyder, Map Projections, USGS Professional Paper 1395, pages 38-47 and 182-190.
"""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import asin, atan2, cos, degrees, hypot, log, pi, radians, sin, sqrt, tan
from pathlib import Path
from typing import Literal

EARTH_RADIUS_KM = 6371.0088
DATA = Path(__file__).parents[1] / "data"

type LatLon = tuple[float, float]
type XY = tuple[float, float]
type Vector = tuple[float, float, float]
type Ring = list[XY]


# --- the sphere


def vector(point: LatLon) -> Vector:
    """The point as a unit vector."""
    lat, lon = radians(point[0]), radians(point[1])
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _unit(a: Vector) -> Vector:
    length = sqrt(_dot(a, a))
    return a[0] / length, a[1] / length, a[2] / length


def angle(a: LatLon, b: LatLon) -> float:
    """The great-circle angle between two points, in radians; exact for near and far points."""
    u, v = vector(a), vector(b)
    across = _cross(u, v)
    return atan2(sqrt(_dot(across, across)), _dot(u, v))


def distance_km(a: LatLon, b: LatLon) -> float:
    """Great-circle distance on the sphere."""
    return angle(a, b) * EARTH_RADIUS_KM


# --- land


@cache
def land(name: Literal["land-110m", "land-50m"]) -> tuple[tuple[LatLon, ...], ...]:
    """Read the outlines of land; each ring has land on its right hand (holes too)."""
    packed = json.loads(gzip.decompress((DATA / f"{name}.json.gz").read_bytes()))
    return tuple(_decoded(ring, packed["unit"]) for ring in packed["rings"])


def _decoded(ring: Sequence[int], unit: int) -> tuple[LatLon, ...]:
    lon = lat = 0
    points = []
    for dlon, dlat in zip(ring[::2], ring[1::2], strict=True):
        lon, lat = lon + dlon, lat + dlat
        points.append((lat / unit, lon / unit))
    return tuple(points)


# --- the band


@dataclass(frozen=True, slots=True)
class BandFrame:
    """A drawing of `width` by `height` with margins `pad` at both cities.

    The picture bleeds beyond it on each side, for pages wider than their column.
    """

    width: int
    height: int
    pad: int
    bleed_x: int
    bleed_y: int

    @property
    def view_box(self) -> str:
        width, height = self.width + 2 * self.bleed_x, self.height + 2 * self.bleed_y
        return f"{-self.bleed_x} {-self.bleed_y} {width} {height}"


WIDE = BandFrame(width=1280, height=760, pad=190, bleed_x=420, bleed_y=240)
TALL = BandFrame(width=700, height=560, pad=74, bleed_x=70, bleed_y=20)


@dataclass(frozen=True, slots=True)
class MapBand:
    """Paths and places of a band. `north_deg` is where north points at the middle: 0 = up."""

    frame: BandFrame
    land_path: str
    graticule_path: str
    a_xy: XY
    b_xy: XY
    distance_km: float
    north_deg: float


@dataclass(frozen=True, slots=True)
class _Oblique:
    """Axes of the turned sphere: `ahead` at the middle, `along` towards b, `pole` its north."""

    ahead: Vector
    along: Vector
    pole: Vector
    scale: float
    centre: XY

    def turned(self, point: LatLon) -> XY:
        """Longitude and latitude on the turned sphere, radians; a and b have latitude 0."""
        v = vector(point)
        height = max(-1.0, min(1.0, _dot(v, self.pole)))
        return atan2(_dot(v, self.along), _dot(v, self.ahead)), asin(height)

    def drawn(self, turned: XY) -> XY:
        """Mercator, y downwards. Latitude is held at 85° where the projection would run away."""
        latitude = max(-_EDGE, min(_EDGE, turned[1]))
        return (
            self.centre[0] + self.scale * turned[0],
            self.centre[1] - self.scale * log(tan(pi / 4 + latitude / 2)),
        )


_EDGE = radians(85)


def _oblique(a: LatLon, b: LatLon, frame: BandFrame) -> _Oblique:
    u, v = vector(a), vector(b)
    distance = angle(a, b)
    if distance < 1e-6:
        message = "A map needs two different places."
        raise ValueError(message)
    # Opposite points share no single great circle; the one over the pole is as good as any.
    pole = _cross(u, v) if distance < pi - 1e-6 else _cross(u, (0.0, 0.0, 1.0))
    pole = _unit(pole if _dot(pole, pole) > 1e-18 else _cross(u, (1.0, 0.0, 0.0)))
    along_at_a = _cross(pole, u)
    half = distance / 2
    ahead = tuple(x * cos(half) + y * sin(half) for x, y in zip(u, along_at_a, strict=True))
    return _Oblique(
        ahead=(ahead[0], ahead[1], ahead[2]),
        along=_cross(pole, (ahead[0], ahead[1], ahead[2])),
        pole=pole,
        scale=(frame.width - 2 * frame.pad) / distance,
        centre=(frame.width / 2, frame.height / 2),
    )


def band(a: LatLon, b: LatLon, frame: BandFrame = WIDE) -> MapBand:
    """Draw the land between two cities with the way between them as a straight line.

    Takes about a quarter of a second: callers keep the result. Raises ValueError for one place.
    """
    oblique = _oblique(a, b, frame)
    window = _Window(
        -frame.bleed_x - 6,
        -frame.bleed_y - 6,
        frame.width + frame.bleed_x + 6,
        frame.height + frame.bleed_y + 6,
    )
    return MapBand(
        frame=frame,
        land_path="".join(_land_paths(oblique, window)),
        graticule_path="".join(_graticule_paths(oblique, window)),
        a_xy=oblique.drawn(oblique.turned(a)),
        b_xy=oblique.drawn(oblique.turned(b)),
        distance_km=distance_km(a, b),
        north_deg=_north_deg(oblique),
    )


def _north_deg(oblique: _Oblique) -> float:
    north = (0.0, 0.0, 1.0)
    return degrees(atan2(_dot(north, oblique.along), _dot(north, oblique.pole)))


def _land_paths(oblique: _Oblique, window: "_Window") -> Iterator[str]:
    turn = 2 * pi * oblique.scale
    for outline in land("land-50m"):
        unrolled, is_around_pole = _unrolled([oblique.turned(p) for p in outline])
        ring = [oblique.drawn(point) for point in unrolled]
        for moved in [ring] if is_around_pole else _copies(ring, window, turn):
            if clipped := window.clip(moved):
                yield _closed_path(clipped)


def _copies(ring: Ring, window: "_Window", turn: float) -> Iterator[Ring]:
    """Move a ring by whole turns to wherever the window could show it.

    A far pair shows more than the whole way round: the same land then appears again.
    """
    left, right = min(x for x, _ in ring), max(x for x, _ in ring)
    for k in range(int((window.left - right) // turn), int((window.right - left) // turn) + 1):
        yield [(x + k * turn, y) for x, y in ring]


# So many turns to each side hold the widest window there is (opposite places show 1.2 turns).
_TURNS = (-2, -1, 0, 1, 2)


def _unrolled(ring: Ring) -> tuple[Ring, bool]:
    """Make longitudes run on over ±180°, and close a ring that goes around a pole (second value).

    Such a ring is laid out over several turns, so that its two seams lie outside the picture.
    Land lies on the right hand: a ring that runs east all the way round has it to the south.
    """
    points = [ring[0]]
    for lon, lat in [*ring[1:], ring[0]]:
        step = (lon - points[-1][0] + pi) % (2 * pi) - pi
        points.append((points[-1][0] + step, lat))
    around = points.pop()[0] - points[0][0]
    if abs(around) < pi:
        return points, False
    edge = -_EDGE if around > 0 else _EDGE
    turns = [(lon + k * around, lat) for k in _TURNS for lon, lat in points]
    return [*turns, (turns[-1][0], edge), (turns[0][0], edge)], True


def _graticule_paths(oblique: _Oblique, window: "_Window") -> Iterator[str]:
    circle = 2 * pi * oblique.scale
    for line in _graticule(15, 75, -75):
        drawn = [oblique.drawn(oblique.turned(point)) for point in line]
        for turn in (-1, 0, 1):
            moved = [(x + turn * circle, y) for x, y in drawn]
            yield from _open_paths(moved, window, jump=circle / 2)


def _graticule(step_deg: int, north: int, south: int) -> Iterator[list[LatLon]]:
    """Meridians and parallels every `step_deg` degrees, as points 2.5 degrees apart."""
    fine = [tenth / 4 for tenth in range(south * 4, north * 4 + 1, 10)]
    for lon in range(-180, 180, step_deg):
        yield [(lat, float(lon)) for lat in fine]
    for lat in range(-90 + step_deg, 90, step_deg):
        if south <= lat <= north:
            yield [(float(lat), quarter / 4) for quarter in range(-720, 721, 10)]


# --- cutting and writing


@dataclass(frozen=True, slots=True)
class _Window:
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: XY) -> bool:
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def clip(self, ring: Ring) -> Ring:
        """Cut a closed ring to the window (Sutherland and Hodgman, 1974)."""
        for axis, limit, is_lower in (
            (0, self.left, True),
            (0, self.right, False),
            (1, self.top, True),
            (1, self.bottom, False),
        ):
            ring = _half_plane(ring, axis, limit, is_lower)
        return ring


def _half_plane(ring: Ring, axis: int, limit: float, is_lower: bool) -> Ring:
    kept: Ring = []
    for start, end in zip([*ring[-1:], *ring[:-1]], ring, strict=True):
        start_in = (start[axis] >= limit) == is_lower or start[axis] == limit
        end_in = (end[axis] >= limit) == is_lower or end[axis] == limit
        if start_in != end_in:
            share = (limit - start[axis]) / (end[axis] - start[axis])
            kept.append(
                (
                    start[0] + share * (end[0] - start[0]),
                    start[1] + share * (end[1] - start[1]),
                )
            )
        if end_in:
            kept.append(end)
    return kept


# Closer points than this (px) are drawn as one: it halves the file and nobody sees it.
_STEP_MIN = 2.4


def _closed_path(ring: Ring) -> str:
    """Write a ring in whole pixels, or nothing for a speck."""
    points: list[tuple[int, int]] = []
    for x, y in ring:
        here = round(x), round(y)
        if not points or hypot(here[0] - points[-1][0], here[1] - points[-1][1]) >= _STEP_MIN:
            points.append(here)
    return _steps(points) + "z" if len(points) > 3 else ""


def _steps(points: Sequence[tuple[int, int]]) -> str:
    parts = [f"M{points[0][0]} {points[0][1]}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        parts.append(f"l{x1 - x0} {y1 - y0}")
    return "".join(parts)


def _open_paths(line: Ring, window: _Window, *, jump: float) -> Iterator[str]:
    """Write the runs of a line that the window shows; a step beyond `jump` is no line."""
    run: list[tuple[int, int]] = []
    for start, end in pairwise(line):
        is_seen = window.holds(start) or window.holds(end)
        if is_seen and abs(end[0] - start[0]) < jump:
            if not run:
                run.append((round(start[0]), round(start[1])))
            run.append((round(end[0]), round(end[1])))
        elif run:
            yield _steps(run)
            run = []
    if run:
        yield _steps(run)


# --- the atlas

ATLAS_SIZE = 760
_ATLAS_SOUTH = -58.0
_ATLAS_MERIDIAN = -22.0


def atlas_xy(point: LatLon) -> XY:
    """Where a point stands on the atlas of 760 by 760 px; what lies beyond 58° S, at its rim."""
    lat = max(point[0], _ATLAS_SOUTH)
    radius = sin(radians(90 - lat) / 2) * _ATLAS_SCALE
    lon = radians(point[1] - _ATLAS_MERIDIAN)
    return ATLAS_SIZE / 2 + radius * sin(lon), ATLAS_SIZE / 2 + radius * cos(lon)


_ATLAS_RADIUS = ATLAS_SIZE / 2 - 3
_ATLAS_SCALE = _ATLAS_RADIUS / sin(radians(90 - _ATLAS_SOUTH) / 2)


@dataclass(frozen=True, slots=True)
class AtlasLink:
    """A link on the atlas: its great circle as a path, its ends, its length."""

    path: str
    a_xy: XY
    b_xy: XY
    distance_km: float


def atlas_link(a: LatLon, b: LatLon) -> AtlasLink:
    """Draw the shortest way between two places on the atlas."""
    points = [atlas_xy(point) for point in great_circle(a, b, parts=24)]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return AtlasLink(path, points[0], points[-1], distance_km(a, b))


def great_circle(a: LatLon, b: LatLon, *, parts: int) -> list[LatLon]:
    """Points at equal steps along the shortest way, both ends included."""
    u, v, whole = vector(a), vector(b), angle(a, b)
    if whole < 1e-9:
        return [a, b]
    found = []
    for k in range(parts + 1):
        near, far = sin(whole * (1 - k / parts)), sin(whole * k / parts)
        x, y, z = (near * p + far * q for p, q in zip(u, v, strict=True))
        found.append((degrees(atan2(z, hypot(x, y))), degrees(atan2(y, x))))
    return found


@cache
def atlas_land_path() -> str:
    """The land of the atlas, without Antarctica."""
    rings = (ring for ring in land("land-110m") if max(lat for lat, _ in ring) > _ATLAS_SOUTH)
    return "".join(_atlas_ring(ring) for ring in rings)


def _atlas_ring(ring: Iterable[LatLon]) -> str:
    points = [(round(x * 10), round(y * 10)) for x, y in map(atlas_xy, ring)]
    steps = (f"l{(b[0] - a[0]) / 10:g} {(b[1] - a[1]) / 10:g}" for a, b in pairwise(points))
    return f"M{points[0][0] / 10:g} {points[0][1] / 10:g}{''.join(steps)}z"


@cache
def atlas_graticule_path() -> str:
    """Meridians and parallels every 30 degrees."""
    lines = ([atlas_xy(point) for point in line] for line in _graticule(30, 90, -56))
    return "".join(_steps([(round(x), round(y)) for x, y in line]) for line in lines)


# --- pictures of their own, for <img>: cached apart from the page

# The page's custom properties do not reach into an image, so the colours stand here once more
# (kit/tokens.css); the media query follows the reader's light or dark.
_STYLE = (
    "<style>"
    ".l{fill:#fcfefd;stroke:#0d24299e;stroke-width:.6}.g{fill:none;stroke:#0d24292b;stroke-width:.6}"
    ".w{stroke:#0d2429;stroke-width:2}.a{fill:#00626c}.b{fill:#e46c1d}.n{fill:#3c5558}"
    ".s{fill:#e2ede9;stroke:#0d24299e}"
    "@media(prefers-color-scheme:dark){"
    ".l{fill:#132024;stroke:#e7efec8c}.g{stroke:#e7efec30}.w{stroke:#e7efec}"
    ".a{fill:#6acdd0}.b{fill:#f99549}.n{fill:#a8b8b7}.s{fill:#071012;stroke:#e7efec8c}}"
    "</style>"
)


def band_svg(drawn: MapBand) -> str:
    """The band as an SVG file: land, graticule, the line and both cities; no text.

    Where north is far from up a needle shows it.
    """
    frame = drawn.frame
    (ax, ay), (bx, by) = drawn.a_xy, drawn.b_xy
    needle = _needle(drawn) if abs(drawn.north_deg) > 60 else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{frame.view_box}">{_STYLE}'
        f'<path class="g" d="{drawn.graticule_path}"/>'
        f'<path class="l" fill-rule="evenodd" d="{drawn.land_path}"/>'
        f'<path class="w" d="M{ax:.1f} {ay:.1f}H{bx:.1f}"/>'
        f'<circle class="a" cx="{ax:.1f}" cy="{ay:.1f}" r="9"/>'
        f'<circle class="b" cx="{bx:.1f}" cy="{by:.1f}" r="9"/>{needle}</svg>'
    )


def _needle(drawn: MapBand) -> str:
    x, y = drawn.frame.width - 60, drawn.frame.height / 2 + 90
    return (
        f'<g class="n" transform="translate({x} {y:g}) rotate({drawn.north_deg:.1f})">'
        '<path d="M0-22 8 18 0 11-8 18z"/></g>'
    )


def atlas_svg() -> str:
    """The atlas without links as an SVG file, to lie under a page's own drawing of links."""
    half = ATLAS_SIZE / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {ATLAS_SIZE} {ATLAS_SIZE}">{_STYLE}'
        f'<circle class="s" cx="{half:g}" cy="{half:g}" r="{_ATLAS_RADIUS:g}"/>'
        f'<path class="g" d="{atlas_graticule_path()}"/>'
        f'<path class="l" fill-rule="evenodd" d="{atlas_land_path()}"/></svg>'
    )
