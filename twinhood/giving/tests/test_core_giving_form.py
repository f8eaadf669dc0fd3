"""Entries of the giving page become a choice, or every sentence that the donor needs, at once."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core.cover import FeeRule
from twinhood.giving.core.giving_form import (
    Problem,
    Purpose,
    Terms,
    Wrong,
    form_key_of,
    is_amount_shown,
    read,
)
from twinhood.giving.core.pledged import Told

CAMPAIGN = Purpose("campaign-usd", 1, "USD", "Ambulances")
TERMS = Terms(
    purposes=(
        CAMPAIGN,
        Purpose("campaign-gbp", 2, "GBP", "Ambulances"),
        Purpose("campaign-jpy", 3, "JPY", "Ambulances"),
        Purpose("campaign-uah", 4, "UAH", "Ambulances"),
        Purpose("need-3", 5, "USD", "Generators", need_id=33),
    ),
    rails=("card", "transfer"),
    monthly_rails=frozenset({"card"}),
    rail_currencies={"card": frozenset({"USD", "GBP", "JPY"})},
    rules=("us", "uk_gift_aid", "eu"),
    fees={("card", "USD"): FeeRule(290, 30)},
)
PLAIN = {"what": "campaign-usd", "rhythm": "once", "amount": "2500", "rail": "card"}


def wrong(**more: str) -> list[tuple[str, str]]:
    with pytest.raises(Wrong) as found:
        read(PLAIN | more, TERMS)
    return [(problem.field, problem.code) for problem in found.value.problems]


def test_a_chip_is_a_wish() -> None:
    choice = read(PLAIN, TERMS)

    assert (choice.fund_id, choice.need_id, choice.rail) == (1, None, "card")
    assert (choice.amount_minor, choice.cover_minor, choice.currency) == (2500, 0, "USD")
    assert (choice.purpose, choice.is_monthly, choice.rule) == ("Ambulances", False, "us")
    assert (choice.told, choice.shows_name, choice.tells_organiser) == (Told(), False, False)


def test_a_need_of_its_own_is_given_for_in_its_own_fund() -> None:
    choice = read(PLAIN | {"what": "need-3"}, TERMS)

    assert (choice.fund_id, choice.need_id, choice.purpose) == (5, 33, "Generators")


def test_who_covers_the_fee_pays_exactly_what_leaves_the_whole_gift() -> None:
    choice = read(PLAIN | {"cover": "on"}, TERMS)

    assert (choice.amount_minor, choice.cover_minor) == (2606, 106)


def test_a_transfer_costs_nothing_so_nothing_is_added() -> None:
    choice = read(PLAIN | {"cover": "on", "rail": "transfer"}, TERMS)

    assert (choice.amount_minor, choice.cover_minor) == (2500, 0)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("0", "zero"),
        ("0.00", "zero"),
        ("-1", "negative"),
        ("−25", "negative"),
        ("0.99", "small"),
        ("25.505", "digits"),
        ("1.234,56", "form"),
        ("1 234.56", "form"),
        ("١٢٣", "form"),
        ("NaN", "form"),
        ("Infinity", "form"),
        ("1e18", "form"),
        ("10000001", "large"),
        ("9" * 30, "large"),
        ("twenty", "form"),
    ],
)
def test_a_typed_amount_that_is_none_is_told_in_its_own_way(typed: str, code: str) -> None:
    assert wrong(amount="other", other=typed) == [("other", code)]


@pytest.mark.parametrize(
    ("what", "typed", "code"),
    [("campaign-jpy", "25.50", "digits"), ("campaign-jpy", "0", "zero")],
)
def test_a_currency_has_its_own_digits(what: str, typed: str, code: str) -> None:
    assert wrong(what=what, amount="other", other=typed) == [("other", code)]


@pytest.mark.parametrize("value", ["-2500", "25.00", "2500x", "٢٥", "1" * 30, " 2500"])
def test_a_forged_chip_is_refused(value: str) -> None:
    assert wrong(amount=value)[0][0] == "amount"


def test_ukrainian_amounts_are_read_as_ukrainians_write_them() -> None:
    terms = Terms(purposes=TERMS.purposes, rails=TERMS.rails, language="uk")

    choice = read(PLAIN | {"amount": "other", "other": "1 234,50"}, terms)

    assert choice.amount_minor == 123_450


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"what": "need-9"}, ("what", "gone")),
        ({"what": ""}, ("what", "gone")),
        ({"rail": "pigeon"}, ("rail", "gone")),
        ({"what": "campaign-uah"}, ("rail", "currency")),
        (
            {"rhythm": "monthly", "rail": "transfer", "email": "a@example.org"},
            ("rhythm", "rail"),
        ),
        ({"rhythm": "monthly"}, ("email", "monthly")),
        ({"email": "anna@"}, ("email", "email")),
        ({"email": "anna@example"}, ("email", "email")),
        ({"email": "a@example.org, b@example.org"}, ("email", "email")),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, ("email", "email")),
        ({"shows_name": "on"}, ("name", "shown")),
        ({"name": "A\x07"}, ("name", "control")),
        ({"name": "A\ufffd"}, ("name", "unreadable")),
        ({"name": "A" + "\u0301" * 9}, ("name", "marks")),
        ({"name": "A" * 121}, ("name", "long")),
        ({"rule": "mars"}, ("rule", "gone")),
        ({"rule": "eu", "email": "a@example.org"}, ("name", "receipt")),
        (
            {"rule": "uk_gift_aid", "gift_aid": "on", "name": "A", "address": "B"},
            ("gift_aid", "currency"),
        ),
        (
            {"rule": "uk_gift_aid", "gift_aid": "on", "name": "A", "what": "campaign-gbp"},
            ("address", "gift_aid"),
        ),
    ],
)
def test_each_mistake_has_a_code_of_its_own(more: dict[str, str], problem: tuple[str, str]) -> None:
    assert wrong(**more) == [problem]


def test_every_mistake_is_told_at_once() -> None:
    found = wrong(amount="other", other="x", email="anna@", shows_name="on")

    assert found == [("other", "form"), ("email", "email"), ("name", "shown")]


def test_gift_aid_is_declared_with_name_address_and_pounds() -> None:
    more = {"rule": "uk_gift_aid", "gift_aid": "on", "name": "Ann", "address": "1 High St, N1 1AA"}

    choice = read(PLAIN | more | {"what": "campaign-gbp"}, TERMS)

    assert (choice.has_gift_aid, choice.rule, choice.told.address) == (
        True,
        "uk_gift_aid",
        "1 High St, N1 1AA",
    )


@pytest.mark.parametrize("name", ["Олена Їжак", "Nguyễn Thị", "李明", "محمد", "Ó Briain-Núñez"])
def test_names_of_every_script_come_through(name: str) -> None:
    assert read(PLAIN | {"name": name, "shows_name": "on"}, TERMS).told.name == name


def test_only_a_sum_that_was_seen_is_paid_without_showing_it_first() -> None:
    def shown(**more: str) -> bool:
        entries: dict[str, Any] = PLAIN | more
        return is_amount_shown(entries, read(entries, TERMS))

    assert shown()
    assert not shown(cover="on")
    assert shown(cover="on", seen="2606")
    assert not shown(cover="on", seen="2500")
    assert not shown(amount="other", other="40")
    assert shown(amount="other", other="40", seen="4000")


def test_a_form_key_is_a_uuid_or_nothing() -> None:
    key = "6f9619ff-8b86-d011-b42d-00c04fc964ff"

    assert form_key_of({"form_key": key}) == UUID(key)
    assert form_key_of({"form_key": "1"}) is None
    assert form_key_of({}) is None


@given(st.dictionaries(st.sampled_from([*sorted(PLAIN), "other", "email", "name"]), st.text()))
def test_whatever_is_sent_is_a_wish_or_told_what_is_wrong(entries: dict[str, str]) -> None:
    problems: tuple[Problem, ...] = ()
    amount_minor = 0
    try:
        amount_minor = read(PLAIN | entries, TERMS).amount_minor
    except Wrong as found:
        problems = found.problems

    assert problems or 100 <= amount_minor <= 1_000_000_000
