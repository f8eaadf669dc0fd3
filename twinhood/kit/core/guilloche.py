"""A guilloché rosette for each signature, as engravers made them for banknotes.

It is a picture of a digest, never a proof: two digests that differ in one bit give two patterns.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, pi, sin

RADIUS = 100
OUTER_COPIES = 16
INNER_COPIES = 8
_OUTER_POINTS = 200
_INNER_POINTS = 120


@dataclass(frozen=True, slots=True)
class Rosette:
    """Two closed curves, each to be turned `copies` times by its step, and two rings."""

    outer_path: str
    outer_turns_deg: tuple[str, ...]
    inner_path: str
    inner_turns_deg: tuple[str, ...]
    ring_radii: tuple[str, ...]


def rosette(digest: bytes) -> Rosette:
    """Draw `digest` (SHA-256, 32 bytes) inside a circle of radius 100 around the origin.

    Raises ValueError for any other length.
    """
    if len(digest) != 32:
        message = f"A seal is drawn from 32 bytes, not {len(digest)}."
        raise ValueError(message)
    petals = 6 + digest[0] % 5
    ripples = petals * (2 + digest[1] % 2)
    depth, ripple = 0.21 + digest[2] / 255 * 0.07, 0.04 + digest[3] / 255 * 0.05
    hole = RADIUS * (0.68 - depth - ripple) * 0.78
    loops = 5 + digest[5] % 5
    return Rosette(
        outer_path=_closed(
            (
                RADIUS
                * (0.68 + depth * sin(petals * t) + ripple * cos(ripples * t + digest[4] / 40)),
                t,
            )
            for t in _turn(_OUTER_POINTS)
        ),
        outer_turns_deg=_steps(360 / petals / OUTER_COPIES * 0.55, OUTER_COPIES),
        inner_path=_closed((hole * (0.56 + 0.3 * sin(loops * t)), t) for t in _turn(_INNER_POINTS)),
        inner_turns_deg=_steps(360 / loops / INNER_COPIES, INNER_COPIES),
        ring_radii=(f"{hole:.1f}", f"{hole * 0.93:.1f}"),
    )


def _turn(points: int) -> list[float]:
    return [2 * pi * k / points for k in range(points)]


def _steps(step_deg: float, copies: int) -> tuple[str, ...]:
    return tuple(f"{k * step_deg:.2f}" for k in range(copies))


def _closed(polar: Iterable[tuple[float, float]]) -> str:
    points = (f"{radius * cos(t):.1f} {radius * sin(t):.1f}" for radius, t in polar)
    return "M" + "L".join(points) + "Z"
