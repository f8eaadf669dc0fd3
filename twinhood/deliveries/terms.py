"""What an order states beside quote and quantity, and how that is read from and into its row."""

from dataclasses import dataclass
from datetime import date

from twinhood.deliveries import errors
from twinhood.deliveries.core.approval import Exchange
from twinhood.deliveries.core.ceiling import Rate, ceiling_minor
from twinhood.deliveries.models import Order, OrderRules, PayeeAccount
from twinhood.kit.inputs import language
from twinhood.ledger.models import AMOUNT_MINOR_MAX, Fund
from twinhood.people.models import Partnership


@dataclass(frozen=True, slots=True)
class Terms:
    """Why this quote, how it is delivered, own interests, and which fund is exchanged for it.

    An order in the currency of its funds has neither `source_fund` nor `rate`.
    """

    reason: str = ""
    delivery_terms: str = ""
    interest: str = ""
    source_fund: Fund | None = None
    payee: PayeeAccount | None = None
    rate: Rate | None = None


NO_TERMS = Terms()


def rules_of(partnership: Partnership) -> OrderRules:
    """The partnership's rules, or everybody's (not stored)."""
    agreed = OrderRules.objects.filter(partnership=partnership, is_agreed=True)
    found = agreed.order_by("-pk").first()
    return found or OrderRules(partnership=partnership)


def put_into(order: Order, terms: Terms, total_minor: int, today: date) -> None:
    """Write the terms onto the order; it is not saved. Raises errors.BadTerms."""
    order.reason = terms.reason.strip()
    order.delivery_terms = terms.delivery_terms.strip()
    order.interest = terms.interest.strip()
    order.payee = _of_the_supplier(order, terms.payee)
    order.source_fund = terms.source_fund
    order.rate_order_minor = order.rate_fund_minor = 0
    order.price_minor = order.ceiling_minor = 0
    order.rate_said_by, order.rate_date = "", None
    if terms.source_fund is not None:
        fund = terms.source_fund
        if fund.currency == order.currency or fund.partnership_id != order.partnership_id:
            raise errors.BadTerms("fund")
        _put_exchange(order, terms.source_fund, _stated(terms.rate, today), total_minor)


def _of_the_supplier(order: Order, payee: PayeeAccount | None) -> PayeeAccount | None:
    if payee is None:
        return None
    is_theirs = (payee.partnership_id, payee.supplier_id) == (
        order.partnership_id,
        order.quote.supplier_id,
    )
    if not is_theirs or payee.state == PayeeAccount.State.STOPPED:
        raise errors.BadTerms("payee")
    return payee


def _stated(rate: Rate | None, today: date) -> Rate:
    """The rate, if somebody said it on a day that has come."""
    if rate is None:
        raise errors.BadTerms("rate")
    if not rate.said_by.strip():
        raise errors.BadTerms("rate_source")
    if not rate.date or date.fromisoformat(rate.date) > today:
        raise errors.BadTerms("rate_date")
    return rate


def _put_exchange(order: Order, fund: Fund, rate: Rate, total_minor: int) -> None:
    price_minor = rate.price_minor(total_minor)
    percent = rules_of(order.partnership).ceiling_percent
    if ceiling_minor(price_minor, percent) > AMOUNT_MINOR_MAX:
        raise errors.BadTerms("rate")
    order.rate_order_minor, order.rate_fund_minor = rate.order_minor, rate.fund_minor
    order.rate_said_by, order.rate_date = rate.said_by.strip(), date.fromisoformat(rate.date)
    order.price_minor = price_minor
    order.ceiling_minor = ceiling_minor(price_minor, percent)


def rate_of_order(order: Order) -> Rate | None:
    """The rate at which an order in another currency was approved."""
    if order.rate_date is None:
        return None
    return Rate(
        order.rate_order_minor,
        order.rate_fund_minor,
        order.rate_said_by,
        order.rate_date.isoformat(),
    )


def written(rate: Rate, currency: str, fund_currency: str) -> str:
    """A rate as people write it, in the page's language."""
    value = rate.decimal(currency, fund_currency)
    text = max(f"{value:f}", f"{value:.4f}", key=len)
    return text.replace(".", ",") if language() == "uk" else text


def exchange_of(order: Order) -> Exchange | None:
    """The part of its content that says which other fund pays, and how much at most."""
    rate, fund = rate_of_order(order), order.source_fund
    if rate is None or fund is None:
        return None
    return Exchange(fund.code, fund.currency, rate, order.price_minor, order.ceiling_minor)
