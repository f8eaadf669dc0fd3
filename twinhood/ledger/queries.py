"""Reads over the books: traces both ways, what may be ordered, balances."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from twinhood.ledger.models import Account, Fund, Hold
from twinhood.ledger.origins import GiftShare, gifts_of, sources
from twinhood.ledger.tracing import Trace, TracePart, last_seq_at, trace
from twinhood.people.models import Partnership

__all__ = [
    "GiftShare",
    "Trace",
    "TracePart",
    "balances",
    "gifts_of",
    "held_minor",
    "last_seq_at",
    "orderable_minor",
    "reserve_minor",
    "sources",
    "trace",
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


def balances(partnership: Partnership) -> list[Account]:
    """Every account with its balance, by code and currency."""
    return list(Account.objects.filter(partnership=partnership).order_by("code", "currency"))
