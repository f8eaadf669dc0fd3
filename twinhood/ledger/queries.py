"""Reads over the books: traces both ways, what may be ordered, balances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from twinhood.ledger.drawing import DrawnPiece, drawn_pieces, head_minor_at
from twinhood.ledger.models import Account, Fund, Hold, Segment, Use
from twinhood.ledger.origins import GiftShare, freed_by, gifts_of, sources
from twinhood.ledger.tracing import Trace, TracePart, last_seq_at, trace, traces
from twinhood.people.models import Partnership

__all__ = [
    "Advance",
    "DrawnPiece",
    "GiftShare",
    "Trace",
    "TracePart",
    "advances",
    "balances",
    "drawn_pieces",
    "freed_by",
    "gifts_of",
    "head_minor_at",
    "held_minor",
    "last_seq_at",
    "orderable_minor",
    "reserve_minor",
    "sources",
    "trace",
    "traces",
]

# Time first, by its index: a plan that begins with all gifts of the fund grows with their number.
RECENT_GIFTS = """
WITH recent AS MATERIALIZED (
  SELECT id FROM ledger_entry
   WHERE partnership_id = %(partnership)s AND happened_at > %(since)s AND kind = 'gift'
)
SELECT coalesce(sum(s.end_minor - s.start_minor), 0)
  FROM recent JOIN ledger_segment s ON s.entry_id = recent.id
 WHERE s.fund_id = %(fund)s AND s.kind = 'gift'
"""


def left_on_line(*, partnership: Partnership, keys: Sequence[str]) -> dict[str, int]:
    """How much of each segment no refund has taken, by its key; unknown keys are left out."""
    found = Segment.objects.filter(fund__partnership=partnership, key__in=keys)
    left = {segment.key: segment.end_minor - segment.start_minor for segment in found}
    taken = Use.objects.filter(
        partnership=partnership, kind=Use.Kind.REFUND, source_key__in=keys
    ).values_list("source_key", "amount_minor")
    for key, amount_minor in taken:
        left[key] -= amount_minor
    return left


def orderable_minor(*, fund: Fund, at: datetime) -> int:
    """What may be ordered from a fund: its free length less what is held and a reserve."""
    return max(0, fund.free_minor - held_minor(fund) - reserve_minor(fund=fund, at=at))


def held_minor(fund: Fund) -> int:
    """What open holds (disputed gifts) keep from being ordered."""
    open_holds = Hold.objects.filter(fund=fund, released_at=None)
    return int(open_holds.aggregate(sum=Sum("amount_minor"))["sum"] or 0)


def reserve_minor(*, fund: Fund, at: datetime) -> int:
    """A published percentage (TWINHOOD_RESERVE_PERCENT) of the last 120 days' gifts, rounded up.

    It stays free for refunds and disputes.
    """
    since = at - timedelta(days=120)
    with connection.cursor() as cursor:
        cursor.execute(
            RECENT_GIFTS, {"partnership": fund.partnership_id, "since": since, "fund": fund.pk}
        )
        recent_minor = int(cursor.fetchone()[0])
    return -(-recent_minor * settings.RESERVE_PERCENT // 100)


@dataclass(frozen=True, slots=True)
class Advance:
    """What a guarantor lent for one refund, and how much of it was given back (UTC)."""

    key: str
    fund: Fund
    amount_minor: int
    repaid_minor: int
    at: datetime

    @property
    def left_minor(self) -> int:
        return self.amount_minor - self.repaid_minor


def advances(partnership: Partnership) -> list[Advance]:
    """Every advance, oldest first; two queries."""
    refunds = Use.objects.filter(partnership=partnership, kind=Use.Kind.REFUND)
    # By entry, which has an index: among all segments advances are few.
    found = Segment.objects.filter(kind=Segment.Kind.ADVANCE, entry__in=refunds.values("entry"))
    segments = list(found.select_related("fund", "entry").order_by("entry__seq"))
    keys = [segment.key for segment in segments]
    taken = refunds.filter(source_key__in=keys).values("source_key")
    repaid = {row["source_key"]: row["sum"] for row in taken.annotate(sum=Sum("amount_minor"))}
    return [
        Advance(
            key=segment.key,
            fund=segment.fund,
            amount_minor=segment.end_minor - segment.start_minor,
            repaid_minor=int(repaid.get(segment.key, 0)),
            at=segment.entry.happened_at,
        )
        for segment in segments
    ]


def balances(partnership: Partnership) -> list[Account]:
    """Every account with its balance, by code and currency."""
    return list(Account.objects.filter(partnership=partnership).order_by("code", "currency"))
