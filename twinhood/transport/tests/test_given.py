"""Promises about things given in kind: handed over by an act as strict as that of things bought."""

from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from twinhood.deliveries import errors, given, handing_over
from twinhood.deliveries.core.act import Role
from twinhood.deliveries.core.receivers import NotAReceiver
from twinhood.deliveries.given import Offered
from twinhood.deliveries.handing_over import Basis, Handed
from twinhood.deliveries.models import GivenThing, HandoverAct, HandoverLine
from twinhood.deliveries.tests.world import SIGNING
from twinhood.giving import in_kind
from twinhood.giving.models import InKindGift
from twinhood.kit import clock
from twinhood.ledger.models import Account
from twinhood.needs.tests.world import AT, DAY, organisation
from twinhood.people import waiting
from twinhood.people.models import Organisation
from twinhood.people.queries import workspace
from twinhood.transport.tests.world import World
from twinhood.transport.waiting import tasks

pytestmark = pytest.mark.django_db
VIN = "WDB9066331S123456"
# Scenario S5: a hospital gives a used ambulance, $18,000.00 by independent estimate.
AMBULANCE = in_kind.Thing(
    description="Used ambulance, 2015",
    value_minor=1_800_000,
    currency="USD",
    basis=InKindGift.Basis.VALUATION,
    valued_by="Example Valuers",
    valued_date=DAY,
    received_date=DAY,
    purpose="Ambulances for Kramatorsk",
    serial=VIN,
    is_vehicle=True,
)
BLANKETS = replace(
    AMBULANCE, description="wool blankets", serial="", is_vehicle=False, quantity=120,
    value_minor=300_000,
)  # fmt: skip


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def _that_day() -> object:
    with clock.showing(AT):
        yield


def taken(world: World, thing: in_kind.Thing = AMBULANCE) -> InKindGift:
    return in_kind.take_in(
        partnership=world.partnership, form_key=uuid4(), thing=thing, person=world.tom
    ).gift


def offered(world: World, gift: InKindGift) -> Offered:
    return next(one for one in given.waiting(world.partnership) if one.key == gift.key)


def begun(world: World, gift: InKindGift, **more: Any) -> HandoverAct:
    return world.begun_act(Handed(offered(world, gift)), **more)


def balances(world: World) -> dict[str, int]:
    found = Account.objects.filter(partnership=world.partnership, code__contains="in-kind")
    return dict(found.values_list("code", "balance_minor"))


def test_a_thing_given_waits_for_its_act_until_it_stands_on_one(world: World) -> None:
    gift = taken(world)
    work = workspace(world.iryna, world.partnership)

    (task,) = waiting.read(work, tasks(work))
    act = begun(world, gift, signed=4)

    assert list(waiting.read(work, tasks(work))) == []
    assert task.title == "To be handed over: Used ambulance, 2015"
    assert given.waiting(world.partnership) == []
    assert [one.role for one in handing_over.lacking(act)] == [Role.COMMISSION]
    gift.refresh_from_db()
    assert gift.handed_over_date is None


def test_it_is_handed_over_once_five_signed_and_others_confirmed_and_told_after_the_delay(
    world: World, client: Client
) -> None:
    made = in_kind.take_in(
        partnership=world.partnership, form_key=uuid4(), thing=AMBULANCE, person=world.tom
    )
    page = f"/en/t/{made.secret}/"

    act = begun(world, made.gift)
    made.gift.refresh_from_db()
    assert made.gift.handed_over_date is None
    world.confirmed(act)
    before, early = unescape(client.get(page).content.decode()), balances(world)
    with clock.showing(AT + timedelta(days=14)):
        in_kind.book_aid_due()
        in_kind.book_aid_due()
        after = unescape(client.get(page).content.decode())

    gift = InKindGift.objects.get()
    assert (gift.handed_over_date, gift.handed_over_to) == (DAY, world.hospital)
    assert (gift.act, gift.public_from_date) == ("A-1", DAY + timedelta(days=14))
    assert "Not handed over yet: Used ambulance, 2015, № …3456" in before
    assert "City Hospital 3" not in before
    assert "Handed over: Used ambulance, 2015, № …3456" in after
    assert "City Hospital 3, A-1" in after
    assert VIN not in before + after
    assert early == {"assets:in-kind": 1_800_000, "income:in-kind": 1_800_000}
    assert balances(world)["assets:in-kind"] == 0


def test_its_page_follows_the_day_that_the_receiving_side_chose_and_what_is_pulled_back(
    world: World,
) -> None:
    gift = taken(world)
    act = world.confirmed(begun(world, gift))

    handing_over.set_public_date(act=act, public_from=DAY, by=world.bondar)
    gift.refresh_from_db()
    told = in_kind.is_told(gift)
    handing_over.pull_back(act=act)
    gift.refresh_from_db()

    assert told
    assert not in_kind.is_told(gift)


def test_in_sql_nobody_tells_of_it_before_its_act_does(world: World) -> None:
    gift = taken(world)
    mine = InKindGift.objects.filter(pk=gift.pk)
    act = begun(world, gift)

    with pytest.raises(IntegrityError, match="the day of its act"), transaction.atomic():
        mine.update(public_from_date=DAY)
    world.confirmed(act)
    with pytest.raises(IntegrityError, match="the day of its act"), transaction.atomic():
        mine.update(public_from_date=DAY)
    handing_over.pull_back(act=act)
    with pytest.raises(IntegrityError, match="the day of its act"), transaction.atomic():
        mine.update(public_from_date=DAY + timedelta(days=14))


def test_what_was_given_follows_the_correction_of_its_act(world: World) -> None:
    gift = taken(world, BLANKETS)
    act = world.confirmed(begun(world, gift))
    later = DAY + timedelta(days=1)

    with clock.showing(AT + timedelta(days=2)):
        row = GivenThing.objects.get()
        world.confirmed(
            world.begun_act(
                Handed(given.offered(row)),
                on=later,
                basis=Basis(replaces=act, reason="It was the next day."),
            )
        )

    gift.refresh_from_db()
    assert (gift.handed_over_date, gift.act) == (later, "A-2")
    assert gift.public_from_date == DAY + timedelta(days=14)


def test_a_vehicle_that_was_given_goes_to_no_charity_also_in_sql(world: World) -> None:
    own = organisation(Organisation.Kind.CHARITY, "Fund of Dr B.")
    Organisation.objects.filter(pk=own.pk).update(legal_form="charity")
    own.refresh_from_db()
    gift = taken(world)
    thing = offered(world, gift)

    with pytest.raises(NotAReceiver):
        handing_over.hand_over(
            partnership=world.partnership, things=[Handed(thing)], giver=world.charity,
            receiver=own, place=world.kramatorsk, signing=SIGNING, handed_over_date=DAY,
            by=world.bondar, at=AT,
        )  # fmt: skip
    row = given.named(world.partnership, thing)
    act = HandoverAct.objects.create(
        partnership=world.partnership, number=9, place=world.kramatorsk, receiver=own,
        giver=world.charity, handed_over_date=DAY, public_from_date=DAY,
        recorded_by=world.bondar, recorded_at=AT,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="public hand"), transaction.atomic():
        HandoverLine.objects.create(act=act, given=row, standing_given=row, serial=VIN)


def test_no_vehicle_is_given_away_as_something_else_in_sql(world: World) -> None:
    gift = taken(world)
    thing = offered(world, gift)

    with pytest.raises(IntegrityError, match="as it was taken in"), transaction.atomic():
        given.named(world.partnership, replace(thing, is_vehicle=False))
    with pytest.raises(IntegrityError, match="as it was taken in"), transaction.atomic():
        given.named(world.partnership, replace(thing, serial="SN-1"))
    given.named(world.partnership, thing)
    for change in ({"serial": "SN-1", "is_vehicle": False}, {"value_minor": 1}):
        with pytest.raises(IntegrityError, match="as it was taken in"), transaction.atomic():
            InKindGift.objects.filter(pk=gift.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        GivenThing.objects.update(is_vehicle=False)


def test_in_sql_nothing_given_is_handed_over_but_by_an_act_that_counts(world: World) -> None:
    gift = taken(world)
    mine = InKindGift.objects.filter(pk=gift.pk)
    cheat = {"handed_over_date": DAY, "handed_over_to": world.hospital}

    with pytest.raises(IntegrityError, match="an act that counts"), transaction.atomic():
        mine.update(**cheat)
    act = begun(world, gift)
    with pytest.raises(IntegrityError, match="an act that counts"), transaction.atomic():
        mine.update(**cheat)
    act = world.confirmed(act)
    with pytest.raises(IntegrityError, match="an act that counts"), transaction.atomic():
        mine.update(handed_over_to=world.city_k)
    with pytest.raises(IntegrityError, match="an act that counts"), transaction.atomic():
        mine.update(handed_over_date=None, handed_over_to=None)


def test_it_stands_on_one_act_and_is_not_taken_back_meanwhile(world: World) -> None:
    gift = taken(world)
    thing = offered(world, gift)
    begun(world, gift, signed=3)

    with pytest.raises(errors.WrongState):
        world.begun_act(Handed(thing))
    with pytest.raises(in_kind.CannotUndo, match="on_an_act"):
        in_kind.undo(gift=gift, person=world.tom, reason="No")
    row = GivenThing.objects.get()
    other = world.begun_act(Handed(offered(world, taken(world, BLANKETS))), signed=3)
    with pytest.raises(IntegrityError, match="standing_given"), transaction.atomic():
        HandoverLine.objects.create(act=other, given=row, standing_given=row, serial=VIN)
    gift.refresh_from_db()
    assert gift.undone_at is None


def test_it_is_not_handed_over_before_it_was_received(world: World) -> None:
    with pytest.raises(errors.HandedOverBeforeGiven):
        begun(world, taken(world), on=DAY - timedelta(days=1))


def test_a_vehicle_without_a_number_gets_it_from_the_plate_and_no_number_twice(
    world: World,
) -> None:
    mute = replace(AMBULANCE, serial="")
    first, second = taken(world, mute), taken(world, mute)

    with pytest.raises(errors.SerialMissing):
        begun(world, first)
    world.begun_act(Handed(offered(world, first), serial=VIN))
    with pytest.raises(errors.SerialKnown):
        world.begun_act(Handed(offered(world, second), serial=VIN))

    first.refresh_from_db()
    assert first.serial == VIN
    assert GivenThing.objects.get().serial == VIN


def test_the_paper_names_how_many_what_each_is_worth_and_on_what_it_rests(world: World) -> None:
    act = begun(world, taken(world, BLANKETS))

    assert act.document is not None
    (table,) = act.document.facts["tables"]
    assert "120 × wool blankets" in str(table["rows"])
    assert "$25.00" in str(table["rows"])
    assert "in-kind:" in str(act.document.facts["articles"])


def test_the_form_hands_over_what_was_bought_and_what_was_given_on_one_act(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    world.paid(unit.order)
    gift = taken(world)
    client = world.signed_in(world.bondar)
    page = f"/en/desk/{world.partnership.slug}/hand-over/"
    shown = client.get(page).content.decode()
    form = {
        "form_key": str(uuid4()), "handed_over_date": "2026-09-01", "giver": world.charity.pk,
        "receiver": world.hospital.pk, f"unit_{unit.code}": "on",
        f"unit_{unit.code}_serial": unit.serial, f"given_{gift.ref}": "on",
        f"given_{gift.ref}_serial": "SOMETHING ELSE",
    }  # fmt: skip

    early = client.post(page, form | {"handed_over_date": "2026-08-01"})
    client.post(page, form)

    assert f'name="given_{gift.ref}"' in shown
    assert early.status_code == 422
    act = HandoverAct.objects.get()
    assert {str(line.unit or line.given) for line in act.lines.all()} == {str(unit), gift.key}
    assert act.lines.get(given__isnull=False).serial == VIN
    told = client.get(f"/en/desk/{world.partnership.slug}/acts/{act.number}/").content.decode()
    assert "Used ambulance, 2015" in told
    assert VIN in told


def test_several_things_that_were_given_bear_no_number(world: World) -> None:
    gift = taken(world, BLANKETS)
    client = world.signed_in(world.bondar)
    page = f"/en/desk/{world.partnership.slug}/hand-over/"

    client.post(
        page,
        {
            "form_key": str(uuid4()), "handed_over_date": "2026-09-01", "giver": world.charity.pk,
            "receiver": world.hospital.pk, f"given_{gift.ref}": "on",
            f"given_{gift.ref}_serial": "SN-123",
        },
    )  # fmt: skip

    gift.refresh_from_db()
    assert HandoverAct.objects.get().lines.get().serial == gift.serial == ""
