"""Promises of S6 (a): a second account of one person is no second voice."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from twinhood.deliveries import actions, errors, handing_over, payees, queries, screening
from twinhood.deliveries.core.approval import Refusal
from twinhood.deliveries.models import (
    ActScan,
    Approval,
    HandoverAct,
    Order,
    RefusedApproval,
)
from twinhood.deliveries.tests.test_acts import photo
from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def second_account(world: World, of: str = "Tom") -> Person:
    """Another account, of another organisation, whose document says the same."""
    miller = world.person("T. Miller", world.checkers)
    world.give_role(miller, world.checkers, RoleName.APPROVER)
    world.make_known(miller, of)
    return miller


def refusal_of(world: World, order: Order, person: Person) -> Refusal:
    with pytest.raises(errors.MayNotApprove) as problem:
        actions.approve(order=order, by=person, seen_hash=order.content_hash, at=AT)
    return problem.value.refusal


def test_s6a_toms_second_account_is_refused_and_the_attempt_is_kept(world: World) -> None:
    world.give(90_000_000)
    order = world.proposed(1)
    world.approved_by(order, world.tom)
    miller = second_account(world)

    assert refusal_of(world, order, miller) == Refusal.SAME_PERSON

    tried = RefusedApproval.objects.get(order=order)
    assert (tried.person, tried.refusal) == (miller, Refusal.SAME_PERSON)
    with clock.showing(AT), translation.override("en"):
        url = reverse("deliveries:order", args=[world.partnership.slug, order.number])
        page = world.signed_in(world.lesia).get(url).content.decode()
    assert "tried to approve again with another account of the same person" in page
    order.refresh_from_db()
    assert order.state == Order.State.PROPOSED


def test_a_second_account_of_the_proposer_is_refused_too(world: World) -> None:
    order = world.proposed(1)
    world.make_known(world.iryna, "Iryna")

    assert refusal_of(world, order, second_account(world, "Iryna")) == Refusal.SAME_PERSON


def test_somebody_whom_nobody_knows_approves_nothing(world: World) -> None:
    unknown = world.person("Unknown", world.checkers)
    world.give_role(unknown, world.checkers, RoleName.APPROVER)

    assert refusal_of(world, world.proposed(1), unknown) == Refusal.UNKNOWN


def test_a_second_account_approves_no_account_either(world: World) -> None:
    payee = world.proposed_payee(world.dealer, "FR1420041010050500013M02606")
    payees.record_call(payee=payee, number="1", note="Yes.", by=world.bondar, at=AT)
    payees.approve_payee(payee=payee, by=world.tom, at=AT)

    with pytest.raises(errors.MayNotApprove) as problem:
        payees.approve_payee(payee=payee, by=second_account(world), at=AT)

    assert problem.value.refusal == Refusal.SAME_PERSON


APPROVAL = (
    "INSERT INTO deliveries_approval (order_id, content_hash, proposed_by_id, approved_by_id,"
    " organisation_id, approved_at, statement) SELECT id, content_hash, proposed_by_id, %s, %s,"
    " now(), 'no-interest-1' FROM deliveries_order"
)


def test_the_database_itself_hears_one_person_once(world: World) -> None:
    world.approved_by(world.proposed(1), world.tom)
    miller = second_account(world)
    unknown = world.person("Unknown", world.dealer)

    for person, refusal in ((miller, "one voice"), (unknown, "two others saw")):
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
            connection.cursor().execute(APPROVAL, [person.pk, world.checkers.pk])


def test_approvals_of_two_accounts_that_turn_out_to_be_one_person_place_nothing(
    world: World,
) -> None:
    world.give(90_000_000)
    order = world.proposed(1)
    miller = world.person("T. Miller", world.checkers)
    world.give_role(miller, world.checkers, RoleName.APPROVER)
    world.make_known(miller, "MILLER")
    actions.approve(order=order, by=world.tom, seen_hash=order.content_hash, at=AT)
    world.make_known(world.tom, "MILLER")

    assert refusal_of(world, order, miller) == Refusal.SAME_PERSON
    assert len(queries.standing_approvals(order)) == 1
    assert Approval.objects.count() == 1
    with pytest.raises(IntegrityError, match="lacks two"), transaction.atomic():
        Order.objects.update(state="placed", placed_at=AT)


# --- where else somebody else must speak: each time tried by a second account of who spoke first


def another_iryna(world: World) -> Person:
    """A second account of Iryna, of another organisation."""
    world.make_known(world.iryna, "Iryna")
    return second_account(world, "Iryna")


def begun_by_iryna(world: World, *, signed: int = 5) -> HandoverAct:
    (unit,) = world.with_serials(world.placed(1))
    return world.begun_act(unit, signed=signed, by=world.iryna)


CONFIRMATION = (
    "INSERT INTO deliveries_confirmation (act_id, recorded_by_id, confirmed_by_id,"
    " organisation_id, confirmed_at) SELECT id, recorded_by_id, %s, %s, now()"
    " FROM deliveries_handoveract"
)
WITNESS = (
    "INSERT INTO deliveries_scanwitness (scan_id, person_id, organisation_id, witnessed_at)"
    " SELECT id, %s, %s, now() FROM deliveries_actscan"
)


def refused_in_sql(sql: str, *values: int) -> None:
    with pytest.raises(IntegrityError, match="one voice"), transaction.atomic():
        connection.cursor().execute(sql, values)


def test_a_second_account_of_who_recorded_a_hand_over_does_not_confirm_it(world: World) -> None:
    act, second = begun_by_iryna(world), another_iryna(world)

    with pytest.raises(errors.NotAConfirmer):
        handing_over.confirm(act=act, by=second, organisation=world.checkers, at=AT)

    refused_in_sql(CONFIRMATION, second.pk, world.checkers.pk)


def test_two_accounts_of_one_person_are_one_confirmation(world: World) -> None:
    act = begun_by_iryna(world)
    handing_over.confirm(act=act, by=world.tom, organisation=world.charity, at=AT)
    second = second_account(world)

    with pytest.raises(errors.NotAConfirmer):
        handing_over.confirm(act=act, by=second, organisation=world.checkers, at=AT)

    refused_in_sql(CONFIRMATION, second.pk, world.checkers.pk)


def test_a_second_account_of_who_entered_a_scan_is_no_witness(world: World) -> None:
    act, second = begun_by_iryna(world, signed=0), another_iryna(world)
    scan = ActScan.objects.create(act=act, file=photo(world), entered_by=world.iryna, entered_at=AT)

    with pytest.raises(errors.NotAWitness):
        handing_over.witness_scan(scan=scan, by=second, organisation=world.checkers, at=AT)

    refused_in_sql(WITNESS, second.pk, world.checkers.pk)


def test_a_second_account_of_the_proposer_pays_nothing(world: World) -> None:
    order, second = world.placed(1), another_iryna(world)

    with pytest.raises(errors.MayNotPay):
        actions.pay(
            order=order, amount_minor=1, invoice="EX-1", bank_code="assets:bank:main",
            by=second, at=AT,
        )  # fmt: skip

    refused_in_sql(
        "INSERT INTO deliveries_payment (order_id, key, payee_id, amount_minor, invoice,"
        " bank_code, paid_at, paid_by_id) SELECT %s, 'k', %s, 1, '', 'assets:bank:main', placed_at,"
        " %s FROM deliveries_order",
        order.pk, world.payee.pk, second.pk,
    )  # fmt: skip


def test_a_second_account_of_who_looked_a_name_up_decides_no_hit(world: World) -> None:
    second = another_iryna(world)
    screening.import_list(
        b"id,name\n1,Example Motors\n", code="ours", kind="plain", version=AT.date(), at=AT
    )
    found = screening.screen(
        organisation=world.dealer, partnership=world.partnership, by=world.iryna, at=AT
    )

    with pytest.raises(errors.MayNotDecide):
        screening.decide(screening=found, is_listed=False, reason="Others.", by=second, at=AT)

    refused_in_sql(
        "UPDATE deliveries_screening SET outcome = 'clear', reason = 'x', decided_at = now(),"
        " decided_by_id = %s WHERE id = %s",
        second.pk, found.pk,
    )  # fmt: skip


def test_a_second_account_of_who_proposed_an_account_makes_no_call(world: World) -> None:
    payee = world.proposed_payee(world.dealer, "FR1420041010050500013M02606")

    refused_in_sql(
        "UPDATE deliveries_payeeaccount SET called_at = now(), called_number = '1',"
        " call_note = 'Yes.', called_by_id = %s WHERE id = %s",
        another_iryna(world).pk, payee.pk,
    )  # fmt: skip
