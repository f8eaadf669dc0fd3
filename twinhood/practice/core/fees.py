"""What Stripe keeps of a payment, as its price list for cards in the USA says it (2026)."""

from dataclasses import dataclass
from fractions import Fraction

BASIS_POINTS = 290
FOREIGN_CARD_BASIS_POINTS = 150
CONVERSION_BASIS_POINTS = 100
DISPUTE_FEE_MINOR = 1500
HOME = "US"
# The account holds these currencies; every other one is changed to dollars on arrival.
FIXED_MINOR = {"usd": 30, "eur": 25, "gbp": 20}
# Digits after the point, and dollars for one unit: practice rates, which never change.
OTHERS = {
    "cad": (2, Fraction("0.72")),
    "chf": (2, Fraction("1.25")),
    "czk": (2, Fraction("0.047")),
    "jpy": (0, Fraction("0.0066")),
    "pln": (2, Fraction("0.27")),
    "sek": (2, Fraction("0.105")),
    "uah": (2, Fraction("0.024")),
}
CURRENCIES = frozenset(FIXED_MINOR) | frozenset(OTHERS)


@dataclass(frozen=True, slots=True)
class Settled:
    """What reaches the balance: amounts in minor units of `currency`, the fee not yet taken off.

    `rate` is units of `currency` for one unit of what was paid in, None where nothing is changed.
    """

    amount_minor: int
    currency: str
    fee_minor: int
    rate: Fraction | None


def settle(amount_minor: int, currency: str, card_country: str) -> Settled:
    """Return what a payment of `amount_minor` by a card of `card_country` leaves on the balance."""
    basis_points = BASIS_POINTS + (FOREIGN_CARD_BASIS_POINTS if card_country != HOME else 0)
    if currency in FIXED_MINOR:
        fee_minor = share(amount_minor, basis_points) + FIXED_MINOR[currency]
        return Settled(amount_minor, currency, fee_minor, None)
    dollars = in_dollars(amount_minor, currency)
    fee_minor = share(dollars, basis_points + CONVERSION_BASIS_POINTS) + FIXED_MINOR["usd"]
    return Settled(dollars, "usd", fee_minor, OTHERS[currency][1])


def in_dollars(amount_minor: int, currency: str) -> int:
    """Return cents for an amount of a currency that the account does not hold, half up."""
    digits, rate = OTHERS[currency]
    return _half_up(Fraction(amount_minor, 10**digits) * rate * 100)


def share(amount_minor: int, basis_points: int) -> int:
    """Return so many hundredths of a per cent of an amount, half up."""
    return _half_up(Fraction(amount_minor * basis_points, 10_000))


def digits_of(currency: str) -> int:
    """Digits after the point (ISO 4217) of a currency that practice knows."""
    return OTHERS[currency][0] if currency in OTHERS else 2


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
