"""The board's resolution about a withdrawn need: what stayed moves to the fallback, to the cent.

One person records the resolution, another moves the money.
"""

import logging
from datetime import date

from django.db import transaction

from twinhood.giving import withdrawn_money
from twinhood.giving.models import Reallocation
from twinhood.giving.reallocation import CannotReallocate
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger.models import Use
from twinhood.people.identity import same_people
from twinhood.people.models import Person
from twinhood.treasury import actions
from twinhood.treasury.actions import MoveSlip

logger = logging.getLogger(__name__)


@transaction.atomic
def propose(*, reallocation: Reallocation, person: Person, text: str, day: date) -> Reallocation:
    """Record what the board decided, for another person to look at; said again, it is replaced.

    Once the time to choose is over, and what was asked for has gone back. Raises CannotReallocate.
    """
    locked = _locked(reallocation)
    if code := withdrawn_money.why_not_resolve(locked):
        raise CannotReallocate(code)
    locked.resolution, locked.resolution_date = text, day
    locked.proposed_by, locked.proposed_at = person, clock.now()
    locked.save()
    return locked


@transaction.atomic
def resolve(*, reallocation: Reallocation, person: Person) -> Reallocation:
    """Move all that is free to the fallback's fund, one to one, by the resolution on record.

    By another person than who recorded it. Sent twice it moves once. Raises CannotReallocate.
    """
    locked = _locked(reallocation)
    if locked.state == Reallocation.State.RESOLVED:
        return locked
    if code := withdrawn_money.why_not_resolve(locked):
        raise CannotReallocate(code)
    if locked.proposed_by_id is None:
        raise CannotReallocate("moved_on")
    if locked.proposed_by_id in same_people(person):
        raise CannotReallocate("same_person")
    locked.moved_minor = locked.fund.free_minor
    if locked.moved_minor:
        slip = MoveSlip(
            f"withdrawn-{locked.pk}", locked.fund.code, locked.to_fund.code,
            locked.moved_minor, locked.resolution,
        )  # fmt: skip
        actions.move(partnership=locked.partnership, slip=slip, person=person)
    locked.resolved_by, locked.resolved_at = person, clock.now()
    locked.state = Reallocation.State.RESOLVED
    locked.save()
    withdrawn_money.note_resolution(locked)
    logger.info("treasury.resolved partnership=%s need=%s", locked.partnership.slug, locked.need)
    return locked


def _locked(reallocation: Reallocation) -> Reallocation:
    ledger.lock_books(reallocation.partnership)
    found = Reallocation.objects.select_for_update(of=("self",)).select_related(
        "partnership__giving_place", "fund", "to_fund", "need"
    )
    return found.get(pk=reallocation.pk)


def moved(reallocation: Reallocation) -> Use | None:
    """The use of the line that the move was; None where nothing was left to move."""
    key = f"move:withdrawn-{reallocation.pk}"
    return Use.objects.filter(partnership=reallocation.partnership_id, key=key).first()
