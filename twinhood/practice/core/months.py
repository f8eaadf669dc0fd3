"""Months and years that pass for a subscription: day 31 means the last day."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta


def later(anchor: int, interval: str, count: int) -> int:
    """Return `anchor` (seconds, UTC) and `count` intervals later.

    Counted from the anchor, never from the end before: a gift begun on 31 January is due on 28
    February and then on 31 March.
    """
    at = datetime.fromtimestamp(anchor, UTC)
    if interval in {"day", "week"}:
        return int((at + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = at.month - 1 + count * (12 if interval == "year" else 1)
    year, month = at.year + months // 12, months % 12 + 1
    day = min(at.day, monthrange(year, month)[1])
    return int(at.replace(year=year, month=month, day=day).timestamp())


def first_after(anchor: int, interval: str, step: int, moment: int) -> int:
    """Return the first due time after `moment` of what is due every `step` intervals."""
    count = 0
    while (due := later(anchor, interval, count)) <= moment:
        count += step
    return due
