"""Things given instead of money, as hand-overs know them.

A room above knows which there are. It registers itself when Django starts: it says what waits,
keeps a number that was read off the plate, and follows what became of an act.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from twinhood.deliveries.models import GivenThing, HandoverAct
from twinhood.kit.above import Above
from twinhood.people.models import Partnership


@dataclass(frozen=True, slots=True)
class Offered:
    """A thing that was given and waits for its act. `value_minor` is the value of all of it."""

    key: str
    name: str
    quantity: int
    counted_in: str
    serial: str
    value_minor: int
    currency: str
    is_vehicle: bool
    received_date: date

    @property
    def code(self) -> str:
        """The part of its key that can stand in a form."""
        return self.key.rpartition(":")[2]


class Room(Protocol):
    """What a room that keeps things given does for hand-overs."""

    def waiting(self, partnership: Partnership) -> list[Offered]:
        """What is here and not handed over, the oldest first."""

    def locked(self, partnership: Partnership, key: str) -> Offered | None:
        """The thing as it is now, locked until the transaction ends; None if it waits no more."""

    def set_serial(self, partnership: Partnership, key: str, serial: str) -> None:
        """Keep the number of a thing that has none. Raises SerialKnown."""

    def follow(self, act: HandoverAct) -> None:
        """Say of the act's things what became of them, and from when the world may know."""


_rooms = Above[Room]()
register = _rooms.register


def waiting(partnership: Partnership) -> list[Offered]:
    """Things that were given, are not handed over, and stand on no act."""
    found = [thing for room in _rooms for thing in room.waiting(partnership)]
    known = GivenThing.objects.filter(key__in=[thing.key for thing in found])
    standing = set(known.filter(handover__isnull=False).values_list("key", flat=True))
    return [thing for thing in found if thing.key not in standing]


def locked(partnership: Partnership, key: str) -> Offered | None:
    return next(_of(room.locked(partnership, key) for room in _rooms), None)


def offered(row: GivenThing) -> Offered:
    """The thing as an act names it."""
    return Offered(
        key=row.key,
        name=row.name,
        quantity=row.quantity,
        counted_in=row.counted_in,
        serial=row.serial,
        value_minor=row.value_minor,
        currency=row.currency,
        is_vehicle=row.is_vehicle,
        received_date=row.received_date,
    )


def _of(things: Iterator[Offered | None]) -> Iterator[Offered]:
    return (thing for thing in things if thing is not None)


def set_serial(partnership: Partnership, key: str, serial: str) -> None:
    for room in _rooms:
        room.set_serial(partnership, key, serial)


def follow(act: HandoverAct) -> None:
    for room in _rooms:
        room.follow(act)


def named(partnership: Partnership, thing: Offered) -> GivenThing:
    """The row by which acts name the thing; the same again is one."""
    row, _ = GivenThing.objects.get_or_create(
        key=thing.key,
        defaults={
            "partnership": partnership,
            "name": thing.name,
            "quantity": thing.quantity,
            "counted_in": thing.counted_in,
            "serial": thing.serial,
            "value_minor": thing.value_minor,
            "currency": thing.currency,
            "is_vehicle": thing.is_vehicle,
            "received_date": thing.received_date,
        },
    )
    return row
