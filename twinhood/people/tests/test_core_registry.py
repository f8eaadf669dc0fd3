"""Promises of registry codes. The codes are those of well-known bodies, as their own pages show."""

import pytest

from twinhood.people.core.registry import BadCode, edrpou_check_digit, why_no_edrpou


@pytest.mark.parametrize("code", ["00032129", "14360570", "20077720", "21560045", "37193071"])
def test_codes_of_known_bodies_hold(code: str) -> None:
    assert why_no_edrpou(code) is None


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("", BadCode.LENGTH),
        ("1436057", BadCode.LENGTH),
        ("143605700", BadCode.LENGTH),
        ("1436057O", BadCode.LENGTH),
        ("١٤٣٦٠٥٧٠", BadCode.LENGTH),
        ("14360571", BadCode.CHECK_DIGIT),
        ("41360570", BadCode.CHECK_DIGIT),
    ],
)
def test_what_is_no_code_is_told_why(typed: str, wrong: BadCode) -> None:
    assert why_no_edrpou(typed) == wrong


def test_every_seven_digits_have_one_digit_that_checks_them() -> None:
    for seven in ("0000000", "2999999", "3000000", "5999999", "9999999"):
        digit = edrpou_check_digit(seven)

        assert [d for d in range(10) if why_no_edrpou(f"{seven}{d}") is None] == [digit]
