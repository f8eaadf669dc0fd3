"""Promises of what the world may know, and of serial numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.deliveries.core.publicity import (
    ActFacts,
    PublicState,
    is_allowed_public_date,
    is_open,
    last_four,
    public_state,
    usual_public_date,
)
from twinhood.deliveries.core.serials import BadSerial, normal_serial

DAY = date(2026, 9, 1)
acts = st.builds(ActFacts, st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.booleans())


@given(acts, st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_near_a_front_a_hand_over_changes_nothing_public_before_its_day(
    act: ActFacts, today: date
) -> None:
    def seen(facts: ActFacts | None) -> tuple[PublicState, bool]:
        state = public_state(facts, is_cancelled=False, is_conflict_zone=True, today=today)
        return state, is_open(facts, is_conflict_zone=True, today=today)

    if act.is_pulled_back or today < act.public_from_date:
        assert seen(act) == seen(None) == (PublicState.BOUGHT, False)
    else:
        assert seen(act) == (PublicState.HANDED_OVER, True)


def test_the_usual_day_is_fourteen_days_later_near_a_front_and_at_once_elsewhere() -> None:
    near = usual_public_date(DAY, is_conflict_zone=True, delay_days=14)
    far = usual_public_date(DAY, is_conflict_zone=False, delay_days=14)

    assert (near, far) == (DAY + timedelta(days=14), DAY)


@given(st.integers(-400, 400))
def test_the_receiving_side_chooses_within_ninety_days(days: int) -> None:
    assert is_allowed_public_date(DAY + timedelta(days=days), DAY) == (0 <= days <= 90)


@given(st.text(max_size=40))
def test_of_a_serial_number_at_most_four_characters_and_half_are_public(serial: str) -> None:
    assert serial.endswith(last_four(serial))
    assert len(last_four(serial)) <= min(4, len(serial) // 2)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("wdb9066331s123456", "WDB9066331S123456"),
        (" WDB 906633 1S 123456 ", "WDB9066331S123456"),
        ("WDB-906633-1S-123456", "WDB9066331S123456"),
    ],
)
def test_a_vin_is_read_however_it_is_spaced(typed: str, expected: str) -> None:
    assert normal_serial(typed, is_vehicle=True) == expected


@pytest.mark.parametrize(
    ("typed", "is_vehicle", "code"),
    [
        ("", True, "empty"),
        ("  ", False, "empty"),
        ("WDB9066331S12345", True, "vin_length"),
        ("WDB9066331S1234567", True, "vin_length"),
        ("WDB9066331O123456", True, "vin_letters"),
        ("WDB9066331I123456", True, "vin_letters"),
        ("WDB9066331Q123456", True, "vin_letters"),
        ("WDВ9066331S123456", True, "vin_letters"),  # a Cyrillic В
        ("<script>", False, "form"),
        ("А-100", False, "form"),  # a Cyrillic А
    ],
)
def test_what_no_serial_number_can_be_is_refused(typed: str, is_vehicle: bool, code: str) -> None:
    with pytest.raises(BadSerial) as refused:
        normal_serial(typed, is_vehicle=is_vehicle)

    assert refused.value.code == code


def test_a_device_keeps_its_makers_way_of_writing() -> None:
    assert normal_serial("sn 4711/b-2", is_vehicle=False) == "SN 4711/B-2"
