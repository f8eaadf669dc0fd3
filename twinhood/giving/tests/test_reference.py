"""A reference is found again however it was typed, and a wrong one is never taken for right."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core.reference import (
    LENGTH,
    NUMBER_MAX,
    Found,
    Slip,
    check_digits,
    found_in,
    is_iso_11649,
    read,
    reference_for,
    search,
    spaced,
)

numbers = st.integers(0, NUMBER_MAX)
references = numbers.map(reference_for)
ANNA = reference_for(4_711_000_25)


@pytest.mark.parametrize("other", ["RF18539007547034", "RF712348231", "RF45G72UUR", "RF6518K5"])
def test_references_that_others_publish_are_right(other: str) -> None:
    assert is_iso_11649(other)
    assert check_digits(other[4:]) == other[2:4]


@pytest.mark.parametrize("wrong", ["RF00539007547034", "RF18", "rf712348231", "RF71 2348 231", ""])
def test_what_is_not_in_electronic_form_is_not_a_reference(wrong: str) -> None:
    assert not is_iso_11649(wrong)


@given(numbers)
def test_our_references_are_right_and_of_one_length(number: int) -> None:
    reference = reference_for(number)

    assert is_iso_11649(reference)
    assert len(reference) == LENGTH
    assert read(spaced(reference)) == reference


@pytest.mark.parametrize("number", [-1, NUMBER_MAX + 1])
def test_a_number_too_many_has_no_reference(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        reference_for(number)


@given(references, st.data())
def test_each_single_wrong_character_is_noticed(reference: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, LENGTH - 1))
    wrong = data.draw(st.sampled_from(string.digits + string.ascii_uppercase + "АВСЖЮІЗ?"))

    typed = reference[:place] + wrong + reference[place + 1 :]

    # A look-alike of the right character is mended; nothing else is taken for a reference.
    assert read(typed) in {None, reference}
    if wrong.isdigit() and wrong != reference[place]:
        assert read(typed) is None


@given(references, st.integers(0, LENGTH - 2))
def test_each_swap_of_two_neighbours_is_noticed(reference: str, place: int) -> None:
    swapped = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]

    assert swapped == reference or read(swapped) is None


@pytest.mark.parametrize(
    "typed",
    [
        ANNA.lower(),
        spaced(ANNA),
        spaced(ANNA).replace(" ", "-"),
        ANNA.replace("0", "O").replace("1", "l"),
        ANNA.replace("0", "О").replace("1", "І").replace("RF", "РФ"),
        ANNA.replace("RF", "ка"),
        "\u00a0" + spaced(ANNA).replace(" ", "\u202f") + "\n",
        ANNA.translate({ord(d): ord(d) + 0xFEE0 for d in string.digits}),
        ANNA.translate({ord(d): ord(d) - 0x30 + 0x0660 for d in string.digits}),
    ],
)
def test_how_it_was_typed_does_not_matter(typed: str) -> None:
    assert read(typed) == ANNA


@pytest.mark.parametrize(
    "text",
    [
        "Gift for ambulances {0} thank you",
        "SVWZ+{0} EREF+NOTPROVIDED",
        "/RFB/{0}/REC 2023",
        "AMBULANCES{0}",
        "{0}, 30.09.2023",
        "Призначення: благодійний внесок {0} без ПДВ",
        "IBAN DE89370400440532013000 REF {0} 25,00",
    ],
)
def test_it_is_found_in_a_statements_text(text: str) -> None:
    assert found_in(text.format(ANNA)) == [ANNA]
    assert found_in(text.format(spaced(ANNA))) == [ANNA]
    assert found_in(text.format(ANNA[:9] + "\n" + ANNA[9:])) == [ANNA]


def test_two_references_in_one_text_are_both_found_once() -> None:
    boris = reference_for(12)

    assert found_in(f"{boris} and {ANNA} and again {boris}") == [boris, ANNA]


@given(st.text(max_size=300))
def test_any_text_is_searched_without_a_fault(text: str) -> None:
    assert all(is_iso_11649(reference) for reference in found_in(text))
    assert search(text, {ANNA}) in ([], [Found(ANNA, Slip.NONE)])


@given(st.sets(references, min_size=1, max_size=30), st.data())
def test_one_slip_is_mended_into_a_reference_that_exists(
    known: set[str], data: st.DataObject
) -> None:
    meant = data.draw(st.sampled_from(sorted(known)))
    place = data.draw(st.integers(2, LENGTH - 1))
    slip = data.draw(st.sampled_from(["wrong", "missing", "extra", "swapped"]))
    digit = data.draw(st.sampled_from(string.digits))
    typed = {
        "wrong": meant[:place] + digit + meant[place + 1 :],
        "missing": meant[:place] + meant[place + 1 :],
        "extra": meant[:place] + digit + meant[place:],
        "swapped": meant[:place] + meant[place + 1 : place + 2] + meant[place] + meant[place + 2 :],
    }[slip]

    found = search(f"gift {typed} for Kramatorsk", known)

    assert meant in {one.reference for one in found}
    assert {one.reference for one in found} <= known


@pytest.mark.parametrize("typed", [ANNA[2:], spaced(ANNA)[2:], ANNA[4:], "FR" + ANNA[2:]])
def test_digits_without_their_letters_lead_to_a_known_reference(typed: str) -> None:
    assert search(f"gift {typed}, 2023", {ANNA}) == [Found(ANNA, Slip.BARE)]
    assert search(f"gift {typed}, 2023", {reference_for(1)}) == []


def test_two_slips_are_not_mended() -> None:
    body = ANNA[4:]
    twice = ANNA[:4] + str((int(body[0]) + 1) % 10) + str((int(body[1]) + 1) % 10) + body[2:]

    assert search(twice, {ANNA}) == []


def test_a_long_text_is_searched_up_to_its_bound() -> None:
    assert found_in("x" * 9_000 + ANNA) == [ANNA]
    assert found_in("RF0" * 400_000) == []
