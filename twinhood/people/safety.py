"""What a city's standing on an official list means for those at work: dated, sourced, reversible.

A list alone changes what may be paid and what is shown. It never ends a bond, and it takes
nobody's role away for ever.
"""

from dataclasses import dataclass
from datetime import date

from twinhood.people.models import Organisation, Partnership
from twinhood.places.core.standing import FIGHTING, Danger
from twinhood.places.models import Standing
from twinhood.places.standing import occupied_since, standing_of


class UnderOccupation(Exception):
    """A body in a place that counts as temporarily occupied: nothing is paid to it there."""

    def __init__(self, organisation: Organisation, since_date: date) -> None:
        super().__init__(f"{organisation} is under occupation since {since_date}")
        self.organisation = organisation
        self.since_date = since_date


@dataclass(frozen=True, slots=True)
class Safety:
    """How careful a partnership has to be on a day, and which row of which list says so."""

    standing: Standing | None
    is_fighting: bool
    is_occupied: bool


def safety_of(partnership: Partnership, on: date) -> Safety:
    """What holds for the receiving city on a day (there)."""
    found = standing_of(partnership.receiving_place_id, on)
    danger = Danger(found.danger) if found else None
    return Safety(found, is_fighting=danger in FIGHTING, is_occupied=danger == Danger.OCCUPIED)


def requires_two_confirmations(partnership: Partnership, on: date) -> bool:
    """Whether two people of the receiving side confirm a delivery: in a conflict zone, and where
    a list says that people fight or that the place is occupied."""
    return partnership.is_conflict_zone or safety_of(partnership, on).is_fighting


def expect_payable(organisation: Organisation, on: date) -> None:
    """Raise UnderOccupation if the body lies where nothing may be paid to on that day."""
    if organisation.place_id is None:
        return
    since = occupied_since(organisation.place_id, on)
    if since is not None:
        raise UnderOccupation(organisation, since)
