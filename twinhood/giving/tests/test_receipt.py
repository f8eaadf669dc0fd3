"""A receipt states what its country asks for, nothing less, and never a value of goods."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core.receipt import (
    Key,
    Organisation,
    Receipt,
    ReceiptGift,
    ReceiptKind,
    ReceiptLacks,
    Sentence,
    gift_aid_declaration,
    gift_aid_return_max_minor,
    sentences,
)
from twinhood.giving.core.receipt_number import (
    ReceiptNumber,
    first_gap,
    read_number,
    year_of,
)

DAY = date(2023, 9, 14)
FRIENDS = Organisation("Friends of Kramatorsk, Inc.", "06-1234567", "Stamford, Connecticut")
CODES = {
    ReceiptKind.US: "06-1234567",
    ReceiptKind.UK_GIFT_AID: "1234567",
    ReceiptKind.EU: "VR 12345",
    ReceiptKind.UA: "12345678",
}
CURRENCIES = {
    ReceiptKind.US: "USD",
    ReceiptKind.UK_GIFT_AID: "GBP",
    ReceiptKind.EU: "EUR",
    ReceiptKind.UA: "UAH",
}
CASH = ReceiptGift(DAY, "Ambulances", 2500, currency="USD")
AMBULANCE = ReceiptGift(DAY, "Hospital No. 3", description="Used ambulance, VIN …4711")


def receipt(kind: ReceiptKind = ReceiptKind.US, **facts: object) -> Receipt:
    standing: dict[str, object] = {
        "kind": kind,
        "number": "R-2023-1041",
        "issued_date": DAY,
        "organisation": replace(FRIENDS, registry_code=CODES[kind]),
        "gifts": (replace(CASH, currency=CURRENCIES[kind]),),
        "payer_name": "Anna Kovalenko",
    }
    return Receipt(**{**standing, **facts})  # type: ignore[arg-type]


def stated(one: Receipt) -> dict[Key, Sentence]:
    return {sentence.key: sentence for sentence in sentences(one)}


def lacking(one: Receipt) -> tuple[str, ...]:
    with pytest.raises(ReceiptLacks) as refusal:
        sentences(one)
    return refusal.value.facts


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (ReceiptKind.US, {Key.NOTHING_IN_RETURN, Key.CONTROL}),
        (ReceiptKind.UK_GIFT_AID, {Key.PAYER, Key.GIFT_AID_NOT_CLAIMED}),
        (ReceiptKind.EU, {Key.PAYER, Key.PLAIN}),
        (ReceiptKind.UA, {Key.PAYER, Key.CHARITABLE_GIFT}),
    ],
)
def test_every_kind_names_who_received_what_when_and_for_what(
    kind: ReceiptKind, keys: set[Key]
) -> None:
    found = stated(receipt(kind))

    assert found.keys() >= {Key.NUMBER, Key.ORGANISATION, Key.MONEY} | keys
    assert found[Key.ORGANISATION].facts["registry_code"] == CODES[kind]
    assert found[Key.MONEY].facts == {
        "received_date": DAY,
        "purpose": "Ambulances",
        "amount_minor": 2500,
        "currency": CURRENCIES[kind],
    }
    assert all(sentence.source for sentence in found.values())


@pytest.mark.parametrize("kind", [ReceiptKind.US, ReceiptKind.EU, ReceiptKind.UA])
def test_goods_are_described_and_never_valued(kind: ReceiptKind) -> None:
    found = stated(receipt(kind, gifts=(AMBULANCE,)))

    assert found[Key.GOODS].facts["description"] == "Used ambulance, VIN …4711"
    named = {name for sentence in found.values() for name in sentence.facts}
    assert not {name for name in named if "minor" in name or name == "currency"}
    assert (Key.GOODS_VALUE_IS_DONORS in found) == (kind == ReceiptKind.US)


def test_goods_with_an_amount_are_refused() -> None:
    assert lacking(receipt(gifts=(replace(AMBULANCE, given_minor=1_800_000),))) == ("amount",)


@pytest.mark.parametrize(
    ("amount_minor", "return_minor", "deductible_minor"),
    [(7500, 2000, None), (7501, 2000, 5501), (10_000, 10_000, 0), (10_000, 12_000, 0)],
)
def test_an_american_donor_who_got_something_back_is_told_the_part(
    amount_minor: int, return_minor: int, deductible_minor: int | None
) -> None:
    dinner = replace(
        CASH, given_minor=amount_minor, return_description="a dinner", return_minor=return_minor
    )

    found = stated(receipt(gifts=(dinner,)))

    assert found[Key.IN_RETURN].facts["value_minor"] == return_minor
    assert Key.NOTHING_IN_RETURN not in found
    part = found.get(Key.DEDUCTIBLE_PART)
    assert (part and part.facts["amount_minor"]) == deductible_minor


@pytest.mark.parametrize(("amount_minor", "is_told"), [(249_99, False), (250_00, True)])
def test_from_250_dollars_the_donor_is_told_to_keep_the_receipt(
    amount_minor: int, is_told: bool
) -> None:
    found = stated(receipt(gifts=(replace(CASH, given_minor=amount_minor),)))

    assert (Key.KEEP in found) == is_told


def test_gift_aid_claims_25_pence_for_each_pound() -> None:
    found = stated(
        receipt(ReceiptKind.UK_GIFT_AID, has_gift_aid=True, payer_address="1 High St, Coventry")
    )

    assert found[Key.GIFT_AID_CLAIMED].facts["claim_minor"] == 625
    assert Key.GIFT_AID_TAX in found


def test_gift_aid_needs_the_home_address_pounds_and_little_in_return() -> None:
    with_aid = receipt(ReceiptKind.UK_GIFT_AID, has_gift_aid=True, payer_address="1 High St")
    pounds = with_aid.gifts[0]

    assert lacking(replace(with_aid, payer_address=" ")) == ("payer_address",)
    assert lacking(replace(with_aid, gifts=(CASH,))) == ("currency",)
    dear = replace(pounds, return_description="a dinner", return_minor=626)
    assert lacking(replace(with_aid, gifts=(dear,))) == ("return",)
    assert sentences(replace(with_aid, gifts=(replace(dear, return_minor=625),)))


@pytest.mark.parametrize(
    ("amount_minor", "most_minor"),
    [(0, 0), (100_00, 25_00), (200_00, 30_00), (60_000_00, 2_500_00)],
)
def test_how_much_may_come_back_under_gift_aid(amount_minor: int, most_minor: int) -> None:
    assert gift_aid_return_max_minor(amount_minor) == most_minor


def test_a_declaration_says_who_where_and_which_gifts() -> None:
    found = gift_aid_declaration(
        organisation=FRIENDS, donor="Anna Smith", home_address="1 High St", which="this gift"
    )

    assert [one.key for one in found] == [
        Key.DECLARATION, Key.DECLARATION_HOME, Key.GIFT_AID_TAX,
    ]  # fmt: skip
    with pytest.raises(ReceiptLacks, match="payer_address"):
        gift_aid_declaration(organisation=FRIENDS, donor="Anna", home_address="", which="this gift")


def test_what_was_given_back_is_shown_as_such() -> None:
    found = stated(receipt(gifts=(replace(CASH, given_minor=10_000, refunded_minor=4000),)))

    facts = found[Key.MONEY_PARTLY_REFUNDED].facts
    shown = [facts[name] for name in ("given_minor", "refunded_minor", "amount_minor")]
    assert shown == [10_000, 4000, 6000]
    assert lacking(receipt(gifts=(replace(CASH, refunded_minor=2500),))) == ("amount",)


def test_a_corrected_receipt_names_the_old_one_and_a_cancelled_one_states_no_gift() -> None:
    corrected = stated(receipt(replaces="R-2023-1040"))
    cancelled = stated(receipt(gifts=(), replaces="R-2023-1041"))

    assert corrected[Key.REPLACES].facts == {"number": "R-2023-1040"}
    assert set(cancelled) == {Key.NUMBER, Key.ORGANISATION, Key.CANCELS}
    assert lacking(receipt(gifts=())) == ("gifts",)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.sampled_from(["USD", "EUR"])), min_size=2))
def test_a_years_receipt_totals_each_currency_exactly(given_in: list[tuple[int, str]]) -> None:
    gifts = tuple(ReceiptGift(DAY, "Ambulances", *pair[:1], currency=pair[1]) for pair in given_in)

    totals = [one.facts for one in sentences(receipt(gifts=gifts)) if one.key == Key.TOTAL]

    assert {total["currency"]: total["amount_minor"] for total in totals} == {
        currency: sum(amount for amount, of in given_in if of == currency)
        for _, currency in given_in
    }


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ({"organisation": Organisation("", "06-1234567")}, ("organisation",)),
        ({"organisation": Organisation("Friends", "061234567")}, ("registry_code",)),
        ({"gifts": (replace(CASH, purpose=" "),)}, ("purpose",)),
        ({"gifts": (replace(CASH, given_minor=0),)}, ("amount",)),
        ({"gifts": (replace(CASH, currency=""),)}, ("amount",)),
        ({"gifts": (replace(CASH, return_minor=5),)}, ("return",)),
    ],
)
def test_what_is_missing_is_named(facts: dict[str, object], names: tuple[str, ...]) -> None:
    assert lacking(receipt(**facts)) == names  # type: ignore[arg-type]


def test_only_an_american_receipt_may_leave_out_the_donor() -> None:
    assert Key.PAYER not in stated(receipt(payer_name=""))
    for kind in (ReceiptKind.UK_GIFT_AID, ReceiptKind.EU, ReceiptKind.UA):
        assert lacking(receipt(kind, payer_name="")) == ("payer_name",)


# --- numbers


@given(st.integers(1, 10**6), st.integers(1, 9999))
def test_a_number_is_read_as_it_is_written(serial: int, year: int) -> None:
    number = ReceiptNumber("SK1", year, serial)

    assert read_number(f" {number} ".lower()) == number
    assert number.next.serial == serial + 1
    assert number < number.next


@pytest.mark.parametrize(
    "text",
    ["", "R-2023-1", "R-2023-0000", "R-2023-00042", "r_2023_0001", "-2023-0001", "R-23-0001"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text or "^$"):
        read_number(text)


def test_the_year_is_that_of_the_organisations_own_calendar() -> None:
    new_year_in_kyiv = datetime(2023, 12, 31, 22, 30, tzinfo=UTC)

    assert year_of(new_year_in_kyiv, ZoneInfo("Europe/Kyiv")) == 2024
    assert year_of(new_year_in_kyiv, ZoneInfo("America/New_York")) == 2023
    with pytest.raises(ValueError, match="2023"):
        year_of(datetime(2023, 12, 31), ZoneInfo("Europe/Kyiv"))  # noqa: DTZ001 (the fault)


@given(st.integers(0, 60), st.data())
def test_a_gap_and_a_double_are_found(count: int, data: st.DataObject) -> None:
    serials = list(range(1, count + 1))
    assert first_gap(data.draw(st.permutations(serials))) is None

    if count:
        place = data.draw(st.integers(0, count - 1))
        doubled = [*serials, serials[place]]
        without = serials[:place] + serials[place + 1 :]
        assert first_gap(doubled) == serials[place]
        assert first_gap([*without, count + 1]) == serials[place]
