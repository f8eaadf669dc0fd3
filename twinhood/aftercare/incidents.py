"""The verbs of the register of incidents. Each is one transaction; `at` is an aware UTC time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from twinhood.aftercare import errors, telling
from twinhood.aftercare.models import Incident, IncidentNote, IncidentReview
from twinhood.deliveries.models import Order, Unit
from twinhood.kit.fields import LocalText
from twinhood.needs.actions import lock_numbers
from twinhood.people.identity import same_people
from twinhood.people.models import Organisation, Partnership, Person

REVIEWS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class IncidentText:
    """What is written of an incident; the amount in minor units of its currency."""

    severity: Incident.Severity
    title: LocalText
    what: LocalText
    done: LocalText
    found: date
    units: Iterable[Unit] = field(default=())
    order: Order | None = None
    amount_minor: int | None = None
    currency: str = ""


@transaction.atomic
def register(
    *,
    partnership: Partnership,
    text: IncidentText,
    by: Person,
    at: datetime,
    form_key: UUID | None = None,
) -> Incident:
    """Enter an incident, handled by who enters it. The same `form_key` again changes nothing."""
    lock_numbers(partnership)
    if form_key and (known := Incident.objects.filter(form_key=form_key, written_by=by).first()):
        return known
    last = Incident.objects.filter(partnership=partnership).aggregate(last=Max("number"))["last"]
    incident = Incident(
        partnership=partnership, number=(last or 0) + 1, handled_by=by, written_by=by,
        written_at=at, form_key=form_key,
    )  # fmt: skip
    _write(incident, text)
    return incident


def _write(incident: Incident, text: IncidentText) -> None:
    incident.severity, incident.title, incident.what = text.severity, text.title, text.what
    incident.done, incident.found_date, incident.order = text.done, text.found, text.order
    incident.amount_minor, incident.currency = text.amount_minor, text.currency
    incident.save()
    incident.units.set(text.units)


@transaction.atomic
def edit(*, incident: Incident, text: IncidentText, by: Person) -> Incident:
    """Write it anew: reviews so far are of other words, and void. Raises Decided once public.

    Whoever writes becomes its writer, so that nobody reviews their own words.
    """
    incident = _locked(incident)
    if incident.published_at:
        raise errors.Decided
    incident.revision += 1
    incident.written_by = by
    _write(incident, text)
    return incident


def _locked(incident: Incident) -> Incident:
    found = Incident.objects.select_for_update(of=("self",)).select_related("partnership")
    return found.get(pk=incident.pk)


@transaction.atomic
def review(
    *, incident: Incident, revision: int, by: Person, organisation: Organisation, at: datetime
) -> Incident:
    """Agree that the world may read exactly these words; the second one publishes them.

    Raises MayNotReview, Decided.
    """
    incident = _locked(incident)
    if incident.published_at:
        raise errors.Decided
    earlier = list(incident.reviews.filter(revision=incident.revision))
    if revision != incident.revision:
        raise errors.MayNotReview("changed")
    same = same_people(by)
    if incident.written_by_id in same:
        raise errors.MayNotReview("writer")
    if any(one.reviewed_by_id in same for one in earlier):
        raise errors.MayNotReview("twice")
    if any(one.organisation_id == organisation.pk for one in earlier):
        raise errors.MayNotReview("same_organisation")
    IncidentReview.objects.create(
        incident=incident, revision=incident.revision, written_by_id=incident.written_by_id,
        reviewed_by=by, organisation=organisation, reviewed_at=at,
    )  # fmt: skip
    if len(earlier) + 1 >= REVIEWS_NEEDED:
        incident.published_at = at
        incident.commitment = telling.commit_incident(incident)
        incident.save(update_fields=["published_at", "commitment"])
    return incident


def add_note(*, incident: Incident, text: LocalText, by: Person, at: datetime) -> IncidentNote:
    """Add what became known since. Words that are public stay as they are."""
    return IncidentNote.objects.create(incident=incident, text=text, written_by=by, written_at=at)
