"""Reads over gifts and donors. Amounts are minor units of the row's currency."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from twinhood.giving import errors
from twinhood.giving.core import names, refunding
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Dispute, Donor, Gift, Issuer, Link, Mark, Refund
from twinhood.ledger import actions as ledger
from twinhood.ledger.actions import RefundOutcome
from twinhood.ledger.models import Segment
from twinhood.ledger.queries import left_on_line
from twinhood.people.models import Partnership


@dataclass(frozen=True, slots=True)
class Giver:
    """A gift as the public may see it; `name` is None where the donor did not ask to be named."""

    ref: str
    name: str | None
    amount_minor: int
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """All gifts of one currency: `gross_minor` = `fees_minor` + `net_minor`."""

    currency: str
    count: int
    gross_minor: int
    fees_minor: int
    net_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """What a refund would do: from the line, from the operating account, and on the line.

    `free_minor` is covered by cents of the gift that nothing has used yet; `displaced_minor` were
    used, and those uses move to later cents; `advance_minor` of these the guarantor lends.
    """

    amount_minor: int
    line_minor: int
    operating_minor: int
    free_minor: int
    displaced_minor: int
    advance_minor: int
    has_guarantor: bool


@dataclass(frozen=True, slots=True)
class Unposted:
    """Settled gifts that wait to be posted, and since when (UTC) the oldest does."""

    count: int
    oldest_at: datetime | None


UNPOSTED = """
SELECT count(*), min(settled_at) FROM giving_unposted
 WHERE id > (SELECT coalesce(max(floor), 0) FROM giving_mark)
   AND (partnership_id = %(partnership)s OR %(partnership)s IS NULL)
"""


def unposted(partnership: Partnership | None = None) -> Unposted:
    """What waits, of one partnership or of all."""
    with connection.cursor() as cursor:
        cursor.execute(UNPOSTED, {"partnership": partnership.pk if partnership else None})
        return Unposted(*cursor.fetchone())


def oldest_unposted_at() -> datetime | None:
    """Since when (UTC) the longest waiting settled gift waits to be posted; None if none does."""
    return unposted().oldest_at


def known_gifts(
    partnership: Partnership, rows: Iterable[OfflineGift]
) -> dict[tuple[str, str], Gift]:
    """Gifts that stand already under the rails and intake keys of `rows`."""
    keys = {row.key for row in rows}
    found = Gift.objects.filter(
        partnership=partnership,
        rail__in={rail for rail, _ in keys},
        intake_key__in={key for _, key in keys},
    ).select_related("fund")
    gifts = {(gift.rail, gift.intake_key): gift for gift in found.order_by("id")}
    return {key: gift for key, gift in gifts.items() if key in keys}


def gift_by_secret(secret: str) -> Gift | None:
    """The gift to which a trace link belongs, with its fund and partnership."""
    digest = names.secret_hash(secret)
    if digest is None:
        return None
    found = Gift.objects.select_related("fund", "partnership").filter(secret_hash=digest)
    link = Link.objects.filter(secret_hash=digest).first()
    if link is not None:
        return found.filter(pk=link.gift_id).first()
    # Not posted yet, so among the last that were taken in.
    floor = Mark.objects.values_list("floor", flat=True).first() or 0
    return found.filter(pk__gt=floor).first()


def contact_of(partnership: Partnership) -> str:
    """Where donors write to the recipient; "" where it told no address."""
    found = Issuer.objects.filter(organisation=partnership.recipient_id)
    return found.values_list("contact_email", flat=True).first() or ""


def names_for(keys: Iterable[str]) -> dict[str, str]:
    """Donors' names by the gift's key ("gift:7Q2F9K0B"), only where they asked to be named."""
    refs = [key.removeprefix("gift:") for key in keys if key.startswith("gift:")]
    gifts = Gift.objects.filter(ref__in=refs, shows_name=True, donor__sealed__isnull=False)
    named = {gift.key: _name_of(gift.donor) for gift in gifts.select_related("donor")}
    return {key: name for key, name in named.items() if name}


def _name_of(donor: Donor | None) -> str:
    return open_donor(donor, master_keys()).name if donor else ""


def latest_givers(partnership: Partnership, n: int) -> list[Giver]:
    """The `n` gifts taken in last, newest first; two queries at most."""
    found = Gift.objects.filter(partnership=partnership).select_related("donor")
    gifts = list(found.order_by("-id")[:n])
    return [
        Giver(
            ref=gift.ref,
            name=(_name_of(gift.donor) or None) if gift.shows_name else None,
            amount_minor=gift.amount_minor,
            currency=gift.currency,
            at=gift.settled_at,
        )
        for gift in gifts
    ]


def totals(partnership: Partnership) -> list[Totals]:
    """Sums of all gifts taken in, posted or not yet, by currency in order of its code."""
    gifts = Gift.objects.filter(partnership=partnership).values("currency").order_by("currency")
    sums = gifts.annotate(count=Count("id"), gross=Sum("amount_minor"), fees=Sum("fee_minor"))
    refunds = given_back(Q(gift__partnership=partnership)).values("gift__currency")
    refunded = {
        row["gift__currency"]: row["line"] + row["operating"]
        for row in refunds.annotate(line=Sum("line_minor"), operating=Sum("operating_minor"))
    }
    return [
        Totals(
            currency=row["currency"],
            count=row["count"],
            gross_minor=int(row["gross"]),
            fees_minor=int(row["fees"]),
            net_minor=int(row["gross"] - row["fees"]),
            refunded_minor=int(refunded.get(row["currency"], 0)),
        )
        for row in sums
    ]


def segment_of(gift: Gift) -> Segment | None:
    """Where a posted gift lies on its fund's line, with its entry."""
    found = Segment.objects.filter(entry__partnership=gift.partnership_id, entry__key=gift.key)
    return found.select_related("entry").first()


def returned_keys(gift: Gift) -> list[str]:
    """Incomes that came back in the gift's name, by their keys in the books, oldest first."""
    disputed = gift.disputes.exclude(returned_key="").values_list("won_at", "returned_key")
    refunded = gift.refunds.exclude(returned_key="").values_list("returned_at", "returned_key")
    return [key for _, key in sorted([*disputed, *refunded])]


def given_back(which: Q) -> QuerySet[Refund]:
    """Refunds, but for those whose money came back after all, as from a dispute that was won."""
    came_back = Dispute.objects.exclude(returned_key="")
    return Refund.objects.filter(which, returned_key="").exclude(dispute__in=came_back)


def given_back_minor(gift: Gift) -> int:
    """What the donor has back of it, in minor units of its currency."""
    sums = given_back(Q(gift=gift)).aggregate(line=Sum("line_minor"), fee=Sum("operating_minor"))
    return int(sums["line"] or 0) + int(sums["fee"] or 0)


def left_of(gift: Gift) -> refunding.Left:
    """What refunds left of a gift, and of what came back in its name."""
    fees = given_back(Q(gift=gift)).aggregate(sum=Sum("operating_minor"))
    return refunding.Left(
        line_minor=sum(left_minor for _, left_minor in sources_of(gift)),
        fee_minor=gift.fee_minor - int(fees["sum"] or 0),
    )


def sources_of(gift: Gift) -> list[tuple[str, int]]:
    """Its own segment, and each that came back in its name, with what is left to give back."""
    keys = [gift.key, *returned_keys(gift)]
    left = left_on_line(partnership=gift.partnership, keys=keys)
    if gift.posted_at is None:
        left = {gift.key: gift.net_minor}
    return [(key, left[key]) for key in keys if left.get(key)]


def parted(gift: Gift, line_minor: int) -> list[tuple[str, int]]:
    """Which sources a refund of so many cents on the line takes, and how much of each."""
    parts = []
    for key, left_minor in sources_of(gift):
        taken_minor = min(line_minor, left_minor)
        line_minor -= taken_minor
        if taken_minor:
            parts.append((key, taken_minor))
    return parts


def refund_split(*, gift: Gift, amount_minor: int) -> refunding.Split:
    """Part a refund between the line and the operating account.

    Raises NotPosted, OnlyFeeLeft, MoreThanWasGiven.
    """
    if gift.posted_at is None:
        raise errors.NotPosted(gift.ref)
    left = left_of(gift)
    if left.line_minor <= 0:
        raise errors.OnlyFeeLeft(gift.ref, left.fee_minor)
    try:
        return refunding.split(amount_minor, left)
    except refunding.TooMuch as problem:
        raise errors.MoreThanWasGiven(gift.ref, amount_minor, problem.left_minor) from problem


def refund_plan(*, gift: Gift, amount_minor: int) -> RefundPlan:
    """What `actions.refund_gift` would do now; writes nothing. Raises as `refund_split` does."""
    parts = refund_split(gift=gift, amount_minor=amount_minor)
    outcome = _outcome(gift, parts.line_minor)
    return RefundPlan(
        amount_minor=amount_minor,
        line_minor=parts.line_minor,
        operating_minor=parts.operating_minor,
        free_minor=parts.line_minor - outcome.displaced_minor,
        displaced_minor=outcome.displaced_minor,
        advance_minor=outcome.advance_minor,
        has_guarantor=gift.partnership.guarantor_id is not None,
    )


def _outcome(gift: Gift, line_minor: int) -> RefundOutcome:
    """Of several sources each is looked at by itself: then the advance may be a little more."""
    each = [
        ledger.refund_outcome(partnership=gift.partnership, source_key=key, amount_minor=part_minor)
        for key, part_minor in parted(gift, line_minor)
    ]
    return RefundOutcome(
        displaced_minor=sum(one.displaced_minor for one in each),
        advance_minor=sum(one.advance_minor for one in each),
    )


def donor_names(gifts: Sequence[Gift]) -> dict[int, str]:
    """Names of gifts' donors by the gift's id, for whoever may see donors: consent is not asked."""
    donors = [gift.donor for gift in gifts if gift.donor is not None]
    if not donors:
        return {}
    keys = master_keys()
    facts = {donor.pk: open_donor(donor, keys) for donor in donors}
    return {g.pk: facts[g.donor_id].name or facts[g.donor_id].email for g in gifts if g.donor_id}
