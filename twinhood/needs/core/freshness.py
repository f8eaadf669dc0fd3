"""How long a need and its price hold without anybody saying so again."""

from collections.abc import Collection
from datetime import date, timedelta

# A need is said to be true for so long, if who says it names no other day.
CONFIRM_DAYS = 60
CONFIRM_DAYS_MAX = 180
# Its writer is asked again so many days before.
ASKED_BEFORE_DAYS = 7


def holds_until(said_date: date) -> date:
    """Until when a need holds that was said to be true on a day."""
    return said_date + timedelta(days=CONFIRM_DAYS)


def is_day_to_hold_until(until_date: date, today: date) -> bool:
    """Whether somebody may say today that a need holds until this day."""
    return today < until_date <= today + timedelta(days=CONFIRM_DAYS_MAX)


def price_stale_since(ends: Collection[date | None], today: date) -> date | None:
    """From which day no quote holds any more, or None while one does, or while there is none.

    `ends` are the last days on which the quotes hold; None for one that names no day.
    """
    if not ends or any(end is None or end >= today for end in ends):
        return None
    return max(end for end in ends if end is not None) + timedelta(days=1)
