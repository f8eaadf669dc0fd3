"""When a gift that comes each month is due. Day 31 means the last day of a shorter month."""

from calendar import monthrange
from datetime import date


def due_in(year: int, month: int, day: int) -> date:
    """The day of that month on which it is due; `month` may run on beyond 12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def first_due(day: int, not_before: date) -> date:
    """The first day on which it is due that is not before another day."""
    due = due_in(not_before.year, not_before.month, day)
    return due if due >= not_before else due_in(not_before.year, not_before.month + 1, day)
