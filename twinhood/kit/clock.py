"""The one place that asks what time it is, so that tests can say it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """This moment, UTC."""
    return timezone.now().astimezone(UTC)


def today_in(zone: str) -> date:
    """Today's date where the clocks show `zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()
