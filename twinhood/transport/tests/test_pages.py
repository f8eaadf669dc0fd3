"""The desk's pages of shipments, as clerks use them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from twinhood.documents import sight
from twinhood.documents.sight import Sight
from twinhood.documents.tests.photos import jpeg, photo
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY
from twinhood.people.models import Person
from twinhood.people.tests.desks import tasks_in
from twinhood.transport import actions, queries, reminding, waiting
from twinhood.transport.models import Damage, DamagePhoto, Leg, Reminder, Shipment
from twinhood.transport.tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def _that_day() -> object:
    with clock.showing(AT):
        yield


def address(world: World, name: str, *args: object, language: str = "en") -> str:
    with override(language):
        return reverse(f"transport:{name}", args=[world.partnership.slug, *args])


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def sent(client: Client, url: str, data: dict[str, Any]) -> tuple[int, str]:
    answer = client.post(url, data)
    return answer.status_code, answer.content.decode()


def test_iryna_ships_an_ambulance_from_the_first_form_to_the_report(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    iryna = world.signed_in(world.iryna)
    begin = {"form_key": str(uuid4()), "consignee": world.hospital.pk, "purpose": "For care"}

    assert sent(iryna, address(world, "new"), begin)[0] == 302
    assert sent(iryna, address(world, "new"), begin)[0] == 302
    assert Shipment.objects.count() == 1
    tick = f"unit_{unit.code}"
    packed = {tick: "on", f"{tick}_packages": "1", f"{tick}_weight": "2800.5"}
    assert sent(iryna, address(world, "loads", 1), packed)[0] == 302
    leg = {
        "from_place": "stamford", "to_place": "Kramatorsk", "carrier": "Carrier",
        "risk_holder": "carrier", "departed": "2026-08-20T08:00", "arrived": "2026-08-27T19:30",
    }  # fmt: skip
    assert sent(iryna, address(world, "new_leg", 1), leg)[0] == 302
    declared = {"declaration-code": "gd-1234", "declaration-day": "2026-08-19"}
    assert sent(iryna, address(world, "declaration", 1), declared)[0] == 302
    assert sent(iryna, address(world, "clearance", 1), {"clearance-day": "2026-08-25"})[0] == 302
    rate = {
        "rate-currency": "USD", "rate-rate": "41.2345", "rate-day": "2026-08-25",
        "rate-source": "NBU",
    }  # fmt: skip
    assert sent(iryna, address(world, "rate", 1), rate)[0] == 302

    page = shown(iryna, address(world, "shipment", 1))
    assert "2800.5" in page
    assert "₴3,401,846.25" in page
    assert "GD-1234" in page
    assert "Report: day 7 of 90" in page
    assert "23 November 2026" in page
    # Eight in the morning in Stamford is noon UTC; half past seven in Kramatorsk, 16:30.
    times = Leg.objects.values_list("departed_at__hour", "arrived_at__hour").get()
    assert times == (12, 16)
    filed = {"report-number": "R-9", "report-day": "2026-09-01"}
    assert sent(iryna, address(world, "report", 1), filed)[0] == 302
    assert "Reported" in shown(iryna, address(world, "shipments"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"arrived": "2026-08-19T08:00"}, "It would have arrived before it left"),
        ({"departed": ""}, "It cannot have arrived without leaving"),
        ({"arrived": "2026-12-24T08:00"}, "this time is still to come"),
        ({"from_place": "Stamfrod"}, "No city of this name is known: Stamfrod"),
        ({"risk_holder": ""}, "Say who bears the loss."),
        ({"departed": "yesterday"}, "Enter a day and a time."),
    ],
)
def test_a_leg_that_cannot_be_is_told_and_nothing_typed_is_lost(
    world: World, changes: dict[str, str], sentence: str
) -> None:
    world.begun()
    leg = {
        "from_place": "Stamford", "to_place": "Kramatorsk", "carrier": "Quick & Sons",
        "risk_holder": "carrier", "departed": "2026-08-20T08:00", "arrived": "2026-08-27T19:30",
    } | changes  # fmt: skip

    status, page = sent(world.signed_in(world.iryna), address(world, "new_leg", 1), leg)

    assert status == 422
    assert sentence in page
    assert "Quick &amp; Sons" in page
    assert not Leg.objects.exists()


def test_a_vehicle_for_a_charity_is_refused_in_words(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    world.hospital.legal_form = "charity"
    world.hospital.save()
    world.begun()
    tick = f"unit_{unit.code}"

    status, page = sent(
        world.signed_in(world.iryna), address(world, "loads", 1),
        {tick: "on", f"{tick}_packages": "1", f"{tick}_weight": "2800"},
    )  # fmt: skip

    assert status == 422
    assert "This receiver may not have a vehicle for its own use" in page


def test_a_damage_is_recorded_once_and_waits_until_it_is_made_good(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    shipment = world.loaded(unit)
    world.leg(shipment)
    bondar = world.signed_in(world.bondar)
    found = {
        "form_key": str(uuid4()), "load": shipment.loads.get().pk, "kind": "damaged",
        "note": "The windscreen is broken.", "found_date": "2026-09-01", "leg": "1",
    }  # fmt: skip

    for _twice in range(2):
        assert sent(bondar, address(world, "damage", 1), found)[0] == 302

    damage = Damage.objects.get()
    waits = tasks_in(waiting, world.tom, world.partnership)
    assert [task.kind.code for task in waits] == ["damages"]
    tom = world.signed_in(world.tom)
    made_good = {f"remedy-{damage.pk}-remedy": "credit", f"remedy-{damage.pk}-note": "Note 17"}
    sent(tom, address(world, "remedy", 1, damage.pk), made_good)
    assert "The supplier credited it" in shown(tom, address(world, "shipment", 1))
    assert tasks_in(waiting, world.tom, world.partnership) == []


def test_photos_of_a_damage_are_seen_by_both_sides_and_nobody_else(world: World) -> None:
    shipment = world.loaded(*world.with_serials(world.placed(1)))
    bondar = world.signed_in(world.bondar)
    found = {
        "form_key": str(uuid4()), "load": shipment.loads.get().pk, "kind": "damaged",
        "note": "The windscreen is broken.", "found_date": "2026-09-01",
        "photos": [photo(jpeg(has_place=True)), photo(jpeg(320, 200))],
    }  # fmt: skip

    assert sent(bondar, address(world, "damage", 1), found)[0] == 302

    files = [one.file for one in DamagePhoto.objects.order_by("pk")]
    assert [queries.sight_of(file) for file in files] == [Sight.WORKSPACE, Sight.WORKSPACE]
    assert sight.may_see(world.dana, files[0])
    assert not sight.may_see(world.stranger(), files[0])
    page = shown(world.signed_in(world.dana), address(world, "shipment", 1))
    assert page.count("Photo of the damage") == 2


def cleared(world: World) -> Shipment:
    shipment = world.loaded(*world.with_serials(world.placed(1)))
    shipment = actions.declare(shipment=shipment, code="GD-1", day=DAY)
    return actions.clear_customs(shipment=shipment, day=DAY)


def test_from_day_80_both_sides_see_red(world: World) -> None:
    cleared(world)
    people = (world.iryna, world.dana, world.tom)

    with clock.showing(AT + timedelta(days=79)):
        pages = [shown(world.signed_in(p), address(world, "shipments")) for p in people]
        assert not any('tag x"' in page for page in pages)
    with clock.showing(AT + timedelta(days=80)):
        for person in people:
            page = shown(world.signed_in(person), address(world, "shipments"))
            assert "Report due: day 80 of 90" in page
            (task,) = tasks_in(waiting, person, world.partnership)
            assert task.due_date == DAY + timedelta(days=90)
    with clock.showing(AT + timedelta(days=91)):
        page = shown(world.signed_in(world.dana), address(world, "shipment", 1, language="uk"))
        assert "Звіт прострочено: день 91 із 90" in page
        assert "втрачає право декларувати" in page


def test_both_sides_are_reminded_by_letter_once_each_time(world: World) -> None:
    shipment = cleared(world)
    for person, language in ((world.iryna, "uk"), (world.tom, "en")):
        Person.objects.filter(pk=person.pk).update(is_example=False, language=language)
    sent_on = []

    for day in (29, 30, 31, 60, 80, 81):
        with clock.showing(AT + timedelta(days=day)):
            reminding.find()
            for reminder in Reminder.objects.filter(sent_at=None):
                reminding.write(reminder.pk)
                assert reminding.write(reminder.pk) == 0
        sent_on.append(len(mail.outbox))

    assert sent_on == [0, 2, 2, 4, 6, 6]
    ukrainian = next(letter for letter in mail.outbox if letter.to == [world.iryna.email])
    assert ukrainian.subject == "Звіт про відправлення S-1: день 30 із 90"
    assert address(world, "shipment", 1, language="uk") in ukrainian.body
    assert "&" not in ukrainian.body
    with clock.showing(AT + timedelta(days=81)):
        actions.report(shipment=shipment, number="R", day=DAY + timedelta(days=81))
        assert reminding.find() == []


def test_a_clerk_sees_what_waits_where_nothing_travels(world: World) -> None:
    page = shown(world.signed_in(world.iryna), address(world, "shipments"))

    assert "No shipments yet" in page


def test_the_list_costs_the_same_however_many_shipments(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = world.signed_in(world.iryna)
    for _ in range(6):
        world.leg(world.begun())

    with django_assert_max_num_queries(14):
        client.get(address(world, "shipments"))
