"""A person's deadlines as a calendar (RFC 5545), written by the icalendar package.

An entry says how many things of a kind are due on a day, and nothing else: a calendar is copied to
other people's servers, and a place or a thing near a front is nobody else's business.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class Deadline:
    """`title` are words without a place or a thing; `key` stays the same from day to day."""

    key: str
    due_date: date
    title: str
    url: str


def calendar_of(
    deadlines: Iterable[Deadline], *, name: str, language: str, host: str, at: datetime
) -> bytes:
    """Whole days, one entry each; `at` is an aware UTC time, and the bytes end their lines as RFC
    5545, 3.1 says."""
    calendar = Calendar()
    calendar.add("prodid", "-//Twinhood//Desk//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for deadline in sorted(deadlines, key=lambda one: (one.due_date, one.key)):
        event = Event()
        event.add("uid", f"{hashlib.sha256(deadline.key.encode()).hexdigest()[:32]}@{host}")
        event.add("dtstamp", at)
        event.add("dtstart", deadline.due_date)
        event.add("dtend", deadline.due_date + timedelta(days=1))
        event.add("summary", deadline.title, parameters={"LANGUAGE": language})
        event.add("url", deadline.url)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
