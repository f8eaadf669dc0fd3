"""A question about who holds a thing: all are told, and a person decides what the world reads."""

from datetime import datetime

from django.db import transaction

from twinhood.aftercare import errors
from twinhood.aftercare.models import Question
from twinhood.deliveries.queries import unit_name
from twinhood.people.letters import write_to_all
from twinhood.people.models import Person


def write_alarm(question_id: int) -> int:
    """Tell everybody at work, on both sides; to how many."""
    question = Question.objects.select_related(
        "follow_up__unit__order__need", "follow_up__unit__order__partnership"
    ).get(pk=question_id)
    unit = question.follow_up.unit
    partnership = unit.order.partnership
    facts = {
        "thing": unit_name(unit.order.need, unit.number),
        "said": question.said,
        "expected": question.expected,
        "slug": partnership.slug,
        "question": question,
    }
    return write_to_all(partnership, "aftercare/letters/alarm", facts)


@transaction.atomic
def decide(
    *, question: Question, state: Question.State, reason: str, by: Person, at: datetime
) -> Question:
    """Clear a question, or put it before the world; decided again, the later word stands.

    Raises Decided if it is cleared already.
    """
    question = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
    if question.state == Question.State.CLEARED:
        raise errors.Decided
    question.state, question.reason = state, reason
    question.decided_by, question.decided_at = by, at
    question.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    return question
