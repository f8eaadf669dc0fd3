"""Months as the books close them: where a day of the giving side begins and ends. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, written 2026-09."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1970 <= self.year <= 9998 and 1 <= self.number <= 12):
            raise ValueError(f"no such month: {self.year}-{self.number}")

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, written: str) -> "Month":
        """Read 2026-09. Raises ValueError."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            raise ValueError(written)
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month.of(self.first_day - timedelta(days=1))

    def starts_at(self, zone: str) -> datetime:
        """The first moment of its first day on the clocks of `zone`, UTC."""
        return datetime.combine(self.first_day, time(), ZoneInfo(zone)).astimezone(UTC)

    def ends_at(self, zone: str) -> datetime:
        """The first moment after it, UTC."""
        return self.next.starts_at(zone)
