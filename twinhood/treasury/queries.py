"""Reads of the treasury. Amounts are minor units of the funds' own currencies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from twinhood.ledger.models import Fund, Segment, Use
from twinhood.people.models import Partnership
from twinhood.treasury.models import Move


@dataclass(frozen=True, slots=True)
class Exchange:
    """So much left one fund and so much came into another, at the same time (UTC)."""

    key: str
    source: Fund
    amount_minor: int
    target: Fund
    received_minor: int
    at: datetime


def latest_exchanges(partnership: Partnership, n: int = 20) -> list[Exchange]:
    """The last `n` exchanges and moves, newest first; two queries."""
    funds = {fund.code: fund for fund in Fund.objects.filter(partnership=partnership)}
    incomes = Segment.objects.filter(fund__partnership=partnership, kind=Segment.Kind.EXCHANGE)
    return [
        Exchange(
            key=income.key,
            source=funds[income.source_use.fund_codes[0]],
            amount_minor=income.source_use.amount_minor,
            target=funds[income.fund.code],
            received_minor=income.end_minor - income.start_minor,
            at=income.entry.happened_at,
        )
        for income in incomes.select_related("fund", "entry", "source_use").order_by("-entry_id")[
            :n
        ]
        if income.source_use is not None
    ]


def is_done(partnership: Partnership, token: str) -> bool:
    """Whether the form of this token was booked already."""
    return Use.objects.filter(partnership=partnership, key=f"exchange:{token}").exists()


def move_reasons(partnership: Partnership, keys: Iterable[str]) -> dict[str, str]:
    """Why money was moved, by the key of the move."""
    found = Move.objects.filter(partnership=partnership, key__in=set(keys))
    return dict(found.values_list("key", "reason"))


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that went from one fund to another of its currency, and why (UTC)."""

    source: Fund
    target: Fund
    amount_minor: int
    reason: str
    at: datetime


def latest_moves(partnership: Partnership, n: int = 20) -> list[Moved]:
    """The last `n` moves, newest first; three queries."""
    reasons = {m.key: m.reason for m in Move.objects.filter(partnership=partnership)}
    funds = {fund.code: fund for fund in Fund.objects.filter(partnership=partnership)}
    uses = Use.objects.filter(partnership=partnership, key__in=reasons)
    return [
        Moved(
            source=funds[use.fund_codes[0]],
            target=funds[use.income.fund.code],
            amount_minor=use.amount_minor,
            reason=reasons[use.key],
            at=use.entry.happened_at,
        )
        for use in uses.select_related("entry", "income__fund").order_by("-entry__seq")[:n]
    ]
