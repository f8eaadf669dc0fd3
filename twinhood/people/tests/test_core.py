"""Paths, names and the policy: values in, values out."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.people.core.names import MARKS_MAX, tidy_name
from twinhood.people.core.paths import is_own_path, own_path_of
from twinhood.people.core.permissions import (
    NEEDS_SECOND_FACTOR,
    POLICY,
    Action,
    RoleName,
    allowed,
)


@pytest.mark.parametrize(
    "path", ["/", "/en/desk/", "/en/registry/?q=%D0%9A", "/a//b", "/en/#gifts"]
)
def test_a_path_of_this_site_may_be_gone_to(path: str) -> None:
    assert is_own_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *(None, "", "en/", "//x", "///x", "/\\x", "\\\\x", "https:x", "javascript:x", "data:x"),
        *("/\r\nX: y", "/\tx", "/a\x00b", "/a\u2028b", "/\x7f", " /x", "/x\\..\\y", "http://h/x"),
    ],
)
def test_anything_else_may_not(path: str | None) -> None:
    assert not is_own_path(path)


@given(st.text())
def test_no_path_that_may_be_gone_to_names_a_host(text: str) -> None:
    if is_own_path(text):
        assert text[0] == "/"
        assert text[1:2] not in {"/", "\\"}


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("http://h:8000/en/desk/?a=1", "/en/desk/?a=1"),
        ("http://h/en/", None),
        ("https://evil.example/en/", None),
        ("http://h:8000//evil.example", None),
        ("http://u@h:8000/en/", None),
        ("http://[/", None),
        ("", None),
    ],
)
def test_the_page_before_counts_only_on_the_same_host(address: str, path: str | None) -> None:
    assert own_path_of(address, host="h:8000") == path


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Anna   Nowak ", "Anna Nowak"),
        ("Гончаренко Олександр", "Гончаренко Олександр"),
        ("nimdA\u202e", "nimdA"),
        ("A\u200bnna", "Anna"),
        ("Cafe\u0301", "Café"),
        ("й" + "\u0306", "й\u0306"),
        ("Z" + "\u0335" * 60 + "algo", "Z" + "\u0335" * MARKS_MAX + "algo"),
        ("王伟", "王伟"),
    ],
)
def test_a_name_keeps_its_letters_and_loses_what_nobody_sees(typed: str, name: str) -> None:
    assert tidy_name(typed) == name


@given(st.text(max_size=200))
def test_tidying_a_name_twice_changes_nothing_more(typed: str) -> None:
    once = tidy_name(typed)

    assert tidy_name(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_every_role_has_its_line_in_the_policy_and_every_action_a_role() -> None:
    assert set(POLICY) == set(RoleName)
    assert allowed(RoleName) == set(Action)


def test_nobody_both_proposes_and_checks_by_one_role() -> None:
    for role in RoleName:
        may = allowed([role])
        assert not {Action.WRITE_NEED, Action.VERIFY_NEED} <= may
        assert not {Action.PROPOSE_ORDER, Action.APPROVE_ORDER} <= may


def test_whatever_sends_money_away_asks_for_a_second_factor() -> None:
    moving = {Action.APPROVE_ORDER, Action.REFUND_GIFT, Action.CONFIRM_REFUND, Action.PAY_ORDER}
    assert moving <= NEEDS_SECOND_FACTOR
