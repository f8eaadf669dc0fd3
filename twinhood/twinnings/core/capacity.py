"""Whether somebody may sign for a city today: an office, a legal basis, from a day until a day."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Refusal(StrEnum):
    """Why somebody may not sign."""

    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    NO_BASIS = "no_basis"
    OTHER_SIDE = "other_side"
    OTHER_PERSON = "other_person"


@dataclass(frozen=True, slots=True)
class Powers:
    """Powers of one person in one office of one place. The first and the last day count;
    `until_date` is None while no end is known.
    """

    place_id: int
    person_id: int | None
    since_date: date
    until_date: date | None
    has_legal_basis: bool


def why_not_sign(
    powers: Powers, *, place_id: int, person_id: int | None, today: date
) -> Refusal | None:
    """Say what forbids a signature for the place `place_id` on `today` (the place's own date).

    `person_id` None: nobody has to be signed in here, as with a paper signed by hand.
    """
    if powers.place_id != place_id:
        return Refusal.OTHER_SIDE
    if person_id is not None and powers.person_id != person_id:
        return Refusal.OTHER_PERSON
    if not powers.has_legal_basis:
        return Refusal.NO_BASIS
    if today < powers.since_date:
        return Refusal.NOT_BEGUN
    if powers.until_date is not None and today > powers.until_date:
        return Refusal.ENDED
    return None
