"""Promises of what an approval binds."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from twinhood.deliveries.core.approval import (
    Approver,
    Content,
    Exchange,
    Refusal,
    canonical,
    fingerprint,
    why_not_approve,
    why_reason_is_needed,
)
from twinhood.deliveries.core.ceiling import Rate
from twinhood.deliveries.core.comparing import Beside

ORDER = Content(
    partnership="stamford-kramatorsk",
    order_number=3,
    need_number=1,
    quote_id=7,
    quote_unit_price_minor=8_250_000,
    supplier_id=5,
    supplier_name="Example Motors",
    currency="USD",
    fund_codes=("main",),
    units=(("0a", 8_250_000), ("0b", 8_250_000)),
    reason="",
    proposed_by_id=1,
)
amounts = st.integers(1, 10**17)
texts = st.text(max_size=30)
exchanges = st.builds(
    lambda code, rate, price, more: Exchange(code, "USD", rate, price, price + more),
    texts,
    st.builds(Rate, amounts, amounts, texts, texts),
    amounts,
    amounts,
)
contents = st.builds(
    Content,
    partnership=texts,
    order_number=amounts,
    need_number=amounts,
    quote_id=amounts,
    quote_unit_price_minor=amounts,
    supplier_id=amounts,
    supplier_name=texts,
    currency=st.sampled_from(["USD", "EUR"]),
    fund_codes=st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple),
    units=st.lists(st.tuples(texts, amounts), min_size=1, max_size=4).map(tuple),
    reason=texts,
    proposed_by_id=amounts,
    delivery_terms=texts,
    interest=texts,
    payee=texts,
    exchange=st.none() | exchanges,
)


@given(contents, contents, st.sampled_from([field.name for field in fields(Content)]))
def test_any_change_of_any_part_changes_the_fingerprint(
    content: Content, other: Content, name: str
) -> None:
    changed = replace(content, **{name: getattr(other, name)})
    assume(changed != content)

    assert fingerprint(changed) != fingerprint(content)


@given(contents)
def test_the_fingerprint_depends_on_nothing_but_the_content(content: Content) -> None:
    again = replace(content)

    assert fingerprint(again) == fingerprint(content)
    assert len(fingerprint(content)) == 64


def test_the_order_of_units_is_part_of_the_content() -> None:
    turned = replace(ORDER, units=(ORDER.units[1], ORDER.units[0]))

    assert fingerprint(turned) != fingerprint(ORDER)


def test_the_canonical_form_is_plain_json_that_anybody_can_hash() -> None:
    assert canonical(replace(ORDER, supplier_name="Швидка")).decode() == (
        '{"currency":"USD","delivery_terms":"","exchange":null,"fund_codes":["main"],'
        '"interest":"","need_number":1,"order_number":3,'
        '"partnership":"stamford-kramatorsk","payee":"","proposed_by_id":1,"quote_id":7,'
        '"quote_unit_price_minor":8250000,"reason":"","supplier_id":5,'
        '"supplier_name":"Швидка","units":[["0a",8250000],["0b",8250000]]}'
    )


def refusal(approver: Approver, **changes: Any) -> Refusal | None:
    known: dict[str, Any] = {
        "is_proposed": True,
        "kept_hash": fingerprint(ORDER),
        "seen_hash": fingerprint(ORDER),
        "approved_by_ids": (),
        "approved_for_ids": (),
    }
    return why_not_approve(approver, ORDER, **(known | changes))


def test_a_second_person_of_a_second_organisation_may_approve() -> None:
    assert refusal(Approver(2, 20), approved_by_ids={3}, approved_for_ids={30}) is None


@pytest.mark.parametrize(
    ("approver", "changes", "expected"),
    [
        (Approver(2, 20), {"is_proposed": False}, Refusal.NOT_PROPOSED),
        (Approver(2, 20), {"kept_hash": "0" * 64}, Refusal.CHANGED),
        (Approver(2, 20), {"seen_hash": "0" * 64}, Refusal.CHANGED),
        (Approver(2, None), {}, Refusal.NO_ROLE),
        (Approver(1, 20), {}, Refusal.PROPOSER),
        (Approver(2, 5), {}, Refusal.PAYEE),
        (Approver(2, 20), {"approved_by_ids": {2}}, Refusal.TWICE),
        (Approver(2, 20), {"approved_for_ids": {20}}, Refusal.SAME_ORGANISATION),
    ],
)
def test_whoever_else_may_not(
    approver: Approver, changes: dict[str, Any], expected: Refusal
) -> None:
    assert refusal(approver, **changes) == expected


def test_fewer_than_three_quotes_or_a_dearer_one_need_a_reason() -> None:
    three = frozenset({1, 2, 3})

    assert why_reason_is_needed(Beside(5, 5, frozenset({1, 2}))) == "few_quotes"
    assert why_reason_is_needed(Beside(6, 5, three)) == "not_lowest"
    assert why_reason_is_needed(Beside(5, 5, three)) == ""


@pytest.mark.parametrize("wrong", [{"units": ()}, {"units": (("a", 0),)}, {"fund_codes": ()}])
def test_an_order_without_units_amounts_or_funds_cannot_be_built(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="an order"):
        replace(ORDER, **wrong)


def test_a_ceiling_below_the_price_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="ceiling"):
        Exchange("main", "USD", Rate(200, 217, "NBU", "2026-09-01"), 100, 99)
