"""What upper rooms tell of a thing on its public page: dated facts, and what is not known.

A room registers one function when Django starts. It is given what the world may know of the thing
and the moment that is asked for, and tells nothing that may not be public then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from twinhood.deliveries.queries import PublicUnit


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened on a day; without a day it is what nobody knows yet."""

    title: str
    on: date | None = None
    text: str = ""
    is_warning: bool = False


type Teller = Callable[[PublicUnit, datetime], Iterator[Fact]]
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Ask this room too, from now on; twice is once."""
    if teller not in _tellers:
        _tellers.append(teller)


def told_of(unit: PublicUnit, at: datetime) -> tuple[list[Fact], list[Fact]]:
    """What happened, by its day; and what is not known."""
    found = [fact for teller in _tellers for fact in teller(unit, at)]
    happened = sorted((f for f in found if f.on is not None), key=lambda f: f.on or date.max)
    return happened, [fact for fact in found if fact.on is None]
