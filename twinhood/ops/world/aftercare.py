"""What the example's holders said of their ambulances, and one incident that two agreed to."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from twinhood.aftercare import following, incidents, questions
from twinhood.aftercare.following import Answer
from twinhood.aftercare.incidents import IncidentText
from twinhood.aftercare.models import FollowUp, Incident, Question
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.people.models import Organisation, Partnership, Person

IN_USE, REPAIRED = FollowUp.Condition.IN_USE, FollowUp.Condition.REPAIRED
HOLDER = "Kramatorsk hospital"
# By the thing's number: what was said after so many months, at which mileage, who holds it.
SAID = {
    1: ((3, IN_USE, 4_210, HOLDER), (12, IN_USE, 19_870, HOLDER), (24, REPAIRED, 41_300, HOLDER)),
    2: ((3, IN_USE, 3_980, HOLDER), (12, IN_USE, 17_450, "Emergency station 2 (example)")),
}


def follow(
    partnership: Partnership, persons: dict[str, Person], bodies: dict[str, Organisation]
) -> None:
    """Let holders answer, one be asked about, and one incident be public."""
    following.plan()
    found = FollowUp.objects.filter(unit__order__partnership=partnership)
    for number, answers in SAID.items():
        for months, condition, mileage_km, holder in answers:
            row = found.filter(unit__number=number, months=months).order_by("due_date").first()
            if row is not None:
                _answer(row, condition, mileage_km, holder)
    for question in Question.objects.filter(follow_up__unit__order__partnership=partnership):
        _clear(question, persons["dana"])
    _write_incident(partnership, persons, bodies)


def _answer(row: FollowUp, condition: FollowUp.Condition, mileage_km: int, holder: str) -> None:
    at = datetime.combine(row.due_date + timedelta(days=4), time(10), UTC)
    if at > clock.now():
        return
    said = Answer(
        condition=condition,
        answered_as="Head physician (example)",
        plate="AH 0000 EX",
        registered_holder=holder,
        mileage_km=mileage_km,
    )
    with clock.showing(at):
        following.answer(follow_up=row, said=said, form_key=uuid4(), at=at)


def _clear(question: Question, person: Person) -> None:
    at = question.raised_at + timedelta(days=6)
    questions.decide(
        question=question,
        state=Question.State.CLEARED,
        reason="A department of the same hospital: seen in its papers. (example)",
        by=person,
        at=at,
    )


def _write_incident(
    partnership: Partnership, persons: dict[str, Person], bodies: dict[str, Organisation]
) -> None:
    at = clock.now() - timedelta(days=30)
    text = IncidentText(
        severity=Incident.Severity.LOW,
        title=LocalText(
            {
                "en": "The third truck was never delivered (example)",
                "uk": "Третю вантажівку так і не поставили (приклад)",
            }
        ),
        what=LocalText(
            {
                "en": "Its maker could not deliver the third truck that had been ordered.",
                "uk": "Виробник не зміг поставити третю замовлену вантажівку.",
            }
        ),
        done=LocalText(
            {
                "en": "It was cancelled before it was paid; its money is free again.",
                "uk": "Її скасували до оплати; ці кошти знову вільні.",
            }
        ),
        found=at.date(),
    )
    incident = incidents.register(partnership=partnership, text=text, by=persons["iryna"], at=at)
    for person, body in (("dana", "stamford"), ("tom", "charity")):
        incidents.review(
            incident=incident,
            revision=1,
            by=persons[person],
            organisation=bodies[body],
            at=at + timedelta(days=1),
        )
