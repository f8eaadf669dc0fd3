"""Amounts as Stripe counts them, which for some currencies is not as ISO 4217 does.

Stripe's page "Supported currencies" (2026): no decimals, three decimals of which the last is 0,
and everything else two, also for ISK and UGX, which have none by the standard.
"""

from twinhood.kit.money import digits_of

WHOLE = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
THREE = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class NotAtStripe(ValueError):
    """An amount that Stripe cannot take, or one of Stripe's that is no whole minor unit."""


def digits_at_stripe(currency: str) -> int:
    if currency in WHOLE:
        return 0
    return 3 if currency in THREE else 2


def to_stripe(amount_minor: int, currency: str) -> int:
    """Our minor units as Stripe's. Raises NotAtStripe where a digit would be lost."""
    amount = _rescaled(amount_minor, digits_of(currency), digits_at_stripe(currency))
    if currency in THREE and amount % 10:
        raise NotAtStripe(f"{amount} {currency}: the last digit must be 0")
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's amount in our minor units. Raises NotAtStripe where a digit would be lost."""
    if type(amount) is not int:
        raise NotAtStripe(f"{amount!r} is no whole number")
    return _rescaled(amount, digits_at_stripe(currency), digits_of(currency))


def _rescaled(amount: int, old_digits: int, new_digits: int) -> int:
    if new_digits >= old_digits:
        return amount * int(10 ** (new_digits - old_digits))
    whole, rest = divmod(amount, int(10 ** (old_digits - new_digits)))
    if rest:
        raise NotAtStripe(f"{amount} has more digits than the currency")
    return whole
