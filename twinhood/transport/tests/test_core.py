"""Promises of a way's order, of where it is, and of the report's days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.deliveries.core.receivers import NotAReceiver, expect_receiver
from twinhood.kit.money import converted_minor
from twinhood.people.core.bodies import LegalForm
from twinhood.transport.core.legs import OutOfOrder, Stage, Times, expect_order, whereabouts
from twinhood.transport.core.reporting import Urgency, due_date, reminder_due, urgency

NOW = datetime(2026, 9, 10, 12, tzinfo=UTC)
CLEARED = date(2026, 1, 1)


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


@pytest.mark.parametrize(
    ("legs", "code", "leg"),
    [
        ([Times(planned_departure=hours(3), planned_arrival=hours(2))], "planned", 1),
        ([Times(departed=hours(-2), arrived=hours(-3))], "actual", 1),
        ([Times(arrived=hours(-3))], "not_departed", 1),
        ([Times(departed=hours(1))], "future", 1),
        ([Times(departed=hours(-3)), Times(departed=hours(-1))], "gap", 2),
        ([Times(departed=hours(-9), arrived=hours(-5)), Times(departed=hours(-6))],
         "before_last", 2),
    ],
)  # fmt: skip
def test_dates_in_the_wrong_order_are_named(legs: list[Times], code: str, leg: int) -> None:
    with pytest.raises(OutOfOrder) as wrong:
        expect_order(legs, now=NOW)

    assert (wrong.value.code, wrong.value.leg) == (code, leg)


@given(st.lists(st.integers(1, 48), min_size=2, max_size=12))
def test_a_way_that_goes_forward_is_taken_whatever_its_length(stretches: list[int]) -> None:
    moments, at = [], NOW - timedelta(hours=sum(stretches))
    for stretch in stretches:
        moments.append(at)
        at += timedelta(hours=stretch)
    pairs = list(zip(moments[::2], moments[1::2], strict=False))

    expect_order([Times(departed=a, arrived=b) for a, b in pairs], now=NOW)


def test_where_it_is_follows_from_its_legs() -> None:
    left, there = Times(departed=hours(-5)), Times(departed=hours(-5), arrived=hours(-2))

    assert whereabouts([]).stage == Stage.PREPARED
    assert whereabouts([Times(planned_departure=hours(2))]).stage == Stage.PREPARED
    assert whereabouts([left, Times()]).stage == Stage.UNDER_WAY
    assert (whereabouts([there, Times()]).stage, whereabouts([there, Times()]).leg) == (
        Stage.BETWEEN, 1,
    )  # fmt: skip
    assert whereabouts([there]).stage == Stage.ARRIVED


def test_the_report_is_red_from_day_80_and_late_after_day_90() -> None:
    def on(day: int) -> Urgency:
        return urgency(CLEARED, None, CLEARED + timedelta(days=day))

    assert due_date(CLEARED) == date(2026, 4, 1)
    assert [on(79), on(80), on(90), on(91)] == [
        Urgency.RUNNING, Urgency.RED, Urgency.RED, Urgency.LATE,
    ]  # fmt: skip
    assert urgency(CLEARED, CLEARED, CLEARED + timedelta(days=95)) == Urgency.DONE
    assert urgency(None, None, CLEARED) == Urgency.NOT_DUE


@given(st.sets(st.integers(0, 100)))
def test_each_reminder_is_due_once_however_often_somebody_looks(days: set[int]) -> None:
    told: list[int] = []
    for day in sorted(days):
        for _again in range(2):
            due = reminder_due(CLEARED, CLEARED + timedelta(days=day), told)
            if due is not None:
                told.append(due)

    assert told == sorted(set(told))
    assert set(told) <= {30, 60, 80}
    if max(days, default=0) >= 80:
        assert 80 in told


def test_a_machine_that_stood_still_sends_the_last_reminder_alone() -> None:
    assert reminder_due(CLEARED, CLEARED + timedelta(days=85), []) == 80
    assert reminder_due(CLEARED, CLEARED + timedelta(days=85), [80]) is None
    assert reminder_due(CLEARED, CLEARED + timedelta(days=29), []) is None


@pytest.mark.parametrize("form", LegalForm)
def test_a_vehicle_goes_to_the_public_hand_alone(form: LegalForm) -> None:
    is_public = form in {"local_government", "municipal_enterprise", "public_institution"}

    expect_receiver(form, has_vehicles=False)
    if is_public:
        expect_receiver(form, has_vehicles=True)
        return
    with pytest.raises(NotAReceiver):
        expect_receiver(form, has_vehicles=True)


def test_nobody_receives_a_vehicle_as_we_know_not_what() -> None:
    with pytest.raises(NotAReceiver) as refused:
        expect_receiver("", has_vehicles=True)

    assert refused.value.code == "unknown"


def test_an_amount_is_shown_in_hryvnias_to_the_nearest_kopiyka() -> None:
    # 41.2345 UAH for a dollar: 10,000 dollars are 412,345.00 UAH.
    rate = {"of_minor": 1_000_000, "to_minor": 41_234_500}

    assert converted_minor(8_250_000, **rate) == 340_184_625
    assert converted_minor(1, **rate) == 41
    assert converted_minor(0, **rate) == 0
