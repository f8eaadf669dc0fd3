"""The one place that asks what time it is, so that tests and the example can say it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_shown: ContextVar[datetime | None] = ContextVar("clock_shown", default=None)
_days_file: Path | None = None


def now() -> datetime:
    """This moment, UTC."""
    return _shown.get() or datetime.now(UTC) + _ahead()


def _ahead() -> timedelta:
    if _days_file is None or not _days_file.exists():
        return timedelta(0)
    return timedelta(days=int(_days_file.read_text(encoding="ascii")))


def run_ahead_by(days_file: Path | None) -> None:
    """Let the clock of this process run ahead by the days that stand in a file, now or later: for
    tests of a whole running site. Without the file it shows the world's time.
    """
    global _days_file
    _days_file = days_file


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
