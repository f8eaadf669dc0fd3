"""Shapes of the components: plain values that pages fill and template tags draw.

All amounts are minor units of the currency named beside them. Labels are finished text in the
reader's language; they are escaped where they are drawn. docs/reference/components.md shows each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# "" = asked for, not yet paid for. The other three are the three inks of the design.
type State = Literal["", "given", "bought", "handed_over"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing on a line: the cents [start, start + length) and what became of them."""

    start_minor: int
    length_minor: int
    state: State
    label: str = ""
    note: str = ""
    url: str = ""

    @property
    def end_minor(self) -> int:
        return self.start_minor + self.length_minor


@dataclass(frozen=True, slots=True)
class Group:
    """Cells of one need, named under the line: "8 ambulances", "4 handed over"."""

    label: str
    sub: str
    start_minor: int
    length_minor: int
    icon: str = "pallet"


@dataclass(frozen=True, slots=True)
class FundLine:
    """A fund as a number line from 0 to its goal, or past it when more was given.

    `cells` and `groups` ascend and lie inside [0, total_minor); at most a few hundred cells.
    `gifts_minor` is what the words say was given, where exchanges or loans moved the line's end.
    """

    total_minor: int
    given_minor: int
    currency: str
    cells: Sequence[Cell] = ()
    groups: Sequence[Group] = ()
    gifts_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Pips:
    """The units of one need, in order, with a sentence that says the same.

    Up to 40 are drawn as squares, more as one bar in proportion.
    """

    states: Sequence[State]
    label: str


@dataclass(frozen=True, slots=True)
class ZoomLevel:
    """One line of a trace, the cents [start, end); each next level lies inside the one above."""

    label: str
    start_minor: int
    end_minor: int
    cells: Sequence[Cell]
    given_minor: int = 0


@dataclass(frozen=True, slots=True)
class TraceZoom:
    """A gift's cents, from the whole fund down to the gift itself.

    The last level is the gift: its cells are the gift's parts, each with `label` (what it paid
    for), `note` (how far that is) and perhaps `url`. `description` says the picture in words.
    """

    currency: str
    levels: Sequence[ZoomLevel]
    description: str


@dataclass(frozen=True, slots=True)
class CityClock:
    """A city's name in the reader's language and its IANA zone."""

    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class SharedDay:
    """Two clocks and the hours in which both cities are awake (7 to 23)."""

    first: CityClock
    second: CityClock
    now: datetime
