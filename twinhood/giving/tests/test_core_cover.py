"""What a donor adds to cover the fee: exact, to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core.cover import FeeRule, read_rules

CARD = FeeRule(290, 30)


@pytest.mark.parametrize(("amount", "fee"), [(2500, 103), (10000, 320), (100, 33), (1, 30)])
def test_the_fee_is_a_share_rounded_half_up_and_a_fixed_sum(amount: int, fee: int) -> None:
    assert CARD.fee_minor(amount) == fee


def test_twenty_five_dollars_are_covered_by_one_dollar_and_six_cents() -> None:
    assert CARD.cover_minor(2500) == 106


@given(
    gift=st.integers(1, 10**9),
    share=st.integers(0, 900),
    fixed=st.integers(0, 500),
)
def test_the_cover_is_the_least_that_leaves_the_whole_gift(
    gift: int, share: int, fixed: int
) -> None:
    rule = FeeRule(share, fixed)

    cover = rule.cover_minor(gift)

    assert rule.fee_minor(gift + cover) <= cover
    assert cover == 0 or rule.fee_minor(gift + cover - 1) > cover - 1


def test_rules_are_read_by_currency_in_its_own_digits() -> None:
    rules = read_rules("USD 2.9% 0.30, JPY 3.6% 0, KWD 2.25% 0.125")

    assert rules == {"USD": CARD, "JPY": FeeRule(360, 0), "KWD": FeeRule(225, 125)}
    assert read_rules("") == {}


@pytest.mark.parametrize("written", ["USD", "USD 2.9 0.30", "usd 2.9% 0.30", "USD 2.999% 0"])
def test_a_rule_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not like"):
        read_rules(written)
