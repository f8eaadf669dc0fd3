"""What is looked at before a month is closed. Amounts are minor units of the currency beside them.

Each check is `good`, `look` (a person says in a note why it may stay) or `stop` (the month cannot
be closed). They read; nothing here writes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import connection
from django.db.models import Count, Max, Min, Sum

from twinhood.giving.models import (
    Dispute,
    Issuer,
    Notice,
    PayoutPart,
    Receipt,
    ReceiptCounter,
    RefundRequest,
)
from twinhood.kit import clock
from twinhood.ledger.models import Account, Transfer
from twinhood.people.models import Partnership
from twinhood.treasury.core.month import Month
from twinhood.treasury.models import StatementLine

type State = Literal["good", "look", "stop"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its code, how it stands, and the figures that say so."""

    code: str
    state: State
    figures: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "state": self.state, "figures": self.figures}


def checks_of(partnership: Partnership, month: Month) -> list[Check]:
    """Everything that is looked at before `month` is closed, in the order in which it is shown."""
    zone = partnership.giving_place.time_zone
    end = month.ends_at(zone)
    return [
        _ended(end),
        _posted(partnership, end),
        _lines(partnership, month),
        *_clearing(partnership, end),
        _exchanges(partnership, end),
        _receipts(partnership),
        _disputes(partnership, end),
        _refunds(partnership, end),
        _notices(partnership, end),
    ]


def _ended(end: datetime) -> Check:
    return Check("ended", "good" if clock.now() >= end else "stop")


UNPOSTED = "SELECT count(*) FROM giving_unposted WHERE partnership_id = %s AND settled_at < %s"


def _posted(partnership: Partnership, end: datetime) -> Check:
    with connection.cursor() as cursor:
        cursor.execute(UNPOSTED, [partnership.pk, end])
        (count,) = cursor.fetchone()
    return Check("posted", "stop" if count else "good", {"count": count})


def _lines(partnership: Partnership, month: Month) -> Check:
    """Every line of the bank up to the month's last day is matched, or ignored with a reason."""
    count = StatementLine.objects.filter(
        account__partnership=partnership,
        state=StatementLine.State.OPEN,
        booked_date__lte=month.last_day,
    ).count()
    return Check("lines", "stop" if count else "good", {"count": count})


def balances_at(
    partnership: Partnership, end: datetime, prefix: str = ""
) -> dict[tuple[str, str], int]:
    """Balance by (account, currency), in its normal direction, of entries dated before `end`."""
    accounts = Account.objects.filter(partnership=partnership, code__startswith=prefix)
    moved = Transfer.objects.filter(
        entry__partnership=partnership, entry__happened_at__lt=end
    ).order_by()
    chosen = list(accounts.values_list("pk", "code", "currency", "is_credit_normal"))
    ids = [pk for pk, *_ in chosen]
    debited = _sums(moved.filter(debit__in=ids), "debit")
    credited = _sums(moved.filter(credit__in=ids), "credit")
    return {
        (code, currency): (credited.get(pk, 0) - debited.get(pk, 0)) * (1 if is_credit else -1)
        for pk, code, currency, is_credit in sorted(chosen, key=lambda row: row[1:3])
    }


def _sums(moved: Any, side: str) -> dict[int, int]:
    return {
        row[side]: int(row["sum"]) for row in moved.values(side).annotate(sum=Sum("amount_minor"))
    }


def _clearing(partnership: Partnership, end: datetime) -> Iterator[Check]:
    """What lies at a rail at the month's end is what it pays out later, and nothing else."""
    for (code, currency), balance_minor in balances_at(
        partnership, end, "assets:clearing:"
    ).items():
        rail = code.removeprefix("assets:clearing:")
        to_come_minor = _to_come(partnership, rail, currency, end)
        figures = {
            "rail": rail,
            "currency": currency,
            "balance_minor": balance_minor,
            "to_come_minor": to_come_minor,
        }
        yield Check("clearing", "good" if balance_minor == to_come_minor else "look", figures)


def _to_come(partnership: Partnership, rail: str, currency: str, end: datetime) -> int:
    """Net of what happened before `end` and is in a payout that arrives on or after it."""
    parts = PayoutPart.objects.filter(
        payout__rail=rail,
        payout__currency=currency,
        payout__arrival_date__gte=end.date(),
        happened_at__lt=end,
        gift__partnership=partnership,
    ).exclude(payout__state="failed")
    sums = parts.aggregate(amount=Sum("amount_minor"), fee=Sum("fee_minor"))
    return int(sums["amount"] or 0) - int(sums["fee"] or 0)


def _exchanges(partnership: Partnership, end: datetime) -> Check:
    """The exchange accounts stand at zero: the bank's two lines are both booked."""
    open_ones = {
        f"{code} {currency}": balance
        for (code, currency), balance in balances_at(partnership, end, "exchange:").items()
        if balance
    }
    return Check("exchanges", "stop" if open_ones else "good", {"count": len(open_ones)})


def _receipts(partnership: Partnership) -> Check:
    """Receipts are numbered from one without a gap, in each year."""
    issuer = Issuer.objects.filter(organisation=partnership.recipient_id).first()
    if issuer is None:
        return Check("receipts", "look", {"count": 0, "gaps": 0, "has_issuer": False})
    years = Receipt.objects.filter(issuer=issuer).values("year").order_by("year")
    found = years.annotate(count=Count("id"), first=Min("serial"), last=Max("serial"))
    counters = dict(ReceiptCounter.objects.filter(issuer=issuer).values_list("year", "last"))
    gaps = sum(
        row["count"] != row["last"] or row["first"] != 1 or counters.get(row["year"]) != row["last"]
        for row in found
    )
    figures = {"count": sum(row["count"] for row in found), "gaps": gaps, "has_issuer": True}
    return Check("receipts", "stop" if gaps else "good", figures)


def _disputes(partnership: Partnership, end: datetime) -> Check:
    open_ones = Dispute.objects.filter(
        gift__partnership=partnership, won_at=None, lost_at=None, opened_at__lt=end
    ).count()
    return Check("disputes", "look" if open_ones else "good", {"count": open_ones})


def _refunds(partnership: Partnership, end: datetime) -> Check:
    """Refunds that somebody proposed and nobody confirmed, or that the rail has not confirmed."""
    waiting = RefundRequest.objects.filter(
        gift__partnership=partnership, state__in=["proposed", "sent"], proposed_at__lt=end
    ).count()
    return Check("refunds", "look" if waiting else "good", {"count": waiting})


def _notices(partnership: Partnership, end: datetime) -> Check:
    """Notices of a rail that were not handled; those of nobody known count in each partnership."""
    found = Notice.objects.filter(handled_at=None, arrived_at__lt=end)
    waiting = (found.filter(pledge__partnership=partnership) | found.filter(pledge=None)).count()
    return Check("notices", "look" if waiting else "good", {"count": waiting})
