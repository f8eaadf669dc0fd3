"""Promises of an order in another currency: approved at a rate, placed under its ceiling (S6)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from twinhood.deliveries import actions, errors, invoices, queries
from twinhood.deliveries.core.ceiling import rate_of
from twinhood.deliveries.models import BankFee, Order
from twinhood.deliveries.terms import Terms
from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.ledger.actions import open_fund
from twinhood.ledger.errors import FundTooSmall
from twinhood.ledger.models import Account, Hold
from twinhood.ledger.queries import orderable_minor, sources, trace
from twinhood.needs.tests.world import AT, quotes_unguarded
from twinhood.people.models import Person, Role

pytestmark = pytest.mark.django_db
# The line of S5, net of fees: Anna, Boris, parish, Rotary, Clara, city staff.
GIFTS_MINOR = (2_397, 9_680, 250_000, 4_998_500, 485_470, 1_500_000)
RATE = rate_of("1.0850", "EUR", "USD", said_by="European Central Bank", date="2026-08-31")


class Shop(World):
    """Ambulances at EUR 62,000.00, and S5's dollars to pay one of them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        open_fund(partnership=self.partnership, code="main-eur", currency="EUR", at=AT)
        for amount_minor in GIFTS_MINOR:
            self.give(amount_minor)
        self.euros = self.quotes_of(self.need, [6_200_000 + more for more in (0, 1, 2)], "EUR")

    def in_euro(self, **terms: Any) -> Order:
        stated: dict[str, Any] = {
            "source_fund": self.fund,
            "rate": RATE,
            "delivery_terms": "To Kramatorsk.",
        }
        return self.proposed(1, self.euros[0], **(stated | terms))

    def approved(self) -> Order:
        order = self.in_euro()
        self.approved_by(order, self.tom, self.lesia)
        order.refresh_from_db()
        return order

    def orderable(self) -> int:
        self.fund.refresh_from_db()
        return orderable_minor(fund=self.fund, at=AT)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def carried_out(order: Order, by: Person, paid_minor: int, fee_minor: int = 0) -> Order:
    return actions.exchange_and_place(
        order=order,
        paid_minor=paid_minor,
        fee_minor=fee_minor,
        bank_code="assets:bank:main",
        by=by,
        at=AT,
    )


def test_s6_the_price_and_the_ceiling_are_part_of_what_is_approved(shop: Shop) -> None:
    order = shop.in_euro()

    exchange = queries.content_of(order, list(order.units.all())).exchange

    assert exchange is not None
    assert (exchange.price_minor, exchange.ceiling_minor) == (6_727_000, 7_063_350)
    assert (exchange.rate.fund_minor, exchange.rate.order_minor) == (217, 200)


def test_s6_on_pay_day_under_the_ceiling_it_is_placed_and_the_overrun_shown(shop: Shop) -> None:
    order = carried_out(shop.approved(), shop.tom, 6_894_400, 2_500)

    assert (order.state, order.overrun_minor) == (Order.State.PLACED, 167_400)
    shop.fund.refresh_from_db()
    assert shop.fund.free_minor == 349_147
    anna = min(
        sources(partnership=shop.partnership, order_key=order.key),
        key=lambda row: int(str(row["amount"])),
    )
    followed = trace(partnership=shop.partnership, key=str(anna["key"]))
    assert followed is not None
    assert [(row["to"], row["amount"]) for row in followed.rows()] == [
        ("exchange", 2_397),
        ("order", 2_155),
    ]


def test_s6_every_currency_adds_up_to_nothing(shop: Shop) -> None:
    order = carried_out(shop.approved(), shop.tom, 6_894_400, 2_500)
    invoices.record(
        order=order, number="INV-1", amount_minor=6_200_000, invoice_date=AT.date(), by=shop.tom,
        at=AT,
    )  # fmt: skip
    actions.pay(
        order=order, amount_minor=6_200_000, invoice="INV-1", bank_code="assets:bank:main",
        by=shop.tom, at=AT,
    )  # fmt: skip

    for currency in ("USD", "EUR"):
        accounts = Account.objects.filter(currency=currency)
        signed = {a.code: a.balance_minor * (1 if a.is_credit_normal else -1) for a in accounts}
        assert sum(signed.values()) == 0
        assert all(v == 0 for code, v in signed.items() if code.startswith("exchange"))
        assert all(v == 0 for code, v in signed.items() if code.startswith("commitments"))


def test_s6_at_1_15_it_stops_and_is_approved_anew(shop: Shop) -> None:
    order = shop.approved()

    with pytest.raises(errors.OverCeiling) as problem:
        carried_out(order, shop.tom, 7_130_000)

    assert problem.value.ceiling_minor == 7_063_350
    dearer = rate_of("1.1500", "EUR", "USD", said_by="European Central Bank", date="2026-09-01")
    order = actions.edit_order(
        order=order, quote=shop.euros[0], quantity=1, by=shop.iryna, at=AT,
        terms=Terms(source_fund=shop.fund, rate=dearer),
    )  # fmt: skip
    assert (order.state, order.price_minor) == (Order.State.PROPOSED, 7_130_000)
    assert not queries.standing_approvals(order)
    assert shop.orderable() == sum(GIFTS_MINOR)


def test_the_banks_charge_lies_under_the_ceiling_too(shop: Shop) -> None:
    order = shop.approved()

    with pytest.raises(errors.OverCeiling) as problem:
        carried_out(order, shop.tom, 6_894_400, 5_000_000)

    assert problem.value.asked_minor == 11_894_400
    order = carried_out(order, shop.tom, 7_063_350)
    connection.cursor().execute("SET CONSTRAINTS fee_under_the_ceiling IMMEDIATE")
    with pytest.raises(IntegrityError, match="under the ceiling together"), transaction.atomic():
        BankFee.objects.create(order=order, code="fee", amount_minor=1, currency="USD")


def test_the_ceiling_is_kept_from_other_orders_until_the_exchange(shop: Shop) -> None:
    order = shop.approved()
    assert shop.orderable() == sum(GIFTS_MINOR) - 7_063_350

    carried_out(order, shop.tom, 6_894_400)

    assert shop.orderable() == sum(GIFTS_MINOR) - 6_894_400


def test_a_ceiling_that_the_fund_cannot_bear_is_not_set_aside(shop: Shop) -> None:
    order = shop.in_euro()
    shop.approved_by(order, shop.tom)
    small = shop.proposed(1, shop.quote(shop.need, 200_000), reason="Spare parts.")
    shop.approved_by(small, shop.tom, shop.lesia)

    with pytest.raises(FundTooSmall):
        shop.approved_by(order, shop.lesia)

    assert not Hold.objects.exists()


def test_refusing_an_approved_order_lets_its_money_go(shop: Shop) -> None:
    actions.refuse_order(order=shop.approved(), by=shop.lesia, reason="Too dear.", at=AT)

    assert shop.orderable() == sum(GIFTS_MINOR)


def test_a_role_lost_before_the_exchange_stops_it(shop: Shop) -> None:
    order = shop.approved()
    Role.objects.filter(person=shop.lesia).update(until_date=date(2026, 9, 1))

    with pytest.raises(errors.ApprovalLapsed):
        carried_out(order, shop.tom, 6_894_400)


def test_who_asked_does_not_exchange_and_an_approver_may(shop: Shop) -> None:
    order = shop.approved()

    with pytest.raises(errors.MayNotPay):
        carried_out(order, shop.iryna, 6_894_400)
    assert carried_out(order, shop.tom, 6_894_400).exchanged_by == shop.tom


def test_the_same_exchange_again_changes_nothing(shop: Shop) -> None:
    order = shop.approved()

    first, second = (carried_out(order, shop.tom, 6_894_400, 2_500) for _ in range(2))

    assert first.placed_at == second.placed_at
    shop.fund.refresh_from_db()
    assert shop.fund.free_minor == 349_147


def test_a_quote_that_ran_out_before_the_exchange_stops_it(shop: Shop) -> None:
    with quotes_unguarded():
        shop.euros[0].valid_until_date = AT.date()
        shop.euros[0].save()
    order = shop.approved()

    with pytest.raises(errors.QuoteExpired):
        actions.exchange_and_place(
            order=order, paid_minor=6_894_400, fee_minor=0, bank_code="assets:bank:main",
            by=shop.tom, at=AT + timedelta(days=1),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        (
            "UPDATE deliveries_order SET state = 'placed', placed_at = '2026-09-01 12:00+00',"
            " exchanged_minor = 7063351",
            "exchange_stays_under_the_ceiling",
        ),
        (
            "UPDATE deliveries_order SET state = 'placed', placed_at = '2026-09-01 12:00+00'",
            "exchange_stays_under_the_ceiling",
        ),
        ("UPDATE deliveries_order SET ceiling_minor = 9000000", "another content needs"),
        ("UPDATE deliveries_order SET rate_date = '2020-01-01'", "another content needs"),
        ("UPDATE deliveries_order SET state = 'proposed'", "cannot go back"),
        (
            "UPDATE deliveries_order SET exchanged_by_id = proposed_by_id",
            "one voice",
        ),
        (
            "UPDATE people_role SET until_date = since_date WHERE name = 'approver';"
            "UPDATE deliveries_order SET state = 'placed', placed_at = '2026-09-01 12:00+00',"
            " exchanged_minor = 6894400",
            "lacks two approvals",
        ),
    ],
)
def test_the_database_itself_keeps_the_ceiling(shop: Shop, sql: str, refusal: str) -> None:
    shop.approved()

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_database_wants_the_approvers_statement(shop: Shop) -> None:
    shop.in_euro()

    with pytest.raises(IntegrityError, match="no interest"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO deliveries_approval (order_id, content_hash, proposed_by_id,"
            " approved_by_id, organisation_id, approved_at, statement)"
            " SELECT id, content_hash, proposed_by_id, %s, %s, now(), '' FROM deliveries_order",
            [shop.tom.pk, shop.charity.pk],
        )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rate": None}, "rate"),
        ({"rate": rate_of("1.1", "EUR", "USD", said_by="", date="2026-08-31")}, "rate_source"),
        ({"rate": rate_of("1.1", "EUR", "USD", said_by="ECB", date="2026-09-02")}, "rate_date"),
        ({"rate": rate_of("1.1", "EUR", "USD", said_by="ECB", date="")}, "rate_date"),
    ],
)
def test_a_rate_without_source_or_day_is_no_rate(
    shop: Shop, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(errors.BadTerms, match=code):
        shop.in_euro(**changes)


def test_a_partnership_may_ask_for_a_lower_ceiling(shop: Shop) -> None:
    shop.rules(ceiling_percent=2)

    assert shop.in_euro().ceiling_minor == 6_861_540


def test_the_page_shows_the_ceiling_stops_above_it_and_shows_the_overrun(shop: Shop) -> None:
    order = shop.approved()
    url = reverse("deliveries:order", args=[shop.partnership.slug, order.number])
    form = {"exchange-fee": "25.00", "exchange-bank_code": "assets:bank:main"}
    tom = shop.signed_in(shop.tom)
    with clock.showing(AT), translation.override("en"):
        before = tom.get(url).content.decode()
        stopped = tom.post(f"{url}exchange/", form | {"exchange-paid": "71,300.00"})
        tom.post(f"{url}exchange/", form | {"exchange-paid": "68,944.00"})
        after = tom.get(url).content.decode()

    assert "$70,633.50" in before
    assert "1.0850" in before
    assert stopped.status_code == 422
    assert "$71,325.00 is more than the approved ceiling of $70,633.50." in stopped.content.decode()
    assert "$1,674.00" in after
    assert "$25.00" in after


def test_a_trace_names_the_banks_charge_and_leads_nowhere(shop: Shop) -> None:
    order = carried_out(shop.approved(), shop.tom, 6_894_400, 2_500)

    public = queries.public_unit_names(shop.partnership, AT)

    fee = public[order.bank_fee.code]
    assert (fee.category, fee.amount_minor, fee.need_number) == (queries.BANK_FEE, 2_500, None)
    assert set(queries.public_unit_names(shop.partnership, AT, [fee.code])) == {fee.code}
