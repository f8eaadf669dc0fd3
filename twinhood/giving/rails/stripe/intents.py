"""A payment by card, read again from Stripe: what it is, and what came back of it, is taken in.

`take_in` may be called for the same payment at any time and as often as one likes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from twinhood.giving import actions, pledging
from twinhood.giving.models import Gift, Pledge
from twinhood.giving.rails.rail import Heard
from twinhood.giving.rails.stripe import monthly, returns
from twinhood.giving.rails.stripe.amounts import from_stripe
from twinhood.giving.rails.stripe.client import Mode, Thing, mode, read, read_all, read_some

CODE = "card"
BALANCE = "latest_charge.balance_transaction"


@dataclass(frozen=True, slots=True)
class Whose:
    """The pledge that a payment is for, and for a monthly gift the first day of its period."""

    pledge: Pledge
    period_begins: date | None = None


def take_in(intent_id: str) -> Heard:
    """Take in a payment with its refunds and disputes, as Stripe says that they are now.

    Raises RailDown, RailRefuses, and what `pledging.settle` and the books raise.
    """
    intent = read("payment_intents", intent_id, BALANCE)
    if intent["livemode"] != (mode() == Mode.LIVE):
        return Heard("other_mode")
    whose = _whose(intent)
    if whose is None:
        return Heard("not_ours")
    pledge, paid = whose.pledge, intent["latest_charge"]
    if intent["status"] != "succeeded" or not paid:
        return Heard("waits", pledge)
    if not paid["balance_transaction"]:
        return Heard("waits", pledge)  # for its fee; the rail tells when that is known
    problem = _problem(pledge, paid, is_monthly=whose.period_begins is not None)
    if problem and paid["amount_refunded"] == paid["amount"]:
        return Heard("given_back", pledge)  # all of it went back, and none was booked
    if problem:
        return Heard("held", pledge, problem)
    taken = _settled(whose, intent_id, paid)
    # Of a gift that was not known a moment ago, only the rail can say that something came back.
    if taken.new is None or paid["amount_refunded"] or paid["disputed"]:
        gift = Gift.objects.select_related("partnership", "fund").get(pk=taken.gift_id)
        _take_in_what_came_back(gift, paid)
    return Heard("taken_in", pledge)


def _whose(intent: Thing) -> Whose | None:
    pledge = pledge_named(intent["metadata"])
    if pledge is not None:
        return Whose(pledge) if pledge.rhythm == Pledge.Rhythm.ONCE else None
    invoice = _invoice_of(intent)
    if invoice is None:
        return None
    return _whose_invoice(invoice)


def _invoice_of(intent: Thing) -> Thing | None:
    payment = {"type": "payment_intent", "payment_intent": intent["id"]}
    parts = read_some("invoice_payments", 1, payment=payment)
    return read("invoices", parts[0]["invoice"]) if parts else None


def _whose_invoice(invoice: Thing) -> Whose | None:
    """Whose an invoice is; the recurring gift that it belongs to is written first."""
    subscription = monthly.subscription_of(invoice)
    recurring = monthly.take_in_terms(subscription) if subscription else None
    if recurring is None:
        return None
    return Whose(recurring.pledge, monthly.period_of(invoice))


def pledge_named(metadata: Thing | None) -> Pledge | None:
    """The pledge that we wrote on an object when we made it."""
    reference = (metadata or {}).get("pledge")
    if not reference:
        return None
    found = Pledge.objects.select_related("partnership__giving_place", "fund")
    return found.filter(rail=CODE, reference=reference).first()


def _problem(pledge: Pledge, paid: Thing, *, is_monthly: bool) -> str:
    """Why a person must look before this is booked, as a code; empty where nothing is wrong.

    A month's amount follows what the donor asks for now; of a single gift it was agreed.
    """
    currency = paid["currency"].upper()
    if currency != pledge.currency:
        return "other_currency"
    if paid["balance_transaction"]["currency"].upper() != currency:
        return "currency_changed"
    if not is_monthly and from_stripe(paid["amount"], currency) != pledge.amount_minor:
        return "other_amount"
    return ""


def _settled(whose: Whose, intent_id: str, paid: Thing) -> actions.Intake:
    pledge, currency = whose.pledge, paid["currency"].upper()
    at = datetime.fromtimestamp(paid["created"], UTC)
    zone = ZoneInfo(pledge.partnership.giving_place.time_zone)
    return pledging.settle(
        pledge,
        rail_key=intent_id,
        amount_minor=from_stripe(paid["amount"], currency),
        fee_minor=from_stripe(paid["balance_transaction"]["fee"], currency),
        currency=currency,
        received_date=at.astimezone(zone).date(),
        at=at,
        period_begins=whose.period_begins,
    )


def _take_in_what_came_back(gift: Gift, paid: Thing) -> None:
    refunds, disputes = [], []
    # A refund that failed counts no more at Stripe, but may at ours.
    if paid["amount_refunded"] or gift.refunds.exists() or gift.refund_requests.exists():
        refunds = read_all("refunds", charge=paid["id"], expand=["data.balance_transaction"])
    if paid["disputed"]:
        disputes = read_all("disputes", charge=paid["id"])
    if not refunds and not disputes:
        return
    if gift.posted_at is None:
        actions.post_settled()
    returns.take_in(gift, refunds, disputes)


def take_in_of(kind: str, name: str) -> Heard:
    """Take in the payment that a charge, a refund or a dispute belongs to."""
    intent_id = read(kind, name)["payment_intent"]
    return take_in(intent_id) if intent_id else Heard("not_ours")


def take_in_invoice(invoice_id: str) -> Heard:
    """Take in what paid an invoice, and how its recurring gift stands."""
    invoice = read("invoices", invoice_id, "payments")
    whose = _whose_invoice(invoice)
    if whose is None:
        return Heard("not_ours")
    for part in invoice["payments"]["data"]:
        if part["status"] == "paid" and part["payment"]["type"] == "payment_intent":
            return take_in(part["payment"]["payment_intent"])
    if invoice["status"] == "open" and invoice["attempted"]:
        monthly.tell_of_refusal(whose.pledge.recurring, invoice)
    return Heard("taken_in", whose.pledge)


def take_in_subscription(subscription_id: str) -> Heard:
    """Take in how a recurring gift stands, and its last payments."""
    recurring = monthly.take_in_terms(subscription_id)
    if recurring is None:
        return Heard("not_ours")
    for invoice in read_some("invoices", 3, subscription=subscription_id, status="paid")[::-1]:
        take_in_invoice(invoice["id"])
    return Heard("taken_in", recurring.pledge)
