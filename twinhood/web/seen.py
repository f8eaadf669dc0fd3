"""When a page is read, and the day that it shows."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Seen:
    """When the page is read (`at`, UTC), and the day whose end it shows; None: as it is now.

    The safety rule of `at` decides what may be told, whichever day is shown.
    """

    at: datetime
    day: date | None = None
    zone: str = "UTC"

    @property
    def as_of(self) -> datetime | None:
        """The last moment of the day, on the clocks of the giving city."""
        if self.day is None:
            return None
        midnight = datetime.combine(self.day, time(), ZoneInfo(self.zone))
        return midnight + timedelta(days=1, microseconds=-1)

    def has_known(self, moment: datetime) -> bool:
        """Whether something of that moment had happened."""
        return self.as_of is None or moment <= self.as_of

    def has_seen(self, day: date | None) -> bool:
        """Whether something of that day had happened."""
        return day is not None and (self.day is None or day <= self.day)
