"""The board's resolution about a withdrawn need: what stayed moves to the fallback, to the cent."""

import logging
from datetime import date

from django.db import transaction

from twinhood.giving import reallocation as withdrawn
from twinhood.giving.models import Reallocation
from twinhood.giving.reallocation import CannotReallocate
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger.models import Use
from twinhood.people.models import Person
from twinhood.treasury import actions
from twinhood.treasury.actions import MoveSlip

logger = logging.getLogger(__name__)


@transaction.atomic
def resolve(*, reallocation: Reallocation, person: Person, text: str, day: date) -> Reallocation:
    """Record the resolution and move all that is free to the fallback's fund, one to one.

    Once the time to choose is over, and what was asked for has gone back. Sent twice it moves
    once. Raises CannotReallocate.
    """
    ledger.lock_books(reallocation.partnership)
    locked = (
        Reallocation.objects.select_for_update(of=("self",))
        .select_related("partnership__giving_place", "fund", "to_fund", "need")
        .get(pk=reallocation.pk)
    )
    if locked.state == Reallocation.State.RESOLVED:
        return locked
    if code := withdrawn.why_not_resolve(locked):
        raise CannotReallocate(code)
    locked.moved_minor = locked.fund.free_minor
    if locked.moved_minor:
        slip = MoveSlip(
            f"withdrawn-{locked.pk}", locked.fund.code, locked.to_fund.code,
            locked.moved_minor, text,
        )  # fmt: skip
        actions.move(partnership=locked.partnership, slip=slip, person=person)
    locked.resolution, locked.resolution_date = text, day
    locked.resolved_by, locked.resolved_at = person, clock.now()
    locked.state = Reallocation.State.RESOLVED
    locked.save()
    withdrawn.note_resolution(locked)
    logger.info("treasury.resolved partnership=%s need=%s", locked.partnership.slug, locked.need)
    return locked


def moved(reallocation: Reallocation) -> Use | None:
    """The use of the line that the move was; None where nothing was left to move."""
    key = f"move:withdrawn-{reallocation.pk}"
    return Use.objects.filter(partnership=reallocation.partnership_id, key=key).first()
