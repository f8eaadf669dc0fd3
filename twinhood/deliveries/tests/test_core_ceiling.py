"""Promises of rates and ceilings: exact pairs, rounded once, against the buyer never."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.deliveries.core.ceiling import BadRate, Rate, ceiling_minor, rate_of


def test_s6_62000_euro_at_1_0850_are_67270_dollars_and_at_most_70633_50() -> None:
    rate = rate_of("1.0850", "EUR", "USD")

    price_minor = rate.price_minor(6_200_000)

    assert (rate.fund_minor, rate.order_minor) == (217, 200)
    assert price_minor == 6_727_000
    assert ceiling_minor(price_minor) == 7_063_350


@pytest.mark.parametrize(
    ("typed", "currency", "fund_currency", "order_minor", "price_minor"),
    [
        ("0.0065", "JPY", "USD", 1_000_000, 650_000),
        ("153,85", "USD", "JPY", 10_000, 15_385),
        ("41.2345", "USD", "UAH", 1, 42),
    ],
)
def test_currencies_with_other_minor_units_are_counted_in_their_own(
    typed: str, currency: str, fund_currency: str, order_minor: int, price_minor: int
) -> None:
    assert rate_of(typed, currency, fund_currency).price_minor(order_minor) == price_minor


@pytest.mark.parametrize("typed", ["", "0", "0.0", "-1", "1e3", "1 000", "1.2.3", "٣", "NaN"])
def test_what_is_no_rate_is_refused(typed: str) -> None:
    with pytest.raises(BadRate):
        rate_of(typed, "EUR", "USD")


@given(st.decimals("0.0001", "9999", places=4), st.integers(1, 10**13))
def test_the_price_is_the_exact_product_rounded_up(rate: Decimal, order_minor: int) -> None:
    exact = rate * order_minor

    price_minor = rate_of(str(rate), "EUR", "USD").price_minor(order_minor)

    assert 0 <= price_minor - exact < 1


@given(st.decimals("0.0001", "9999", places=4))
def test_a_rate_is_written_again_as_it_was_typed(rate: Decimal) -> None:
    assert rate_of(str(rate), "JPY", "USD").decimal("JPY", "USD") == rate


def test_a_rate_of_nothing_cannot_be_built() -> None:
    with pytest.raises(BadRate):
        Rate(0, 1, "", "")
