"""The way of a shipment: legs that follow one another, and where it is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Times:
    """When a leg should leave and arrive, and when it did; aware, or None where nobody said."""

    planned_departure: datetime | None = None
    planned_arrival: datetime | None = None
    departed: datetime | None = None
    arrived: datetime | None = None


class OutOfOrder(ValueError):
    """Dates in the wrong order; `code` says which, `leg` counts from 1.

    `planned`: it would arrive before it leaves. `actual`: it arrived before it left.
    `not_departed`: it arrived and never left. `future`: it happened after now.
    `before_last`: it left before the leg before arrived. `gap`: the leg before has not arrived.
    """

    def __init__(self, code: str, leg: int) -> None:
        super().__init__(f"leg {leg}: {code}")
        self.code = code
        self.leg = leg


def expect_order(legs: Sequence[Times], *, now: datetime) -> None:
    """Raise OutOfOrder for the first leg whose dates cannot be."""
    for number, leg in enumerate(legs, 1):
        _expect_one(leg, number, now)
    for number, (before, leg) in enumerate(pairwise(legs), 2):
        if leg.departed is None:
            continue
        if before.arrived is None:
            raise OutOfOrder("gap", number)
        if leg.departed < before.arrived:
            raise OutOfOrder("before_last", number)


def _expect_one(leg: Times, number: int, now: datetime) -> None:
    planned = leg.planned_departure, leg.planned_arrival
    if planned[0] and planned[1] and planned[1] <= planned[0]:
        raise OutOfOrder("planned", number)
    if leg.arrived and not leg.departed:
        raise OutOfOrder("not_departed", number)
    if leg.arrived and leg.departed and leg.arrived <= leg.departed:
        raise OutOfOrder("actual", number)
    if any(moment and moment > now for moment in (leg.departed, leg.arrived)):
        raise OutOfOrder("future", number)


class Stage(StrEnum):
    """Where a shipment stands."""

    PREPARED = "prepared"
    UNDER_WAY = "under_way"
    BETWEEN = "between"
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`leg` counts from 1: the one under way, or the last that arrived; None before the first."""

    stage: Stage
    leg: int | None


def whereabouts(legs: Sequence[Times]) -> Whereabouts:
    """Where it is now, by what is known of its legs."""
    left = [number for number, leg in enumerate(legs, 1) if leg.departed]
    if not left:
        return Whereabouts(Stage.PREPARED, None)
    last = left[-1]
    if legs[last - 1].arrived is None:
        return Whereabouts(Stage.UNDER_WAY, last)
    return Whereabouts(Stage.ARRIVED if last == len(legs) else Stage.BETWEEN, last)
