"""Things given instead of money: an ambulance with a VIN, its value, its page, its hand-over."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from twinhood.giving import in_kind, queries
from twinhood.giving.models import InKindGift, Issuer, Receipt
from twinhood.giving.receipt_writing import open_receipt
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.ledger.models import Account, Entry, Fund
from twinhood.people.models import Organisation, Partnership, Person

pytestmark = pytest.mark.django_db
SEPTEMBER = datetime(2026, 9, 20, 12, tzinfo=UTC)
# Scenario S5: a hospital gives a used ambulance, $18,000.00 by independent valuation.
AMBULANCE = in_kind.Thing(
    description="Used ambulance, 2015",
    value_minor=1_800_000,
    currency="USD",
    basis=InKindGift.Basis.VALUATION,
    valued_by="Example Valuers",
    valued_date=date(2026, 9, 10),
    received_date=date(2026, 9, 12),
    purpose="Ambulances for Kramatorsk",
    serial="WDB9066331S123456",
    donor=replace(world.ANNA, name="Example Hospital"),
)


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    return made


@pytest.fixture
def hospital(pair: Partnership) -> Organisation:
    return Organisation.objects.create(
        kind="beneficiary", name={"en": "City Hospital 3"}, place=pair.receiving_place
    )


@pytest.fixture
def tom(pair: Partnership) -> Person:
    return world.tom(pair)


def taken(pair: Partnership, thing: in_kind.Thing = AMBULANCE) -> in_kind.Taken:
    with clock.showing(SEPTEMBER):
        return in_kind.take_in(partnership=pair, form_key=uuid4(), thing=thing, person=None)


def balances(pair: Partnership) -> dict[str, int]:
    found = Account.objects.filter(partnership=pair).exclude(balance_minor=0)
    return dict(found.values_list("code", "balance_minor"))


def test_its_value_is_booked_beside_the_money_and_never_in_it(pair: Partnership) -> None:
    made = taken(pair)

    assert balances(pair) == {"assets:in-kind": 1_800_000, "income:in-kind": 1_800_000}
    assert Entry.objects.get(key=made.gift.key).leaf_id is not None
    assert Fund.objects.get().head_minor == 0
    assert queries.totals(pair) == []
    assert in_kind.sums(pair) == [in_kind.Given("USD", 1, 1_800_000)]


def test_the_same_form_is_one_gift_with_one_link(pair: Partnership) -> None:
    key = uuid4()
    both = [
        in_kind.take_in(partnership=pair, form_key=key, thing=AMBULANCE, person=None)
        for _ in range(2)
    ]

    assert [made.is_new for made in both] == [True, False]
    assert both[0].gift.pk == both[1].gift.pk
    assert both[0].secret == both[1].secret


def test_its_receipt_describes_it_and_states_no_value(pair: Partnership) -> None:
    Issuer.objects.create(
        organisation=pair.recipient, legal_name="Example Aid", address="1 Main St",
        registry_code="00-0000000", control={"en": "We keep control and discretion."},
    )  # fmt: skip
    made = taken(pair, replace(AMBULANCE, donor=replace(AMBULANCE.donor, address="2 Elm St")))

    (receipt,) = Receipt.objects.all()
    words = repr(open_receipt(receipt))
    assert "Used ambulance, 2015" in words
    assert "18,000" not in words
    assert in_kind.give_receipt(made.gift)
    assert Receipt.objects.count() == 1


def test_its_page_leads_to_the_receipt_until_the_entry_is_taken_back(
    pair: Partnership, tom: Person, client: Client
) -> None:
    Issuer.objects.create(
        organisation=pair.recipient, legal_name="Example Aid", address="1 Main St",
        registry_code="00-0000000", control={"en": "We keep control and discretion."},
    )  # fmt: skip
    made = taken(pair, replace(AMBULANCE, donor=replace(AMBULANCE.donor, address="2 Elm St")))
    page, receipt = f"/en/t/{made.secret}/", f"/en/t/{made.secret}/receipt/"

    assert receipt in client.get(page).content.decode()
    answer = client.get(receipt)
    assert answer.status_code == 200
    assert "Used ambulance, 2015" in answer.content.decode()
    in_kind.undo(gift=made.gift, person=tom, reason="Entered twice")
    in_kind.undo(gift=made.gift, person=tom, reason="Entered twice")

    first, cancellation = Receipt.objects.order_by("id")
    assert (cancellation.kind, cancellation.replaces) == ("cancellation", first)
    assert receipt not in client.get(page).content.decode()
    assert client.get(receipt).status_code == 404


def test_without_an_issuer_it_is_taken_in_and_the_receipt_waits(pair: Partnership) -> None:
    made = taken(pair)

    assert not in_kind.give_receipt(made.gift)
    assert not Receipt.objects.exists()


def test_what_was_entered_wrongly_is_undone_once(pair: Partnership, tom: Person) -> None:
    wrong = taken(pair, replace(AMBULANCE, serial=""))
    taken(pair)
    with clock.showing(SEPTEMBER):
        in_kind.undo(gift=wrong.gift, person=tom, reason="Entered twice")
        in_kind.undo(gift=wrong.gift, person=tom, reason="Entered twice")

    assert in_kind.sums(pair) == [in_kind.Given("USD", 1, 1_800_000)]
    assert balances(pair)["income:in-kind"] == 1_800_000


@pytest.mark.parametrize("serial", ["WDB9066331S123456", "wdb 906633-1s 123456"])
def test_what_has_the_number_of_a_vehicle_is_one_whatever_was_ticked(
    pair: Partnership, serial: str
) -> None:
    gift = taken(pair, replace(AMBULANCE, serial=serial, is_vehicle=False)).gift

    assert gift.is_vehicle
    with pytest.raises(IntegrityError, match="what_has_a_vin_is_a_vehicle"), transaction.atomic():
        InKindGift.objects.update(is_vehicle=False)
    assert not taken(pair, replace(AMBULANCE, serial="SN-123")).gift.is_vehicle


def test_nobody_says_at_the_desk_that_a_thing_was_handed_over(
    pair: Partnership, hospital: Organisation, tom: Person, client: Client
) -> None:
    gift = taken(pair).gift
    desk, page = world.signed_in(client, tom), f"/en/desk/{pair.slug}/in-kind/{gift.ref}/"
    form = {"step": "hand_over", "to": hospital.pk, "day_of_act": "2026-09-18", "act": "Act 7"}
    with clock.showing(SEPTEMBER):
        answer = desk.post(page, form)
        shown = desk.get(page).content.decode()

    gift.refresh_from_db()
    assert answer.status_code == 422
    assert gift.handed_over_date is None
    assert "It waits for its act of acceptance" in shown
    assert f"/en/desk/{pair.slug}/acts/" in shown
    with pytest.raises(IntegrityError, match="an act that counts"), transaction.atomic():
        InKindGift.objects.update(handed_over_date=date(2026, 9, 18), handed_over_to=hospital)


def test_a_number_that_another_thing_has_is_refused_at_the_field(
    pair: Partnership, tom: Person, client: Client
) -> None:
    wrong = taken(pair).gift
    desk, page = world.signed_in(client, tom), f"/en/desk/{pair.slug}/in-kind/"
    form = {
        "form_key": str(uuid4()), "description": "Used ambulance, 2016", "quantity": "1",
        "serial": "wdb 9О66331S123456", "currency": "USD", "value": "18,000",
        "basis": "valuation", "valued_by": "Example Valuers", "valued_date": "2026-09-10",
        "received_date": "2026-09-12", "purpose": "Ambulances", "donor_language": "en",
    }  # fmt: skip
    with clock.showing(SEPTEMBER):
        refused = desk.post(f"{page}new/", form)
        in_kind.undo(gift=wrong, reason="Entered twice", person=tom)
        made = desk.post(f"{page}new/", form, follow=True)

    assert refused.status_code == 422
    assert "This number already belongs to another thing." in refused.content.decode()
    assert "Used ambulance, 2016" in refused.content.decode()
    assert "its value is booked" in made.content.decode()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"serial": "WDB906"}, "A vehicle’s number has 17 characters."),
        ({"serial": "1M8GDM9A1KP042788"}, "This vehicle’s number does not add up"),
        ({"serial": "", "quantity": "3"}, "Enter each by itself"),
        ({"is_vehicle": "", "serial": "SN-123", "quantity": "3"}, "Enter each by itself"),
    ],
)
def test_a_vehicle_is_entered_by_itself_and_under_a_number_that_can_be(
    pair: Partnership, tom: Person, client: Client, said: dict[str, str], sentence: str
) -> None:
    desk, page = world.signed_in(client, tom), f"/en/desk/{pair.slug}/in-kind/new/"
    form = {
        "form_key": str(uuid4()), "description": "Used ambulance, 2016", "quantity": "1",
        "serial": "wdВ 9066331S123456", "is_vehicle": "on", "currency": "USD", "value": "18,000",
        "basis": "valuation", "valued_by": "Example Valuers", "valued_date": "2026-09-10",
        "received_date": "2026-09-12", "purpose": "Ambulances", "donor_language": "en",
    }  # fmt: skip

    with clock.showing(SEPTEMBER):
        refused = desk.post(page, form | said)
        made = desk.post(page, form)

    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert "Used ambulance, 2016" in refused.content.decode()
    assert made.status_code == 302
    assert InKindGift.objects.get().serial == "WDB9066331S123456"


def test_the_treasurer_enters_it_and_the_partnership_page_tells_it_apart(
    pair: Partnership, tom: Person, client: Client
) -> None:
    desk, page = world.signed_in(client, tom), f"/en/desk/{pair.slug}/in-kind/"
    form = {
        "form_key": str(uuid4()), "description": "Used ambulance, 2015", "quantity": "1",
        "serial": "WDB9066331S123456", "currency": "USD", "value": "18,000", "basis": "valuation",
        "valued_by": "Example Valuers", "valued_date": "2026-09-10", "received_date": "2026-09-12",
        "purpose": "Ambulances", "name": "Example Hospital", "donor_language": "en",
    }  # fmt: skip
    with clock.showing(SEPTEMBER):
        wrong = desk.post(f"{page}new/", form | {"value": "a lot", "valued_date": "2027-01-01"})
        made = desk.post(f"{page}new/", form, follow=True)
        listed = desk.get(page)
        public = Client().get(f"/en/p/{pair.slug}/")

    assert wrong.status_code == 422
    assert "its value is booked" in made.content.decode()
    assert "$18,000.00" in listed.content.decode()
    assert "Given in kind, apart from the sums above: $18,000.00" in public.content.decode()
