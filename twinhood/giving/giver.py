"""What a donor finds in their own place, and what they may change there.

Amounts are minor units of the currency beside them.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from twinhood.giving import actions, forgetting, queries, receipts, recurring
from twinhood.giving.core import names
from twinhood.giving.models import Donor, Gift, Pledge, Receipt, RecurringGift

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Total:
    """All gifts of one currency: what was given, and what of it was given back."""

    currency: str
    count: int
    amount_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a donor may choose. `shows_name` is None where some gifts show it and some do not."""

    shows_name: bool | None
    tells_organiser: bool | None
    wants_news: bool
    language: str


def gifts_of(donors: Collection[int]) -> QuerySet[Gift]:
    """Their gifts, newest first, with `entry_posted_at`."""
    found = Gift.objects.filter(donor_id__in=donors).with_posting()
    related = ("fund__campaign", "partnership__giving_place", "partnership__receiving_place")
    return found.select_related(*related, "donor").order_by("-received_date", "-id")


def totals_of(donors: Collection[int]) -> list[Total]:
    """What they gave in all, by currency."""
    gifts = Gift.objects.filter(donor_id__in=donors).values("currency").order_by("currency")
    rows = gifts.annotate(count=Count("id"), amount=Sum("amount_minor"))
    back = queries.given_back(Q(gift__donor_id__in=donors)).values("gift__currency")
    sums = back.annotate(line=Sum("line_minor"), operating=Sum("operating_minor"))
    refunded = {row["gift__currency"]: int(row["line"] + row["operating"]) for row in sums}
    return [
        Total(row["currency"], row["count"], int(row["amount"]), refunded.get(row["currency"], 0))
        for row in rows
    ]


def refunded_minor(gifts: Iterable[Gift]) -> dict[int, int]:
    """What was given back of each gift, by its id; nothing for most."""
    rows = queries.given_back(Q(gift__in=[gift.pk for gift in gifts])).values("gift_id")
    sums = rows.annotate(line=Sum("line_minor"), operating=Sum("operating_minor"))
    return {row["gift_id"]: int(row["line"] + row["operating"]) for row in sums}


def receipts_of(donors: Collection[int]) -> QuerySet[Receipt]:
    """Their receipts, newest first; `is_replaced` says that another took its place."""
    newer = Receipt.objects.filter(replaces=OuterRef("pk"))
    found = Receipt.objects.filter(donor_id__in=donors).annotate(is_replaced=Exists(newer))
    related = ("issuer", "gift", "replaces__issuer")
    return found.select_related(*related).order_by("-issued_at", "-id")


def recurring_of(donors: Collection[int]) -> QuerySet[RecurringGift]:
    """Their monthly gifts: those that go on first, then the ended ones."""
    found = RecurringGift.objects.filter(pledge__donor_id__in=donors)
    related = ("pledge__fund__campaign", "pledge__partnership__giving_place")
    return found.select_related(
        *related, "pledge__partnership__receiving_place", "pledge__donor"
    ).order_by("ended_at", "-began_at", "-id")


def recurring_by(secret: str) -> RecurringGift | None:
    """The monthly gift of a donor's link: of its pledge, or of any gift that came of it."""
    digest = names.secret_hash(secret)
    if digest is None:
        return None
    found = RecurringGift.objects.select_related(
        "pledge__partnership__giving_place", "pledge__partnership__receiving_place"
    )
    of_pledge = found.filter(pledge__secret_hash=digest).first()
    if of_pledge is not None:
        return of_pledge
    gift = queries.gift_by_secret(secret)
    return found.filter(periods__gift=gift).first() if gift else None


def preferences_of(donor: Donor) -> Preferences:
    """What the donor chose so far."""
    gifts = set(Gift.objects.filter(donor=donor).values_list("shows_name", flat=True)[:10_000])
    going = _pledges_that_go_on(donor)
    pledged = set(going.values_list("shows_name", flat=True))
    told = set(Pledge.objects.filter(donor=donor).values_list("tells_organiser", flat=True))
    return Preferences(
        shows_name=_one(gifts | pledged),
        tells_organiser=_one(told),
        wants_news=donor.wants_news,
        language=donor.language,
    )


def _one(said: set[bool]) -> bool | None:
    """What was said each time; None for now this, now that."""
    return said.pop() if len(said) == 1 else None if said else False


def _pledges_that_go_on(donor: Donor) -> QuerySet[Pledge]:
    """Pledges that may still bring gifts."""
    return Pledge.objects.filter(donor=donor).filter(
        Q(state__in=[Pledge.State.MADE, Pledge.State.STARTED])
        | (Q(recurring__isnull=False) & ~Q(recurring__state=RecurringGift.State.ENDED))
    )


@transaction.atomic
def choose(
    donor: Donor,
    *,
    shows_name: bool | None,
    tells_organiser: bool | None,
    wants_news: bool,
    language: str,
) -> None:
    """Keep what the donor chose; None leaves each gift as it is.

    The name is shown or hidden on all their gifts, past ones too, and on what goes on; a form
    filled in later asks anew.
    """
    Donor.objects.filter(pk=donor.pk).update(wants_news=wants_news, language=language)
    if shows_name is not None:
        Gift.objects.filter(donor=donor).exclude(shows_name=shows_name).update(
            shows_name=shows_name
        )
        _pledges_that_go_on(donor).update(shows_name=shows_name)
    if tells_organiser is not None:
        Pledge.objects.filter(donor=donor).update(tells_organiser=tells_organiser)
    logger.info("giving.chosen donor=%s", donor.pk)


def forget(donor: Donor) -> forgetting.Before:
    """Forget the donor as they asked; what there was, and what of it the law makes us keep.

    Monthly gifts are ended at their rails first. Raises RailDown, RailRefuses: nothing is
    forgotten then.
    """
    found = forgetting.before(donor)
    for going_on in found.going_on:
        recurring.end(recurring=going_on)
    # Afterwards nobody knows any more whose receipt it would be.
    if Gift.objects.filter(donor=donor, receipts=None).exists():
        receipts.issue_due()
    kept = forgetting.kept_of(donor)
    actions.erase(donor=donor)
    return replace(found, kept=kept)
