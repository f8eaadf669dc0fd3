"""Reads of the treasury. Amounts are minor units of the funds' own currencies."""

from dataclasses import dataclass
from datetime import datetime

from twinhood.ledger.models import Fund, Segment, Use
from twinhood.people.models import Partnership


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
