"""What becomes of an order once two have approved it: its money is set aside, changed, committed.

The callers are in `actions`; they hold the order's lock and asked who may.
"""

from datetime import datetime
from secrets import token_hex

from twinhood.deliveries import errors, queries, telling
from twinhood.deliveries.core.approval import Content
from twinhood.deliveries.licences import expect_licensed
from twinhood.deliveries.models import BankFee, Order, Unit
from twinhood.deliveries.payable import expect_payable
from twinhood.deliveries.screening import expect_screened
from twinhood.ledger import actions as ledger
from twinhood.ledger import dues
from twinhood.ledger.errors import FundTooSmall
from twinhood.ledger.models import Books, Fund
from twinhood.ledger.queries import orderable_minor
from twinhood.needs.models import Need
from twinhood.needs.telling import commit


def place(order: Order, content: Content, at: datetime) -> None:
    """Take the order's cents and mark it placed; the caller's transaction holds both."""
    expect_still_wanted(order, at)
    expect_money(order, list(content.fund_codes), content.total_minor, at)
    use = ledger.place_order(
        partnership=order.partnership,
        key=order.key,
        fund_codes=list(content.fund_codes),
        units=list(content.units),
        at=at,
    )
    _number_units(order, {unit.name: unit.pk for unit in use.units.all()})
    order.state = Order.State.PLACED
    order.approved_at = order.approved_at or at
    order.placed_at = at
    order.save()
    for unit in order.units.order_by("number"):
        commit(order.partnership, telling.thing_facts(unit))


def set_aside(order: Order, at: datetime) -> None:
    """Keep the order's ceiling from being ordered twice until the day of the exchange."""
    expect_still_wanted(order, at)
    fund = order.source_fund
    assert fund is not None  # noqa: S101 (the callers ask; the type checker cannot know)
    expect_money(order, [fund.code], order.ceiling_minor, at)
    dues.hold(
        partnership=order.partnership,
        key=order.hold_key,
        fund_code=fund.code,
        amount_minor=order.ceiling_minor,
        at=at,
    )
    order.state, order.approved_at = Order.State.APPROVED, at
    order.save(update_fields=["state", "approved_at"])


def let_go(order: Order, at: datetime) -> None:
    """Let what was set aside for the order be ordered again."""
    if order.state == Order.State.APPROVED:
        dues.release(partnership=order.partnership, key=order.hold_key, at=at)


def change_money(
    order: Order,
    content: Content,
    paid_minor: int,
    fee_minor: int,
    bank_code: str,
    at: datetime,
) -> None:
    """Book the exchange as the bank made it, and its charge beside; the ceiling is let go."""
    exchange = content.exchange
    assert exchange is not None  # noqa: S101 (as above)
    let_go(order, at)
    expect_money(order, [exchange.fund_code], paid_minor + fee_minor, at)
    ledger.exchange(
        partnership=order.partnership,
        key=f"exchange:{order}",
        fund_code=exchange.fund_code,
        amount_minor=paid_minor,
        to_code=content.fund_codes[0],
        received_minor=content.total_minor,
        at=at,
        bank_code=bank_code,
    )
    if fee_minor:
        _book_fee(order, exchange.fund_code, exchange.currency, fee_minor, bank_code, at)


def _book_fee(
    order: Order, fund_code: str, currency: str, fee_minor: int, bank_code: str, at: datetime
) -> None:
    """The bank's charge is a use of the fund that pays, at once committed and paid."""
    fee = BankFee.objects.create(
        order=order, code=token_hex(8), amount_minor=fee_minor, currency=currency
    )
    ledger.place_order(
        partnership=order.partnership,
        key=fee.key,
        fund_codes=[fund_code],
        units=[(fee.code, fee_minor)],
        at=at,
    )
    ledger.pay_supplier(
        partnership=order.partnership,
        key=f"payment:{order}:bank-fee",
        order_key=fee.key,
        amount_minor=fee_minor,
        currency=currency,
        bank_code=bank_code,
        at=at,
    )


def expect_still_wanted(order: Order, at: datetime) -> None:
    """Refuse what was withdrawn, or became more than is needed, or whose price ran out, since."""
    need = Need.objects.select_for_update().get(pk=order.need_id)
    if need.state != Need.State.VERIFIED:
        raise errors.WrongState(str(need), need.state)
    asked, others = order.units.count(), queries.things_ordered(need, besides=order)
    if asked > need.wanted - others:
        raise errors.MoreThanNeeded(asked, max(0, need.wanted - others))
    expect_payable(need, order.quote, at)
    expect_screened(order, at)
    expect_licensed(order, at)
    if order.quote.valid_until_date and order.quote.valid_until_date < at.date():
        raise errors.QuoteExpired


def expect_money(order: Order, fund_codes: list[str], asked_minor: int, at: datetime) -> None:
    """Refuse what would reach into the reserve; the books are locked as every posting does."""
    Books.objects.select_for_update().filter(partnership=order.partnership).first()
    funds = Fund.objects.filter(partnership=order.partnership, code__in=fund_codes)
    may_minor = sum(orderable_minor(fund=fund, at=at) for fund in funds)
    if may_minor < asked_minor:
        raise FundTooSmall(fund_codes, asked_minor, may_minor)


def _number_units(order: Order, line_units: dict[str, int]) -> None:
    """Give the units the next numbers of their need, so that a refused order leaves no gap."""
    first = queries.next_unit_number(order.need)
    units = list(order.units.order_by("number"))
    for number, unit in enumerate(units, first):
        unit.number, unit.line_unit_id = number, line_units[unit.code]
    Unit.objects.bulk_update(units, ["number", "line_unit"])
