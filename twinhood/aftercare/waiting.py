"""What waits for a person after a hand-over: answers, alarms, incidents to agree to."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from twinhood.aftercare.models import FollowUp, Incident, IncidentReview, Question
from twinhood.deliveries.queries import numbered
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Kind, Pile

FOLLOW_UPS = Kind("follow-ups", _("Follow-ups without an answer"))
QUESTIONS = Kind("questions", _("Questions about a holder"))
INCIDENTS = Kind("incidents", _("Incidents to agree to"))


def tasks(work: Workspace) -> Iterator[Pile]:
    """Answers that are due, for who hands over; alarms and incidents, for who reviews."""
    if work.may(Action.HAND_OVER):
        yield _answers_due(work)
    if work.may(Action.REVIEW_INCIDENT):
        yield from (_questions(work), _incidents(work))


def _thing(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"thing": numbered(facts["unit_title"], facts["unit"])}


def _answers_due(work: Workspace) -> Pile:
    return Pile(
        kind=FOLLOW_UPS,
        rows=FollowUp.objects.filter(
            unit__order__partnership=work.partnership,
            unit__cancelled_at=None,
            answered_at=None,
            due_date__lte=work.partnership.receiving_today,
        ).order_by("due_date", "pk"),
        since="unit__handover__act__recorded_at",
        due="due_date",
        facts={
            "unit_title": "unit__order__need__unit_title",
            "unit": "unit__number",
            "months": "months",
            "holder": "unit__handover__act__receiver__name",
        },
        also=_thing,
        title=_("How does it fare? %(thing)s"),
        why=_("%(months)d months after its hand-over. Its holder: %(holder)s"),
        address=("aftercare:follow_ups",),
        action=_("Ask the holder"),
    )


def _questions(work: Workspace) -> Pile:
    return Pile(
        kind=QUESTIONS,
        rows=Question.objects.filter(
            follow_up__unit__order__partnership=work.partnership, state=Question.State.OPEN
        ).order_by("raised_at", "pk"),
        since="raised_at",
        facts={
            "pk": "pk",
            "unit_title": "follow_up__unit__order__need__unit_title",
            "unit": "follow_up__unit__number",
            "said": "said",
            "expected": "expected",
        },
        also=_thing,
        title=_("Another holder is registered: %(thing)s"),
        why=_("Registered: %(said)s. Received by: %(expected)s"),
        address=("aftercare:question", "pk"),
        action=_("Look and decide"),
    )


def _incidents(work: Workspace) -> Pile:
    mine = IncidentReview.objects.filter(
        incident=OuterRef("pk"), revision=OuterRef("revision"), reviewed_by=work.person
    )
    return Pile(
        kind=INCIDENTS,
        rows=Incident.objects.filter(partnership=work.partnership, published_at=None)
        .exclude(written_by=work.person)
        .exclude(Exists(mine))
        .order_by("written_at", "pk"),
        since="written_at",
        facts={
            "number": "number",
            "title": "title",
            "done": Count("reviews", filter=Q(reviews__revision=F("revision"))),
            "wanted": Value(2),
        },
        title=_("Agree to an incident’s words: %(title)s"),
        why=_("It is public once two people of two bodies agreed."),
        address=("aftercare:incident", "number"),
        action=_("Read it"),
    )
