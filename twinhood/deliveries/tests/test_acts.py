"""Promises of acts: complete with five signatures and two confirmations, and signed for good."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from cryptography import x509
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from PIL import Image

from twinhood.deliveries import actions, errors, handing_over, queries, waiting
from twinhood.deliveries.core.act import Role
from twinhood.deliveries.core.publicity import PublicState
from twinhood.deliveries.handing_over import Basis, Handed, Rate
from twinhood.deliveries.models import ActSigner, HandoverAct, Unit
from twinhood.deliveries.photos import sight_of
from twinhood.deliveries.tests.world import SIGNING, World, drawn
from twinhood.documents import files, offices
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.documents.store import the_store
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY, words
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Person
from twinhood.people.tests.desks import tasks_in
from twinhood.twinnings import drafting, signing
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.errors import MayNotSign
from twinhood.twinnings.models import Term

pytestmark = pytest.mark.django_db
OPEN = AT + timedelta(days=14)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def unit(world: World) -> Unit:
    return world.with_serials(world.placed(1))[0]


def state(world: World, unit: Unit) -> PublicState:
    return queries.public_unit_names(world.partnership, OPEN)[unit.code].state


def text_of(act: HandoverAct) -> str:
    """All text strings that the paper's tags and facts hold."""
    assert act.document is not None
    return json.dumps(act.document.facts, ensure_ascii=False)


def test_two_of_three_signatures_are_not_an_act_that_counts(world: World, unit: Unit) -> None:
    act = world.begun_act(unit, signed=4)

    (lacking,) = handing_over.lacking(act)
    assert (lacking.role, lacking.signed, lacking.wanted) == (Role.COMMISSION, 2, 3)
    assert (act.is_complete, act.document) == (False, None)
    assert state(world, unit) == PublicState.BOUGHT
    done = queries.campaign_progress(world.campaign, at=OPEN).progress
    assert next(iter(done.items[0].states())) == "bought"


def test_the_fifth_signature_makes_the_paper_and_two_others_make_it_count(
    world: World, unit: Unit
) -> None:
    act = world.begun_act(unit, signed=4)
    last = act.signers.get(method="")

    act = handing_over.sign_by_hand(act=act, signer=last, given=drawn(9), by=world.bondar, at=AT)

    assert act.document is not None
    assert act.document.is_private
    assert not act.is_complete
    act = world.confirmed(act)
    assert act.is_complete
    assert act.commitment is not None
    assert state(world, unit) == PublicState.HANDED_OVER


def test_away_from_a_front_one_person_of_another_organisation_confirms_an_act() -> None:
    world = World(is_conflict_zone=False)
    (unit,) = world.with_serials(world.placed(1))
    colleague = world.person("Second nurse", world.hospital, RoleName.CLERK)

    act = world.begun_act(unit)
    with pytest.raises(errors.NotAConfirmer):
        handing_over.confirm(act=act, by=colleague, organisation=world.hospital, at=AT)
    with pytest.raises(IntegrityError, match="another organisation"), transaction.atomic():
        connection.cursor().execute("UPDATE deliveries_handoveract SET completed_at = now()")
    asked = {
        person.name: [
            (task.done, task.wanted)
            for task in tasks_in(waiting, person, world.partnership)
            if task.kind == waiting.ACTS
        ]
        for person in (world.iryna, colleague, world.bondar)
    }
    done = handing_over.confirm(act=act, by=world.iryna, organisation=world.city_k, at=AT)

    assert not act.is_complete
    assert asked == {world.iryna.name: [(0, 1)], colleague.name: [], world.bondar.name: []}
    assert done.is_complete


def test_who_recorded_an_act_and_two_of_one_organisation_do_not_confirm_it(
    world: World, unit: Unit
) -> None:
    act = world.begun_act(unit)
    colleague = world.person("Second clerk", world.city_k, RoleName.CLERK)
    handing_over.confirm(act=act, by=world.iryna, organisation=world.city_k, at=AT)

    for person, body in (
        (world.bondar, world.hospital),
        (world.iryna, world.city_s),
        (colleague, world.city_k),
    ):
        with pytest.raises(errors.NotAConfirmer):
            handing_over.confirm(act=act, by=person, organisation=body, at=AT)
    act.refresh_from_db()
    assert not act.is_complete


def test_an_act_that_is_not_signed_is_not_confirmed(world: World, unit: Unit) -> None:
    act = world.begun_act(unit, signed=4)

    with pytest.raises(errors.WrongState):
        handing_over.confirm(act=act, by=world.iryna, organisation=world.city_k, at=AT)


def test_every_drawing_and_its_hash_stands_in_the_paper(world: World, unit: Unit) -> None:
    act = world.begun_act(unit)

    told = text_of(act)
    for signer in act.signers.all():
        assert signer.sha256 in told
        assert json.dumps(signer.drawn) in told
    assert act.document is not None
    data = the_store().get(act.document.sha256)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        elements = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)]
        figures = [one for one in elements if one.get("/S") == "/Figure" and "/Alt" in one]
        languages = {str(one.Lang) for one in elements if "/Lang" in one and "/S" in one}
    # Five drawings and the square of the check page.
    assert len(figures) == 6
    assert "en" in languages


def test_the_paper_says_what_bookkeeping_and_customs_ask_for(world: World) -> None:
    world.hospital.registry_code = "01234567"
    world.hospital.save()
    good, broken = world.with_serials(world.placed(2))
    act = world.begun_act(
        Handed(good, model_year=2021),
        Handed(broken, HandoverAct.Condition.DAMAGED, "No left mirror."),
        basis=Basis(
            offer="17 of 3 March 2026",
            declaration_code="UA-HA-42",
            with_papers=words("Two keys each", "По два ключі"),
            rates=[Rate("USD", 10_000, 412_345, DAY, "NBU")],
        ),
    )

    told = text_of(act)

    for said in (
        good.serial, broken.serial, "2021", "No left mirror.", "17 of 3 March 2026", "UA-HA-42",
        "Two keys each", "По два ключі", "код ЄДРПОУ 01234567", "3\xa0401\xa0846,25",
        "Акт приймання-передачі A-1", "Act of acceptance and transfer A-1", "DEMO 5",
    ):  # fmt: skip
        assert said in told, said


def test_a_signature_is_sent_twice_and_taken_once(world: World, unit: Unit) -> None:
    act = world.begun_act(unit, signed=4)
    last = act.signers.get(method="")

    for _ in range(2):
        handing_over.sign_by_hand(act=act, signer=last, given=drawn(9), by=world.bondar, at=AT)

    last.refresh_from_db()
    assert last.drawn == drawn(9).drawn
    with pytest.raises(errors.WrongState):
        handing_over.sign_by_hand(act=act, signer=last, given=drawn(8), by=world.bondar, at=AT)


def test_one_person_does_not_sign_for_two(world: World, unit: Unit) -> None:
    twice = [*SIGNING[:4], replace(SIGNING[4], name=" demo  4 ")]

    with pytest.raises(errors.TwoOfOneName):
        handing_over.hand_over(
            partnership=world.partnership, things=[Handed(unit)], giver=world.charity,
            receiver=world.hospital, place=world.kramatorsk, signing=twice,
            handed_over_date=DAY, by=world.bondar, at=AT,
        )  # fmt: skip


def test_what_is_not_paid_is_not_handed_over(world: World) -> None:
    order = world.placed(2)
    one, other = world.with_serials(order)
    world.invoiced(order, "EX-1")
    actions.pay(
        order=order, amount_minor=8_250_000, invoice="EX-1", bank_code="assets:bank:main",
        by=world.tom, at=AT,
    )  # fmt: skip

    def hand_over(*units: Unit) -> HandoverAct:
        return handing_over.hand_over(
            partnership=world.partnership, things=[Handed(unit) for unit in units],
            giver=world.charity, receiver=world.hospital, place=world.kramatorsk,
            signing=SIGNING, handed_over_date=DAY, by=world.bondar, at=AT,
        )  # fmt: skip

    with pytest.raises(errors.NotPaidYet) as problem:
        hand_over(one, other)
    assert problem.value.missing_minor == 8_250_000
    hand_over(one)
    with pytest.raises(errors.NotPaidYet):
        hand_over(other)
    act = world.begun_act(world.with_serials(world.placed(1), 7)[0], signed=4)
    with pytest.raises(IntegrityError, match="is not paid for what"), transaction.atomic():
        insert_line(act, other)


def insert_line(act: HandoverAct, unit: Unit) -> None:
    connection.cursor().execute(
        "INSERT INTO deliveries_handoverline (act_id, unit_id, condition, note)"
        " VALUES (%s, %s, 'good', '')",
        [act.pk, unit.pk],
    )


def test_a_serial_number_typed_at_the_hand_over_is_kept_and_known_elsewhere_it_is_refused(
    world: World,
) -> None:
    known = world.with_serials(world.placed(1))[0]
    typed = world.placed(1).units.get()

    with pytest.raises(errors.SerialKnown):
        world.begun_act(Handed(typed, serial=known.serial))
    assert not HandoverAct.objects.exists()
    world.begun_act(Handed(typed, serial="WDB9066331S000777"))
    typed.refresh_from_db()
    assert typed.serial == "WDB9066331S000777"


def test_something_missing_needs_no_number_and_does_not_count(world: World) -> None:
    here, gone = world.placed(2).units.order_by("number")
    world.handed_over(
        Handed(here, serial="WDB9066331S000777"),
        Handed(gone, HandoverAct.Condition.MISSING, "It was not on the lorry."),
    )

    assert state(world, here) == PublicState.HANDED_OVER
    assert state(world, gone) == PublicState.MISSING
    freed_minor = actions.credit_unit(
        unit=gone, reason="Never came.", bank_code="assets:bank:main", by=world.tom, at=AT
    )
    assert freed_minor == 8_250_000


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE deliveries_handoveract SET completed_at = now()", "lacks signatures"),
        ("UPDATE deliveries_handoveract SET is_from_before = true", "only its publicity"),
        ("UPDATE deliveries_actsigner SET method = 'typed', drawn = 'DEMO 5', sha256 = repeat('a', "
         "64), signed_at = now(), entered_by_id = (SELECT min(id) FROM people_person)"
         " WHERE method = ''", "has the hash of what was drawn"),
        ("UPDATE deliveries_actsigner SET method = 'paper', sha256 = repeat('a', 64), signed_at = "
         "now(), entered_by_id = (SELECT min(id) FROM people_person) WHERE method = ''",
         "needs a scan that two people"),
        ("UPDATE deliveries_actsigner SET name = 'Somebody else' WHERE method <> ''",
         "never changed"),
        ("DELETE FROM deliveries_actsigner WHERE method <> ''", "never changed"),
    ],
)  # fmt: skip
def test_the_database_takes_no_act_for_complete_that_lacks_a_signature(
    world: World, unit: Unit, sql: str, says: str
) -> None:
    world.begun_act(unit, signed=4)

    with pytest.raises(IntegrityError, match=says), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_database_wants_two_confirmations_near_a_front(world: World, unit: Unit) -> None:
    act = world.begun_act(unit)
    handing_over.confirm(act=act, by=world.iryna, organisation=world.city_k, at=AT)

    with pytest.raises(IntegrityError, match="two confirmations"), transaction.atomic():
        connection.cursor().execute("UPDATE deliveries_handoveract SET completed_at = now()")
    with pytest.raises(IntegrityError, match="one voice"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO deliveries_confirmation"
            " (act_id, recorded_by_id, confirmed_by_id, organisation_id, confirmed_at)"
            " SELECT act_id, recorded_by_id, recorded_by_id, %s, now()"
            " FROM deliveries_confirmation",
            [world.hospital.pk],
        )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE deliveries_actsigner SET drawn = ''",
        "DELETE FROM deliveries_actsigner",
        "INSERT INTO deliveries_actsigner (act_id, position, role, office, name, method, drawn,"
        " sha256) SELECT act_id, 9, 'commission', '{}', 'One more', '', '', ''"
        " FROM deliveries_actsigner LIMIT 1",
        "UPDATE deliveries_handoveract SET document_id = NULL",
        "UPDATE deliveries_handoveract SET completed_at = NULL",
        "UPDATE deliveries_confirmation SET confirmed_at = now()",
    ],
)
def test_the_database_keeps_what_was_signed(world: World, unit: Unit, sql: str) -> None:
    world.handed_over(unit)

    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(sql)


def test_nothing_is_added_to_an_act_that_was_signed(world: World) -> None:
    order = world.placed(2)
    one, other = world.with_serials(order)
    act = world.begun_act(one)

    with pytest.raises(IntegrityError, match="nothing is added"), transaction.atomic():
        insert_line(act, other)


# --- on paper


def titles(world: World, person: Person) -> list[str]:
    return [str(task.title) for task in tasks_in(waiting, person, world.partnership)]


def photo(world: World, name: str = "scan.jpg", shade: int = 90) -> StoredFile:
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), (shade, 120, 60)).save(picture, "JPEG")
    sent = SimpleUploadedFile(name, picture.getvalue(), "image/jpeg")
    return files.keep(sent, partnership=world.partnership, by=world.bondar)


def test_an_act_signed_on_paper_counts_when_two_of_two_organisations_saw_it(
    world: World, unit: Unit
) -> None:
    act = world.begun_act(unit, signed=0)
    printed = handing_over.pdf_of(act)
    scan = handing_over.enter_scan(act=act, file=photo(world), by=world.bondar, at=AT)

    with pytest.raises(errors.NotAWitness):
        handing_over.witness_scan(scan=scan, by=world.bondar, organisation=world.hospital, at=AT)
    asked = f"Did you see it signed? {act}"
    assert asked not in titles(world, world.bondar)
    assert asked in titles(world, world.dana)
    for person, body in ((world.iryna, world.city_k), (world.dana, world.city_s)):
        assert asked in titles(world, person)
        act = handing_over.witness_scan(scan=scan, by=person, organisation=body, at=AT)
        assert asked not in titles(world, person)

    assert printed.startswith(b"%PDF-")
    assert act.document is not None
    assert set(act.signers.values_list("method", "sha256")) == {("paper", scan.file.sha256)}
    assert scan.file.sha256 in text_of(act)


def test_a_printed_act_names_giver_receiver_and_three(world: World, unit: Unit) -> None:
    act = world.begun_act(unit, signed=0)
    handing_over.take_off(act=act, signer=act.signers.get(position=5), at=AT)

    with pytest.raises(errors.TooFewStandOnIt):
        handing_over.enter_scan(act=act, file=photo(world), by=world.bondar, at=AT)


# --- offices


def term(world: World) -> Term:
    head = world.person("Head", world.city_k, RoleName.SIGNATORY)
    return drafting.record_term(
        partnership=world.partnership, side=Side.RECEIVING,
        office={"en": "Head of administration (example)", "uk": "Начальник (приклад)"},
        holder={"en": "DEMO"}, legal_basis={"en": "Decree (example)"}, act_number="EX-1",
        since_date=DAY - timedelta(days=900), person=head, by=world.iryna, at=AT,
    )  # fmt: skip


def test_an_office_signs_the_paper_of_the_act(world: World, unit: Unit) -> None:
    office = term(world)
    act = world.begun_act(unit, basis=Basis(terms={world.hospital.pk: office}))
    seat = act.seats.get()
    assert office.person is not None

    with pytest.raises(MayNotSign) as problem:
        handing_over.sign_here(seat=seat, person=world.iryna, answer=None)
    signature = handing_over.sign_here(seat=seat, person=office.person, answer=None)

    assert problem.value.refusal == "other_person"
    assert signature.method == "here"
    assert act.document is not None
    assert act.document.revisions.count() > 1


def test_who_signed_for_the_hospital_signs_agreements_for_the_city(
    world: World, unit: Unit
) -> None:
    office = term(world)
    act = world.begun_act(unit, basis=Basis(terms={world.hospital.pk: office}))
    assert office.person is not None
    handing_over.sign_here(seat=act.seats.get(), person=office.person, answer=None)

    of_the_city = signing.capacity_of(office, ("en", "uk"))
    certificate = offices.identity_for(of_the_city, is_specimen=True).certificate

    named = x509.load_der_x509_certificate(certificate).subject
    (organisation,) = named.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    assert "city of Kramatorsk" in str(organisation.value)


def test_a_head_whose_term_has_ended_signs_no_act(world: World, unit: Unit) -> None:
    office = term(world)
    act = world.begun_act(unit, basis=Basis(terms={world.hospital.pk: office}))
    drafting.end_term(term=office, until_date=DAY - timedelta(days=1), reason="A new head.")
    assert office.person is not None

    with clock.showing(AT), pytest.raises(MayNotSign) as problem:
        handing_over.sign_here(seat=act.seats.get(), person=office.person, answer=None)

    assert problem.value.refusal == "ended"
    assert act.document is not None
    assert act.document.revisions.count() == 1


# --- photos


def test_photos_are_private_until_the_receiving_side_releases_them(
    world: World, unit: Unit
) -> None:
    front, back = photo(world, "1.jpg", 10), photo(world, "2.jpg", 200)
    act = world.handed_over(
        Handed(unit, HandoverAct.Condition.DAMAGED, "Does not start.", photos=(front, back))
    )

    def sights() -> list[Sight | None]:
        return [sight_of(front), sight_of(back)]

    with clock.showing(AT):
        assert sights() == [Sight.WORKSPACE] * 2
    with clock.showing(OPEN), pytest.raises(errors.NotTheReceiver):
        handing_over.release_photos(act=act, released=[], by=world.dana)
    first = act.lines.get().photos.get(file=front)
    handing_over.release_photos(act=act, released=[first.pk], by=world.bondar)
    with clock.showing(AT):
        assert sights() == [Sight.WORKSPACE] * 2
    with clock.showing(OPEN):
        assert sights() == [Sight.PUBLIC, Sight.WORKSPACE]
        handing_over.pull_back(act=act)
        assert sights() == [Sight.PULLED_BACK] * 2


def test_signers_that_are_named_too_much_are_taken_off_unless_they_signed(
    world: World, unit: Unit
) -> None:
    act = world.begun_act(unit, signed=4)

    with pytest.raises(errors.WrongState):
        handing_over.take_off(act=act, signer=act.signers.get(position=1), at=AT)
    more = replace(SIGNING[4], name="DEMO 6")
    act = handing_over.add_signer(act=act, one=more, by=world.bondar, at=AT)
    act = handing_over.take_off(act=act, signer=act.signers.get(position=5), at=AT)

    # Three of the commission signed, and nobody else stands on it.
    assert act.document is not None
    assert ActSigner.objects.filter(act=act, method="").count() == 0
