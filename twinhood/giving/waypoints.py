"""On which day a campaign's gifts came to each sum that it had set as a step on its way.

Counted from the lines of the campaign's fund and of its needs' own funds: what each gift brought,
less what was given back, in the order of the books. Amounts are minor units of its currency.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from twinhood.giving.offering import given_to
from twinhood.needs.models import Campaign, Waypoint

# The first entry with which all gifts up to it come to the sum. A refund that came back counts
# again from then on.
REACHED = """
WITH moved AS (
  SELECT e.seq, e.happened_at, s.end_minor - s.start_minor AS minor
    FROM ledger_segment s JOIN ledger_entry e ON e.id = s.entry_id
   WHERE s.fund_id = ANY(%(funds)s) AND s.kind = 'gift'
  UNION ALL
  SELECT e.seq, e.happened_at, p.start_minor - p.end_minor
    FROM ledger_piece p JOIN ledger_use u ON u.id = p.use_id AND u.kind = 'refund'
    JOIN ledger_entry e ON e.id = p.begun_by_id
   WHERE p.fund_id = ANY(%(funds)s)
  UNION ALL
  SELECT e.seq, e.happened_at, p.end_minor - p.start_minor
    FROM ledger_piece p JOIN ledger_use u ON u.id = p.use_id AND u.kind = 'refund'
    JOIN ledger_entry e ON e.id = p.ended_by_id
   WHERE p.fund_id = ANY(%(funds)s)
), laid AS (
  SELECT seq, happened_at, sum(minor) OVER (ORDER BY seq) AS so_far FROM moved
)
SELECT happened_at FROM laid WHERE so_far >= %(amount)s ORDER BY seq LIMIT 1
"""


def note_reached() -> int:
    """Write down the day of each step that is reached and has none yet; how many. Safe to repeat.

    The lines are read through only where the sum of now says that one is reached.
    """
    waiting = Waypoint.objects.filter(reached_date=None).exclude(
        campaign__state=Campaign.State.DRAFT
    )
    noted = 0
    for waypoint in waiting.select_related("campaign__partnership__giving_place").order_by("pk"):
        noted += _note(waypoint)
    return noted


@transaction.atomic
def _note(waypoint: Waypoint) -> bool:
    campaign = waypoint.campaign
    funds = funds_of(campaign)
    if sum(given_to(funds).values()) < waypoint.amount_minor:
        return False
    at = reached_at(funds, waypoint.amount_minor)
    if at is None:
        return False
    day = at.astimezone(ZoneInfo(campaign.partnership.giving_place.time_zone)).date()
    return bool(Waypoint.objects.filter(pk=waypoint.pk, reached_date=None).update(reached_date=day))


def funds_of(campaign: Campaign) -> list[int]:
    """The campaign's fund, and those of its needs that are in its currency."""
    own = campaign.needs.filter(fund__currency=campaign.currency)
    return [campaign.fund_id, *own.order_by("pk").values_list("fund_id", flat=True)]


def reached_at(funds: list[int], amount_minor: int) -> datetime | None:
    """When gifts to these funds first came to a sum (UTC); None if they never did."""
    with connection.cursor() as cursor:
        cursor.execute(REACHED, {"funds": funds, "amount": amount_minor})
        row = cursor.fetchone()
    return row[0] if row else None
