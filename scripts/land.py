"""Make twinhood/places/data/land-*.json.gz from the npm package world-atlas (Natural Earth).

Run once after `npm ci --ignore-scripts`: python scripts/land.py. The result is committed; it holds
the outlines of land as rings of whole hundredths of a degree, each point after the first as a
difference. Rings smaller than what a map of ours could show are left out.
"""

import gzip
import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

SOURCE = Path("node_modules/world-atlas")
TARGET = Path("twinhood/places/data")
UNIT = 100
type Points = list[tuple[float, float]]


def arcs_of(topology: dict[str, Any]) -> list[Points]:
    """Undo TopoJSON's delta coding: longitude, latitude in degrees."""
    (scale_x, scale_y), (x0, y0) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points: Points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale_x + x0, y * scale_y + y0))
        arcs.append(points)
    return arcs


def rings_of(topology: dict[str, Any]) -> Iterable[Points]:
    arcs = arcs_of(topology)
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            for ring in polygon:
                points: Points = []
                for index in ring:
                    arc = arcs[index] if index >= 0 else arcs[~index][::-1]
                    points += arc[1:] if points else arc
                yield points


def thinned(points: Points, step_deg: float) -> Points:
    kept = [points[0]]
    for x, y in points[1:-1]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= step_deg:
            kept.append((x, y))
    return kept


def extent(points: Points) -> float:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def coded(points: Points) -> list[int]:
    whole = [(round(x * UNIT), round(y * UNIT)) for x, y in points]
    steps = ((b[0] - a[0], b[1] - a[1]) for a, b in pairwise(whole))
    return [*whole[0], *(part for step in steps for part in step)]


def convert(name: str, step_deg: float, extent_min: float) -> None:
    topology = json.loads((SOURCE / f"{name}.json").read_text(encoding="utf-8"))
    rings = [thinned(ring, step_deg) for ring in rings_of(topology)]
    kept = [coded(ring) for ring in rings if len(ring) > 3 and extent(ring) >= extent_min]
    content = json.dumps(
        {
            "source": f"Natural Earth 4.1.0 by way of npm world-atlas 2.0.2, {name}.json",
            "licence": "public domain",
            "unit": UNIT,
            "rings": kept,
        },
        separators=(",", ":"),
    )
    path = TARGET / f"{name}.json.gz"
    path.write_bytes(gzip.compress(content.encode(), mtime=0))
    print(path, len(kept), "rings,", sum(map(len, kept)) // 2, "points,", path.stat().st_size)


if __name__ == "__main__":
    convert("land-110m", step_deg=0.0, extent_min=0.0)
    convert("land-50m", step_deg=0.12, extent_min=0.15)
