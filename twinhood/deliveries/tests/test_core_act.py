"""When an act is complete, and what a signature on the glass is."""

import xml.etree.ElementTree as ET
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.deliveries.core.act import (
    BadDrawing,
    Role,
    digest,
    drawing,
    in_uah_minor,
    is_the_name,
    lacking,
)

SIGNED = [
    (Role.GIVER, True),
    (Role.RECEIVER, True),
    *[(Role.COMMISSION, True)] * 3,
]
STROKES = "M10 100L200 40L300 160L500 60"


def test_an_act_is_signed_by_giver_receiver_and_three_of_the_commission() -> None:
    assert lacking(SIGNED) == []


@pytest.mark.parametrize("without", range(5))
def test_without_any_one_of_the_five_it_is_not_complete(without: int) -> None:
    others = [one for place, one in enumerate(SIGNED) if place != without]

    (found,) = lacking(others)

    assert found.role == SIGNED[without][0]
    assert found.signed == found.wanted - 1


def test_two_of_three_signatures_are_not_three() -> None:
    two = [*SIGNED[:4], (Role.COMMISSION, False)]

    (found,) = lacking(two)

    assert (found.role, found.signed, found.wanted) == (Role.COMMISSION, 2, 3)


def test_a_fourth_of_the_commission_who_stands_on_it_signs_it_too() -> None:
    (found,) = lacking([*SIGNED, (Role.COMMISSION, False)])

    assert (found.signed, found.wanted) == (3, 4)


def test_a_drawing_is_an_svg_of_its_strokes_alone() -> None:
    drawn = drawing(STROKES)

    (path,) = ET.fromstring(drawn)  # noqa: S314
    assert path.get("d") == STROKES
    assert drawing(STROKES) == drawn
    assert digest(drawn) == sha256(drawn.encode()).hexdigest()


@pytest.mark.parametrize(
    ("strokes", "code"),
    [
        ("", "form"),
        ("M10 10", "form"),
        ("L10 10L20 20", "form"),
        ("M10 10L900 20", "form"),
        ("M10 10L20 300", "form"),
        ('M10 10L20 20"/><script>', "form"),
        ("M10 10L20 20 ", "form"),
        ("M1 1" + "L2 2" * 6_000, "form"),
        ("M10 10L12 10", "slip"),
    ],
)
def test_what_is_no_signature_is_refused(strokes: str, code: str) -> None:
    with pytest.raises(BadDrawing) as problem:
        drawing(strokes)

    assert problem.value.code == code


def test_the_name_may_be_typed_in_any_case() -> None:
    assert is_the_name(" олена  ШЕВЧУК ", "Олена Шевчук")
    assert not is_the_name("Олена", "Олена Шевчук")
    assert not is_the_name("", "")


def test_the_value_in_hryvnias_is_by_the_rate_to_the_kopiyka() -> None:
    # 41.2345 hryvnias for a dollar.
    assert in_uah_minor(8_250_000, foreign_minor=10_000, uah_minor=412_345) == 340_184_625
    assert in_uah_minor(1, foreign_minor=10_000, uah_minor=5_000) == 1
    assert in_uah_minor(1, foreign_minor=10_000, uah_minor=4_999) == 0


@given(amount=st.integers(1, 10**12), foreign=st.integers(1, 10**8), uah=st.integers(1, 10**10))
def test_the_value_is_never_further_off_than_half_a_kopiyka(
    amount: int, foreign: int, uah: int
) -> None:
    found = in_uah_minor(amount, foreign_minor=foreign, uah_minor=uah)

    assert abs(found * foreign - amount * uah) * 2 <= foreign
