import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.places.core.names import (
    alphabet,
    is_in_one_script,
    matched_part,
    near_misses,
    normal_form,
    unmixed,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Слов'янськ", "Слов’янськ"),
        ("Словʼянськ", "СЛОВ`ЯНСЬК"),
        ("Kramatorsk", "Kramatorsʹk"),
        ("Timisoara", "Timișoara"),
        ("Lodz", "Łódź"),
        ("Strasse", "Straße"),
        ("Σπαρτη", "Σπάρτη"),
        ("Ivano Frankivsk", "Ivano-Frankivs'k"),
        ("Київ", "Ки́їв"),  # a stress mark
        ("и\u0306", "й"),  # й in two code points
        ("ｔｏｋｙｏ", "Tokyo"),
        ("Kram\u200bator\u00adsk", "Kramatorsk"),
        ("\u202eKramatorsk\u202c", "kramatorsk"),
    ],
)
def test_what_people_leave_out_or_type_otherwise_does_not_count(typed: str, meant: str) -> None:
    assert normal_form(typed) == normal_form(meant)


@pytest.mark.parametrize(("one", "other"), [("й", "и"), ("ї", "і"), ("ґ", "г"), ("ў", "у")])
def test_cyrillic_letters_keep_their_marks(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@given(st.text(max_size=60))
def test_a_normal_form_is_its_own_normal_form_and_holds_no_control(text: str) -> None:
    normal = normal_form(text)

    assert normal_form(normal) == normal
    assert not any(letter < " " or "\u202a" <= letter <= "\u202e" for letter in normal)


def test_a_flood_of_combining_marks_is_only_its_letters() -> None:
    flooded = "k" + "\u0336\u0322" * 500 + "yiv"

    assert normal_form(flooded) == "kyiv"


def test_of_two_scripts_of_one_look_the_rarer_gives_way() -> None:
    assert unmixed("krаmаtorsk") == "kramatorsk"  # Cyrillic а, а
    assert unmixed("краматоpськ") == "краматорськ"  # Latin p
    assert unmixed("東京tower") == "東京tower"


def test_a_name_in_two_scripts_of_one_look_is_noticed() -> None:
    assert not is_in_one_script("Ѕtamford")
    assert is_in_one_script("Стемфорд")
    assert is_in_one_script("東京 Tokyo")


@given(
    word=st.text(string.ascii_lowercase, min_size=4, max_size=8),
    at=st.integers(0, 8),
    letter=st.sampled_from(string.ascii_lowercase),
)
def test_every_single_slip_in_a_short_word_is_a_near_miss(word: str, at: int, letter: str) -> None:
    at = min(at, len(word) - 1)
    slips = {
        word[:at] + letter + word[at:],
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    }

    for slip in slips - {word}:
        if len(slip) <= 8:
            assert word in near_misses(slip)


@pytest.mark.parametrize("length", [26, 60, 200])
def test_near_misses_of_a_long_text_stay_few(length: int) -> None:
    assert len(near_misses("ab" * (length // 2))) < 2 * length


@pytest.mark.parametrize(
    ("name", "typed", "marked"),
    [
        ("Kramatorsʹk", "kramat", "Kramat"),
        ("Слов’янськ", "словян", "Слов’ян"),
        ("São Paulo", "sao", "São"),
        ("Stamford", "xyz", ""),
        ("Stamford", "'", ""),
    ],
)
def test_the_part_that_matches_is_marked_as_it_is_written(
    name: str, typed: str, marked: str
) -> None:
    before, part, after = matched_part(name, typed)

    assert part == marked
    assert before + part + after == name


def test_a_writing_is_known_by_its_first_letter() -> None:
    assert [alphabet(name) for name in ("Kyiv", "Київ", "東京", "1")] == [
        "LATIN", "CYRILLIC", "CJK", "",
    ]  # fmt: skip
