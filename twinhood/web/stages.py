"""How far a campaign's money is, from gifts, orders, payments and acts together."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from twinhood.deliveries.core.publicity import PublicState
from twinhood.deliveries.queries import (
    CampaignProgress,
    PublicUnit,
    campaign_progress,
    public_unit_names,
)
from twinhood.giving import offering
from twinhood.giving.stages import Stages
from twinhood.needs.models import Campaign


def given_by(laid: CampaignProgress) -> int:
    """What gifts brought to the campaign and its needs, after fees and refunds."""
    own = (need.fund_id for need in laid.needs if need.fund_id is not None)
    return sum(offering.given_to({laid.campaign.fund_id, *own}).values())


def reckoned(campaign: Campaign, at: datetime) -> Stages:
    """The stages of a campaign at `at`, as the world may know them."""
    units = public_unit_names(campaign.partnership, at)
    return stages(campaign_progress(campaign, at=at, units=units), units)


def stages(laid: CampaignProgress, units: Mapping[str, PublicUnit]) -> Stages:
    """The stages of a campaign that is laid along its line. One query more.

    An order that is paid in part counts with that part of its things' price, rounded down.
    """
    price = {need.number: need.unit_price_minor for need in laid.needs}
    ordered: Counter[str] = Counter()
    handed_over_minor = 0
    for unit in units.values():
        if unit.need_number in price and unit.state != PublicState.CANCELLED:
            ordered[unit.order_key] += price[unit.need_number]
            is_done = unit.state == PublicState.HANDED_OVER
            handed_over_minor += price[unit.need_number] if is_done else 0
    return Stages(
        currency=laid.campaign.currency,
        given_minor=given_by(laid),
        ordered_minor=ordered.total(),
        paid_minor=max(_paid(laid.campaign, ordered), handed_over_minor),
        handed_over_minor=handed_over_minor,
    )


# What placed orders cost, cancelled things left out, and what was paid for each.
PAID = """
SELECT o.number, sum(u.price_minor),
       (SELECT coalesce(sum(p.amount_minor), 0) FROM deliveries_payment p WHERE p.order_id = o.id)
  FROM deliveries_order o JOIN deliveries_unit u ON u.order_id = o.id AND u.cancelled_at IS NULL
 WHERE o.partnership_id = %(id)s AND o.state = 'placed'
 GROUP BY o.id
"""


def _paid(campaign: Campaign, ordered: Mapping[str, int]) -> int:
    """Which part of what was ordered is paid to suppliers, order by order."""
    with connection.cursor() as cursor:
        cursor.execute(PAID, {"id": campaign.partnership_id})
        orders = [(f"order:O-{number}", int(w), int(paid)) for number, w, paid in cursor.fetchall()]
    return sum(ordered.get(key, 0) * min(paid, whole) // whole for key, whole, paid in orders)
