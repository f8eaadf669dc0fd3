"""Whether something may be bought for a body, from a supplier, where they lie on that day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from twinhood.deliveries import errors
from twinhood.needs.models import Need, Quote
from twinhood.people import safety


def expect_payable(need: Need, quote: Quote, at: datetime) -> None:
    """Refuse what would pay, or pay for, a body where the place counts as occupied (there)."""
    for body in (need.beneficiary, quote.supplier):
        zone = body.place.time_zone if body.place else "UTC"
        try:
            safety.expect_payable(body, at.astimezone(ZoneInfo(zone)).date())
        except safety.UnderOccupation as problem:
            raise errors.UnderOccupation(str(body), problem.since_date) from problem
