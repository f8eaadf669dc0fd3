"""What a city's standing on an official list means for those at work: dated, sourced, reversible.

A list alone changes what may be paid and what is shown. It never ends a bond, and it takes
nobody's role away for ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, QuerySet

from twinhood.kit import clock
from twinhood.people.identity import same_people
from twinhood.people.models import Organisation, Partnership, Person, Role, Vouching
from twinhood.places.core.standing import FIGHTING, Danger
from twinhood.places.models import Standing
from twinhood.places.standing import occupied_since, standing_of, standings_on


class UnderOccupation(Exception):
    """A body in a place that counts as temporarily occupied: nothing is paid to it there."""

    def __init__(self, organisation: Organisation, since_date: date) -> None:
        super().__init__(f"{organisation} is under occupation since {since_date}")
        self.organisation = organisation
        self.since_date = since_date


class CannotVouch(Exception):
    """`code`: own_body (one acts for it oneself), same_person, done, waits."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
    """Whether two people of two organisations confirm a delivery: in a conflict zone, and where
    a list says that people fight or that the place is occupied."""
    return partnership.is_conflict_zone or fighting_in(partnership, on).exists()


def fighting_in(partnership: Partnership, on: date | OuterRef) -> QuerySet[Standing]:
    """What a list says of fighting in the receiving city, or of its occupation, on a day."""
    return standings_on(on).filter(place=partnership.receiving_place_id, danger__in=FIGHTING)


def expect_payable(organisation: Organisation, on: date) -> None:
    """Raise UnderOccupation if the body lies where nothing may be paid to on that day."""
    if organisation.place_id is None:
        return
    since = occupied_since(organisation.place_id, on)
    if since is not None:
        raise UnderOccupation(organisation, since)


# --- who acts for a body whose city was occupied


def unvouched_of(partnership: Partnership, bodies: Iterable[Organisation]) -> frozenset[int]:
    """Which of these bodies lie in an occupied place and were not vouched since. Two queries."""
    place_of = {body.pk: body.place_id for body in bodies if body.place_id is not None}
    occupied = standings_on(clock.now().date()).filter(
        place__in=set(place_of.values()), danger=Danger.OCCUPIED
    )
    since = dict(occupied.order_by("-since_date").values_list("place_id", "since_date"))
    asked = {body for body, place in place_of.items() if place in since}
    if not asked:
        return frozenset()
    vouched = Vouching.objects.filter(
        partnership=partnership, organisation__in=asked, confirmed_at__isnull=False
    )
    for body, confirmed_at in vouched.values_list("organisation_id", "confirmed_at"):
        if confirmed_at is not None and confirmed_at.date() >= since[place_of[body]]:
            asked.discard(body)
    return frozenset(asked)


def unvouched_in(partnership: Partnership) -> list[Organisation]:
    """Every body at work in a partnership that has to be vouched anew."""
    held = Role.objects.held(clock.now().date()).filter(partnership=partnership)
    bodies = Organisation.objects.filter(pk__in=held.values("organisation_id")).order_by("pk")
    asked = unvouched_of(partnership, bodies)
    return [body for body in bodies if body.pk in asked]


def propose_vouching(
    *, partnership: Partnership, organisation: Organisation, by: Person, how: str, at: datetime
) -> Vouching:
    """One person says how they made sure who acts for a body. Raises CannotVouch."""
    _expect_other_body(partnership, organisation, by)
    try:
        with transaction.atomic():
            return Vouching.objects.create(
                partnership=partnership, organisation=organisation, how=how.strip(),
                proposed_by=by, proposed_at=at,
            )  # fmt: skip
    except IntegrityError as problem:
        raise CannotVouch("waits") from problem


@transaction.atomic
def confirm_vouching(*, vouching: Vouching, by: Person, at: datetime) -> Vouching:
    """A second person confirms: those who act for the body may work again. Raises CannotVouch."""
    locked = Vouching.objects.select_for_update().get(pk=vouching.pk)
    if locked.confirmed_at is not None:
        raise CannotVouch("done")
    if locked.proposed_by_id in same_people(by):
        raise CannotVouch("same_person")
    _expect_other_body(locked.partnership, locked.organisation, by)
    locked.confirmed_by, locked.confirmed_at = by, at
    locked.save(update_fields=["confirmed_by", "confirmed_at"])
    return locked


def _expect_other_body(partnership: Partnership, body: Organisation, by: Person) -> None:
    held = Role.objects.held(clock.now().date())
    if held.filter(partnership=partnership, organisation=body, person=by).exists():
        raise CannotVouch("own_body")
