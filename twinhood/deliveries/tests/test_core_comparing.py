"""Promises of comparing quotes: one currency, nothing lost by rounding, and gaps are said."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twinhood.deliveries.core.ceiling import rate_of
from twinhood.deliveries.core.comparing import Missing, Offer, Vat, beside, compare, price_in

TODAY = date(2026, 9, 1)
EURO = {"EUR": rate_of("1.0850", "EUR", "USD")}


def offer(quote_id: int, price_minor: int, currency: str = "USD", **said: Any) -> Offer:
    return Offer(quote_id, said.pop("supplier_id", quote_id), price_minor, currency, **said)


def test_the_lowest_comes_first_whatever_its_currency() -> None:
    offers = [offer(1, 6_800_000), offer(2, 6_200_000, "EUR"), offer(3, 6_727_001)]

    rows = compare(offers, EURO, "USD", TODAY)

    assert [row.offer.quote_id for row in rows] == [2, 3, 1]
    assert [row.price_minor for row in rows] == [6_727_000, 6_727_001, 6_800_000]
    assert [row.is_lowest for row in rows] == [True, False, False]


def test_without_a_rate_a_quote_has_no_place_among_the_others() -> None:
    rows = compare([offer(1, 1, "EUR"), offer(2, 900)], {}, "USD", TODAY)

    assert [row.offer.quote_id for row in rows] == [2, 1]
    assert rows[1].price_minor is None
    assert Missing.RATE in rows[1].missing
    assert not rows[1].is_lowest


def test_tax_on_top_counts_and_tax_within_does_not() -> None:
    on_top = offer(1, 1_000, vat=Vat.ON_TOP, vat_permille=200)
    within = offer(2, 1_199, vat=Vat.INCLUDED)

    rows = compare([on_top, within], {}, "USD", TODAY)

    assert [(row.offer.quote_id, row.price_minor) for row in rows] == [(2, 1_199), (1, 1_200)]


def test_an_expired_quote_stands_last_and_is_never_the_lowest() -> None:
    old = offer(1, 500, valid_until=date(2026, 8, 31))
    last_day = offer(2, 900, valid_until=TODAY)

    rows = compare([old, last_day], {}, "USD", TODAY)

    assert [(r.offer.quote_id, r.is_expired, r.is_lowest) for r in rows] == [
        (2, False, True),
        (1, True, False),
    ]


def test_it_says_what_a_quote_does_not_say() -> None:
    silent = offer(1, 500)
    full = offer(2, 500, delivery_days=0, warranty_months=0, vat=Vat.NOT_DUE)

    rows = {row.offer.quote_id: row for row in compare([silent, full], {}, "USD", TODAY)}

    assert rows[1].missing == (Missing.VAT, Missing.DELIVERY, Missing.WARRANTY)
    assert rows[2].missing == ()


def test_of_equal_prices_the_sooner_delivery_stands_first() -> None:
    offers = [offer(1, 5), offer(2, 5, delivery_days=30), offer(3, 5, delivery_days=7)]

    assert [row.offer.quote_id for row in compare(offers, {}, "USD", TODAY)] == [3, 2, 1]


def test_several_quotes_of_one_supplier_are_one_voice() -> None:
    offers = [offer(n, 500 + n, supplier_id=7) for n in range(3)]

    assert beside(offers[0], offers, {}, "USD").supplier_ids == {7}


def test_a_quote_in_a_currency_without_a_rate_is_compared_with_its_own_kind() -> None:
    offers = [offer(1, 800, "EUR"), offer(2, 700, "EUR"), offer(3, 1)]

    alone, together = (beside(offers[0], offers, rates, "USD") for rates in ({}, EURO))

    assert (alone.price_minor, alone.lowest_minor, alone.supplier_ids) == (
        800,
        700,
        frozenset({1, 2}),
    )
    assert (together.price_minor, together.lowest_minor) == (868, 1)
    assert together.supplier_ids == {1, 2, 3}


@given(st.integers(1, 10**12), st.integers(1, 500), st.sampled_from(["1.0850", "0.00321", "97"]))
def test_no_price_comes_out_below_what_is_asked(price: int, permille: int, typed: str) -> None:
    asked = offer(1, price, "EUR", vat=Vat.ON_TOP, vat_permille=permille)
    rate = rate_of(typed, "EUR", "USD")

    found = price_in(asked, {"EUR": rate}, "USD")

    assert found is not None
    exact_over = price * (1000 + permille) * rate.fund_minor
    assert found * 1000 * rate.order_minor >= exact_over
    assert (
        found <= (price * (1000 + permille) // 1000 + 2) * rate.fund_minor // rate.order_minor + 1
    )
