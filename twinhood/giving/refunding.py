"""Refunds on their way: proposed, confirmed where they are large, sent by their rail, booked.

A rail that donors use by themselves sends the money back and says so; then, and not before, the
refund is booked. At the other rails somebody hands the money over, so it is booked at once.
Amounts are minor units of the gift's currency.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from twinhood.giving import actions, disputes, errors, queries
from twinhood.giving.models import Gift, Refund, RefundRequest
from twinhood.giving.rails import BY_CODE
from twinhood.kit import clock
from twinhood.kit.money import minor_from_major
from twinhood.ledger import actions as ledger
from twinhood.ledger import dues
from twinhood.ledger.errors import NoGuarantor
from twinhood.ledger.models import Hold
from twinhood.people.identity import same_people
from twinhood.people.models import Person

logger = logging.getLogger(__name__)

State = RefundRequest.State
UNDER_WAY = (State.PROPOSED, State.SENT)


def needs_second(gift: Gift, amount_minor: int) -> bool:
    """Whether a refund of so much more needs two people: all that one person gave back counts."""
    alone = gift.refund_requests.filter(confirmed_by=None).exclude(
        state__in=(State.REFUSED, State.WITHDRAWN)
    )
    before_minor = int(alone.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
    most = minor_from_major(settings.REFUND_ALONE_MAJOR_MAX, gift.currency)
    return before_minor + amount_minor > most


def under_way(gift: Gift) -> RefundRequest | None:
    """The refund of this gift that waits for a second person or for the rail."""
    found = gift.refund_requests.select_related("gift", "proposed_by", "confirmed_by")
    return found.filter(state__in=UNDER_WAY).first()


def propose(
    *, gift: Gift, person: Person, amount_minor: int, reason: str, earlier: int
) -> RefundRequest:
    """Ask for a refund; where no second person is needed it is carried out at once.

    `earlier` is how many refunds of the gift the person had seen: the same form sent twice is one
    request. Raises NotPosted, MoreThanWasGiven, OnlyFeeLeft, RefundedMeanwhile, RailDown,
    RailRefuses; ledger.errors.NoGuarantor.
    """
    request = _proposed(gift, person, amount_minor, reason, earlier)
    if request.state == State.PROPOSED and not request.needs_second:
        return _carried_out(request)
    return request


@transaction.atomic
def _proposed(
    gift: Gift, person: Person, amount_minor: int, reason: str, earlier: int
) -> RefundRequest:
    ledger.lock_books(gift.partnership)
    known = gift.refund_requests.exclude(state__in=(State.REFUSED, State.WITHDRAWN))
    same = known.filter(earlier=earlier).order_by("id").last()
    if same is not None and (same.amount_minor, same.reason) == (amount_minor, reason):
        return same
    if same is not None or gift.refunds.count() != earlier or under_way(gift) is not None:
        raise errors.RefundedMeanwhile(gift.ref)
    queries.refund_split(gift=gift, amount_minor=amount_minor)
    return RefundRequest.objects.create(
        gift=gift,
        amount_minor=amount_minor,
        reason=reason,
        earlier=earlier,
        needs_second=needs_second(gift, amount_minor),
        proposed_by=person,
        proposed_at=clock.now(),
    )


def confirm(*, request: RefundRequest, person: Person) -> RefundRequest:
    """Confirm as the second person, and carry it out.

    Raises SamePerson, and what `propose` raises.
    """
    return _carried_out(_confirmed(request, person))


@transaction.atomic
def _confirmed(request: RefundRequest, person: Person) -> RefundRequest:
    locked = _locked(request)
    if locked.state == State.PROPOSED and locked.confirmed_by_id is None:
        if locked.proposed_by_id in same_people(person):
            raise errors.SamePerson(locked.gift.ref)
        locked.confirmed_by, locked.confirmed_at = person, clock.now()
        locked.save(update_fields=["confirmed_by", "confirmed_at"])
    return locked


@transaction.atomic
def withdraw(*, request: RefundRequest) -> RefundRequest:
    """Take a proposal back that nobody confirmed yet; one that is sent stays."""
    locked = _locked(request)
    if locked.state == State.PROPOSED:
        locked.state = State.WITHDRAWN
        locked.save(update_fields=["state"])
    return locked


def _locked(request: RefundRequest) -> RefundRequest:
    found = RefundRequest.objects.select_for_update(of=("self",)).select_related(
        "gift__partnership", "gift__fund", "proposed_by"
    )
    return found.get(pk=request.pk)


def _carried_out(request: RefundRequest) -> RefundRequest:
    """Send the money back. What was sent is written before, so that a crash forgets nothing."""
    locked = _sent(request)
    if locked.state != State.SENT:
        return locked
    rail = BY_CODE[locked.gift.rail]
    if rail.online is None or rail.hears is None:
        return _booked_by_hand(locked)
    try:
        rail.online.refund(locked.gift, amount_minor=locked.amount_minor, key=locked.key)
    except errors.RailRefuses as problem:
        _refused(locked, problem.code)
        raise
    locked.refresh_from_db()
    return locked


@transaction.atomic
def _sent(request: RefundRequest) -> RefundRequest:
    locked = _locked(request)
    is_free = not locked.needs_second or locked.confirmed_by_id is not None
    if locked.state == State.PROPOSED and is_free:
        queries.refund_split(gift=locked.gift, amount_minor=locked.amount_minor)
        _refuse_without_guarantor(locked)
        locked.state = State.SENT
        locked.save(update_fields=["state"])
    return locked


def _refuse_without_guarantor(request: RefundRequest) -> None:
    """Raise as the books would, before the money is gone."""
    plan = queries.refund_plan(gift=request.gift, amount_minor=request.amount_minor)
    if plan.advance_minor and not plan.has_guarantor:
        raise NoGuarantor(plan.advance_minor)


@transaction.atomic
def _booked_by_hand(request: RefundRequest) -> RefundRequest:
    locked = _locked(request)
    if locked.state == State.SENT:
        locked.refund = actions.refund_gift(
            gift=locked.gift,
            person=locked.proposed_by,
            amount_minor=locked.amount_minor,
            reason=locked.reason,
            earlier=locked.gift.refunds.count(),
        )
        locked.state = State.BOOKED
        locked.save(update_fields=["state", "refund"])
    return locked


@transaction.atomic
def _refused(request: RefundRequest, code: str) -> None:
    locked = _locked(request)
    if locked.state == State.SENT:
        locked.state, locked.problem = State.REFUSED, code[:60]
        locked.save(update_fields=["state", "problem"])


def send_again(limit: int = 100) -> int:
    """Ask the rails again about refunds that were sent and not confirmed; return how many."""
    waiting = RefundRequest.objects.filter(state=State.SENT).order_by("id")
    for request in waiting.select_related("gift")[:limit]:
        try:
            _carried_out(request)
        except (errors.GivingError, NoGuarantor) as problem:
            logger.warning("giving.refund_waits key=%s why=%s", request.key, type(problem).__name__)
    return len(waiting)


@transaction.atomic
def book(
    *,
    gift: Gift,
    rail_ref: str,
    amount_minor: int,
    at: datetime,
    fee_minor: int = 0,
    request_key: str = "",
) -> Refund:
    """Book a refund that a rail made, whoever asked for it. Safe to repeat.

    `fee_minor` is what the rail kept for the refund itself; the operating account bears it.
    Raises NotPosted, MoreThanWasGiven; ledger.errors.NoGuarantor.
    """
    ledger.lock_books(gift.partnership)
    known = Refund.objects.filter(rail_ref=rail_ref).first()
    if known is not None:
        return known
    request = _request_of(gift, request_key)
    reason = request.reason if request else "refunded at the rail"
    person = request.proposed_by if request else None
    if queries.left_of(gift).line_minor > 0:
        refund = actions.refund_gift(
            gift=gift,
            person=person,
            amount_minor=amount_minor,
            reason=reason,
            earlier=gift.refunds.count(),
            at=at,
        )
    else:
        refund = _fee_given_back(gift, amount_minor, reason, person, at)
    refund.rail_ref = rail_ref
    refund.save(update_fields=["rail_ref"])
    if fee_minor:
        _bear(gift, f"{refund.key}:fee", fee_minor, at)
    if request is not None:
        request.refund, request.state = refund, State.BOOKED
        request.save(update_fields=["refund", "state"])
    if Hold.objects.filter(fund=gift.fund_id, key=_due_key(rail_ref)).exists():
        dues.release(partnership=gift.partnership, key=_due_key(rail_ref), at=clock.now())
    return refund


def _due_key(rail_ref: str) -> str:
    return f"refund-due:{rail_ref}"


@transaction.atomic
def hold_due(*, gift: Gift, rail_ref: str, amount_minor: int, at: datetime) -> None:
    """A rail gave money back that nobody advances: so much is not ordered until it is booked."""
    line_minor = min(amount_minor, queries.left_of(gift).line_minor)
    if line_minor > 0:
        dues.hold(
            partnership=gift.partnership,
            key=_due_key(rail_ref),
            fund_code=gift.fund.code,
            amount_minor=line_minor,
            at=at,
        )


def _request_of(gift: Gift, key: str) -> RefundRequest | None:
    """The request that a rail's refund was made for; None for one made at the rail."""
    found = gift.refund_requests.select_related("gift", "proposed_by").filter(refund=None)
    return next((request for request in found if key and request.key == key), None)


def _fee_given_back(
    gift: Gift, amount_minor: int, reason: str, person: Person | None, at: datetime
) -> Refund:
    """A refund of which nothing is on the line any more: the operating account's alone."""
    left = queries.left_of(gift)
    if gift.posted_at is None:
        raise errors.NotPosted(gift.ref)
    if amount_minor > left.fee_minor:
        raise errors.MoreThanWasGiven(gift.ref, amount_minor, left.fee_minor)
    key = f"refund:{gift.ref}-{gift.refunds.count() + 1}"
    _bear(gift, key, amount_minor, at)
    return Refund.objects.create(
        gift=gift,
        key=key,
        line_minor=0,
        operating_minor=amount_minor,
        reason=reason,
        refunded_at=at,
        refunded_by=person,
    )


def _bear(gift: Gift, key: str, amount_minor: int, at: datetime) -> None:
    dues.bear(
        partnership=gift.partnership,
        key=key,
        amount_minor=amount_minor,
        currency=gift.currency,
        paid_from=BY_CODE[gift.rail].account,
        at=at,
    )


@transaction.atomic
def take_back(*, gift: Gift, rail_ref: str, at: datetime, request_key: str = "") -> Refund | None:
    """A refund failed: what was booked of it comes back in the gift's name. Safe to repeat.

    None for one that was never booked; then nothing changes but the request, which was refused.
    """
    ledger.lock_books(gift.partnership)
    refund = Refund.objects.filter(rail_ref=rail_ref).first()
    if refund is None:
        request = _request_of(gift, request_key)
        if request is not None:
            _refused(request, "refund_failed")
        return None
    if refund.returned_at is None:
        refund.returned_key = disputes.come_back(gift, refund, at)
        refund.returned_at = at
        refund.save(update_fields=["returned_key", "returned_at"])
    return refund
