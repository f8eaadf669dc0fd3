"""What waits for a person after a hand-over: answers, alarms, incidents to agree to."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.aftercare.models import FollowUp, Incident, IncidentReview, Question
from twinhood.deliveries.queries import unit_name
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Kind, Task, oldest

FOLLOW_UPS = Kind("follow-ups", _("Follow-ups without an answer"))
QUESTIONS = Kind("questions", _("Questions about a holder"))
INCIDENTS = Kind("incidents", _("Incidents to agree to"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Answers that are due, for who hands over; alarms and incidents, for who reviews."""
    if work.may(Action.HAND_OVER):
        yield from _answers_due(work)
    if work.may(Action.REVIEW_INCIDENT):
        yield from _questions(work)
        yield from _incidents(work)


def _answers_due(work: Workspace) -> Iterator[Task]:
    today = work.partnership.receiving_today
    due = (
        FollowUp.objects.filter(
            unit__order__partnership=work.partnership,
            unit__cancelled_at=None,
            answered_at=None,
            due_date__lte=today,
        )
        .select_related("unit__order__need", "unit__handover__act__receiver")
        .order_by("due_date", "pk")
    )
    for row, behind in oldest(due):
        yield Task(
            kind=FOLLOW_UPS,
            since=row.unit.handover.act.recorded_at,
            title=gettext("How does it fare? %(thing)s")
            % {"thing": unit_name(row.unit.order.need, row.unit.number)},
            why=gettext("%(months)d months after its hand-over. Its holder: %(holder)s")
            % {"months": row.months, "holder": row.unit.handover.act.receiver},
            url=reverse("aftercare:follow_ups", args=[work.partnership.slug]),
            action=gettext("Ask the holder"),
            due_date=row.due_date,
            behind=behind,
        )


def _questions(work: Workspace) -> Iterator[Task]:
    found = (
        Question.objects.filter(
            follow_up__unit__order__partnership=work.partnership, state=Question.State.OPEN
        )
        .select_related("follow_up__unit__order__need")
        .order_by("raised_at", "pk")
    )
    for question, behind in oldest(found):
        unit = question.follow_up.unit
        yield Task(
            kind=QUESTIONS,
            since=question.raised_at,
            title=gettext("Another holder is registered: %(thing)s")
            % {"thing": unit_name(unit.order.need, unit.number)},
            why=gettext("Registered: %(said)s. Received by: %(expected)s")
            % {"said": question.said, "expected": question.expected},
            url=reverse("aftercare:question", args=[work.partnership.slug, question.pk]),
            action=gettext("Look and decide"),
            behind=behind,
        )


def _incidents(work: Workspace) -> Iterator[Task]:
    mine = IncidentReview.objects.filter(
        incident=OuterRef("pk"), revision=OuterRef("revision"), reviewed_by=work.person
    )
    found = (
        Incident.objects.filter(partnership=work.partnership, published_at=None)
        .exclude(written_by=work.person)
        .exclude(Exists(mine))
        .annotate(agreed=Count("reviews", filter=Q(reviews__revision=F("revision"))))
        .order_by("written_at", "pk")
    )
    for incident, behind in oldest(found):
        yield Task(
            kind=INCIDENTS,
            since=incident.written_at,
            title=gettext("Agree to an incident’s words: %(title)s") % {"title": incident.title},
            why=gettext("It is public once two people of two bodies agreed."),
            url=reverse("aftercare:incident", args=[work.partnership.slug, incident.number]),
            action=gettext("Read it"),
            done=incident.agreed,  # type: ignore[attr-defined]
            wanted=2,
            behind=behind,
        )
