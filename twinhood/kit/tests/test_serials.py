"""Promises of serial numbers: what is taken, what is refused, and when two are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.kit.core.serials import (
    BadSerial,
    Doubt,
    check_digit,
    folded,
    normal_serial,
    read_plate,
)

# The two examples that 49 CFR 565 and its commentaries work out.
AMERICAN = "1M8GDM9AXKP042788"
ONES = "11111111111111111"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("wdb9066331s123456", "WDB9066331S123456"),
        (" WDB 906633 1S 123456 ", "WDB9066331S123456"),
        ("WDB-906633-1S-123456", "WDB9066331S123456"),
        (AMERICAN, AMERICAN),
        (ONES, ONES),
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
        ("WDB9066331O123456", True, "vin_ioq"),
        ("WDB9066331I123456", True, "vin_ioq"),
        ("WDB9066331Q123456", True, "vin_ioq"),
        ("WDB9066331О123456", True, "vin_ioq"),
        ("WDЖ9066331S123456", True, "vin_letters"),
        ("1M8GDM9A1KP042788", True, "vin_check"),
        ("1M8GDM9AZKP042788", True, "vin_check"),
        ("1M8GDM9AXKP042789", True, "vin_check"),
        ("<script>", False, "form"),
        ("Ж-100", False, "form"),
    ],
)
def test_what_no_serial_number_can_be_is_refused(typed: str, is_vehicle: bool, code: str) -> None:
    with pytest.raises(BadSerial) as refused:
        read_plate(typed, is_vehicle=is_vehicle)

    assert refused.value.code == code


def test_a_device_keeps_its_makers_way_of_writing() -> None:
    assert normal_serial("sn 4711/b-2", is_vehicle=False) == "SN 4711/B-2"


def test_cyrillic_letters_that_look_latin_are_read_as_latin_and_told() -> None:
    plate = read_plate("WDВ9066331S123456", is_vehicle=True)

    assert plate.number == "WDB9066331S123456"
    assert plate.strange == "В"
    assert Doubt.STRANGE_LETTERS in plate.doubts


def test_a_check_digit_that_does_not_fit_is_only_a_doubt_outside_north_america() -> None:
    assert read_plate("WDB9066331S123456", is_vehicle=True).doubts == (Doubt.CHECK_DIGIT,)
    assert read_plate("WVWZZZ1KZAW123456", is_vehicle=True).doubts == ()


@given(st.integers(0, 16), st.sampled_from("ABCDEFGHJKLMNPRSTUVWXYZ0123456789"))
def test_one_sign_typed_wrongly_is_told_unless_the_sum_cannot_see_it(place: int, sign: str) -> None:
    typed = AMERICAN[:place] + sign + AMERICAN[place + 1 :]
    is_seen = check_digit(typed) != typed[8] or typed[8] not in "0123456789X"

    if typed[0] not in "12345" or not is_seen:
        read_plate(typed, is_vehicle=True)
        return
    with pytest.raises(BadSerial):
        read_plate(typed, is_vehicle=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SN 4711/B-2", "sn4711b2"),
        ("GEN-1001", "GEN 1O01"),
        ("АВ-100", "AB100"),
        ("XI7", "X17"),
    ],
)
def test_two_ways_to_write_one_plate_fold_into_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_two_plates_stay_two() -> None:
    assert folded("WDB9066331S123456") != folded("WDB9066331S123457")
