"""Hand-overs on a phone without JavaScript: recorded once, signed later, nothing typed lost."""

import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from twinhood.deliveries import actions, handing_over, labels, waiting
from twinhood.deliveries.handing_over import Handed
from twinhood.deliveries.models import HandoverAct, SerialClash, Unit
from twinhood.deliveries.tests.test_pages import address, post, public, text_of
from twinhood.deliveries.tests.world import World, drawn
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.people.models import Person
from twinhood.people.tests.desks import tasks_in

pytestmark = pytest.mark.django_db
STROKES = "M10 100L200 40L300 160L500 60"
SIGNERS = ("giver", "receiver", "member_1", "member_2", "member_3")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def _september_in_english() -> Iterator[None]:
    with clock.showing(AT), translation.override("en"):
        yield


def bought(world: World, quantity: int = 1) -> list[Unit]:
    order = world.placed(quantity)
    world.paid(order)
    return world.with_serials(order)


def handed(world: World, *units: Unit, **changes: Any) -> dict[str, Any]:
    signing: dict[str, str] = {}
    for number, key in enumerate(SIGNERS, 1):
        signing |= {f"{key}_office": f"Office {number}", f"{key}_name": f"DEMO {number}"}
        signing[f"{key}_strokes"] = f"M{number} 100L200 40L300 160L500 60"
    return {
        "form_key": uuid4(),
        "handed_over_date": "2026-09-01",
        "giver": world.charity.pk,
        "receiver": world.hospital.pk,
        **signing,
        **{f"unit_{unit.code}": "on" for unit in units},
    } | changes


def picture(shade: int = 90) -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (320, 200), (shade, 120, 60)).save(data, "JPEG")
    return SimpleUploadedFile("photo.jpg", data.getvalue(), "image/jpeg")


def test_who_receives_a_vehicle_says_what_kind_of_body_it_is(world: World) -> None:
    (unit,) = bought(world)
    world.hospital.legal_form = ""
    world.hospital.save()
    client = world.signed_in(world.bondar)

    unsaid = post(client, address(world, "hand_over"), handed(world, unit))

    assert unsaid.status_code == 422
    assert "Say what kind of body the receiver is" in text_of(unsaid)
    assert not HandoverAct.objects.exists()
    slip = post(client, address(world, "hand_over"), handed(world, unit, legal_form="charity"))
    assert slip.status_code == 422
    assert "may not have a vehicle for its own use" in text_of(slip)
    said = handed(world, unit, legal_form="public_institution")
    assert post(client, address(world, "hand_over"), said).status_code == 200
    assert HandoverAct.objects.count() == 1
    world.hospital.refresh_from_db()
    assert world.hospital.legal_form == "public_institution"


def test_a_vehicle_for_a_charity_and_a_day_before_it_was_bought_are_refused_in_words(
    world: World,
) -> None:
    (unit,) = bought(world)
    client = world.signed_in(world.bondar)
    early = handed(world, unit, handed_over_date="2026-08-31")

    page = post(client, address(world, "hand_over"), early)

    assert page.status_code == 422
    assert "O-1 was placed on" in text_of(page)
    assert "nothing is handed over before it is bought" in text_of(page)
    world.hospital.legal_form = "charity"
    world.hospital.save()
    page = post(client, address(world, "hand_over"), handed(world, unit))
    assert page.status_code == 422
    assert "may not have a vehicle for its own use" in text_of(page)
    assert not HandoverAct.objects.exists()


def test_a_hand_over_is_recorded_from_a_phone_and_once(world: World) -> None:
    (unit,) = bought(world)
    form = handed(world, unit)
    client = world.signed_in(world.bondar)

    pages = [post(client, address(world, "hand_over"), form) for _ in range(2)]

    act = HandoverAct.objects.get()
    assert act.document is not None
    assert [page.status_code for page in pages] == [200, 200]
    assert unit.serial in text_of(pages[0])
    assert "All have signed. Two others confirm it now." in text_of(pages[0])
    assert act.signers.count() == 5
    for signer in act.signers.all():
        assert signer.sha256 in text_of(pages[1])


def test_without_a_screen_to_draw_on_names_are_typed(world: World) -> None:
    (unit,) = bought(world)
    typed = {f"{key}_strokes": "" for key in SIGNERS}
    typed |= {f"{key}_typed": f"demo {number}" for number, key in enumerate(SIGNERS, 1)}

    page = post(
        world.signed_in(world.bondar), address(world, "hand_over"), handed(world, unit, **typed)
    )

    assert set(HandoverAct.objects.get().signers.values_list("method", flat=True)) == {"typed"}
    assert "name typed" in text_of(page)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"handed_over_date": "2999-01-01"}, "when it has happened, not before"),
        ({"handed_over_date": ""}, "Enter the day."),
        ({"giver": "999999"}, "valid choice"),
        ({"giver_office": ""}, "Enter the office."),
        ({"member_1_name": ""}, "Enter the name."),
        ({"member_1_strokes": "M1 1L2 2"}, "hardly a signature"),
        ({"member_1_strokes": "<svg>"}, "did not arrive whole"),
        ({"member_1_strokes": "", "member_1_typed": "Somebody"}, "exactly as it stands above"),
        ({"member_2_name": "demo 3"}, "stands on the act twice"),
        ({"member_2_office": "Chief \u202e engineer \U0001f600"}, "cannot stand on the act"),
        ({"rate_USD": "minus one"}, "number"),
    ],
)
def test_an_act_that_cannot_be_says_what_to_mend_and_keeps_what_was_drawn(
    world: World, changes: dict[str, Any], sentence: str
) -> None:
    (unit,) = bought(world)

    page = world.signed_in(world.bondar).post(
        address(world, "hand_over"), handed(world, unit, **changes)
    )

    assert page.status_code == 422
    assert sentence in text_of(page)
    assert "M5 100L200 40L300 160L500 60" in text_of(page)
    assert not HandoverAct.objects.exists()


def test_what_is_not_paid_is_not_handed_over(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))

    page = world.signed_in(world.bondar).post(address(world, "hand_over"), handed(world, unit))

    assert page.status_code == 422
    assert "O-1 is not paid yet: $82,500.00 is missing" in text_of(page)


def test_a_number_of_another_thing_is_refused_at_its_field_and_the_attempt_is_kept(
    world: World,
) -> None:
    (known,) = bought(world)
    order = world.placed(1)
    world.paid(order)
    unit = order.units.get()
    form = handed(world, unit) | {f"unit_{unit.code}_serial": known.serial}

    page = world.signed_in(world.bondar).post(address(world, "hand_over"), form)

    assert page.status_code == 422
    assert "already belongs to another thing" in text_of(page)
    assert SerialClash.objects.get().unit == unit


def test_something_damaged_is_described_and_photographed(world: World) -> None:
    (unit,) = bought(world)
    damaged = handed(world, unit) | {f"unit_{unit.code}_condition": "damaged"}
    client = world.signed_in(world.bondar)

    silent = client.post(address(world, "hand_over"), damaged)
    page = post(
        client, address(world, "hand_over"),
        damaged | {f"unit_{unit.code}_note": "A mirror is broken.",
                   f"unit_{unit.code}_photos": [picture(10), picture(200)]},
    )  # fmt: skip

    assert silent.status_code == 422
    line = HandoverAct.objects.get().lines.get()
    assert line.note == "A mirror is broken."
    assert line.photos.count() == 2
    assert "Show it when the act is public" in text_of(page)
    assert "ambulance 1" in text_of(page).split('id="photos"')[1].split("<h2")[0]


def test_who_was_not_there_signs_later_and_the_paper_can_be_read(world: World) -> None:
    (unit,) = bought(world)
    client = world.signed_in(world.bondar)
    form = handed(world, unit, member_3_strokes="")

    page = post(client, address(world, "hand_over"), form)
    signing = address(world, "act_signing", 1, 5)
    empty = client.post(signing, {})
    done = post(client, signing, {"one_strokes": STROKES})

    assert "Of the commission 2 of 3 have signed." in text_of(page)
    assert empty.status_code == 422
    assert "Sign on the glass, or type the name." in text_of(empty)
    assert "All have signed." in text_of(done)
    paper = client.get(address(world, "act_pdf", 1))
    assert paper["Content-Type"] == "application/pdf"
    assert "no-store" in paper["Cache-Control"]
    act = HandoverAct.objects.get()
    assert act.document is not None
    assert act.document.code in paper["Content-Disposition"]


def test_two_others_confirm_it_and_the_recorder_has_no_button(world: World) -> None:
    act = world.begun_act(*bought(world))

    own = text_of(world.signed_in(world.bondar).get(address(world, "act", act.number)))
    for person in (world.iryna, world.oleh):
        client = world.signed_in(person)
        assert "Confirm for" in text_of(client.get(address(world, "act", act.number)))
        post(client, address(world, "act_confirmation", act.number), {})

    assert "Confirm for" not in own
    act.refresh_from_db()
    assert act.is_complete
    assert world.signed_in(world.tom).post(
        address(world, "act_confirmation", act.number)
    ).status_code == 403  # fmt: skip


def test_an_act_printed_and_signed_by_hand_is_sent_in_and_witnessed(world: World) -> None:
    act = world.begun_act(*bought(world), signed=0)
    bondar = world.signed_in(world.bondar)

    printed = bondar.get(address(world, "act_pdf", act.number))
    none = bondar.post(address(world, "act_scans", act.number), {})
    sent = post(bondar, address(world, "act_scans", act.number), {"scan-file": picture()})
    scan = act.scans.get()
    for person in (world.iryna, world.dana):
        post(world.signed_in(person), address(world, "act_scan_witness", act.number, scan.pk), {})

    assert printed.content.startswith(b"%PDF-")
    assert none.status_code == 422
    assert "A scan waits for its witnesses." in text_of(sent)
    act.refresh_from_db()
    assert act.document is not None


def test_somebody_is_put_on_the_act_and_taken_off(world: World) -> None:
    act = world.begun_act(*bought(world), signed=4)
    client = world.signed_in(world.bondar)

    wrong = client.post(address(world, "act_signers", act.number), {"new-role": "commission"})
    post(
        client, address(world, "act_signers", act.number),
        {"new-role": "commission", "new-one_office": "Guard", "new-one_name": "DEMO 6"},
    )  # fmt: skip
    assert act.signers.count() == 6
    post(client, address(world, "act_taking_off", act.number, 6), {})

    assert wrong.status_code == 422
    assert act.signers.count() == 5
    assert drawn(1).drawn in text_of(client.get(address(world, "act", act.number)))


def test_what_waits_is_an_unsigned_act_then_a_confirmation_then_the_office(world: World) -> None:
    act = world.begun_act(*bought(world), signed=4)

    def waits(person: Person) -> list[str]:
        found = tasks_in(waiting, person, world.partnership)
        return [task.title for task in found if task.kind == waiting.ACTS]

    assert waits(world.bondar) == ["Have an act signed: A-1"]
    last = act.signers.get(method="")
    handing_over.sign_by_hand(act=act, signer=last, given=drawn(9), by=world.bondar, at=AT)
    assert waits(world.bondar) == []
    assert waits(world.oleh) == ["Confirm a hand-over: A-1"]
    world.confirmed(act)
    assert waits(world.oleh) == []


def test_an_act_that_is_not_complete_hands_nothing_over_on_any_list(world: World) -> None:
    (unit,) = bought(world)
    act = world.begun_act(unit, signed=4)
    client = world.signed_in(world.tom)
    acts, order = address(world, "acts"), address(world, "order", unit.order.number)

    before = text_of(client.get(acts)), text_of(client.get(order))
    last = act.signers.get(method="")
    handing_over.sign_by_hand(act=act, signer=last, given=drawn(9), by=world.bondar, at=AT)
    world.confirmed(act)
    after = text_of(client.get(acts)), text_of(client.get(order))

    assert ["Public from" in page for page in (before[0], after[0])] == [False, True]
    assert ["Not complete" in page for page in (before[0], after[0])] == [True, False]
    assert ["Act not complete" in page for page in (before[1], after[1])] == [True, False]
    assert [">Handed over<" in page for page in (before[1], after[1])] == [False, True]


@pytest.mark.parametrize(("condition", "said"), [("damaged", "Damaged"), ("missing", "Missing")])
def test_what_came_damaged_or_not_at_all_waits_for_its_price(
    world: World, condition: str, said: str
) -> None:
    whole, unfit = bought(world, 2)
    world.handed_over(whole, Handed(unfit, HandoverAct.Condition(condition), "No engine."))
    client = world.signed_in(world.tom)

    def waits() -> list[str]:
        return [
            f"{task.title} {task.url}"
            for task in tasks_in(waiting, world.tom, world.partnership)
            if task.kind == waiting.CREDITS
        ]

    page_url = address(world, "order", unfit.order.number)
    assert waits() == [f"Damaged or missing: ambulance 2 {page_url}#units"]
    page = text_of(client.get(page_url))
    assert f">{said}</span>" in page
    assert page.count("Record the credit") == 1
    credited = post(
        client, address(world, "credit", unfit.order.number, unfit.code),
        {f"credit-{unfit.code}-reason": "It did not come whole.",
         f"credit-{unfit.code}-bank_code": "assets:bank:main"},
    )  # fmt: skip

    assert "Its money is free again." in text_of(credited)
    assert waits() == []


def test_a_correction_of_what_has_its_price_back_says_why_not_at_its_condition(
    world: World,
) -> None:
    (unit,) = bought(world)
    act = world.handed_over(Handed(unit, HandoverAct.Condition.DAMAGED, "No engine."))
    actions.credit_unit(
        unit=unit, reason="No engine.", bank_code="assets:bank:main", by=world.tom, at=AT
    )
    client, page = world.signed_in(world.bondar), address(world, "act_correction", act.number)
    form = handed(world, unit, reason="It runs.") | {f"unit_{unit.code}_serial": unit.serial}

    in_order = client.post(page, form | {f"unit_{unit.code}_condition": "good"})
    damaged = {f"unit_{unit.code}_condition": "damaged", f"unit_{unit.code}_note": "No doors."}
    post(client, page, form | damaged | {"member_3_strokes": ""})
    new = HandoverAct.objects.get(replaces=act)
    before = text_of(client.get(address(world, "act", new.number)))
    post(client, address(world, "act_withdrawal", new.number), {"withdrawal-reason": "A slip."})
    after = text_of(client.get(address(world, "act", new.number)))

    assert in_order.status_code == 422
    assert f'href="#id_unit_{unit.code}_condition"' in text_of(in_order)
    assert "so no act can have it in order" in text_of(in_order)
    assert ["takes its place" in page for page in (before, after)] == [True, False]
    assert ["It was to correct another act" in page for page in (before, after)] == [False, True]


def test_a_label_says_how_many_gifts_unless_they_are_few(world: World) -> None:
    (unit,) = bought(world)
    act = world.begun_act(unit)

    sheet = world.signed_in(world.bondar).get(address(world, "act_labels", act.number))

    assert sheet.content.startswith(b"%PDF-")
    assert labels.gifts_behind(unit) == 1
    assert labels.given_words(unit)["en"] == "Given by people of: Stamford"
    for _ in range(6):
        world.give(2_000_000)
    order = world.proposed(1)
    world.approved_by(order, world.tom, world.lesia)
    told = labels.given_words(order.units.get())
    assert told["en"] == "Given by people of: Stamford. 5 gifts."
    assert told["uk"].endswith("5 внесків.")


def test_the_page_of_a_thing_shows_the_acts_fingerprint_and_no_name(world: World) -> None:
    good, broken = bought(world, 2)
    act = world.handed_over(good, Handed(broken, HandoverAct.Condition.DAMAGED, "No left mirror."))
    assert act.document is not None

    early = text_of(public(address(world, "unit", good.code), 13))
    page = text_of(public(address(world, "unit", good.code), 14))
    damaged = text_of(public(address(world, "unit", broken.code), 14))

    assert act.document.sha256 not in early
    assert act.document.sha256 in page
    assert "5 signatures by hand" in page
    assert "Driver (example)" in page
    assert "DEMO" not in page
    assert act.document.code not in page
    assert "Arrived damaged" in damaged
    assert "does not count as help that arrived" in damaged
