"""Stripe's published test cards, and what each of them does. Nothing else is taken for a card."""

from dataclasses import dataclass

DISPUTED_AFTER_S = 60


@dataclass(frozen=True, slots=True)
class Card:
    """What a test number does. `decline` is Stripe's code and decline code."""

    number: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    decline: tuple[str, str] | None = None
    asks_3ds: bool = False
    is_declined_later: bool = False  # at a renewal, when nobody is there to mend it
    dispute: tuple[str, str] | None = None  # status and reason, a minute after the payment
    refund: str = "succeeded"  # how a refund ends: succeeded, pending first, or failed after

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _declined(number: str, reason: str, code: str = "card_declined") -> Card:
    return Card(number, decline=(code, reason))


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242"),
        Card("4000056655665556", funding="debit"),
        Card("5555555555554444", brand="mastercard"),
        Card("378282246310005", brand="amex"),
        Card("4000008260000000", country="GB"),
        Card("4000002760000016", country="DE"),
        Card("4000006160000005", country="PL"),
        _declined("4000000000000002", "generic_decline"),
        _declined("4000000000009995", "insufficient_funds"),
        _declined("4000000000009987", "lost_card"),
        _declined("4000000000009979", "stolen_card"),
        _declined("4000000000000069", "expired_card", "expired_card"),
        _declined("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
        _declined("4000000000000119", "processing_error", "processing_error"),
        _declined("4100000000000019", "fraudulent"),
        Card("4000000000000341", is_declined_later=True),
        Card("4000000000003220", asks_3ds=True),
        Card("4000002500003155", asks_3ds=True),
        Card("4000008400001629", asks_3ds=True, decline=("card_declined", "generic_decline")),
        Card("4000000000000259", dispute=("needs_response", "fraudulent")),
        Card("4000000000002685", dispute=("needs_response", "product_not_received")),
        Card("4000000000001976", dispute=("warning_needs_response", "fraudulent")),
        Card("4000000000007726", refund="pending"),
        Card("4000000000005126", refund="failed"),
    )
}
# The names under which Stripe's API takes the same cards.
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_gb": "4000008260000000",
    "pm_card_de": "4000002760000016",
    "pm_card_pl": "4000006160000005",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_createDisputeProductNotReceived": "4000000000002685",
    "pm_card_createDisputeInquiry": "4000000000001976",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}
MESSAGES = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "insufficient_funds": "Your card has insufficient funds.",
}
# A number that could be somebody's: Stripe's test mode says the same of it.
NOT_A_TEST_CARD = (
    "Your card was declined. Your request was in test mode, but used a non test card. "
    "For a list of valid test cards, visit: https://docs.stripe.com/testing."
)


def message_of(code: str, reason: str) -> str:
    return MESSAGES.get(reason, MESSAGES[code])


def digits(typed: str) -> str:
    """The number without what people put between the digits."""
    return "".join(typed.split()).replace("-", "")


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812-1, annex B)."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
