"""Promises of the letter to who asked for quotes: once, in their language, when the day passed."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from twinhood.deliveries import reminding, tasks
from twinhood.deliveries.asking import Ask
from twinhood.deliveries.models import QuoteReminder
from twinhood.deliveries.tests.test_asking import BY, answer, ask
from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.needs.models import Need
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db
# Kyiv is three hours ahead in September.
MIDNIGHT = datetime.combine(BY + timedelta(days=1), time(0), UTC) - timedelta(hours=3)


@pytest.fixture
def world() -> World:
    made = World()
    Person.objects.filter(pk=made.iryna.pk).update(is_example=False, language="uk")
    return made


def asked(world: World, **more: object) -> None:
    suppliers = (Ask(None, "Northern Trucks", "", "en"), Ask(world.dealer, "", "", "en"))
    made = ask(world, *suppliers, **more)
    answer(world, made.asked.get(supplier=world.dealer), 8_200_000)


def mornings(*moments: datetime) -> int:
    """How many letters the worker wrote."""
    before = len(mail.outbox)
    for moment in moments:
        with clock.showing(moment):
            tasks.remind_of_quotes(0)
            for job in ProcrastinateJob.objects.filter(task_name=reminding.WRITING_TASK):
                tasks.write_quote_reminder(**job.args)
    return len(mail.outbox) - before


def test_who_asked_hears_once_in_their_language_who_answered_and_who_did_not(
    world: World,
) -> None:
    asked(world)

    assert mornings(MIDNIGHT - timedelta(minutes=1)) == 0
    assert mornings(MIDNIGHT, MIDNIGHT + timedelta(days=1), MIDNIGHT + timedelta(days=2)) == 1

    (letter,) = mail.outbox
    assert letter.to == [world.iryna.email]
    assert letter.subject == "Строк для пропозицій минув: Автомобілі швидкої допомоги"
    silent, answered = letter.body.index("Northern Trucks"), letter.body.index("Example Motors")
    assert answered < letter.body.index("Не відповіли:") < silent
    assert f"/uk/desk/{world.partnership.slug}/needs/{world.need.number}/comparison/" in letter.body
    assert QuoteReminder.objects.get().sent_at is not None


def test_what_was_asked_anew_is_reminded_of_once_by_its_own_day(world: World) -> None:
    asked(world)
    asked(world, by_date=BY + timedelta(days=5))

    assert mornings(MIDNIGHT) == 0
    assert mornings(MIDNIGHT + timedelta(days=5)) == 1


def test_nobody_is_reminded_of_what_was_ordered_or_passed_long_ago(world: World) -> None:
    asked(world)
    long_ago = mornings(MIDNIGHT + timedelta(days=30))
    world.proposed(1, reason="Nearer, and sooner.")

    assert (long_ago, mornings(MIDNIGHT)) == (0, 0)


def test_nobody_is_reminded_of_a_need_that_was_given_up(world: World) -> None:
    asked(world)
    Need.objects.filter(pk=world.need.pk).update(
        state=Need.State.WITHDRAWN, state_reason="Another donor gave it."
    )

    assert mornings(MIDNIGHT) == 0


def test_who_left_gets_no_letter(world: World) -> None:
    asked(world)
    world.iryna.roles.update(until_date=BY)

    assert mornings(MIDNIGHT) == 0
