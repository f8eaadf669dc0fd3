"""The one place that asks what time it is, so that tests and the example can say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_shown: ContextVar[datetime | None] = ContextVar("clock_shown", default=None)


def now() -> datetime:
    """This moment, UTC."""
    return _shown.get() or datetime.now(UTC)


def today_in(zone: str) -> date:
    """Today's date where the clocks show `zone` (an IANA name)."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def showing(moment: datetime) -> Iterator[None]:
    """Let the clock show `moment` (aware) within the block: for tests and the example's past."""
    token = _shown.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _shown.reset(token)
