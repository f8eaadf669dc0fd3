"""What an order in another currency may cost: a stated rate, and a ceiling above its price.

A rate is a pair of whole amounts, never a binary fraction: 1.0850 dollars for a euro is 217 US
cents for 200 euro cents. Amounts are minor units of the currency that their name says.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import gcd

from twinhood.kit.money import digits_of

RATE_FORM = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,8})?")
# How far above the price at the stated rate a purchase may go before it is approved anew.
CEILING_PERCENT = 5


class BadRate(ValueError):
    """A typed rate that is no positive decimal number."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`order_minor` of the order's currency cost `fund_minor` of the fund's; who says so, when.

    Two of these pairs that mean the same are equal: they are reduced to lowest terms.
    """

    order_minor: int
    fund_minor: int
    said_by: str
    date: str

    def __post_init__(self) -> None:
        if self.order_minor <= 0 or self.fund_minor <= 0:
            raise BadRate(self.order_minor, self.fund_minor)

    def price_minor(self, order_minor: int) -> int:
        """What so much costs at this rate, rounded up to a minor unit of the fund's currency."""
        return -(-order_minor * self.fund_minor // self.order_minor)

    def decimal(self, currency: str, fund_currency: str) -> Decimal:
        """How many of the fund's currency one of the order's costs, as people write it."""
        shift = digits_of(currency) - digits_of(fund_currency)
        return (Decimal(self.fund_minor) / Decimal(self.order_minor)).scaleb(shift)


def rate_of(
    typed: str, currency: str, fund_currency: str, *, said_by: str = "", date: str = ""
) -> Rate:
    """Read "1.0850" dollars for one euro, exactly. Raises BadRate.

    A comma is the decimal mark as well: rates are too small to be written in groups.
    """
    text = typed.strip().replace(",", ".")
    if not RATE_FORM.fullmatch(text) or not Decimal(text):
        raise BadRate(typed)
    whole, _, fraction = text.partition(".")
    fund_minor = int(whole + fraction) * 10 ** digits_of(fund_currency)
    order_minor = 10 ** (digits_of(currency) + len(fraction))
    common = gcd(fund_minor, order_minor)
    return Rate(order_minor // common, fund_minor // common, said_by, date)


def ceiling_minor(price_minor: int, percent: int = CEILING_PERCENT) -> int:
    """The most that may be spent without a new approval, rounded down to a minor unit."""
    return price_minor * (100 + percent) // 100
