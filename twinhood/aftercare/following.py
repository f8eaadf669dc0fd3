"""The verbs of follow-ups. Each is one transaction; `at` is an aware UTC time."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.functional import lazy
from procrastinate.contrib.django import app

from twinhood.aftercare import errors, telling
from twinhood.aftercare.core import dates, holders
from twinhood.aftercare.models import FollowUp, FollowUpPhoto, Question
from twinhood.deliveries.errors import NotTheReceiver
from twinhood.deliveries.models import HandoverAct, Unit
from twinhood.deliveries.queries import is_of_the_receiving_side, is_vehicle, unit_name
from twinhood.documents.models import StoredFile
from twinhood.kit import clock
from twinhood.people.core.permissions import RoleName
from twinhood.people.letters import write_to
from twinhood.people.models import Person, Role

ASKING_TASK = "aftercare.ask"
ALARM_TASK = "aftercare.alarm"
SECRET_BYTES = 16


def secret_of(unit_code: str, months: int, link_number: int) -> str:
    """The secret of a holder's link: follows from our key, so that a reminder bears the same."""
    said = f"aftercare.link:{unit_code}:{months}:{link_number}"
    found = hmac.digest(settings.SECRET_KEY.encode(), said.encode(), sha256)
    return found[:SECRET_BYTES].hex()


def hash_of(secret: str) -> bytes:
    return sha256(f"aftercare:{secret}".encode()).digest()


def url_of(follow_up: FollowUp, language: str) -> str:
    """The holder's link, in a language."""
    secret = secret_of(follow_up.unit.code, follow_up.months, follow_up.link_number)
    with translation.override(language):
        return settings.SITE_URL + reverse("holder:follow_up", args=[secret])


def plan() -> int:
    """Plan the dates of what was handed over by a complete act; how many follow-ups that makes."""
    units = Unit.objects.filter(
        follow_ups=None, cancelled_at=None, handover__act__completed_at__isnull=False
    ).exclude(handover__condition=HandoverAct.Condition.MISSING)
    made = 0
    for unit in units.select_related("handover__act").order_by("handover__pk")[:2_000]:
        with transaction.atomic():
            made += len(plan_unit(unit))
    return made


def plan_unit(unit: Unit) -> list[FollowUp]:
    """The three dates of one thing; again it changes nothing."""
    rows = []
    for months in dates.MONTHS:
        due = dates.due_date(unit.handover.act.handed_over_date, months)
        rows.append(
            FollowUp(
                unit=unit,
                months=months,
                due_date=due,
                secret_hash=hash_of(secret_of(unit.code, months, 1)),
                link_until_date=dates.link_ends(due),
            )
        )
    return FollowUp.objects.bulk_create(rows, ignore_conflicts=True)


def ask() -> int:
    """Ask for letters to the holders whose date has come and who did not answer; how many."""
    asked = 0
    # A correction of its act may say since that it never came.
    waiting = FollowUp.objects.filter(answered_at=None, unit__cancelled_at=None).exclude(
        unit__handover__condition=HandoverAct.Condition.MISSING
    )
    found = waiting.select_related("unit__handover__act__place").order_by("due_date", "pk")
    for follow_up in found.filter(due_date__lte=clock.now().date())[:2_000]:
        zone = follow_up.unit.handover.act.place.time_zone
        last = follow_up.asked_at.date() if follow_up.asked_at else None
        today = clock.today_in(zone)
        if not dates.may_ask(follow_up.due_date, last, follow_up.asked_times, today):
            continue
        with transaction.atomic():
            FollowUp.objects.filter(pk=follow_up.pk).update(
                asked_at=clock.now(), asked_times=F("asked_times") + 1
            )
            app.configure_task(ASKING_TASK).defer(follow_up=follow_up.pk)
        asked += 1
    return asked


def write(follow_up_id: int) -> int:
    """Write to the holder; to how many people. Nothing once it is answered."""
    found = FollowUp.objects.select_related("unit__order__need", "unit__order__partnership")
    follow_up = found.filter(pk=follow_up_id, answered_at=None).first()
    if follow_up is None:
        return 0
    people = holders_of(follow_up)
    facts = {
        "thing": unit_name(follow_up.unit.order.need, follow_up.unit.number),
        "months": follow_up.months,
        "url": lazy(lambda: url_of(follow_up, translation.get_language() or "en"), str)(),
        "until": follow_up.link_until_date,
    }
    return write_to(people, "aftercare/letters/follow_up", facts)


def holders_of(follow_up: FollowUp) -> list[Person]:
    """Who is asked: people of the body that received it, else the receiving side's clerks."""
    act = follow_up.unit.handover.act
    held = Role.objects.held(clock.now().date()).filter(partnership=act.partnership_id)
    own = held.filter(organisation=act.receiver_id)
    city = held.filter(name=RoleName.CLERK, organisation__place=act.partnership.receiving_place_id)
    roles = own if own.exists() else city
    people = Person.objects.filter(roles__in=roles, is_active=True, is_example=False)
    return list(people.distinct().order_by("pk"))


@transaction.atomic
def renew(*, follow_up: FollowUp, at: datetime) -> FollowUp:
    """Make another link, valid for another 90 days; the old one opens nothing any more.

    Raises Answered.
    """
    follow_up = _locked(follow_up)
    if follow_up.answered_at:
        raise errors.Answered
    follow_up.link_number += 1
    secret = secret_of(follow_up.unit.code, follow_up.months, follow_up.link_number)
    follow_up.secret_hash = hash_of(secret)
    follow_up.link_until_date = dates.link_ends(max(follow_up.due_date, at.date()))
    follow_up.save(update_fields=["link_number", "secret_hash", "link_until_date"])
    return follow_up


def _locked(follow_up: FollowUp) -> FollowUp:
    found = FollowUp.objects.select_for_update(of=("self",))
    return found.select_related(
        "unit__order__need", "unit__order__partnership", "unit__handover__act__receiver"
    ).get(pk=follow_up.pk)


def by_secret(secret: str) -> FollowUp | None:
    """The follow-up that a link opens, also when it is too old to answer."""
    found = FollowUp.objects.select_related(
        "unit__order__need", "unit__order__partnership__receiving_place",
        "unit__handover__act__receiver", "unit__handover__act__place",
    )  # fmt: skip
    return found.filter(secret_hash=hash_of(secret)).first()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a holder says."""

    condition: FollowUp.Condition
    answered_as: str
    plate: str = ""
    registered_holder: str = ""
    mileage_km: int | None = None
    note: str = ""
    photos: tuple[StoredFile, ...] = ()


@transaction.atomic
def answer(*, follow_up: FollowUp, said: Answer, form_key: UUID, at: datetime) -> FollowUp:
    """Take the holder's answer; the same form sent again changes nothing.

    Another holder of a vehicle than the body that received it raises a question, and everybody
    at work is told. Raises Answered, Expired.
    """
    follow_up = _locked(follow_up)
    if follow_up.answered_at:
        if follow_up.form_key == form_key:
            return follow_up
        raise errors.Answered
    act = follow_up.unit.handover.act
    if clock.today_in(act.place.time_zone) > follow_up.link_until_date:
        raise errors.Expired
    follow_up.answered_at, follow_up.form_key = at, form_key
    follow_up.condition, follow_up.answered_as = said.condition, said.answered_as
    follow_up.plate, follow_up.registered_holder = said.plate, said.registered_holder
    follow_up.mileage_km, follow_up.note = said.mileage_km, said.note
    follow_up.commitment = telling.commit_answer(follow_up)
    follow_up.save()
    FollowUpPhoto.objects.bulk_create(
        FollowUpPhoto(follow_up=follow_up, file=file) for file in said.photos
    )
    _look_at_holder(follow_up, at)
    return follow_up


def _look_at_holder(follow_up: FollowUp, at: datetime) -> None:
    """Raise a question where the registered holder is not the body that received the thing."""
    said, receiver = follow_up.registered_holder, follow_up.unit.handover.act.receiver
    if not said or not is_vehicle(follow_up.unit.order.need):
        return
    cleared = Question.objects.filter(
        follow_up__unit=follow_up.unit, state=Question.State.CLEARED
    ).values_list("said", flat=True)
    if holders.is_known(said, [*receiver.name.values(), *cleared], receiver.registry_code):
        return
    question = Question.objects.create(
        follow_up=follow_up, said=said, expected=receiver.name, raised_at=at
    )
    app.configure_task(ALARM_TASK).defer(question=question.pk)


@transaction.atomic
def release_photos(*, follow_up: FollowUp, released: Collection[int], by: Person) -> FollowUp:
    """Let the world see these photos (primary keys) of an answer, and no others.

    As at a hand-over: only the receiving side's clerk may. Raises NotTheReceiver.
    """
    if not is_of_the_receiving_side(by, follow_up.unit.handover.act):
        raise NotTheReceiver
    photos = FollowUpPhoto.objects.filter(follow_up=follow_up)
    photos.exclude(pk__in=released).update(is_released=False)
    photos.filter(pk__in=released).update(is_released=True)
    return follow_up


def today_of(follow_up: FollowUp) -> date:
    return clock.today_in(follow_up.unit.handover.act.place.time_zone)
