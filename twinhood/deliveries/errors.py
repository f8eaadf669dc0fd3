"""What can go wrong with an order or a delivery and a person can mend. Amounts in minor units."""

from datetime import date

from twinhood.deliveries.core.approval import Refusal


class DeliveryError(Exception):
    """A change that the rules refuse; nothing was written."""


class WrongState(DeliveryError):
    """The order, unit or need is not in a state that allows this."""

    def __init__(self, name: str, state: str) -> None:
        super().__init__(f"{name} is {state}")
        self.name = name
        self.state = state


class ReasonMissing(DeliveryError):
    """`code` says what asks for a reason: `few_quotes`, `not_lowest`, `refusal`, `cancellation`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MoreThanNeeded(DeliveryError):
    """More things than the need still asks for."""

    def __init__(self, asked: int, left: int) -> None:
        super().__init__(f"{asked} asked, {left} needed")
        self.asked = asked
        self.left = left


class NoFund(DeliveryError):
    """No fund of this need in the quote's currency."""

    def __init__(self, currency: str) -> None:
        super().__init__(currency)
        self.currency = currency


class QuoteExpired(DeliveryError):
    """The supplier's price no longer holds."""


class OverCeiling(DeliveryError):
    """The exchange would cost more than was approved; amounts of the fund's currency."""

    def __init__(self, asked_minor: int, ceiling_minor: int, currency: str) -> None:
        super().__init__(f"{asked_minor} asked, {ceiling_minor} approved {currency}")
        self.asked_minor = asked_minor
        self.ceiling_minor = ceiling_minor
        self.currency = currency


class ApprovalLapsed(DeliveryError):
    """Somebody who approved has no such role any more: fewer than two approvals stand."""


class NotCalled(DeliveryError):
    """Nobody has called the supplier about the account yet."""


class NoLists(DeliveryError):
    """No list of sanctions is here to look anybody up in."""


class EmptyList(DeliveryError):
    """A list without a name on it; the names from before stay."""


class OlderList(DeliveryError):
    """A list of an earlier day than the one that is here."""

    def __init__(self, known: date) -> None:
        super().__init__(f"the list that is here is newer: {known}")
        self.known = known


class ListTooShort(DeliveryError):
    """A list that lost a tenth of its names or more, and nobody said why."""

    def __init__(self, before: int, now: int) -> None:
        super().__init__(
            f"{now} names, and the version before has {before}: did the download break off? "
            "If it is right, say why with --shorter"
        )
        self.before = before
        self.now = now


class MayNotDecide(DeliveryError):
    """Who looked somebody up leaves the decision about a hit to another."""


class MayNotDecideRules(DeliveryError):
    """Rules of orders are agreed to by somebody else, of another organisation."""


class NotScreened(DeliveryError):
    """Somebody is not clear of sanctions; `code` is `none`, `open`, `listed` or `expired`."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(f"{name}: {code}")
        self.name = name
        self.code = code


class NotLicensed(DeliveryError):
    """Of dual use, without a paper that two read; `code` is of `licences.why_unlicensed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MayNotRead(DeliveryError):
    """Who attached a licence leaves its reading to another."""


class NoPayee(DeliveryError):
    """The supplier has no account that may be paid to today."""


class BadTerms(DeliveryError):
    """What was stated cannot be; `code` is `fund`, `rate`, `rate_source` or `rate_date`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class UnderOccupation(DeliveryError):
    """The receiving body, or the supplier, lies in a place that counts as occupied on that day."""

    def __init__(self, name: str, since_date: date) -> None:
        super().__init__(f"{name} since {since_date}")
        self.name = name
        self.since_date = since_date


class MayNotApprove(DeliveryError):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class MayNotPay(DeliveryError):
    """Who proposed an order does not pay for it."""


class SerialKnown(DeliveryError):
    """The serial number stands at another unit already."""

    def __init__(self, serial: str) -> None:
        super().__init__(serial)
        self.serial = serial


class SerialMissing(DeliveryError):
    """A vehicle is not handed over without its identification number."""

    def __init__(self, unit_name: str) -> None:
        super().__init__(unit_name)
        self.unit_name = unit_name


class PriceIsBack(DeliveryError):
    """A correction would have a thing in order whose supplier gave its price back."""

    def __init__(self, code: str, unit_name: str) -> None:
        super().__init__(unit_name)
        self.code = code
        self.unit_name = unit_name


class DateInFuture(DeliveryError):
    """A hand-over that has not happened yet."""


class HandedOverBeforeBought(DeliveryError):
    """A hand-over on a day before the order of its things was placed."""

    def __init__(self, order: str, placed: date) -> None:
        super().__init__(f"{order}: {placed}")
        self.order = order
        self.placed = placed


class HandedOverBeforeGiven(DeliveryError):
    """No thing is handed over before it was received from who gave it."""

    def __init__(self, name: str, received: date) -> None:
        super().__init__(f"{name} was received on {received}")
        self.name = name
        self.received = received


class BadPublicDate(DeliveryError):
    """Not within 90 days after the hand-over."""


class NotTheReceiver(DeliveryError):
    """Only the receiving side lets a delivery be public."""


class PaidAlready(DeliveryError):
    """A thing whose money has left is not cancelled: the supplier's credit comes first."""

    def __init__(self, asked_minor: int, unpaid_minor: int) -> None:
        super().__init__(f"{asked_minor} asked, {unpaid_minor} unpaid")
        self.asked_minor = asked_minor
        self.unpaid_minor = unpaid_minor


class DifferenceUnsaid(DeliveryError):
    """An invoice asks for something else than was ordered, and nobody said why."""

    def __init__(self, asked_minor: int, expected_minor: int) -> None:
        super().__init__(f"{asked_minor} asked, {expected_minor} expected")
        self.asked_minor = asked_minor
        self.expected_minor = expected_minor


class InvoiceKnown(DeliveryError):
    """The supplier's number stands at another invoice already."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class OtherTotal(DeliveryError):
    """The number stands at other orders, as parts of an invoice of `total_minor`."""

    def __init__(self, number: str, orders: str, total_minor: int) -> None:
        super().__init__(f"{number}: {orders}, {total_minor}")
        self.number = number
        self.orders = orders
        self.total_minor = total_minor


class MoreThanTotal(DeliveryError):
    """Parts of an invoice add up to more than it asks; `left_minor` is not recorded yet."""

    def __init__(self, number: str, left_minor: int) -> None:
        super().__init__(f"{number}: {left_minor} left")
        self.number = number
        self.left_minor = left_minor


class NotInvoiced(DeliveryError):
    """No invoice of this order has this number."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class MoreThanInvoiced(DeliveryError):
    """A payment above what its invoice still asks."""

    def __init__(self, asked_minor: int, left_minor: int) -> None:
        super().__init__(f"{asked_minor} asked, {left_minor} left")
        self.asked_minor = asked_minor
        self.left_minor = left_minor


class NotPaid(DeliveryError):
    """A supplier gives back no more than was paid for the order."""

    def __init__(self, asked_minor: int, paid_minor: int) -> None:
        super().__init__(f"{asked_minor} asked, {paid_minor} paid")
        self.asked_minor = asked_minor
        self.paid_minor = paid_minor


class WholePrice(DeliveryError):
    """A part of a price is less than all that the thing costs."""

    def __init__(self, asked_minor: int, price_minor: int) -> None:
        super().__init__(f"{asked_minor} asked, {price_minor} is the price")
        self.asked_minor = asked_minor
        self.price_minor = price_minor


class NotPaidYet(DeliveryError):
    """Things are handed over once they are paid; `missing_minor` of `currency` is not."""

    def __init__(self, order: str, missing_minor: int, currency: str) -> None:
        super().__init__(f"{order}: {missing_minor} {currency} unpaid")
        self.order = order
        self.missing_minor = missing_minor
        self.currency = currency


class TwoOfOneName(DeliveryError):
    """One person stands on an act twice."""

    def __init__(self, name: str) -> None:
        super().__init__("one name twice")
        self.name = name


class TooFewStandOnIt(DeliveryError):
    """An act that is printed names giver, receiver and three of the commission."""


class NotAWitness(DeliveryError):
    """Who entered a scan, said it before, or has a colleague who did, is no second pair of eyes."""


class NotAConfirmer(DeliveryError):
    """Who recorded a hand-over, confirmed it before, or has a colleague who did, confirms none."""
