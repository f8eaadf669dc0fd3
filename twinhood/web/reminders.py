"""Reminders of what waits: a letter a day, and a calendar at a secret address.

Both are in the person's language and leave out the kinds that they muted. The letter leaves at
eight by the clocks of the person's city, on days on which something came, is due or is late.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from procrastinate.contrib.django import app

from twinhood.kit import clock
from twinhood.people.models import Person, Reminders, Role
from twinhood.people.queries import Workspace, workspaces
from twinhood.people.waiting import Kind, Task
from twinhood.web import desk
from twinhood.web.core.calendar import Deadline, calendar_of

SENDING_TASK = "web.remind"
SENT_HOUR = 8
# So many days before it is due a thing is told again.
SOON_DAYS = 2
LINES_MAX = 20


def reminders_of(person: Person) -> Reminders:
    """The person's wishes; a letter a day with everything, until they say otherwise.

    Reading a page writes nothing: these are not kept yet where nobody has written any.
    """
    return Reminders.objects.filter(person=person).first() or Reminders(person=person)


def kept_reminders(person: Person) -> Reminders:
    """The same, as a row that can be changed."""
    return Reminders.objects.get_or_create(person=person)[0]


def kinds() -> list[Kind]:
    """Every kind of task that some room has, by its name."""
    found = {
        kind.code: kind
        for room in desk.rooms()
        for kind in vars(import_module(room.__module__)).values()
        if isinstance(kind, Kind)
    }
    return sorted(found.values(), key=lambda kind: str(kind.name))


# --- the calendar


def make_feed(reminders: Reminders) -> str:
    """Give the person a new secret address; the one before leads nowhere from now on."""
    token = secrets.token_urlsafe(16)
    reminders.feed_hash = _hash(token)
    reminders.save(update_fields=["feed_hash"])
    return token


def drop_feed(reminders: Reminders) -> None:
    reminders.feed_hash = None
    reminders.save(update_fields=["feed_hash"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def feed(token: str) -> bytes | None:
    """The calendar at a secret address; None if there is none, or its owner may not sign in."""
    found = Reminders.objects.filter(feed_hash=_hash(token)).select_related("person").first()
    if found is None or not found.person.is_active:
        return None
    with translation.override(found.person.language):
        return calendar_of(
            _deadlines(found),
            name=gettext("What waits · Twinhood"),
            language=found.person.language,
            host=urlsplit(settings.SITE_URL).hostname or "localhost",
            at=clock.now(),
        )


def _deadlines(reminders: Reminders) -> list[Deadline]:
    found = []
    for work in workspaces(reminders.person):
        counts: Counter[tuple[Kind, date]] = Counter()
        for task in _wanted(work, reminders):
            if task.due_date is not None:
                counts[task.kind, task.due_date] += 1
        slug = work.partnership.slug
        here = settings.SITE_URL + reverse("web:desk_partnership", args=[slug])
        found += [
            Deadline(
                key=f"{reminders.person_id}:{slug}:{kind.code}:{day}",
                due_date=day,
                title=f"{kind.name}: {count}",
                url=f"{here}?kind={kind.code}",
            )
            for (kind, day), count in counts.items()
        ]
    return found


def _wanted(work: Workspace, reminders: Reminders) -> list[Task]:
    return [task for task in desk.tasks(work) if task.kind.code not in reminders.muted]


# --- the letter


@dataclass(frozen=True, slots=True)
class Part:
    """What waits in one partnership, as the letter lists it."""

    pair: str
    count: int
    late: int
    lines: Sequence[str]
    more: int
    url: str


def due_now(at: datetime) -> list[int]:
    """Whom a letter may leave to in this hour: people at work where it is eight o'clock."""
    held = Role.objects.held(at.date()).filter(person__is_active=True, person__is_example=False)
    zones: dict[int, str] = {}
    related = held.select_related("organisation__place", "partnership__receiving_place")
    for role in related.order_by("person_id", "-id"):
        place = role.organisation.place or role.partnership.receiving_place
        zones[role.person_id] = place.time_zone
    return [
        person for person, zone in zones.items() if at.astimezone(ZoneInfo(zone)).hour == SENT_HOUR
    ]


def ask_for_sending(at: datetime) -> int:
    """Ask the worker for the letters of this hour, one job each; return how many."""
    due = due_now(at)
    for person in due:
        with transaction.atomic():
            app.configure_task(SENDING_TASK).defer(person=person)
    return len(due)


@transaction.atomic
def remind(person_id: int) -> bool:
    """Write to one person, once a day, if there is something new to say; whether a letter left.

    The day is marked in the same transaction: a server that refuses leaves it unmarked, and the
    job is tried again.
    """
    person = Person.objects.get(pk=person_id)
    reminders = Reminders.objects.select_for_update().get(pk=kept_reminders(person).pk)
    at, works = clock.now(), workspaces(person)
    if not works or not reminders.is_daily or not person.is_active or person.is_example:
        return False
    today = at.astimezone(ZoneInfo(works[0].zone)).date()
    if reminders.last_sent_date == today:
        return False
    with translation.override(person.language):
        parts = [part for work in works if (part := _part(work, reminders, at, today))]
        reminders.last_sent_date = today
        reminders.save(update_fields=["last_sent_date"])
        if parts:
            _send(person, parts)
    return bool(parts)


def _part(work: Workspace, reminders: Reminders, at: datetime, today: date) -> Part | None:
    found = _wanted(work, reminders)
    day_ago, soon = at - timedelta(days=1), today + timedelta(days=SOON_DAYS)
    if not any(t.since > day_ago or (t.due_date and t.due_date <= soon) for t in found):
        return None
    late = [task for task in found if task.due_date is not None and task.due_date < today]
    first = [*late, *(task for task in found if task not in late)][:LINES_MAX]
    partnership = work.partnership
    return Part(
        pair=f"{partnership.giving_place} — {partnership.receiving_place}",
        count=len(found) + sum(task.behind for task in found),
        late=len(late),
        lines=[_line(task, today) for task in first],
        more=len(found) + sum(task.behind for task in found) - len(first),
        url=settings.SITE_URL + reverse("web:desk_partnership", args=[partnership.slug]),
    )


def _line(task: Task, today: date) -> str:
    """The kind alone, with its day: letters pass through other people's servers."""
    if task.due_date is None:
        return str(task.kind.name)
    slots = {"kind": task.kind.name, "day": task.due_date.isoformat()}
    if task.due_date < today:
        return gettext("%(kind)s, late: %(day)s") % slots
    return gettext("%(kind)s, due: %(day)s") % slots


def _send(person: Person, parts: Sequence[Part]) -> None:
    context = {
        "parts": [(part, Counter(part.lines).items()) for part in parts],
        "count": sum(part.count for part in parts),
        "settings_url": settings.SITE_URL + reverse("web:reminders"),
    }
    subject = render_to_string("web/letters/waiting_subject.txt", context).strip()
    body = render_to_string("web/letters/waiting.txt", context)
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email]).send()
