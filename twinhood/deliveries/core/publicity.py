"""What the world may know of a thing that was bought: one rule for page, journal and trace.

Near a front, where and when a thing arrives can be a target. Until the delay after its hand-over
is over, everything public looks exactly as it did before the hand-over: not even the fact that it
happened shows. Kind, number, price and order are public from the order on.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DELAY_DAYS_MAX = 90


class PublicState(StrEnum):
    BOUGHT = "bought"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    # They came, or did not, as the commission noted: neither counts as help that arrived.
    DAMAGED = "damaged"
    MISSING = "missing"


# What a line of an act makes of a thing, by its condition.
_RECEIVED = {"damaged": PublicState.DAMAGED, "missing": PublicState.MISSING}


@dataclass(frozen=True, slots=True)
class ActFacts:
    """What publicity needs to know of an act that is complete, and of the thing in it."""

    public_from_date: date
    is_pulled_back: bool
    condition: str = "good"


def is_open(act: ActFacts | None, *, is_conflict_zone: bool, today: date) -> bool:
    """Whether the facts of a thing (serial number, act, dates) may be shown.

    Away from a front they may be from the order on, unless an act is kept back.
    """
    if act is None:
        return not is_conflict_zone
    return not act.is_pulled_back and act.public_from_date <= today


def public_state(
    act: ActFacts | None, *, is_cancelled: bool, is_conflict_zone: bool, today: date
) -> PublicState:
    """The state that the world sees; a hand-over that is not open yet still reads "bought"."""
    if is_cancelled:
        return PublicState.CANCELLED
    if act is not None and is_open(act, is_conflict_zone=is_conflict_zone, today=today):
        return _RECEIVED.get(act.condition, PublicState.HANDED_OVER)
    return PublicState.BOUGHT


def usual_public_date(handed_over: date, *, is_conflict_zone: bool, delay_days: int) -> date:
    """From when a hand-over is public if nobody says otherwise."""
    return handed_over + timedelta(days=delay_days if is_conflict_zone else 0)


def is_allowed_public_date(public_from: date, handed_over: date) -> bool:
    """The receiving side may choose any day from the hand-over to 90 days after."""
    return handed_over <= public_from <= handed_over + timedelta(days=DELAY_DAYS_MAX)


def last_four(serial: str) -> str:
    """What of a serial number is public: its last four characters, never more than half."""
    return serial[len(serial) - min(4, len(serial) // 2) :]
