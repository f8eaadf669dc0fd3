"""Promises of the dates of follow-ups, and of who counts as the same holder."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.aftercare.core.dates import (
    ASKED_MAX,
    MONTHS,
    due_date,
    is_silent,
    link_ends,
    may_ask,
)
from twinhood.aftercare.core.holders import is_known

HOSPITAL = ["City Hospital 3 (example)", "Міська лікарня № 3"]


@pytest.mark.parametrize(
    ("handed_over", "months", "due"),
    [
        (date(2026, 9, 1), 3, date(2026, 12, 1)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 24, date(2028, 12, 31)),
    ],
)
def test_a_date_is_the_same_day_months_later_or_the_months_last(
    handed_over: date, months: int, due: date
) -> None:
    assert due_date(handed_over, months) == due


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_dates_stand_in_their_order(handed_over: date) -> None:
    due = [due_date(handed_over, months) for months in MONTHS]

    assert handed_over < due[0] < due[1] < due[2]


def test_a_holder_is_asked_a_few_times_and_then_left_alone() -> None:
    due, asked = date(2026, 12, 1), None
    asked_on: list[int] = []

    for day in range(-10, 200):
        today = due + timedelta(days=day)
        if may_ask(due, asked, len(asked_on), today):
            asked = today
            asked_on.append(day)

    assert asked_on == [0, 14, 28, 42]
    assert len(asked_on) == ASKED_MAX
    assert not may_ask(due, None, 0, link_ends(due) + timedelta(days=1))


def test_silence_is_said_a_month_after_a_date() -> None:
    due = date(2026, 12, 1)

    assert not is_silent(due, due + timedelta(days=30))
    assert is_silent(due, due + timedelta(days=31))


@pytest.mark.parametrize(
    "said",
    ["city hospital 3", "«City Hospital 3»", "МІСЬКА ЛІКАРНЯ №3", "КНП, код ЄДРПОУ 01234567"],
)
def test_the_same_body_is_known_however_it_is_written(said: str) -> None:
    assert is_known(said, HOSPITAL, "01234567")


@pytest.mark.parametrize(
    "said",
    ["Fund of Dr B.", "City Hospital 31", "Friends of City Hospital 3", "B.", "…", "7654321"],
)
def test_another_body_is_asked_about(said: str) -> None:
    assert not is_known(said, HOSPITAL, "01234567")
