"""What goes back of the money of a withdrawn need, and what must be so before the board moves it.

Amounts are minor units of the fund's currency; verbs are one transaction each.
"""

import logging
from dataclasses import dataclass
from itertools import batched

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum

from twinhood.giving import errors, letters, queries, refunding
from twinhood.giving.models import (
    Choice,
    Gift,
    Pledge,
    Reallocation,
    Refund,
    RefundRequest,
    ReturnRight,
)
from twinhood.giving.reallocation import RESOLVED, concerned
from twinhood.kit import clock
from twinhood.ledger.errors import LedgerError
from twinhood.people.models import Person

logger = logging.getLogger(__name__)

# Reasons in the books are facts, not sentences of a page, so they are in one language.
REFUND_REASON = "The need was withdrawn; the donor asked for it back"
RETURN_REASON = "The need was withdrawn; the grant had a right of return"


@transaction.atomic
def mark_return_right(*, gift: Gift, terms: str, person: Person) -> ReturnRight:
    """Say that a gift is a grant whose giver may have it back if its purpose fails."""
    right, _ = ReturnRight.objects.update_or_create(
        gift=gift,
        defaults={"terms": terms, "recorded_by": person, "recorded_at": clock.now()},
    )
    return right


@dataclass(frozen=True, slots=True)
class Paid:
    """What became of refunds that were asked for: how many are booked, wait, or failed."""

    booked: int = 0
    waiting: int = 0
    failed: int = 0


def refund_asked(*, reallocation: Reallocation, person: Person, limit: int = 200) -> Paid:
    """Give back the next gifts whose donors asked, each by its rail, and by its own rules.

    A large one waits for a second person, one of a card for the rail. Safe to repeat.
    """
    booked = waiting = failed = 0
    for gift in list(unpaid(reallocation)[:limit]):
        state = _give_back(gift, person, REFUND_REASON)
        booked += state == "booked"
        waiting += state == "waiting"
        failed += state == "failed"
    return Paid(booked, waiting, failed)


def return_grant(*, gift: Gift, person: Person) -> str:
    """Return a grant that had a right of return: "booked", "waiting" or "failed"."""
    return _give_back(gift, person, RETURN_REASON)


def _give_back(gift: Gift, person: Person, reason: str) -> str:
    if refunding.under_way(gift) is not None:
        return "waiting"
    left = queries.left_of(gift)
    try:
        request = refunding.propose(
            gift=gift,
            person=person,
            amount_minor=left.total_minor,
            reason=reason,
            earlier=gift.refunds.count(),
        )
    except (errors.GivingError, LedgerError) as problem:
        logger.warning("giving.not_refunded source=%s why=%s", gift.key, type(problem).__name__)
        return "failed"
    return "booked" if request.state == RefundRequest.State.BOOKED else "waiting"


def unpaid(reallocation: Reallocation) -> QuerySet[Gift]:
    """Gifts whose donors asked for them back and of which nothing was given back yet."""
    asked = Choice.objects.filter(
        reallocation=reallocation, gift=OuterRef("pk"), answer=Choice.Answer.REFUND
    )
    back = Refund.objects.filter(gift=OuterRef("pk"))
    return concerned(reallocation).filter(Exists(asked) & ~Exists(back))


def grants(reallocation: Reallocation) -> QuerySet[Gift]:
    """Grants for the need whose givers may have them back."""
    return concerned(reallocation).filter(return_right__isnull=False).select_related("return_right")


@dataclass(frozen=True, slots=True)
class Sums:
    """The money of a withdrawn need: what came, what was asked for and went back, what is left."""

    gifts: int
    received_minor: int
    fees_minor: int
    asked: int
    asked_minor: int
    back: int
    back_line_minor: int
    back_operating_minor: int
    grants_minor: int
    free_minor: int

    @property
    def back_minor(self) -> int:
        return self.back_line_minor + self.back_operating_minor


def sums(reallocation: Reallocation) -> Sums:
    """Everything that the page of a withdrawn need shows; `free_minor` is what the board decides
    about."""
    all_gifts = concerned(reallocation)
    came = all_gifts.aggregate(amount=Sum("amount_minor"), fee=Sum("fee_minor"))
    asked = all_gifts.filter(
        choices__reallocation=reallocation, choices__answer=Choice.Answer.REFUND
    )
    back = Refund.objects.filter(gift__in=asked.values("pk"))
    gone = back.aggregate(line=Sum("line_minor"), operating=Sum("operating_minor"))
    returned = Refund.objects.filter(gift__in=grants(reallocation).values("pk")).exclude(
        gift__in=asked.values("pk")
    )
    reallocation.fund.refresh_from_db()
    return Sums(
        gifts=all_gifts.count(),
        received_minor=int(came["amount"] or 0),
        fees_minor=int(came["fee"] or 0),
        asked=asked.count(),
        asked_minor=int(asked.aggregate(sum=Sum("amount_minor"))["sum"] or 0),
        back=back.values("gift").distinct().count(),
        back_line_minor=int(gone["line"] or 0),
        back_operating_minor=int(gone["operating"] or 0),
        grants_minor=int(returned.aggregate(sum=Sum("line_minor"))["sum"] or 0),
        free_minor=reallocation.fund.free_minor,
    )


# --- the board


def why_not_resolve(reallocation: Reallocation) -> str:
    """Why the rest cannot be moved yet, as a code of CannotReallocate; "" if it can."""
    today = clock.today_in(reallocation.partnership.giving_place.time_zone)
    deadline = reallocation.deadline_date
    if reallocation.state != Reallocation.State.CHOOSING or deadline is None:
        return "moved_on"
    if today <= deadline:
        return "too_early"
    waiting = RefundRequest.objects.filter(
        gift__fund=reallocation.fund_id, state__in=refunding.UNDER_WAY
    )
    if waiting.exists() or unpaid(reallocation).exists():
        return "refunds_wait"
    back = Refund.objects.filter(gift=OuterRef("pk"))
    return "grants_wait" if grants(reallocation).filter(~Exists(back)).exists() else ""


def note_resolution(reallocation: Reallocation) -> None:
    """After the move: monthly gifts go to the fallback from now on, and donors are told.

    Held ones stay held: only their donors let them go on. In the caller's transaction.
    """
    Pledge.objects.filter(fund=reallocation.fund_id, recurring__isnull=False).update(
        fund=reallocation.to_fund_id, need=None
    )
    givers = (
        concerned(reallocation)
        .filter(donor__isnull=False)
        .order_by("donor")
        .values_list("donor", flat=True)
        .distinct()
    )
    for batch in batched(givers.iterator(chunk_size=1_000), 1_000):
        letters.queue_many(
            letters.NewLetter(
                donor_id=donor_id,
                kind=RESOLVED,
                key=f"resolved:{reallocation.pk}:{donor_id}",
                facts={"reallocation": reallocation.pk},
            )
            for donor_id in batch
        )
