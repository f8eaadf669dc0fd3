"""A donor asks to be forgotten: what goes, what the law makes the recipient keep and until when.

The key of what the donor told is destroyed (docs/decisions/0007-donors-keys.md). Gifts, sums, the
line, the log and every trace stay as they are: they never held a person.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from twinhood.giving.models import Donor, Gift, Mail, Notice, Pledge, Receipt, RecurringGift, Visit

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt whose copy the recipient must keep, sealed with a key of its own, until a day.

    `has_declaration`: it is also the declaration by which the recipient reclaimed the donor's tax.
    """

    number: str
    issued_date: date
    until_date: date
    has_declaration: bool


@dataclass(frozen=True, slots=True)
class Before:
    """What there is of a donor before they are forgotten."""

    gifts: int
    letters: int
    going_on: Sequence[RecurringGift]
    kept: Sequence[Kept]

    @property
    def kept_until_date(self) -> date | None:
        return max((receipt.until_date for receipt in self.kept), default=None)

    @property
    def has_declaration(self) -> bool:
        return any(receipt.has_declaration for receipt in self.kept)


def before(donor: Donor) -> Before:
    """What will go and what will stay; writes nothing."""
    going_on = RecurringGift.objects.filter(pledge__donor=donor).exclude(
        state=RecurringGift.State.ENDED
    )
    return Before(
        gifts=Gift.objects.filter(donor=donor).count(),
        letters=Mail.objects.filter(donor=donor).count(),
        going_on=list(going_on.select_related("pledge").order_by("id")),
        kept=kept_of(donor),
    )


def kept_of(donor: Donor) -> list[Kept]:
    """Receipts whose copies stay, those that stay longest last."""
    receipts = Receipt.objects.filter(donor=donor, wrapped_key__isnull=False)
    has_declared = Pledge.objects.filter(donor=donor, has_gift_aid=True).exists()
    return [
        Kept(
            number=str(receipt),
            issued_date=receipt.issued_at.date(),
            until_date=receipt.kept_until_date,
            has_declaration=has_declared and receipt.rule == Pledge.Rule.UK_GIFT_AID,
        )
        for receipt in receipts.select_related("issuer").order_by("kept_until_date", "id")
    ]


def forget_more(donor: Donor) -> None:
    """What hangs on a donor beside the key: within the transaction of `actions.erase`."""
    names = set(_names_at_rails(donor))
    Notice.objects.filter(Q(pledge__donor=donor) | Q(about__in=names)).update(sealed_body=b"")
    Pledge.objects.filter(donor=donor).update(
        sealed_words=None, shows_name=False, tells_organiser=False, sent_from=None
    )
    # Letters name nobody, but the row of each says that somebody was written to.
    Mail.objects.filter(donor=donor).delete()
    _end_visits(donor)


def _names_at_rails(donor: Donor) -> list[str]:
    """What rails call the donor's payments: their notices are about these."""
    pledges = Pledge.objects.filter(donor=donor).exclude(rail_ref="")
    recurring = RecurringGift.objects.filter(pledge__donor=donor)
    gifts = Gift.objects.filter(donor=donor)
    return [
        *pledges.values_list("rail_ref", flat=True),
        *recurring.values_list("rail_ref", flat=True),
        *gifts.values_list("intake_key", flat=True),
    ]


LEAVE_VISITS = """
UPDATE giving_visit SET donors = array_remove(donors, %(donor)s)
 WHERE donors @> ARRAY[%(donor)s]::bigint[]
"""


def _end_visits(donor: Donor) -> None:
    """Take the donor out of every visit; one of somebody's other partnerships goes on."""
    with connection.cursor() as cursor:
        cursor.execute(LEAVE_VISITS, {"donor": donor.pk})
    Visit.objects.filter(donors=[]).delete()


# What hangs on a donor who never paid; whoever has anything else is kept.
OF_UNPAID = ("pledges", "letters")


def unpaid_before(before: datetime) -> QuerySet[Pledge]:
    """Pledges of which nothing has been heard since then, and no money ever came."""
    return Pledge.objects.filter(
        gift=None, recurring=None, made_at__lt=before, changed_at__lt=before
    )


def empty_unpaid(before: datetime, limit: int) -> int:
    """Forget what was told with such pledges, and where they came from; how many that were."""
    told = Q(sealed_words__isnull=False) | Q(sent_from__isnull=False) | Q(shows_name=True)
    told |= Q(tells_organiser=True)
    ids = list(
        unpaid_before(before).filter(told).order_by("id").values_list("pk", flat=True)[:limit]
    )
    Notice.objects.filter(pledge__in=ids).update(sealed_body=b"")
    return Pledge.objects.filter(pk__in=ids, gift=None).update(
        sealed_words=None, shows_name=False, tells_organiser=False, sent_from=None
    )


def donors_who_never_paid(before: datetime, limit: int) -> list[Donor]:
    """Those of whom there is nothing but such pledges."""
    others = [r.name for r in Donor._meta.related_objects if r.get_accessor_name() not in OF_UNPAID]
    lately = Pledge.objects.filter(donor=OuterRef("pk")).exclude(pk__in=unpaid_before(before))
    found = Donor.objects.filter(sealed__isnull=False, created_at__lt=before, pledges__isnull=False)
    found = found.filter(**{f"{name}__isnull": True for name in others}).exclude(Exists(lately))
    return list(found.distinct().order_by("id")[:limit])
