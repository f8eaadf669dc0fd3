"""Promises of orders: four eyes on the exact content, never more than there is."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.deliveries import actions, errors, queries
from twinhood.deliveries.core.approval import Refusal
from twinhood.deliveries.models import Approval, Order, Payment, Unit
from twinhood.deliveries.tests.world import World
from twinhood.ledger.actions import exchange, open_fund
from twinhood.ledger.errors import FundTooSmall
from twinhood.ledger.models import Fund
from twinhood.ledger.queries import sources
from twinhood.needs import changing
from twinhood.needs.actions import withdraw
from twinhood.needs.changing import Asked
from twinhood.needs.errors import FewerThanOrdered
from twinhood.needs.models import Change, Need, Quote
from twinhood.needs.tests.world import AT, quotes_unguarded
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Organisation, Person, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def refused(world: World, order: Order, by: Person, seen_hash: str = "") -> Refusal:
    with pytest.raises(errors.MayNotApprove) as problem:
        actions.approve(order=order, by=by, seen_hash=seen_hash or order.content_hash, at=AT)
    return problem.value.refusal


def test_the_second_approval_places_the_order_and_takes_its_cents(world: World) -> None:
    world.give(20_000_000)
    order = world.proposed(2)

    first = actions.approve(order=order, by=world.tom, seen_hash=order.content_hash, at=AT)
    second = actions.approve(order=order, by=world.lesia, seen_hash=order.content_hash, at=AT)

    assert (first.is_placed, second.is_placed) == (False, True)
    world.fund.refresh_from_db()
    assert world.fund.free_minor == 20_000_000 - 2 * 8_250_000
    paid_for = {row["unit"] for row in sources(partnership=world.partnership, order_key=order.key)}
    assert paid_for == set(order.units.values_list("code", flat=True))


def test_the_proposer_does_not_approve_even_with_the_role(world: World) -> None:
    world.give_role(world.iryna, world.checkers, RoleName.APPROVER)

    assert refused(world, world.proposed(), world.iryna) == Refusal.PROPOSER


def test_two_people_of_one_organisation_are_one_voice(world: World) -> None:
    order = world.proposed()
    world.approved_by(order, world.tom)
    colleague = world.person("Colleague", world.charity, RoleName.APPROVER)

    assert refused(world, order, colleague) == Refusal.SAME_ORGANISATION


def test_one_person_approves_once(world: World) -> None:
    order = world.proposed()
    world.approved_by(order, world.tom)

    assert refused(world, order, world.tom) == Refusal.TWICE


def test_who_is_paid_does_not_approve(world: World) -> None:
    seller = world.person("Seller", world.dealer, RoleName.APPROVER)

    assert refused(world, world.proposed(), seller) == Refusal.PAYEE


def test_an_edit_voids_approvals(world: World) -> None:
    world.give(90_000_000)
    order = world.proposed(2)
    world.approved_by(order, world.tom)

    order = actions.edit_order(
        order=order, quote=world.quotes[0], quantity=3, by=world.iryna, at=AT
    )
    after = actions.approve(order=order, by=world.lesia, seen_hash=order.content_hash, at=AT)

    assert not after.is_placed
    assert order.approvals.filter(content_hash=order.content_hash).count() == 1


def test_what_changed_after_the_approver_looked_is_not_approved(world: World) -> None:
    order = world.proposed(2)
    seen_hash = order.content_hash
    actions.edit_order(order=order, quote=world.quotes[0], quantity=3, by=world.iryna, at=AT)

    assert refused(world, order, world.tom, seen_hash) == Refusal.CHANGED


def test_a_price_changed_behind_the_orders_back_is_not_approved(world: World) -> None:
    order = world.proposed()
    world.approved_by(order, world.tom)
    with quotes_unguarded():
        Quote.objects.filter(pk=world.quotes[0].pk).update(unit_price_minor=1)

    assert refused(world, order, world.lesia) == Refusal.CHANGED


def test_a_role_lost_between_the_two_approvals_counts_no_more(world: World) -> None:
    world.give(90_000_000)
    order = world.proposed()
    world.approved_by(order, world.tom)
    Role.objects.filter(person=world.lesia).update(until_date=date(2024, 1, 1))

    assert refused(world, order, world.lesia) == Refusal.NO_ROLE


def test_a_disabled_account_approves_nothing(world: World) -> None:
    order = world.proposed()
    world.lesia.is_active = False
    world.lesia.save()

    assert refused(world, order, world.lesia) == Refusal.NO_ROLE


def test_an_approval_of_one_order_is_worth_nothing_for_another(world: World) -> None:
    first, second = world.proposed(2), world.proposed(2)

    assert refused(world, second, world.tom, first.content_hash) == Refusal.CHANGED
    with pytest.raises(IntegrityError, match="binds the content"), transaction.atomic():
        Approval.objects.create(
            order=second,
            content_hash=first.content_hash,
            proposed_by=world.iryna,
            approved_by=world.tom,
            organisation=world.charity,
            approved_at=AT,
        )


def test_too_little_money_leaves_everything_as_it_was(world: World) -> None:
    world.give(16_499_999)
    order = world.proposed(2)
    world.approved_by(order, world.tom)

    with pytest.raises(FundTooSmall) as problem:
        world.approved_by(order, world.lesia)

    assert problem.value.asked_minor - problem.value.free_minor == 1
    order.refresh_from_db()
    assert (order.state, order.approvals.count()) == (Order.State.PROPOSED, 1)


def test_an_order_does_not_reach_into_the_reserve(world: World) -> None:
    order = world.proposed(2)
    world.give(16_500_000)
    with_reserve_at = AT - timedelta(days=350)  # soon after the gift

    world.approved_by(order, world.tom)
    with pytest.raises(FundTooSmall) as problem:
        actions.approve(
            order=order, by=world.lesia, seen_hash=order.content_hash, at=with_reserve_at
        )

    assert problem.value.free_minor == 16_500_000 - 330_000


def test_an_order_for_a_need_withdrawn_meanwhile_is_not_placed(world: World) -> None:
    world.give(90_000_000)
    order = world.proposed()
    world.approved_by(order, world.tom)
    withdraw(need=world.need, reason="A state donor delivers them.")

    with pytest.raises(errors.WrongState):
        world.approved_by(order, world.lesia)

    assert order.approvals.count() == 1


def test_a_quote_that_ran_out_between_the_two_approvals_is_not_ordered(world: World) -> None:
    world.give(90_000_000)
    with quotes_unguarded():
        Quote.objects.filter(pk=world.quotes[0].pk).update(valid_until_date=AT.date())
    order = world.proposed()
    world.approved_by(order, world.tom)

    with pytest.raises(errors.QuoteExpired):
        actions.approve(
            order=order, by=world.lesia, seen_hash=order.content_hash, at=AT + timedelta(days=1)
        )


def test_a_needs_own_money_is_spent_before_the_campaigns(world: World) -> None:
    own = open_fund(partnership=world.partnership, code="ambulances", currency="USD", at=AT)
    world.need.fund = own
    world.need.save(update_fields=["fund"])
    world.give(10_000_000, "ambulances")
    world.give(10_000_000)

    order = world.proposed(2)
    world.approved_by(order, world.tom, world.lesia)

    free = dict(Fund.objects.values_list("code", "head_minor"))
    used = dict(Fund.objects.values_list("code", "used_minor"))
    assert order.fund_codes == ["ambulances", "main"]
    assert used == {"ambulances": 10_000_000, "main": 6_500_000}
    assert free == {"ambulances": 10_000_000, "main": 10_000_000}


def test_a_quote_in_euro_is_paid_from_the_fund_that_received_the_exchange(world: World) -> None:
    euro = open_fund(partnership=world.partnership, code="main-eur", currency="EUR", at=AT)
    world.give(10_000_000)
    exchange(
        partnership=world.partnership,
        key="exchange:1",
        fund_code="main",
        amount_minor=6_894_400,
        to_code="main-eur",
        received_minor=6_200_000,
        at=AT,
    )
    quote = world.quote(world.need, 6_200_000, "EUR")

    order = world.proposed(1, quote, reason="Only one dealer has it now.")
    world.approved_by(order, world.tom, world.lesia)

    euro.refresh_from_db()
    assert (order.fund_codes, euro.free_minor) == (["main-eur"], 0)


def test_fewer_than_three_quotes_or_not_the_lowest_need_a_written_reason(world: World) -> None:
    with pytest.raises(errors.ReasonMissing, match="not_lowest"):
        world.proposed(1, world.quotes[1])
    with quotes_unguarded():
        Quote.objects.filter(pk=world.quotes[2].pk).delete()
    with pytest.raises(errors.ReasonMissing, match="few_quotes"):
        world.proposed(1)
    assert world.proposed(1, world.quotes[1], "It is here in a week.").reason


def test_a_supplier_written_down_twice_gives_no_third_quote(world: World) -> None:
    again = Organisation.objects.create(
        kind=Organisation.Kind.SUPPLIER, name={"en": "\u0415XAMPLE  motors"}
    )
    with quotes_unguarded():
        Quote.objects.filter(pk=world.quotes[2].pk).update(supplier=again)

    with pytest.raises(errors.ReasonMissing, match="few_quotes"):
        world.proposed(1)


def test_nobody_orders_more_than_is_needed(world: World) -> None:
    world.proposed(6)

    with pytest.raises(errors.MoreThanNeeded) as problem:
        world.proposed(3)

    assert (problem.value.asked, problem.value.left) == (3, 2)


def changed(world: World, quantity: int, covered: int = 0) -> Need:
    need = Need.objects.get(pk=world.need.pk)
    change = changing.propose(
        need=need, asked=Asked(quantity, covered, need.unit_price_minor), reason="Fewer will do.",
        by=world.iryna, organisation=world.city_k, at=AT,
    )  # fmt: skip
    return changing.agree(change=change, by=world.oleh, organisation=world.checkers, at=AT)


@pytest.mark.parametrize(("quantity", "covered"), [(2, 0), (8, 6), (4, 2)])
def test_a_need_cannot_ask_for_fewer_than_are_ordered(
    world: World, quantity: int, covered: int
) -> None:
    world.proposed(3)

    with pytest.raises(FewerThanOrdered) as problem:
        changed(world, quantity, covered)

    assert problem.value.ordered == 3
    assert changed(world, 8, 5).wanted == 3


def test_what_was_ordered_after_the_proposal_stands_against_it(world: World) -> None:
    need = Need.objects.get(pk=world.need.pk)
    change = changing.propose(
        need=need, asked=Asked(1, 0, need.unit_price_minor), reason="One will do.",
        by=world.iryna, organisation=world.city_k, at=AT,
    )  # fmt: skip
    world.proposed(2)

    with pytest.raises(FewerThanOrdered):
        changing.agree(change=change, by=world.oleh, organisation=world.checkers, at=AT)


def changed_past_the_code(world: World, quantity: int) -> None:
    """Write a change as somebody would who holds the application's database user."""
    before = changing.asked_by(world.need)
    change = Change.objects.create(
        need=world.need, quantity=quantity, covered=0, unit_price_minor=before.unit_price_minor,
        quantity_before=before.quantity, covered_before=before.covered,
        unit_price_minor_before=before.unit_price_minor, reason="Fewer will do.",
        proposed_by=world.iryna, proposed_for=world.city_k, proposed_at=AT,
    )  # fmt: skip
    Change.objects.filter(pk=change.pk).update(
        state=Change.State.MADE, decided_by=world.oleh, decided_for=world.checkers, decided_at=AT
    )
    Need.objects.filter(pk=world.need.pk).update(quantity=quantity)


def test_the_database_too_keeps_a_need_as_large_as_its_orders(world: World) -> None:
    world.give(90_000_000)
    world.placed(3)

    with pytest.raises(IntegrityError, match="fewer things than are ordered"):
        changed_past_the_code(world, 2)


def test_an_order_that_became_more_than_is_needed_is_not_placed(world: World) -> None:
    world.give(90_000_000)
    order = world.proposed(3)
    changed_past_the_code(world, 2)
    world.approved_by(order, world.tom)

    with pytest.raises(errors.MoreThanNeeded) as problem:
        world.approved_by(order, world.lesia)

    assert (problem.value.asked, problem.value.left) == (3, 2)


def test_the_database_too_places_no_more_than_is_needed(world: World) -> None:
    order = world.proposed(3)
    changed_past_the_code(world, 2)
    for person, organisation in ((world.tom, world.charity), (world.lesia, world.city_s)):
        Approval.objects.create(
            order=order,
            content_hash=order.content_hash,
            proposed_by=world.iryna,
            approved_by=person,
            organisation=organisation,
            statement="no-interest-1",
            approved_at=AT,
        )

    with pytest.raises(IntegrityError, match="more is ordered than need"):
        Order.objects.filter(pk=order.pk).update(state=Order.State.PLACED, placed_at=AT)


def test_the_form_says_how_many_are_ordered_and_keeps_what_was_typed(world: World) -> None:
    world.proposed(3)
    page = world.signed_in(world.iryna)
    typed = {
        "change-quantity": "2", "change-covered": "0", "change-unit_price": "82,500.00",
        "change-reason": "Fewer will do.",
    }  # fmt: skip

    answer = page.post(
        f"/en/desk/{world.partnership.slug}/needs/{world.need.number}/changes/", typed
    )

    assert answer.status_code == 422
    assert (
        "Ordered, or proposed for an order: 3. The need cannot ask for fewer."
        in answer.content.decode()
    )
    assert "Fewer will do." in answer.content.decode()
    assert not Change.objects.exists()


def test_an_expired_quote_is_not_ordered(world: World) -> None:
    with quotes_unguarded():
        Quote.objects.filter(pk=world.quotes[0].pk).update(valid_until_date=date(2026, 8, 31))
    world.quotes[0].refresh_from_db()

    with pytest.raises(errors.QuoteExpired):
        world.proposed(1)


def test_sending_a_proposal_twice_proposes_once(world: World) -> None:
    key = uuid4()

    for _ in range(2):
        actions.propose_order(
            quote=world.quotes[0],
            quantity=1,
            by=world.iryna,
            organisation=world.city_k,
            at=AT,
            form_key=key,
        )

    assert Order.objects.count() == 1


def test_a_refused_order_leaves_no_gap_in_the_numbers(world: World) -> None:
    first, second = world.proposed(2), world.proposed(2)
    actions.refuse_order(order=first, by=world.tom, reason="Too dear.", at=AT)
    world.give(90_000_000)

    world.approved_by(second, world.tom, world.lesia)

    assert list(second.units.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_a_refused_order_is_approved_by_nobody(world: World) -> None:
    order = world.proposed()
    with pytest.raises(errors.ReasonMissing):
        actions.refuse_order(order=order, by=world.tom, reason="", at=AT)
    actions.refuse_order(order=order, by=world.tom, reason="Too dear.", at=AT)

    assert refused(world, order, world.lesia) == Refusal.NOT_PROPOSED


def test_a_cancelled_thing_frees_its_cents_and_may_be_ordered_again(world: World) -> None:
    order = world.placed(2)
    unit = order.units.order_by("number")[0]

    freed_minor = actions.cancel_unit(unit=unit, reason="The dealer has none.", at=AT)

    world.fund.refresh_from_db()
    assert freed_minor == world.fund.free_minor == 8_250_000
    assert queries.things_ordered(world.need) == 1
    with pytest.raises(errors.WrongState):
        actions.cancel_unit(unit=unit, reason="Again.", at=AT)


def test_an_order_without_a_thing_left_is_cancelled(world: World) -> None:
    order = world.placed(2)

    for unit in order.units.all():
        actions.cancel_unit(unit=unit, reason="None to be had.", at=AT)

    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED


def pay(world: World, order: Order, amount_minor: int, by: Person) -> Payment:
    world.invoiced(order, "INV-1")
    return actions.pay(
        order=order,
        amount_minor=amount_minor,
        invoice="INV-1",
        bank_code="assets:bank:main",
        by=by,
        at=AT,
    )


def test_no_more_is_paid_than_the_order_commits(world: World) -> None:
    order = world.placed(2)

    pay(world, order, 16_000_000, world.tom)
    with pytest.raises(FundTooSmall) as problem:
        pay(world, order, 500_001, world.tom)

    assert problem.value.free_minor == 500_000
    assert queries.unpaid_minor(order) == 500_000


def test_who_proposed_does_not_pay(world: World) -> None:
    order = world.placed(1)

    with pytest.raises(errors.MayNotPay):
        pay(world, order, 100, world.iryna)


def test_a_thing_that_is_paid_is_not_cancelled(world: World) -> None:
    order = world.placed(1)
    pay(world, order, 8_250_000, world.tom)

    with pytest.raises(errors.PaidAlready):
        actions.cancel_unit(unit=order.units.get(), reason="Changed our mind.", at=AT)


def test_an_order_that_is_not_placed_is_not_paid(world: World) -> None:
    with pytest.raises(errors.WrongState):
        pay(world, world.proposed(), 100, world.tom)


APPROVAL = (
    "INSERT INTO deliveries_approval (order_id, content_hash, proposed_by_id, approved_by_id,"
    " organisation_id, approved_at, statement) SELECT o.id, o.content_hash, o.proposed_by_id,"
    " {by}, {of}, now(), 'no-interest-1' FROM deliveries_order o ORDER BY o.id DESC LIMIT 1"
)


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        (APPROVAL.format(by="o.proposed_by_id", of="o.proposed_for_id"), "their_own_order"),
        (
            APPROVAL.format(
                by="(SELECT max(id) FROM people_person WHERE id <> o.proposed_by_id)",
                of="(SELECT supplier_id FROM needs_quote q WHERE q.id = o.quote_id)",
            ),
            "who is paid does not approve",
        ),
        ("UPDATE deliveries_order SET state = 'placed', placed_at = now()", "lacks two approvals"),
        ("UPDATE deliveries_approval SET organisation_id = organisation_id", "never changed"),
        ("DELETE FROM deliveries_approval", "never changed"),
        ("UPDATE deliveries_unit SET amount_minor = 1", "units that were approved stay"),
        ("DELETE FROM deliveries_unit", "units that were approved stay"),
        ("UPDATE deliveries_order SET fund_codes = '[\"other\"]'", "another content needs"),
        (
            "INSERT INTO deliveries_payment (order_id, key, amount_minor, invoice, bank_code,"
            " paid_at, paid_by_id, payee_id) SELECT o.id, 'x', 1, '', '', now(),"
            " o.proposed_by_id, p.id FROM deliveries_order o, deliveries_payeeaccount p",
            "only a placed order is paid",
        ),
    ],
)
def test_the_database_itself_keeps_four_eyes(world: World, sql: str, refusal: str) -> None:
    world.make_known(world.iryna, "Iryna")
    order = world.proposed(2)
    world.approved_by(order, world.tom)

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("UPDATE deliveries_unit SET amount_minor = 1", "units of a placed order stay"),
        (
            "INSERT INTO deliveries_unit (order_id, code, number, amount_minor, serial,"
            " cancel_reason) SELECT id, 'x', 9, 1, '', '' FROM deliveries_order",
            "units of a placed order stay",
        ),
        ("UPDATE deliveries_order SET state = 'proposed'", "cannot go back"),
        ("UPDATE deliveries_order SET reason = 'x', content_hash = 'y'", "another content needs"),
        (
            "INSERT INTO deliveries_payment (order_id, key, amount_minor, invoice, bank_code,"
            " paid_at, paid_by_id, payee_id) SELECT o.id, 'x', 1, '', '', now(),"
            " o.proposed_by_id, p.id FROM deliveries_order o, deliveries_payeeaccount p",
            "does not pay it",
        ),
    ],
)
def test_the_database_keeps_a_placed_order_as_it_is(world: World, sql: str, refusal: str) -> None:
    world.placed(1)

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_list_of_orders_takes_one_query(
    world: World, django_assert_num_queries: object
) -> None:
    for _ in range(3):
        world.approved_by(world.proposed(2), world.tom)

    with django_assert_num_queries(1):  # type: ignore[operator]
        found = list(queries.orders_of(world.partnership))

    assert [o.total_minor for o in found] == [16_500_000] * 3  # type: ignore[attr-defined]
    assert [o.approvals_count for o in found] == [1] * 3  # type: ignore[attr-defined]


def test_a_unit_knows_its_place_on_the_line(world: World) -> None:
    order = world.placed(2)

    units = Unit.objects.filter(order=order).select_related("line_unit")

    assert {u.line_unit.name: u.line_unit.end_offset for u in units if u.line_unit} == {
        u.code: u.number * 8_250_000 for u in units
    }


def test_up_to_the_partnerships_limit_fewer_quotes_will_do(world: World) -> None:
    limit = {"quotes_limit_minor": 8_250_000, "quotes_limit_currency": "USD"}
    world.rules(**limit)
    need = world.in_campaign(quantity=4)

    assert world.proposed(1, world.quote(need, 8_250_000)).reason == ""


def test_an_order_split_in_parts_counts_as_one_against_the_limit(world: World) -> None:
    limit = {"quotes_limit_minor": 16_000_000, "quotes_limit_currency": "USD"}
    world.rules(**limit)
    need, other = world.in_campaign(quantity=4), world.in_campaign(quantity=4)
    quote, same_dealer = world.quote(need, 8_250_000), world.quote(other, 8_250_000)
    first = world.proposed(1, quote)

    for again in (quote, same_dealer):
        with pytest.raises(errors.ReasonMissing, match="few_quotes"):
            world.proposed(1, again)
    actions.refuse_order(order=first, by=world.tom, reason="Not now.", at=AT)
    assert world.proposed(1, same_dealer).reason == ""


def test_a_price_in_another_currency_than_the_limits_is_above_it(world: World) -> None:
    open_fund(partnership=world.partnership, code="main-eur", currency="EUR", at=AT)
    limit = {"quotes_limit_minor": 10**12, "quotes_limit_currency": "USD"}
    world.rules(**limit)

    with pytest.raises(errors.ReasonMissing, match="few_quotes"):
        world.proposed(1, world.quote(world.need, 100, "EUR"))
