"""The report on humanitarian aid: due on the 90th calendar day after customs clearance.

By the Cabinet's resolution 953 of 2023 with its amendments: who does not report loses the right
to declare. Days are those of the place where the things arrive.
"""

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

DAYS = 90
REMINDED_ON = (30, 60, 80)
RED_FROM = 80


class Urgency(StrEnum):
    NOT_DUE = "not_due"
    RUNNING = "running"
    RED = "red"
    LATE = "late"
    DONE = "done"


def due_date(cleared: date) -> date:
    """The last day on which the report is in time."""
    return cleared + timedelta(days=DAYS)


def day_of(cleared: date, today: date) -> int:
    """Which day after the clearance today is: 0 on the day itself."""
    return (today - cleared).days


def urgency(cleared: date | None, reported: date | None, today: date) -> Urgency:
    """How the report stands: red for both sides from day 80 on, late after day 90."""
    if cleared is None:
        return Urgency.NOT_DUE
    if reported is not None:
        return Urgency.DONE
    day = day_of(cleared, today)
    if day > DAYS:
        return Urgency.LATE
    return Urgency.RED if day >= RED_FROM else Urgency.RUNNING


def reminder_due(cleared: date, today: date, told: Collection[int]) -> int | None:
    """Which of the reminders to send now: the last one whose day has come, once.

    Earlier ones that were missed, as while the machine stood still, are not sent after it.
    """
    come = [day for day in REMINDED_ON if day <= day_of(cleared, today)]
    if not come or come[-1] in told or max(told, default=0) > come[-1]:
        return None
    return come[-1]
