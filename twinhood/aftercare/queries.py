"""Reads of follow-ups and incidents, and what the world may know of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext

from twinhood.aftercare import words
from twinhood.aftercare.core import dates
from twinhood.aftercare.models import FollowUp, FollowUpPhoto, Incident, Question
from twinhood.deliveries.models import Unit
from twinhood.deliveries.queries import PublicUnit, is_public_act, public_unit_names
from twinhood.deliveries.way import Fact
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.kit import clock
from twinhood.kit.dates import long_date
from twinhood.kit.inputs import language
from twinhood.people.models import Partnership


def told_of(units: Collection[PublicUnit], at: datetime) -> Iterator[tuple[str, Fact]]:
    """What became of things, silence told as silence; nothing before a hand-over is public.

    Five queries, however many things.
    """
    opened = [unit for unit in units if unit.is_open]
    codes = [unit.code for unit in opened]
    readable = [unit.code for unit in units if unit.need_number is not None]
    yield from _incidents_of(codes, readable)
    asked: dict[str, list[FollowUp]] = defaultdict(list)
    found = FollowUp.objects.filter(unit__code__in=codes).select_related("question", "unit")
    released = FollowUpPhoto.objects.filter(is_released=True).select_related("file")
    shown = released.prefetch_related("file__renditions").order_by("pk")
    found = found.prefetch_related(Prefetch("photos", shown, to_attr="released"))
    for row in found.order_by("due_date"):
        asked[row.unit.code].append(row)
    for unit in opened:
        if unit.handed_over_date is not None:
            for fact in _follow_ups_of(asked[unit.code], unit.handed_over_date, at.date()):
                yield unit.code, fact


def _follow_ups_of(rows: list[FollowUp], handed_over: date, today: date) -> Iterator[Fact]:
    for row in rows:
        if row.answered_at:
            yield _answered(row)
        if question := getattr(row, "question", None):
            yield from _questioned(question)
    yield from _silence(rows, handed_over, today)


def _answered(row: FollowUp) -> Fact:
    condition = FollowUp.Condition(row.condition)
    text = ""
    if row.mileage_km is not None:
        text = gettext("Mileage: %(km)s km") % {"km": row.mileage_km}
    return Fact(
        title=str(words.CONDITION[condition]),
        on=row.answered_at.date() if row.answered_at else None,
        text=text,
        is_warning=condition in words.WARNINGS,
        photos=[photo.file for photo in row.released],  # type: ignore[attr-defined]
    )


def _questioned(question: Question) -> Iterator[Fact]:
    if question.state == Question.State.UNDER_QUESTION and question.decided_at:
        yield Fact(
            title=gettext("Under question: another holder is registered"),
            on=question.decided_at.date(),
            text=question.reason,
            is_warning=True,
        )


def _silence(rows: list[FollowUp], handed_over: date, today: date) -> Iterator[Fact]:
    """What nobody said yet: the next date, or since when nothing was heard."""
    answered = [row for row in rows if row.answered_at]
    heard = max((r.answered_at.date() for r in answered if r.answered_at), default=handed_over)
    missed = [r for r in rows if r.answered_at is None and dates.is_silent(r.due_date, today)]
    if missed and missed[-1].due_date > heard:
        day = long_date(heard, language())
        yield Fact(gettext("Nothing was heard of it since: %(day)s") % {"day": day})
    following = next((r for r in rows if r.answered_at is None and r.due_date >= today), None)
    if following is not None:
        day = long_date(following.due_date, language())
        yield Fact(gettext("How it fares: its holder is asked on this day: %(day)s") % {"day": day})


def _incidents_of(opened: Collection[str], readable: Collection[str]) -> Iterator[tuple[str, Fact]]:
    """Incidents with things that are open; one that names an order alone is told of all of it."""
    public = Incident.objects.filter(published_at__isnull=False)
    of_things = public.filter(units__code__in=opened).annotate(code=F("units__code"))
    of_orders = public.filter(units=None, order__units__code__in=readable)
    rows: list[Any] = [*of_things, *of_orders.annotate(code=F("order__units__code"))]
    for row in sorted(rows, key=lambda row: (row.found_date, row.pk)):
        fact = Fact(str(row.title), row.found_date, str(row.done), is_warning=True)
        yield row.code, fact


def public_incidents(partnership: Partnership, at: datetime) -> list[Incident]:
    """What two people let the world read, newest first; none of a thing that is kept back."""
    found = Incident.objects.filter(partnership=partnership, published_at__isnull=False)
    rows = list(found.prefetch_related("units", "notes").order_by("-found_date", "-pk"))
    codes = {unit.code for row in rows for unit in row.units.all()}
    known = public_unit_names(partnership, at, codes) if codes else {}
    return [
        row
        for row in rows
        if all(known[u.code].is_open for u in row.units.all() if u.code in known)
    ]


def sight_of(file: StoredFile) -> Sight | None:
    """Both sides; the world once the hand-over is public and the receiving side released it."""
    photos = FollowUpPhoto.objects.filter(file=file)
    photo = photos.select_related("follow_up__unit__handover__act").first()
    if photo is None:
        return None
    act = photo.follow_up.unit.handover.act
    if act.is_pulled_back:
        return Sight.PULLED_BACK
    is_public = photo.is_released and is_public_act(act, clock.now().date())
    return Sight.PUBLIC if is_public else Sight.WORKSPACE


def incidents_of(partnership: Partnership) -> QuerySet[Incident]:
    """The whole register, for those at work, newest first."""
    return (
        Incident.objects.filter(partnership=partnership)
        .select_related("handled_by", "written_by", "order")
        .prefetch_related("units__order__need", "reviews__organisation", "reviews__reviewed_by")
        .order_by("-number")
    )


def follow_ups_of(partnership: Partnership) -> QuerySet[FollowUp]:
    """Every follow-up, by thing and date, for those at work."""
    return (
        FollowUp.objects.filter(unit__order__partnership=partnership)
        .select_related("unit__order__need", "unit__handover__act__receiver", "question")
        .prefetch_related("photos__file__renditions")
        .order_by("unit__order__need__number", "unit__number", "months")
    )


@dataclass(frozen=True, slots=True)
class Story:
    """One thing with its dates, and since when nothing was heard of it ("" if something was)."""

    unit: Unit
    follow_ups: list[FollowUp]
    silent_since: date | None


def stories_of(partnership: Partnership) -> list[Story]:
    """Things that were handed over, each with its dates; those of which nothing is heard first."""
    today = partnership.receiving_today
    by_unit: dict[int, list[FollowUp]] = {}
    for row in follow_ups_of(partnership):
        by_unit.setdefault(row.unit_id, []).append(row)
    stories = [_story(rows, today) for rows in by_unit.values()]
    return sorted(stories, key=lambda s: s.silent_since or date.max)


def _story(rows: list[FollowUp], today: date) -> Story:
    unit = rows[0].unit
    answered = [row.answered_at.date() for row in rows if row.answered_at]
    heard = max(answered, default=unit.handover.act.handed_over_date)
    is_silent = any(
        row.answered_at is None and dates.is_silent(row.due_date, today) and row.due_date > heard
        for row in rows
    )
    return Story(unit, rows, heard if is_silent else None)
