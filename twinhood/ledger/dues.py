"""What is owed and what is held: suppliers' credits, costs borne, advances repaid, holds.

Verbs of the books beside those of `actions`; each is one transaction under the books' lock.
Amounts are minor units of the currency named.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum

from twinhood.ledger import actions, errors
from twinhood.ledger.core import entry as entries
from twinhood.ledger.core.entry import commitment_of
from twinhood.ledger.lines import segment_of
from twinhood.ledger.models import Account, Entry, Fund, Hold, Segment, UnitReduction, UseUnit
from twinhood.people.models import Partnership


@transaction.atomic
def credit_from_supplier(
    *,
    partnership: Partnership,
    key: str,
    order_key: str,
    amount_minor: int,
    currency: str,
    bank_code: str,
    at: datetime,
) -> Entry:
    """Book money that a supplier gave back: committed to the order again, so that it can be freed.

    Raises MoreThanIsLeft if less was paid for the order, KeyUsed.
    """
    posting = actions.Posting(partnership)
    paid_minor = _paid_minor(partnership, order_key, currency)
    if amount_minor > paid_minor:
        raise errors.MoreThanIsLeft(order_key, amount_minor, paid_minor)
    return posting.enter(
        entries.supplier_credited(
            key=key,
            order_key=order_key,
            bank=bank_code,
            amount_minor=amount_minor,
            currency=currency,
        ),
        at,
    )


def _paid_minor(partnership: Partnership, order_key: str, currency: str) -> int:
    """What has left for an order's supplier, less what came back: what its units cost now that
    are not cancelled, less what is still committed.
    """
    code = commitment_of(order_key)
    units = UseUnit.objects.filter(use__partnership=partnership, use__key=order_key)
    live = units.filter(cancelled_by=None).aggregate(sum=Sum(F("end_offset") - F("start_offset")))
    cheaper = UnitReduction.objects.filter(unit__in=units, unit__cancelled_by=None)
    off_minor = cheaper.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    account = Account.objects.filter(partnership=partnership, code=code, currency=currency).first()
    return int(live["sum"] or 0) - int(off_minor) - (account.balance_minor if account else 0)


@transaction.atomic
def bear(
    *,
    partnership: Partnership,
    key: str,
    amount_minor: int,
    currency: str,
    paid_from: str,
    at: datetime,
) -> Entry:
    """Book a cost on the recipient's operating account (a dispute's fee). Raises KeyUsed."""
    entry = entries.borne(
        key=key,
        operating=f"operating:{partnership.recipient_id}",
        paid_from=paid_from,
        amount_minor=amount_minor,
        currency=currency,
    )
    return actions.Posting(partnership).enter(entry, at)


@transaction.atomic
def bear_no_more(
    *,
    partnership: Partnership,
    key: str,
    amount_minor: int,
    currency: str,
    arrives_at: str,
    at: datetime,
) -> Entry:
    """Book a cost that came back to the recipient's operating account. Raises KeyUsed."""
    entry = entries.borne_no_more(
        key=key,
        operating=f"operating:{partnership.recipient_id}",
        arrives_at=arrives_at,
        amount_minor=amount_minor,
        currency=currency,
    )
    return actions.Posting(partnership).enter(entry, at)


@transaction.atomic
def repay_advance(
    *, partnership: Partnership, key: str, advance_key: str, amount_minor: int, at: datetime
) -> actions.RefundOutcome:
    """Give the guarantor an advance back: cents of its own segment, by the rules of a refund.

    Only as much as later gifts have made free: an advance is not repaid by another. Raises
    Unknown, MoreThanIsLeft, FundTooSmall, KeyUsed.
    """
    actions.lock_books(partnership)
    advance = segment_of(partnership, advance_key)
    if advance is None or advance.kind != Segment.Kind.ADVANCE:
        raise errors.Unknown("advance", advance_key)
    outcome = actions.refund_outcome(
        partnership=partnership, source_key=advance_key, amount_minor=amount_minor
    )
    if outcome.advance_minor:
        fund = advance.fund
        raise errors.FundTooSmall([fund.code], amount_minor, fund.free_minor)
    moves = advance.entry.transfers.select_related("debit")
    lent = moves.get(debit__code__startswith=actions.DUE_FROM)
    return actions.refund(
        partnership=partnership,
        key=key,
        source_key=advance_key,
        amount_minor=amount_minor,
        paid_from=lent.debit.code,
        at=at,
    )


@transaction.atomic
def hold(
    *, partnership: Partnership, key: str, fund_code: str, amount_minor: int, at: datetime
) -> Hold:
    """Keep an amount of a fund from being ordered until it is released; the line does not change.

    Safe to repeat. Raises Unknown; KeyUsed if the key holds something else.
    """
    actions.lock_books(partnership)
    fund = Fund.objects.filter(partnership=partnership, code=fund_code).first()
    if fund is None:
        raise errors.Unknown("fund", fund_code)
    found = Hold.objects.filter(fund__partnership=partnership, key=key).first()
    if found is None:
        return Hold.objects.create(fund=fund, key=key, amount_minor=amount_minor, opened_at=at)
    if (found.fund_id, found.amount_minor) != (fund.pk, amount_minor):
        raise errors.KeyUsed(key)
    return found


@transaction.atomic
def release(*, partnership: Partnership, key: str, at: datetime) -> Hold:
    """Let what a hold kept be ordered again. Safe to repeat. Raises Unknown."""
    actions.lock_books(partnership)
    found = Hold.objects.filter(fund__partnership=partnership, key=key).first()
    if found is None:
        raise errors.Unknown("hold", key)
    if found.released_at is None:
        found.released_at = at
        found.save(update_fields=["released_at"])
    return found
