"""Reminders: a letter a day, and a calendar at a secret address."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPDataError
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from icalendar import Calendar

from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.kit.tests.mailbox import open_mailbox
from twinhood.needs.tests.world import AT, quotes_unguarded
from twinhood.people.models import Person, Reminders
from twinhood.web import reminders
from twinhood.web.core.calendar import Deadline, calendar_of

pytestmark = pytest.mark.django_db
PAGE = "/en/desk/reminders/"


@pytest.fixture
def world() -> World:
    world = World()
    Person.objects.update(is_example=False)
    quote = world.quotes[0]
    quote.valid_until_date = AT.date() + timedelta(days=1)
    with quotes_unguarded():
        quote.save()
    world.proposed(2)
    return world


@pytest.fixture(autouse=True)
def on_the_day() -> Iterator[None]:
    with clock.showing(AT):
        yield


def wishes(person: Person) -> Reminders:
    return reminders.kept_reminders(person)


def test_a_calendar_says_how_many_and_when_and_nothing_of_what_or_where(world: World) -> None:
    token = reminders.make_feed(wishes(world.lesia))

    answer = Client().get(f"/calendar/{token}.ics")

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    text = answer.content.decode()
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event["SUMMARY"] == "Orders to approve: 1"
    assert event.decoded("DTSTART") == AT.date() + timedelta(days=1)
    unfolded = text.replace("\r\n ", "")
    for private in ("mbulance", "ospital", "O-1"):
        assert private not in unfolded
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert b"\n" not in answer.content.replace(b"\r\n", b"")


def test_a_calendars_address_is_kept_as_a_hash_and_can_be_taken_back(world: World) -> None:
    found = wishes(world.lesia)
    first = reminders.make_feed(found)
    second = reminders.make_feed(found)

    assert first not in str(Reminders.objects.values_list("feed_hash", flat=True))
    assert Client().get(f"/calendar/{first}.ics").status_code == 404
    assert Client().get(f"/calendar/{second}.ics").status_code == 200
    reminders.drop_feed(found)
    assert Client().get(f"/calendar/{second}.ics").status_code == 404
    assert Client().get("/calendar/x.ics").status_code == 404


def test_an_entry_keeps_its_name_from_day_to_day_and_is_written_as_the_standard_says() -> None:
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    due = Deadline("1:pair:reports:2026-05-09", date(2026, 5, 9), "Звіти: 2", "https://x.example/")

    made = [
        calendar_of([due], name="Що чекає", language="uk", host="x.example", at=at + timedelta(n))
        for n in range(2)
    ]

    uids = [Calendar.from_ical(data.decode()).walk("VEVENT")[0]["UID"] for data in made]
    assert uids[0] == uids[1]
    assert b"DTSTART;VALUE=DATE:20260509" in made[0]
    assert b"DTSTAMP:20260501T120000Z" in made[0]


def test_a_letter_leaves_once_a_day_in_the_persons_language(world: World) -> None:
    Person.objects.filter(pk=world.lesia.pk).update(language="uk")

    assert [reminders.remind(world.lesia.pk) for _twice in range(2)] == [True, False]

    (letter,) = mail.outbox
    assert letter.to == [world.lesia.email]
    assert letter.subject == "Вас чекає 1 справа"
    assert "Замовлення на погодження, термін: " in letter.body
    assert "mbulance" not in letter.body
    assert "/uk/desk/reminders/" in letter.body


def test_no_letter_leaves_to_who_declined_it_or_has_nothing_to_do(world: World) -> None:
    Reminders.objects.create(person=world.lesia, is_daily=False)
    Reminders.objects.create(person=world.tom, muted=["orders", "gifts"])

    assert not reminders.remind(world.lesia.pk)
    assert not reminders.remind(world.tom.pk)
    assert not reminders.remind(world.stranger().pk)
    assert mail.outbox == []


def test_a_letter_that_the_server_refuses_is_tried_again(world: World, settings: Any) -> None:
    with open_mailbox(settings) as mailbox:
        mailbox.content = ["451 later"]
        with pytest.raises(SMTPDataError):
            reminders.remind(world.lesia.pk)

        assert reminders.remind(world.lesia.pk)

        (letter,) = mailbox.letters
        assert letter["Subject"] == "1 thing waits for you"


def test_letters_leave_at_eight_by_the_clocks_of_ones_city(world: World) -> None:
    hours = {hour: reminders.due_now(AT.replace(hour=hour, minute=5)) for hour in range(24)}

    of_lesia = [hour for hour, people in hours.items() if world.lesia.pk in people]
    assert len(of_lesia) == 1


def test_wishes_are_kept_by_a_plain_form(world: World) -> None:
    client = world.signed_in(world.lesia)
    page = client.get(PAGE).content.decode()
    assert "Orders to approve" in page

    client.post(PAGE, {"step": "letter", "kind-papers": "1", "kind-refunds": "1"})

    found = wishes(world.lesia)
    assert not found.is_daily
    assert "orders" in found.muted
    assert "papers" not in found.muted
    shown = client.post(PAGE, {"step": "make"}).content.decode()
    assert "/calendar/" in shown
    assert "/calendar/" not in client.get(PAGE).content.decode()
    client.post(PAGE, {"step": "drop"})
    assert wishes(world.lesia).feed_hash is None
