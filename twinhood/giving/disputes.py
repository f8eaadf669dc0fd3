"""Disputes: a donor's bank asks for a gift back, keeps it, or gives it back after all.

What is told may come twice and in any order (the end before the beginning); the same things told
end the same. Each verb is one transaction under the books' lock. Amounts are minor units of the
gift's currency; `at` is when it happened (UTC), as the bank says.
"""

import logging
from datetime import date, datetime

from django.db import transaction

from twinhood.giving import actions, errors, queries
from twinhood.giving.core import refunding
from twinhood.giving.models import Dispute, Gift, Refund
from twinhood.giving.rails import BY_CODE
from twinhood.ledger import actions as ledger
from twinhood.ledger import dues
from twinhood.ledger.core.entry import gift_settled
from twinhood.ledger.models import Entry, Hold
from twinhood.people.models import Person

logger = logging.getLogger(__name__)


@transaction.atomic
def opened(
    *,
    gift: Gift,
    key: str,
    amount_minor: int,
    reason: str,
    due_date: date | None,
    at: datetime,
    person: Person | None = None,
) -> Dispute:
    """The bank disputes a gift: what it may take of the line is held until it ends.

    `due_date` is until when the recipient may answer. Raises NotPosted, MoreThanWasGiven,
    DisputeToldOtherwise.
    """
    dispute = _locked(gift, key, person)
    if amount_minor > gift.amount_minor:
        raise errors.MoreThanWasGiven(gift.ref, amount_minor, gift.amount_minor)
    if dispute.opened_at is not None and dispute.amount_minor != amount_minor:
        raise errors.DisputeToldOtherwise(gift.ref, key)
    if dispute.opened_at is None:
        dispute.amount_minor, dispute.reason, dispute.due_date = amount_minor, reason, due_date
        dispute.opened_at = at
    return _settled(dispute, at)


@transaction.atomic
def won(
    *, gift: Gift, key: str, at: datetime, person: Person | None = None, fee_minor: int = 0
) -> Dispute:
    """The recipient is right: what was held is free; what was taken before comes back.

    Money that comes back is income in the gift's name, since its old cents were covered anew.
    `fee_minor` is what the bank keeps all the same; the operating account bears it, once.
    Raises NotPosted, DisputeToldOtherwise.
    """
    dispute = _locked(gift, key, person)
    if dispute.won_at is not None and dispute.won_at != at:
        raise errors.DisputeToldOtherwise(gift.ref, key)
    dispute.won_at = at
    if fee_minor and dispute.lost_at is None and not dispute.fee_minor:
        dispute.fee_minor = fee_minor
        _bear_fee(dispute, at)
    return _settled(dispute, at)


@transaction.atomic
def lost(
    *,
    gift: Gift,
    key: str,
    amount_minor: int,
    fee_minor: int,
    at: datetime,
    person: Person | None = None,
) -> Dispute:
    """The bank takes `amount_minor` and keeps a fee: a refund that nobody here decided.

    What was given back already is not given a second time: such an amount is kept as `unbooked`,
    for a person to look at. Raises NotPosted, DisputeToldOtherwise; ledger.errors.NoGuarantor,
    and then nothing is written: the dispute stays open and what it may take stays held.
    """
    dispute = _locked(gift, key, person)
    told = (amount_minor, fee_minor, at)
    known = (dispute.taken_minor, dispute.fee_minor, dispute.lost_at)
    if dispute.lost_at is not None and known != told:
        raise errors.DisputeToldOtherwise(gift.ref, key)
    dispute.lost_at, dispute.taken_minor, dispute.fee_minor = at, amount_minor, fee_minor
    return _settled(dispute, at)


def _locked(gift: Gift, key: str, person: Person | None) -> Dispute:
    ledger.lock_books(gift.partnership)
    if gift.posted_at is None:
        raise errors.NotPosted(gift.ref)
    known = Dispute.objects.filter(gift=gift, key=key).first()
    return known or Dispute(gift=gift, key=key, recorded_by=person)


def _settled(dispute: Dispute, at: datetime) -> Dispute:
    """Book what follows from everything that is known by now, and is not booked yet."""
    dispute.save()
    if dispute.state == Dispute.State.OPEN:
        _hold(dispute)
        return dispute
    if Hold.objects.filter(fund=dispute.gift.fund_id, key=dispute.hold_key).exists():
        dues.release(partnership=dispute.gift.partnership, key=dispute.hold_key, at=at)
    if dispute.lost_at is not None and not dispute.is_loss_booked:
        _book_loss(dispute, dispute.lost_at)
    if dispute.state == Dispute.State.WON_BACK and not dispute.returned_key:
        _book_return(dispute, dispute.won_at or at)
    dispute.save()
    logger.info("giving.dispute source=%s state=%s", dispute.gift.key, dispute.state)
    return dispute


def _hold(dispute: Dispute) -> None:
    """Hold the part that is still on the line; nothing where all was given back."""
    gift = dispute.gift
    amount_minor = min(dispute.amount_minor or 0, queries.left_of(gift).line_minor)
    is_held = Hold.objects.filter(fund=gift.fund_id, key=dispute.hold_key).exists()
    if amount_minor > 0 and not is_held:
        dues.hold(
            partnership=gift.partnership,
            key=dispute.hold_key,
            fund_code=gift.fund.code,
            amount_minor=amount_minor,
            at=dispute.opened_at or gift.settled_at,
        )


def _book_loss(dispute: Dispute, at: datetime) -> None:
    left = queries.left_of(dispute.gift)
    taken_minor = dispute.taken_minor or 0
    back_minor = min(taken_minor, left.total_minor) if left.line_minor > 0 else 0
    dispute.is_loss_booked = True
    dispute.unbooked_minor = taken_minor - back_minor
    if back_minor:
        dispute.refund = _refund(dispute, refunding.split(back_minor, left), at)
    elif dispute.fee_minor and not _is_fee_borne(dispute):
        _bear_fee(dispute, at)


def _fee_key(dispute: Dispute) -> str:
    return f"dispute-fee:{dispute.gift.ref}:{dispute.key}"


def _is_fee_borne(dispute: Dispute) -> bool:
    """Whether the fee is booked by itself: then a loss that comes later does not book it again."""
    books = Entry.objects.filter(partnership=dispute.gift.partnership_id)
    return books.filter(key=_fee_key(dispute)).exists()


def _bear_fee(dispute: Dispute, at: datetime) -> None:
    gift = dispute.gift
    dues.bear(
        partnership=gift.partnership,
        key=_fee_key(dispute),
        amount_minor=dispute.fee_minor,
        currency=gift.currency,
        paid_from=BY_CODE[gift.rail].account,
        at=at,
    )


def _refund(dispute: Dispute, parts: refunding.Split, at: datetime) -> Refund:
    """The refund that a lost dispute is; the fee leaves with it, from the operating account."""
    gift = dispute.gift
    key = f"refund:{gift.ref}-{gift.refunds.count() + 1}"
    fee_minor = 0 if _is_fee_borne(dispute) else dispute.fee_minor
    borne = refunding.Split(parts.line_minor, parts.operating_minor + fee_minor)
    outcome = actions.give_back(gift=gift, key=key, parts=borne, at=at)
    return Refund.objects.create(
        gift=gift,
        key=key,
        line_minor=parts.line_minor,
        operating_minor=parts.operating_minor,
        displaced_minor=outcome.displaced_minor,
        advance_minor=outcome.advance_minor,
        reason=dispute.reason or "disputed",
        refunded_at=at,
        refunded_by=dispute.recorded_by,
    )


def _book_return(dispute: Dispute, at: datetime) -> None:
    if dispute.refund is not None:
        dispute.returned_key = come_back(dispute.gift, dispute.refund, at)


def come_back(gift: Gift, refund: Refund, at: datetime) -> str:
    """Book that a refund came back: its cents to the line, the fee part to who bore it.

    The cents are income in the gift's name, whose key in the books is returned: the old ones
    were covered anew.
    """
    number = len(queries.returned_keys(gift)) + 1
    key = f"{gift.key}:back-{number}"
    account = BY_CODE[gift.rail].account
    if refund.line_minor:
        entry = gift_settled(
            key=key,
            fund_code=gift.fund.code,
            currency=gift.currency,
            arrives_at=account,
            rail=gift.rail,
            amount_minor=refund.line_minor,
        )
        donor = bytes(gift.donor_commitment)
        income = ledger.Income(entry, gift.fund.code, refund.line_minor, at, donor)
        ledger.post_income(partnership=gift.partnership, incomes=[income])
    if refund.operating_minor:
        dues.bear_no_more(
            partnership=gift.partnership,
            key=f"back:{refund.key}",
            amount_minor=refund.operating_minor,
            currency=gift.currency,
            arrives_at=account,
            at=at,
        )
    return key
