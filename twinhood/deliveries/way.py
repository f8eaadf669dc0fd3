"""What upper rooms tell of things on public pages: dated facts, and what is not known.

A room registers one function when Django starts. It is given what the world may know of the things
and the moment that is asked for, and tells nothing that may not be public then; it asks for all of
them at once.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from twinhood.deliveries.queries import PublicUnit
from twinhood.documents.models import StoredFile
from twinhood.kit.above import Above


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened on a day; without a day it is what nobody knows yet."""

    title: str
    on: date | None = None
    text: str = ""
    is_warning: bool = False
    photos: Sequence[StoredFile] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one thing: what happened, by its day, and what is not known."""

    happened: list[Fact]
    unknown: list[Fact]


# Yields facts with the code of their thing.
type Teller = Callable[[Collection[PublicUnit], datetime], Iterator[tuple[str, Fact]]]
_tellers = Above[Teller]()
register = _tellers.register


def told_of(units: Collection[PublicUnit], at: datetime) -> dict[str, Told]:
    """What is told of each thing, by its code."""
    found: dict[str, list[Fact]] = {unit.code: [] for unit in units}
    for teller in _tellers:
        for code, fact in teller(units, at):
            found[code].append(fact)
    return {code: _sorted(facts) for code, facts in found.items()}


def _sorted(facts: list[Fact]) -> Told:
    happened = sorted((f for f in facts if f.on is not None), key=lambda f: f.on or date.max)
    return Told(happened, [fact for fact in facts if fact.on is None])
