"""Promises of follow-ups: asked once at each date, answered once, alarms, silence."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from twinhood.aftercare import errors, following, queries, questions
from twinhood.aftercare.models import FollowUp, Question
from twinhood.aftercare.tests.world import HOSPITAL, World
from twinhood.deliveries import handing_over, way
from twinhood.deliveries.queries import PublicUnit, public_unit
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    with clock.showing(AT):
        return World()


def told(world: World, days: int) -> tuple[list[str], list[str]]:
    at = AT + timedelta(days=days)
    with clock.showing(at):
        unit = public_unit(world.partnership, world.unit.code, at=at)
        assert isinstance(unit, PublicUnit)
        said = way.told_of([unit], at)[unit.code]
    return [f"{f.title} {f.text}".strip() for f in said.happened], [f.title for f in said.unknown]


def test_what_was_handed_over_has_three_dates_and_gets_them_once(world: World) -> None:
    assert following.plan() == 0

    found = FollowUp.objects.filter(unit=world.unit).order_by("months")
    assert [(f.months, f.due_date) for f in found] == [
        (3, date(2026, 12, 1)), (12, date(2027, 9, 1)), (24, date(2028, 9, 1)),
    ]  # fmt: skip


def test_the_holder_is_written_to_with_a_link_that_a_reminder_repeats(world: World) -> None:
    Person.objects.filter(pk=world.bondar.pk).update(is_example=False, language="uk")
    follow_up = world.follow_up()

    for day, expected in ((90, 0), (91, 1), (92, 0), (105, 1)):
        with clock.showing(AT + timedelta(days=day)):
            assert following.ask() == expected
            if expected:
                following.write(follow_up.pk)

    links = [next(w for w in m.body.split() if "/f/" in w) for m in mail.outbox]
    assert len(links) == 2
    assert len(set(links)) == 1
    assert "/uk/f/" in links[0]
    assert mail.outbox[0].subject.startswith("Як воно служить?")
    secret = links[0].rstrip("/").rpartition("/")[2]
    assert bytes(follow_up.secret_hash) == following.hash_of(secret)
    assert following.by_secret(secret) == follow_up


def test_another_link_makes_the_old_one_worthless(world: World) -> None:
    follow_up = world.follow_up()
    old = following.secret_of(world.unit.code, 3, 1)

    renewed = following.renew(follow_up=follow_up, at=AT + timedelta(days=200))

    assert following.by_secret(old) is None
    assert following.by_secret(following.secret_of(world.unit.code, 3, 2)) == renewed
    assert renewed.link_until_date == (AT + timedelta(days=290)).date()


def test_an_answer_is_taken_once_and_stays_also_in_sql(world: World) -> None:
    answered = world.answered()

    again = following.answer(
        follow_up=answered, said=following.Answer(FollowUp.Condition.STOLEN, "x"),
        form_key=answered.form_key or uuid4(), at=AT,
    )  # fmt: skip
    assert again.condition == FollowUp.Condition.IN_USE
    with pytest.raises(errors.Answered):
        following.answer(
            follow_up=answered, said=following.Answer(FollowUp.Condition.STOLEN, "x"),
            form_key=uuid4(), at=AT,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.filter(pk=answered.pk).update(condition="stolen")


def test_a_link_that_is_too_old_takes_no_answer(world: World) -> None:
    late = AT + timedelta(days=91 + 91)

    with clock.showing(late), pytest.raises(errors.Expired):
        following.answer(
            follow_up=world.follow_up(), said=following.Answer(FollowUp.Condition.IN_USE, "x"),
            form_key=uuid4(), at=late,
        )  # fmt: skip


def test_the_receiver_as_holder_raises_nothing(world: World) -> None:
    world.answered(holder=f"«{HOSPITAL}»")
    world.answered(12, holder="ЄДРПОУ 01234567")

    assert not Question.objects.exists()


def test_another_holder_is_an_alarm_and_public_only_once_a_person_says_so(world: World) -> None:
    Person.objects.filter(pk__in=[world.dana.pk, world.bondar.pk]).update(is_example=False)
    world.answered()
    world.answered(12, holder="Fund of Dr B.")

    (question,) = Question.objects.all()
    questions.write_alarm(question.pk)
    assert {m.to[0] for m in mail.outbox} == {world.dana.email, world.bondar.email}
    assert "Fund of Dr B." in mail.outbox[0].body
    happened, _ = told(world, 370)
    assert not any("question" in fact for fact in happened)
    assert not any("Fund" in fact for fact in happened)
    questions.decide(
        question=question, state=Question.State.UNDER_QUESTION,
        reason="The receiver is asked for the papers.", by=world.dana, at=AT + timedelta(days=371),
    )  # fmt: skip
    happened, _ = told(world, 372)
    expected = "Under question: another holder is registered The receiver is asked for the papers."
    assert happened[-1] == expected


def test_a_question_that_was_cleared_is_not_asked_again(world: World) -> None:
    world.answered(3, holder="Emergency station 2")
    question = Question.objects.get()
    questions.decide(
        question=question, state=Question.State.CLEARED, reason="A part of it.", by=world.dana,
        at=AT,
    )  # fmt: skip

    world.answered(12, holder="Emergency Station 2")

    assert Question.objects.count() == 1
    with pytest.raises(errors.Decided):
        questions.decide(
            question=question, state=Question.State.UNDER_QUESTION, reason="x", by=world.dana,
            at=AT,
        )  # fmt: skip


def test_silence_is_told_as_silence_and_only_after_the_hand_over_is_public(world: World) -> None:
    assert told(world, 3) == ([], [])
    assert told(world, 20)[1] == ["How it fares: its holder is asked on this day: 1 December 2026"]
    assert "Nothing was heard of it since: 1 September 2026" in told(world, 91 + 31)[1]

    world.answered()

    happened, unknown = told(world, 91 + 31)
    assert happened == ["In use Mileage: 4210 km"]
    assert unknown == ["How it fares: its holder is asked on this day: 1 September 2027"]


def test_what_was_pulled_back_tells_nothing_of_its_years_either(world: World) -> None:
    world.answered()
    act = world.unit.handover.act

    with clock.showing(AT + timedelta(days=120)):
        handing_over.pull_back(act=act)

    assert told(world, 121) == ([], [])


def test_those_at_work_see_the_silent_ones_first(world: World) -> None:
    other = world.with_serials(world.placed(1), 7)[0]
    world.handed_over(other)
    with clock.showing(AT):
        following.plan()
    world.answered()

    with clock.showing(AT + timedelta(days=150)):
        stories = queries.stories_of(world.partnership)

    assert [story.unit for story in stories] == [other, world.unit]
    assert [story.silent_since for story in stories] == [date(2026, 9, 1), None]
