"""Promises of `core.unfit`: what a paper cannot hold is named, with its place."""

import pytest

from twinhood.documents.core.unfit import Why, unfit


@pytest.mark.parametrize(
    ("text", "why", "code_point", "offset"),
    [
        ("Mayor\u202eroyaM", Why.DIRECTION, "U+202E", 5),
        ("שלום", Why.DIRECTION, "U+05E9", 0),
        ("two\u200bwords", Why.HIDDEN, "U+200B", 3),
        ("line\nbreak", Why.HIDDEN, "U+000A", 4),
        ("王伟", Why.SCRIPT, "U+738B", 0),
        ("Friends 🤝", Why.PICTURE, "U+1F91D", 8),
        ("Z\u0351algo", Why.SCRIPT, "U+0351", 1),
    ],
)
def test_what_cannot_stand_on_a_paper_is_named(
    text: str, why: Why, code_point: str, offset: int
) -> None:
    found = unfit(text)

    assert found is not None
    assert (found.why, found.code_point, found.offset) == (why, code_point, offset)


@pytest.mark.parametrize(
    "text",
    [
        "Краматорськ і Стамфорд: «її ґанок» — №\u00a07, 100\u00a0₴",
        "Łódź, Žilina, Șiria, Århus, Ψυχικό; “quoted” ‘so’ … 50\u202f%",
        "Cafe\u0301",
    ],
)
def test_words_of_europe_are_fit(text: str) -> None:
    assert unfit(text) is None


def test_a_letter_of_another_script_within_a_word_is_named() -> None:
    found = unfit("Kramаtorsk")  # one "a" is Cyrillic

    assert found is not None
    assert (found.why, found.code_point, found.offset) == (Why.MIXED, "U+0430", 4)
    assert unfit("НАТО-NATO, 5м² and USD-рахунок") is None
