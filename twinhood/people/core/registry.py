"""Registry codes of organisations: what can be told of one without asking the register."""

from collections.abc import Sequence
from enum import StrEnum

# A code that lies between these two begins its weights at 7 (the register's own rule).
_FROM_SEVEN = (30_000_000, 60_000_000)


class BadCode(StrEnum):
    """Why a text cannot be a Ukrainian registry code."""

    LENGTH = "length"
    CHECK_DIGIT = "check_digit"


def why_no_edrpou(typed: str) -> BadCode | None:
    """Return what is wrong with a code of ЄДРПОУ (eight digits, the last checks the others)."""
    if len(typed) != 8 or not (typed.isascii() and typed.isdigit()):
        return BadCode.LENGTH
    return None if int(typed[7]) == edrpou_check_digit(typed[:7]) else BadCode.CHECK_DIGIT


def edrpou_check_digit(seven: str) -> int:
    """The eighth digit of a code of ЄДРПОУ that begins with these seven."""
    low, high = _FROM_SEVEN
    turned = low < int(f"{seven}0") < high
    weights = [7, 1, 2, 3, 4, 5, 6] if turned else [1, 2, 3, 4, 5, 6, 7]
    for more in (0, 2):
        rest = _weighed(seven, [weight + more for weight in weights]) % 11
        if rest < 10:
            return rest
    return 0


def _weighed(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
