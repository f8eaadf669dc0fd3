"""Month-end: close a month, and open the last one again when two people agree.

Months are closed one after the other, on the giving side's clocks. Each verb is one transaction
under the books' lock.
"""

import logging

from django.db import transaction

from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger import months
from twinhood.people.identity import same_people
from twinhood.people.models import Partnership, Person
from twinhood.treasury.checks import Check, checks_of
from twinhood.treasury.core.month import Month
from twinhood.treasury.models.closed_month import ClosedMonth

logger = logging.getLogger(__name__)


class CannotClose(Exception):
    """`codes` are the checks that stop it, or `order` (another month is first), or `note`."""

    def __init__(self, *codes: str) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


class CannotReopen(Exception):
    """`code`: not_last (a later month is closed), asked, not_asked, same_person, reopened."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def last_closed(partnership: Partnership) -> ClosedMonth | None:
    """The last month that is closed now."""
    standing = ClosedMonth.objects.filter(partnership=partnership, reopened_at=None)
    return standing.order_by("-month_date").first()


def month_to_close(partnership: Partnership) -> Month:
    """The month that is closed next: after the last one, else the last that ended."""
    found = last_closed(partnership)
    if found is not None:
        return Month.of(found.month_date).next
    today = clock.today_in(partnership.giving_place.time_zone)
    return Month.of(today).previous


@transaction.atomic
def close(*, partnership: Partnership, month: Month, person: Person, note: str = "") -> ClosedMonth:
    """Close a month: from now on nothing is dated into it, or before it.

    What a check says to look at needs a note. Sent twice it closes once. Raises CannotClose.
    """
    ledger.lock_books(partnership)
    standing = ClosedMonth.objects.filter(
        partnership=partnership, month_date=month.first_day, reopened_at=None
    ).first()
    if standing is not None:
        return standing
    if last_closed(partnership) is not None and month != month_to_close(partnership):
        raise CannotClose("order")
    found = checks_of(partnership, month)
    _refuse(found, note)
    closed = ClosedMonth.objects.create(
        partnership=partnership,
        month_date=month.first_day,
        checks=[check.as_json() for check in found],
        note=note,
        closed_by=person,
        closed_at=clock.now(),
    )
    end = month.ends_at(partnership.giving_place.time_zone)
    months.close_before(partnership=partnership, at=end)
    logger.info("treasury.closed partnership=%s month=%s", partnership.slug, month)
    return closed


def _refuse(found: list[Check], note: str) -> None:
    if stopping := [check.code for check in found if check.state == "stop"]:
        raise CannotClose(*stopping)
    if not note and any(check.state == "look" for check in found):
        raise CannotClose("note")


@transaction.atomic
def ask_to_reopen(*, partnership: Partnership, month: Month, person: Person, reason: str) -> None:
    """One person asks to open the last closed month again. Raises CannotReopen."""
    closed = _last(partnership, month)
    if closed.asked_by_id is not None:
        raise CannotReopen("asked")
    closed.reason, closed.asked_by, closed.asked_at = reason, person, clock.now()
    closed.save(update_fields=["reason", "asked_by", "asked_at"])


@transaction.atomic
def reopen(*, partnership: Partnership, month: Month, person: Person) -> None:
    """Another person agrees: the month is open again. Raises CannotReopen."""
    closed = _last(partnership, month)
    if closed.asked_by_id is None:
        raise CannotReopen("not_asked")
    if closed.asked_by_id in same_people(person):
        raise CannotReopen("same_person")
    closed.reopened_by, closed.reopened_at = person, clock.now()
    closed.save(update_fields=["reopened_by", "reopened_at"])
    before = last_closed(partnership)
    zone = partnership.giving_place.time_zone
    end = Month.of(before.month_date).ends_at(zone) if before is not None else None
    months.close_before(partnership=partnership, at=end)
    logger.info("treasury.reopened partnership=%s month=%s", partnership.slug, month)


def _last(partnership: Partnership, month: Month) -> ClosedMonth:
    ledger.lock_books(partnership)
    closed = last_closed(partnership)
    if closed is None or Month.of(closed.month_date) != month:
        raise CannotReopen("not_last")
    return closed
