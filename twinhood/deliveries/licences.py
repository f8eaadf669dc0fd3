"""Things of dual use: no order before a licence, or a note that none is needed, was read by two."""

from datetime import date, datetime

from django.db import transaction

from twinhood.deliveries import errors
from twinhood.deliveries.models import Licence, Order
from twinhood.documents.models import StoredFile
from twinhood.needs.models import Need
from twinhood.people import identity
from twinhood.people.models import Person


@transaction.atomic
def flag(need: Need) -> Need:
    """Say that a need may ask for a licence. It is not taken back once the need was verified."""
    need = Need.objects.select_for_update(of=("self",)).get(pk=need.pk)
    need.may_need_licence = True
    need.save(update_fields=["may_need_licence"])
    return need


def enter(
    *,
    need: Need,
    kind: Licence.Kind,
    file: StoredFile,
    said_by: str,
    until_date: date | None,
    by: Person,
    at: datetime,
) -> Licence:
    """Attach a licence, or a note that none is needed; it counts once somebody else has read it."""
    return Licence.objects.create(
        need=need, kind=kind, file=file, said_by=said_by.strip(), until_date=until_date,
        entered_by=by, entered_at=at,
    )  # fmt: skip


@transaction.atomic
def read(
    *, licence: Licence, is_accepted: bool, by: Person, at: datetime, reason: str = ""
) -> Licence:
    """Say that one read the paper, and whether it does for this need.

    Raises MayNotRead (who attached it, also by another account), WrongState (read before),
    ReasonMissing.
    """
    if not is_accepted and not reason.strip():
        raise errors.ReasonMissing("licence")
    licence = Licence.objects.select_for_update(of=("self",)).get(pk=licence.pk)
    if licence.is_accepted is not None:
        raise errors.WrongState(str(licence), "read")
    if licence.entered_by_id in identity.same_people(by):
        raise errors.MayNotRead
    licence.is_accepted, licence.reason = is_accepted, reason.strip()
    licence.read_by, licence.read_at = by, at
    licence.save(update_fields=["is_accepted", "reason", "read_by", "read_at"])
    return licence


def why_unlicensed(need: Need, today: date) -> str:
    """Say what is missing: `none`, `unread`, `refused`, `expired`, or "" if nothing is."""
    if not need.may_need_licence:
        return ""
    papers = list(need.licences.all())
    if any(one.is_accepted and _holds(one, today) for one in papers):
        return ""
    if any(one.is_accepted is None for one in papers):
        return "unread"
    if any(one.is_accepted for one in papers):
        return "expired"
    return "refused" if papers else "none"


def _holds(licence: Licence, today: date) -> bool:
    return licence.until_date is None or licence.until_date >= today


def expect_licensed(order: Order, at: datetime) -> None:
    """Refuse an order of what has no licence yet. Raises NotLicensed."""
    if code := why_unlicensed(order.need, at.date()):
        raise errors.NotLicensed(code)
