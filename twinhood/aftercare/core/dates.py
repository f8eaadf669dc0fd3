"""When a thing is asked after, and how long nothing was heard of it."""

from calendar import monthrange
from datetime import date, timedelta

MONTHS = (3, 12, 24)
# A link opens from so many days before its date, and for so many after it.
LINK_DAYS = 90
# Asked again after so many days, at most so many times in all.
AGAIN_DAYS = 14
ASKED_MAX = 4
# Nothing heard for so long after a date is said in public.
SILENT_DAYS = 30


def due_date(handed_over: date, months: int) -> date:
    """The same day of the month so many months later, or the month's last."""
    total = handed_over.year * 12 + handed_over.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(handed_over.day, monthrange(year, month + 1)[1]))


def link_ends(due: date) -> date:
    """The last day on which the holder's link of a date opens."""
    return due + timedelta(days=LINK_DAYS)


def may_ask(due: date, asked: date | None, times: int, today: date) -> bool:
    """Whether the holder is to be written to today."""
    if today < due or today > link_ends(due) or times >= ASKED_MAX:
        return False
    return asked is None or today >= asked + timedelta(days=AGAIN_DAYS)


def is_silent(due: date, today: date) -> bool:
    """Whether an answer is missing for so long that it is said."""
    return today > due + timedelta(days=SILENT_DAYS)
