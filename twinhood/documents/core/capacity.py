"""In which capacity somebody signs, and whether they hold it on a day."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Capacity:
    """An office as one person holds it. Words are by language code; `term` is its plain reference.

    `until_date` is the last day; None while the term has no known end. `zone` (IANA) is where the
    office's days begin.
    """

    term: str
    name: str
    office: Mapping[str, str]
    organisation: Mapping[str, str]
    legal_basis: Mapping[str, str]
    act: str
    from_date: date
    until_date: date | None
    zone: str


class NotNow(StrEnum):
    """Why somebody may not sign today."""

    NOT_YET = "not_yet"
    ENDED = "ended"


def why_not_sign(capacity: Capacity, *, today: date) -> NotNow | None:
    """Whether the term runs on `today` (of the office's zone); its first and last day count."""
    if today < capacity.from_date:
        return NotNow.NOT_YET
    if capacity.until_date is not None and today > capacity.until_date:
        return NotNow.ENDED
    return None


def to_json(capacity: Capacity) -> dict[str, Any]:
    """The capacity as JSON holds it; dates are ISO 8601."""
    found = asdict(capacity)
    found["from_date"] = capacity.from_date.isoformat()
    found["until_date"] = capacity.until_date.isoformat() if capacity.until_date else None
    return found


def from_json(kept: Mapping[str, Any]) -> Capacity:
    """What `to_json` gave."""
    until = kept["until_date"]
    dates = {
        "from_date": date.fromisoformat(kept["from_date"]),
        "until_date": date.fromisoformat(until) if until else None,
    }
    return Capacity(**{**kept, **dates})
