"""A matcher's conditional pledge: recorded, reckoned from the gifts, paid by ordinary gifts.

What is owed is never stored. `of_offer` is the exact rule of `core.matching_gift`, gift by gift;
`figure` is the same sum by the database, for pages. Amounts are minor units of its currency.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from twinhood.giving import errors
from twinhood.giving.core.matching_gift import GivenBack, MatchedGift, Matching, MatchPledge, Ratio
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.keys import index_of, master_keys, seal_donor
from twinhood.giving.models import Donor, Gift, MatchOffer, MatchPayment, Refund
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership, Person


class CannotLink(errors.GivingError):
    """`code`: unknown (no such gift), fund, linked (to another offer), early."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Terms:
    """What a matcher promised, before it is told to anybody."""

    fund: Fund
    matcher: DonorFacts
    sentence: LocalText
    cap_minor: int
    from_at: datetime
    until_at: datetime
    ratio: Ratio = Ratio()  # noqa: RUF009 (it is frozen)
    language: str = "en"


@transaction.atomic
def record(
    *, partnership: Partnership, form_key: UUID, terms: Terms, person: Person | None
) -> MatchOffer:
    """Record an offer; the same form sent twice is one. Raises core NotMatched for bad terms."""
    known = MatchOffer.objects.filter(form_key=form_key, partnership=partnership).first()
    if known is not None:
        return known
    MatchPledge(terms.cap_minor, terms.fund.currency, terms.from_at, terms.until_at)
    return MatchOffer.objects.create(
        partnership=partnership,
        fund=terms.fund,
        form_key=form_key,
        matcher=_matcher(partnership, terms),
        sentence=terms.sentence,
        cap_minor=terms.cap_minor,
        gives=terms.ratio.gives,
        per=terms.ratio.per,
        currency=terms.fund.currency,
        from_at=terms.from_at,
        until_at=terms.until_at,
        recorded_by=person,
        recorded_at=clock.now(),
    )


def _matcher(partnership: Partnership, terms: Terms) -> Donor:
    """Who has this address already, so that their own gifts double nothing; or a new donor."""
    keys = master_keys()
    if terms.matcher.email:
        index = index_of(terms.matcher.email, partnership.pk, keys)
        known = Donor.objects.filter(partnership=partnership, email_index=index).first()
        if known is not None:
            return known
    donor = Donor(partnership=partnership, language=terms.language)
    seal_donor(donor, terms.matcher, keys)
    donor.save(force_insert=True)
    return donor


@transaction.atomic
def link_payment(*, offer: MatchOffer, ref: str, person: Person | None) -> MatchPayment:
    """Let a gift of the matcher pay what the offer owes. Safe to repeat. Raises CannotLink."""
    gift = Gift.objects.filter(partnership=offer.partnership_id, ref=ref).first()
    if gift is None:
        raise CannotLink("unknown")
    if gift.fund_id != offer.fund_id:
        raise CannotLink("fund")
    if gift.settled_at < offer.from_at:
        raise CannotLink("early")
    payment, is_new = MatchPayment.objects.get_or_create(
        gift=gift,
        defaults={"offer": offer, "linked_by": person, "linked_at": clock.now()},
    )
    if not is_new and payment.offer_id != offer.pk:
        raise CannotLink("linked")
    return payment


@transaction.atomic
def unlink_payment(*, offer: MatchOffer, ref: str) -> None:
    """Take a link back that was made by mistake."""
    MatchPayment.objects.filter(offer=offer, gift__ref=ref).delete()


# --- reads


def of_offer(offer: MatchOffer) -> Matching:
    """The offer with all that has happened, for the exact share of each gift."""
    pledge = MatchPledge(
        offer.cap_minor, offer.currency, offer.from_at, offer.until_at, ratio=offer.ratio
    )
    paid_by = set(offer.payments.values_list("gift_id", flat=True))
    others = _others(offer)
    gifts = {
        gift.key: MatchedGift(gift.key, gift.amount_minor, gift.currency, gift.settled_at)
        for gift in others
    }
    backs = {back.key: back for back in _given_back(offer, [gift.pk for gift in others])}
    paid = {
        gift.key: gift.amount_minor - _back_minor(gift)
        for gift in Gift.objects.filter(pk__in=paid_by)
    }
    return Matching(pledge, gifts, backs, {key: minor for key, minor in paid.items() if minor})


def _others(offer: MatchOffer) -> list[Gift]:
    """Gifts of others in the offer's time, neither the matcher's nor a matcher's payment."""
    found = Gift.objects.filter(
        fund=offer.fund_id,
        currency=offer.currency,
        settled_at__gte=offer.from_at,
        settled_at__lt=offer.until_at,
        match_payment__isnull=True,
    )
    return [
        gift for gift in found.order_by("settled_at", "ref") if gift.donor_id != offer.matcher_id
    ]


def _standing_refunds() -> QuerySet[Refund]:
    """Refunds that stand: neither sent back by the donor's bank, nor won back after a dispute."""
    return Refund.objects.filter(returned_at=None).exclude(dispute__returned_key__gt="")


def _given_back(offer: MatchOffer, ids: list[int]) -> list[GivenBack]:
    found = _standing_refunds().filter(gift__in=ids).select_related("gift")
    return [
        GivenBack(refund.key, refund.gift.key, refund.line_minor + refund.operating_minor)
        for refund in found
    ]


def _back_minor(gift: Gift) -> int:
    found = _standing_refunds().filter(gift=gift)
    return min(gift.amount_minor, sum(r.line_minor + r.operating_minor for r in found))


@dataclass(frozen=True, slots=True)
class Figure:
    """How an offer stands: what others gave and kept, what that calls for, is paid, and owed."""

    offer: MatchOffer
    given_minor: int
    # By the ratio, each gift rounded down; the cap not looked at.
    called_minor: int
    paid_minor: int

    @property
    def matched_minor(self) -> int:
        return min(self.offer.cap_minor, self.called_minor)

    @property
    def due_minor(self) -> int:
        return max(0, self.matched_minor - self.paid_minor)

    @property
    def over_minor(self) -> int:
        return max(0, self.paid_minor - self.matched_minor)

    @property
    def left_minor(self) -> int:
        """What can still be added."""
        return self.offer.cap_minor - self.matched_minor

    @property
    def is_open(self) -> bool:
        return self.offer.from_at <= clock.now() < self.offer.until_at


# The rule of `core.matching_gift` as one sum: gifts less what stands given back, each of them by
# the ratio, rounded down.
FIGURE = """
WITH back AS (
  SELECT r.gift_id, sum(r.line_minor + r.operating_minor) AS minor
    FROM giving_refund r LEFT JOIN giving_dispute d ON d.refund_id = r.id
   WHERE r.returned_at IS NULL AND coalesce(d.returned_key, '') = ''
   GROUP BY 1
), kept AS (
  SELECT greatest(0, g.amount_minor - coalesce(back.minor, 0)) AS minor,
         p.offer_id = %(offer)s AS pays,
         p.id IS NULL AND g.settled_at < %(until)s
           AND g.donor_id IS DISTINCT FROM %(matcher)s AS counts
    FROM giving_gift g
    LEFT JOIN back ON back.gift_id = g.id
    LEFT JOIN giving_matchpayment p ON p.gift_id = g.id
   WHERE g.partnership_id = %(partnership)s AND g.fund_id = %(fund)s
     AND g.currency = %(currency)s AND g.settled_at >= %(from)s
)
SELECT coalesce(sum(minor) FILTER (WHERE counts), 0),
       coalesce(sum(div(minor * %(gives)s, %(per)s)) FILTER (WHERE counts), 0),
       coalesce(sum(minor) FILTER (WHERE pays), 0)
  FROM kept
"""


def figure(offer: MatchOffer) -> Figure:
    """How an offer stands now; one query over the gifts of its fund."""
    with connection.cursor() as cursor:
        cursor.execute(
            FIGURE,
            {
                "offer": offer.pk,
                "partnership": offer.partnership_id,
                "fund": offer.fund_id,
                "currency": offer.currency,
                "matcher": offer.matcher_id,
                "from": offer.from_at,
                "until": offer.until_at,
                "gives": offer.gives,
                "per": offer.per,
            },
        )
        given, called, paid = cursor.fetchone()
    return Figure(offer, int(given), int(called), int(paid))


def offers_of(partnership: Partnership) -> QuerySet[MatchOffer]:
    """All offers, the newest first."""
    found = MatchOffer.objects.filter(partnership=partnership)
    return found.select_related("fund", "matcher").order_by("-id")


def open_figures(partnership: Partnership) -> list[Figure]:
    """Offers that add to gifts now and have room left, for the pages where people give."""
    now = clock.now()
    found = offers_of(partnership).filter(from_at__lte=now, until_at__gt=now)
    figures = [figure(offer) for offer in found]
    return [one for one in figures if one.left_minor > 0]
