"""Promises of acts with an error: withdrawn while unsigned, corrected by another act after that."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from twinhood.deliveries import actions, correcting, errors, handing_over, queries, telling
from twinhood.deliveries.core.publicity import PublicState
from twinhood.deliveries.handing_over import Basis, Handed
from twinhood.deliveries.models import HandoverAct, HandoverLine, LinePhoto, Unit
from twinhood.deliveries.photos import sight_of
from twinhood.deliveries.tests.test_acts import photo
from twinhood.deliveries.tests.world import VIN, World
from twinhood.deliveries.waiting import tasks
from twinhood.documents.sight import Sight
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY
from twinhood.people import waiting
from twinhood.people.queries import workspace
from twinhood.translog.models import Opening

pytestmark = pytest.mark.django_db
OPEN = AT + timedelta(days=14)
DAMAGED, GOOD = HandoverAct.Condition.DAMAGED, HandoverAct.Condition.GOOD


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def unit(world: World) -> Unit:
    return world.with_serials(world.placed(1))[0]


def shown(world: World, unit: Unit) -> queries.PublicUnit:
    return queries.public_unit_names(world.partnership, OPEN)[unit.code]


def corrected(world: World, act: HandoverAct, *things: Handed, **more: Any) -> HandoverAct:
    """A correction that all have signed and nobody confirmed."""
    basis = Basis(replaces=act, reason="The wrong condition.")
    return world.begun_act(*things, basis=basis, **more)


def refused_in_sql(sql: str, says: str) -> None:
    with pytest.raises(IntegrityError, match=says), transaction.atomic():
        connection.cursor().execute(f"{sql}; SET CONSTRAINTS ALL IMMEDIATE")
    # Within the transaction of the test, what is deferred waits again.
    connection.cursor().execute("SET CONSTRAINTS ALL DEFERRED")


def test_an_act_that_not_all_have_signed_is_withdrawn_and_kept_and_its_things_wait_again(
    world: World, unit: Unit
) -> None:
    act = world.begun_act(unit, signed=4)

    act = correcting.withdraw(act=act, reason="Another receiver.", by=world.bondar, at=AT)
    again = correcting.withdraw(act=act, reason="Twice.", by=world.iryna, at=AT)

    assert (again.withdrawal_reason, again.withdrawn_by) == ("Another receiver.", world.bondar)
    assert [str(line.unit) for line in act.lines.all()] == [str(unit)]
    assert list(queries.units_without_act(world.partnership)) == [unit]
    work = workspace(world.bondar, world.partnership)
    assert [task.kind.code for task in waiting.read(work, tasks(work))] == ["hand-overs"]
    last = act.signers.get(method="")
    with pytest.raises(errors.WrongState):
        handing_over.sign_by_hand(
            act=act, signer=last, given=_drawn(), by=world.bondar, at=AT
        )  # fmt: skip
    assert world.handed_over(Unit.objects.get()).is_complete


def _drawn() -> handing_over.ByHand:
    return handing_over.ByHand(handing_over.Method.TYPED, "DEMO 5")


def test_a_number_that_was_typed_wrong_is_right_on_the_next_act(world: World, unit: Unit) -> None:
    act = world.begun_act(unit, signed=2)
    correcting.withdraw(act=act, reason="The number is wrong.", by=world.bondar, at=AT)

    world.handed_over(Handed(Unit.objects.get(), serial=VIN.format(77)))

    assert Unit.objects.get().serial == VIN.format(77)
    assert act.lines.get().serial == VIN.format(1)


def test_what_all_have_signed_is_not_withdrawn_also_in_sql(world: World, unit: Unit) -> None:
    act = world.begun_act(unit)

    with pytest.raises(errors.WrongState):
        correcting.withdraw(act=act, reason="No.", by=world.bondar, at=AT)
    refused_in_sql(
        "UPDATE deliveries_handoveract SET withdrawn_at = now(), withdrawal_reason = 'x', "
        "withdrawn_by_id = recorded_by_id",
        "corrected, not withdrawn",
    )


def test_a_withdrawn_act_stays_as_it_was_in_sql(world: World, unit: Unit) -> None:
    act = world.begun_act(unit, signed=4)
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        HandoverLine.objects.update(standing_unit=None)
    correcting.withdraw(act=act, reason="Another receiver.", by=world.bondar, at=AT)

    for sql, says in (
        ("UPDATE deliveries_handoveract SET withdrawal_reason = 'Nothing.'", "is over"),
        ("UPDATE deliveries_handoveract SET withdrawn_at = NULL, withdrawn_by_id = NULL, "
         "withdrawal_reason = ''", "is over"),
        ("DELETE FROM deliveries_handoverline", "stays"),
        ("UPDATE deliveries_handoverline SET standing_unit_id = unit_id", "stays"),
        ("UPDATE deliveries_actsigner SET method = 'typed', drawn = '', sha256 = 'x', "
         "signed_at = now(), entered_by_id = 1 WHERE method = ''", "that is over"),
        ("DELETE FROM deliveries_handoveract", "publicity"),
    ):  # fmt: skip
        refused_in_sql(sql, says)


def test_until_its_correction_is_complete_an_act_stands_and_then_the_correction_does(
    world: World, unit: Unit
) -> None:
    act = world.handed_over(unit)

    new = corrected(world, act, Handed(unit, DAMAGED, "No left mirror."))
    before = shown(world, unit)
    new = world.confirmed(new)
    after = shown(world, unit)

    act.refresh_from_db()
    assert (before.state, before.act_number) == (PublicState.HANDED_OVER, 1)
    assert (after.state, after.act_number) == (PublicState.DAMAGED, 2)
    assert act.replaced_at is not None
    assert act.is_complete
    assert (act.lines.get().condition, act.lines.get().serial) == (GOOD, unit.serial)
    assert new.document is not None
    assert new.document.replaces == act.document
    assert queries.public_acts(world.partnership, OPEN) == {2}
    assert telling.act_facts(new)["replaces"] == 1


def test_the_log_takes_a_public_act_back_that_was_corrected(world: World, unit: Unit) -> None:
    act = world.handed_over(unit)
    with clock.showing(OPEN):
        new = world.confirmed(corrected(world, act, Handed(unit, DAMAGED, "No engine.")))

    taken, told = (Opening.objects.get(commitment=one.commitment) for one in (act, new))
    assert taken.pulled_back_by_id is not None
    assert told.pulled_back_by_id is None


def test_nobody_knows_in_the_log_of_a_correction_before_its_act_was_public(
    world: World, unit: Unit
) -> None:
    act = world.handed_over(unit)
    with clock.showing(AT):
        world.confirmed(corrected(world, act, Handed(unit, DAMAGED, "No engine.")))

    assert Opening.objects.get(commitment=act.commitment).pulled_back_by_id is None


def test_a_number_is_corrected_when_the_correction_is_complete_and_no_other_thing_has_it(
    world: World,
) -> None:
    unit, other = world.with_serials(world.placed(2))
    act = world.handed_over(unit)

    with pytest.raises(errors.SerialKnown):
        corrected(world, act, Handed(unit, serial=other.serial))
    new = corrected(world, act, Handed(unit, serial=VIN.format(77)))
    unit.refresh_from_db()
    before = unit.serial
    world.confirmed(new)

    unit.refresh_from_db()
    assert (before, unit.serial) == (VIN.format(1), VIN.format(77))
    assert act.lines.get().serial == VIN.format(1)
    with pytest.raises(errors.WrongState):
        actions.set_serial(unit=unit, serial=VIN.format(78))
    refused_in_sql("UPDATE deliveries_unit SET serial = 'X-1' WHERE serial <> ''", "stays")


def test_a_correction_names_the_same_things_and_one_is_enough(world: World) -> None:
    unit, other = world.with_serials(world.placed(2))
    act = world.handed_over(unit)

    for things in ([Handed(other)], [Handed(unit), Handed(other)]):
        with pytest.raises((errors.WrongState, IntegrityError)), transaction.atomic():
            corrected(world, act, *things)
    corrected(world, act, Handed(unit), signed=3)
    with pytest.raises(errors.WrongState):
        corrected(world, act, Handed(unit))
    assert HandoverAct.objects.count() == 2


def test_an_unsigned_correction_is_withdrawn_and_another_may_follow(
    world: World, unit: Unit
) -> None:
    act = world.handed_over(unit)
    first = corrected(world, act, Handed(unit), signed=3)

    correcting.withdraw(act=first, reason="Wrong again.", by=world.bondar, at=AT)
    second = world.confirmed(corrected(world, act, Handed(unit, DAMAGED, "No engine.")))

    assert shown(world, unit).act_number == second.number == 3


def test_a_correction_is_corrected_in_turn_also_one_that_nobody_confirmed(
    world: World, unit: Unit
) -> None:
    act = world.handed_over(unit)
    wrong = corrected(world, act, Handed(unit, DAMAGED, "No engine."))

    world.confirmed(corrected(world, wrong, Handed(unit)))

    acts = HandoverAct.objects.order_by("number")
    assert [one.replaced_at is None for one in acts] == [False, False, True]
    assert shown(world, unit).act_number == 3
    with pytest.raises(errors.WrongState):
        handing_over.confirm(act=wrong, by=world.iryna, organisation=world.city_k, at=AT)


def test_in_sql_no_act_is_replaced_by_one_that_does_not_count(world: World, unit: Unit) -> None:
    act = world.handed_over(unit)
    corrected(world, act, Handed(unit, DAMAGED, "No engine."), signed=4)

    for sql, says in (
        ("UPDATE deliveries_handoveract SET replaced_at = now() WHERE number = 1", "counts"),
        ("UPDATE deliveries_handoverline SET standing_unit_id = NULL", "stays"),
        ("UPDATE deliveries_handoveract SET replaces_id = NULL, correction_reason = '' "
         "WHERE number = 2", "publicity"),
        ("UPDATE deliveries_handoveract SET completed_at = now() WHERE number = 2", "lacks"),
    ):  # fmt: skip
        refused_in_sql(sql, says)
    line = HandoverLine.objects.get(act__number=2)
    other = world.with_serials(world.placed(1), 5)[0]
    with pytest.raises(IntegrityError, match="that it corrects"), transaction.atomic():
        HandoverLine.objects.create(act=line.act, unit=other, serial=other.serial)


def test_in_sql_a_correction_that_counts_has_taken_over(world: World, unit: Unit) -> None:
    act = world.handed_over(unit)
    new = corrected(world, act, Handed(unit, DAMAGED, "No engine."))
    handing_over.confirm(act=new, by=world.iryna, organisation=world.city_k, at=AT)
    connection.cursor().execute(
        "INSERT INTO deliveries_confirmation (act_id, recorded_by_id, confirmed_by_id, "
        "organisation_id, confirmed_at) VALUES (%s, %s, %s, %s, now())",
        [new.pk, new.recorded_by_id, world.oleh.pk, world.checkers.pk],
    )

    refused_in_sql(
        "UPDATE deliveries_handoveract SET completed_at = now() WHERE number = 2", "that counts"
    )


def test_a_price_that_is_back_is_not_undone_by_a_correction(world: World, unit: Unit) -> None:
    act = world.handed_over(Handed(unit, DAMAGED, "No engine."))
    actions.credit_unit(
        unit=unit, reason="No engine.", bank_code="assets:bank:main", by=world.tom, at=AT
    )
    unit.refresh_from_db()

    with pytest.raises(errors.PriceIsBack, match="ambulance 1"):
        corrected(world, act, Handed(unit))
    assert corrected(world, act, Handed(unit, DAMAGED, "No engine, no doors.")).document


def test_a_correction_keeps_the_photos_their_release_and_the_day(world: World, unit: Unit) -> None:
    front = photo(world)
    act = world.handed_over(Handed(unit, photos=(front,)))
    handing_over.set_public_date(
        act=act, public_from=DAY + timedelta(days=20), by=world.bondar
    )  # fmt: skip
    first = LinePhoto.objects.get()
    handing_over.release_photos(act=act, released=[first.pk], by=world.bondar)

    new = world.confirmed(corrected(world, act, Handed(unit, DAMAGED, "No mirror.")))

    kept = LinePhoto.objects.get(line__act=new)
    assert (kept.file, kept.is_released) == (front, True)
    assert new.public_from_date == DAY + timedelta(days=20)
    with clock.showing(OPEN):
        assert sight_of(front) == Sight.WORKSPACE
    with clock.showing(AT + timedelta(days=20)):
        assert sight_of(front) == Sight.PUBLIC
        handing_over.release_photos(act=new, released=[], by=world.bondar)
        assert sight_of(front) == Sight.WORKSPACE
    handing_over.pull_back(act=new)
    assert sight_of(front) == Sight.PULLED_BACK


def test_what_was_pulled_back_meanwhile_stays_so(world: World, unit: Unit) -> None:
    act = world.handed_over(unit)
    new = corrected(world, act, Handed(unit, DAMAGED, "No mirror."))
    handing_over.pull_back(act=act)

    assert world.confirmed(new).is_pulled_back


def test_the_check_page_of_the_old_paper_says_which_one_took_its_place(
    world: World, unit: Unit, client: Client
) -> None:
    act = world.handed_over(unit)
    new = world.confirmed(corrected(world, act, Handed(unit, DAMAGED, "No mirror.")))
    assert act.document is not None
    assert new.document is not None

    old, later = (
        client.get(f"/en/v/{one.code}/").content.decode() for one in (act.document, new.document)
    )
    told = client.get(f"/uk/v/{act.document.code}/").content.decode()

    assert "This paper was corrected" in old
    assert f"/en/v/{new.document.code}/" in old
    assert "This paper corrects an earlier one" in later
    assert "Цей документ виправлено" in told
    assert "No mirror" not in old + later


def test_a_clerk_withdraws_and_corrects_on_the_pages_and_nothing_typed_is_lost(
    world: World, unit: Unit
) -> None:
    act = world.begun_act(unit, signed=4)
    desk, acts = world.signed_in(world.bondar), f"/en/desk/{world.partnership.slug}/acts/"

    unsaid = desk.post(f"{acts}1/withdrawal/", {"withdrawal-reason": " "})
    early = desk.get(f"{acts}1/correction/", follow=True)
    done = desk.post(
        f"{acts}1/withdrawal/", {"withdrawal-reason": "Another receiver."}, follow=True
    )
    act = world.handed_over(unit)
    page = desk.get(f"{acts}2/correction/").content.decode()
    form = {
        "form_key": str(uuid4()), "reason": "", "handed_over_date": "2026-09-01",
        "giver": world.charity.pk, "receiver": world.hospital.pk,
        f"unit_{unit.code}_condition": "damaged", f"unit_{unit.code}_note": "No left mirror.",
        f"unit_{unit.code}_serial": unit.serial, "giver_office": "Driver (example)",
        "giver_name": "DEMO 1",
    }  # fmt: skip
    refused = desk.post(f"{acts}2/correction/", form)
    sent = [desk.post(f"{acts}2/correction/", form | {"reason": "Condition."}) for _ in range(2)]
    shown_old = desk.get(f"{acts}2/").content.decode()
    listed = desk.get(acts).content.decode()

    assert (unsaid.status_code, refused.status_code) == (422, 422)
    assert "Say why it is withdrawn." in unsaid.content.decode()
    assert early.redirect_chain[-1][0] == f"{acts}1/"
    assert "Another receiver." in done.content.decode()
    assert "Withdrawn on" in done.content.decode()
    assert 'value="DEMO 1"' in page
    assert unit.serial in page
    assert "No left mirror." in refused.content.decode()
    assert [answer["Location"] for answer in sent] == [f"{acts}3/"] * 2
    assert "Another act corrects it" in shown_old
    assert "Withdrawn" in listed
    new = HandoverAct.objects.get(number=3)
    assert (new.replaces, new.correction_reason) == (act, "Condition.")
    (signer,) = new.signers.all()
    assert signer.office == act.signers.get(position=1).office


def test_an_act_from_before_papers_is_corrected_by_one_with_a_paper(
    world: World, unit: Unit
) -> None:
    act = world.begun_act(unit, signed=0)
    act.signers.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE;"
            "ALTER TABLE deliveries_handoveract DISABLE TRIGGER USER;"
            "UPDATE deliveries_handoveract SET is_from_before = true, completed_at = recorded_at;"
            "SET CONSTRAINTS ALL IMMEDIATE;"
            "ALTER TABLE deliveries_handoveract ENABLE TRIGGER USER;"
            "SET CONSTRAINTS ALL DEFERRED"
        )
    act.refresh_from_db()

    new = world.confirmed(corrected(world, act, Handed(unit, DAMAGED, "No left mirror.")))

    assert new.document is not None
    assert new.document.replaces is None
    assert shown(world, unit).act_number == 2
