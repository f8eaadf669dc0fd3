"""A line is offered a pledge for reasons that a person can read, never for its amount alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core.reference import reference_for, spaced
from twinhood.treasury.core.matching import (
    LEAD_MIN,
    SCORE_MIN,
    Answer,
    Credit,
    Pledge,
    Pledges,
    Reason,
    are_alike,
    credits_of,
    name_words,
)
from twinhood.treasury.core.statement import Detail, StatementLine

DAY = date(2023, 9, 10)
BOOKED = DAY + timedelta(4)
ACCOUNT = "DE02120300000000202051"


def pledge(number: int, amount_minor: int = 2500, name: str = "", **facts: object) -> Pledge:
    return Pledge(
        reference=reference_for(number),
        amount_minor=amount_minor,
        currency="EUR",
        pledged_date=DAY,
        name=name,
        **facts,  # type: ignore[arg-type]
    )


def credit(amount_minor: int | None = 2500, currency: str = "EUR", **facts: str) -> Credit:
    return Credit(amount_minor, currency, BOOKED, **facts)


ANNAS = pledge(4711, name="Anna Kovalenko")
BORIS = pledge(12, 10_000, "Boris Shevchuk")


def answer(line: Credit, *pledges: Pledge) -> Answer:
    return Pledges(pledges or (ANNAS, BORIS)).suggest(line)


def reasons_of(line: Credit, *pledges: Pledge) -> tuple[Reason, ...]:
    best = answer(line, *pledges).best
    return best.reasons if best else ()


@given(
    st.lists(st.integers(1, 4), max_size=12),
    st.integers(1, 4),
    st.text("xyz ", max_size=30),
    st.text("xyz ", max_size=30),
)
def test_an_amount_alone_suggests_nothing(
    pledged: list[int], amount_minor: int, text: str, other_name: str
) -> None:
    pledges = [pledge(n, amount, "Anna Kovalenko") for n, amount in enumerate(pledged)]

    found = Pledges(tuple(pledges)).suggest(
        credit(amount_minor, text=text, other_name=other_name, other_account=ACCOUNT)
    )

    assert found == Answer()


@pytest.mark.parametrize("field", ["reference", "end_to_end_id", "text"])
def test_a_right_reference_is_enough_wherever_it_stands(field: str) -> None:
    found = answer(credit(**{field: spaced(ANNAS.reference)}))  # type: ignore[arg-type]

    assert found.best is not None
    assert (found.best.pledge, found.best.score) == (ANNAS, 100)
    assert found.best.reasons == (Reason.REFERENCE, Reason.SAME_AMOUNT, Reason.NEAR_DAY)
    assert len(found.listed) == 1


def test_a_reference_with_one_slip_says_so() -> None:
    wrong = ANNAS.reference[:-1] + str((int(ANNAS.reference[-1]) + 1) % 10)

    assert reasons_of(credit(text=wrong))[0] == Reason.REFERENCE_MENDED
    assert reasons_of(credit(text=ANNAS.reference[2:]))[0] == Reason.REFERENCE_BARE


def test_another_amount_or_currency_is_a_warning_beside_the_reference() -> None:
    less = answer(credit(2000, text=ANNAS.reference))
    dollars = answer(credit(2500, "USD", text=ANNAS.reference))

    assert less.best is not None
    assert Reason.OTHER_AMOUNT in less.best.reasons
    assert dollars.best is None
    assert Reason.OTHER_CURRENCY in dollars.listed[0].reasons


def test_a_reference_used_before_is_listed_and_not_suggested() -> None:
    done = pledge(4711, name="Anna Kovalenko", is_open=False)

    found = answer(credit(text=done.reference, other_name="Anna Kovalenko"), done)

    assert found.best is None
    assert found.listed[0].reasons == (Reason.REFERENCE, Reason.REFERENCE_USED)
    assert answer(credit(other_name="Anna Kovalenko"), done) == Answer()


def test_name_and_amount_suggest_where_one_donor_is_meant() -> None:
    found = answer(credit(250_000, text="AMBULANCE ANNA K"), pledge(1, 250_000, "Anna Kovalenko"))

    assert found.best is not None
    assert found.best.reasons == (Reason.LIKE_NAME, Reason.SAME_AMOUNT, Reason.NEAR_DAY)


def test_a_name_with_another_amount_is_only_listed() -> None:
    found = answer(credit(999, other_name="Anna Kovalenko"))

    assert found.best is None
    assert [one.pledge for one in found.listed] == [ANNAS]


def test_an_account_that_paid_before_is_a_reason() -> None:
    known = pledge(7, accounts=frozenset({ACCOUNT}))

    assert reasons_of(credit(other_account=ACCOUNT), known)[0] == Reason.SAME_ACCOUNT
    assert reasons_of(credit(other_account=""), known) == ()


def test_of_two_equal_pledges_neither_is_suggested_and_both_are_listed() -> None:
    twice = [pledge(1, name="Anna Kovalenko"), pledge(2, name="Anna Kovalenko")]

    found = answer(credit(other_name="ANNA KOVALENKO"), *twice)

    assert found.best is None
    assert {one.pledge for one in found.listed} == set(twice)


def test_two_references_in_one_text_are_for_a_person() -> None:
    found = answer(credit(text=f"{ANNAS.reference} {BORIS.reference}"))

    assert found.best is None
    assert {one.pledge for one in found.listed} == {ANNAS, BORIS}


def test_the_reference_wins_over_the_name_of_who_paid_for_another() -> None:
    found = answer(credit(other_name="Boris Shevchuk", text=ANNAS.reference))

    assert found.best is not None
    assert found.best.pledge == ANNAS
    assert [one.pledge for one in found.listed] == [ANNAS, BORIS]


@given(st.data())
def test_what_stands_out_leads_and_the_list_is_in_order(data: st.DataObject) -> None:
    names = st.sampled_from(["Anna Kovalenko", "Ганна Коваленко", "Boris S", ""])
    pledges = [
        pledge(n, data.draw(st.sampled_from([2500, 5000])), data.draw(names)) for n in range(5)
    ]
    words = st.sampled_from([pledges[0].reference, pledges[1].reference[2:], "Kovalenko A", ""])

    found = Pledges(tuple(pledges)).suggest(
        credit(text=data.draw(words), other_name=data.draw(names))
    )

    scores = [one.score for one in found.listed]
    assert scores == sorted(scores, reverse=True)
    assert all(one.is_identified and 0 <= one.score <= 100 for one in found.listed)
    if found.best:
        assert found.best == found.listed[0]
        assert found.best.score >= SCORE_MIN
        assert all(found.best.score - score >= LEAD_MIN for score in scores[1:])


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Anna Kovalenko", "KOVALENKO, ANNA"),
        ("Анна Коваленко", "Anna Kovalenko"),
        ("Анна Коваленко", "Mrs. Anna Kovalenko"),
        ("Володимир Щербань", "Volodymyr Shcherban"),
        ("Zoë Müller", "Zoe Muller"),
        ("Anna Kovalenko", "A Kovalenko"),
        ("Anna Kovalenko", "Anna K"),
        ("Anna Kovalenko", "Anna Maria Kovalenko"),
        ("Anna Kovalenko", "Anna Kovalneko"),
        ("Anna Kovalenko", "Anna Kovalenk"),
        ("Мар’яна Їжак", "Марʼяна Їжак"),
    ],
)
def test_names_are_alike_however_they_are_written(name: str, other: str) -> None:
    assert are_alike(name_words(name), name_words(other))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Anna Kovalenko", "Anna"),
        ("Anna", "Anna"),
        ("Anna Kovalenko", "Anna Shevchuk"),
        ("Anna Kovalenko", "Boris Kovalenko"),
        ("Anna Kovalenko", "A K"),
        ("Anna Li", "Anna Lu"),
        ("", ""),
        ("Mr", "Mr"),
    ],
)
def test_other_names_are_not_alike(name: str, other: str) -> None:
    assert not are_alike(name_words(name), name_words(other))


def test_each_payment_of_a_batch_is_asked_about_by_itself() -> None:
    details = (
        Detail(2500, reference=ANNAS.reference, other_name="Anna"),
        Detail(10_000, text=BORIS.reference),
    )
    line = StatementLine(1, 12_500, BOOKED, details=details)

    found = [answer(one).best for one in credits_of(line, "EUR")]

    assert [one.pledge if one else None for one in found] == [ANNAS, BORIS]


def test_a_batch_that_does_not_add_up_is_one_sum() -> None:
    line = StatementLine(1, 12_499, BOOKED, text="batch", details=(Detail(2500), Detail(10_000)))

    (whole,) = credits_of(line, "EUR")

    assert (whole.amount_minor, whole.text) == (12_499, "batch")


@pytest.mark.parametrize(
    "line",
    [
        StatementLine(1, -2500, BOOKED, reference=ANNAS.reference),
        StatementLine(1, 2500, BOOKED, reference=ANNAS.reference, is_reversal=True),
        StatementLine(1, 0, BOOKED, reference=ANNAS.reference),
    ],
)
def test_money_that_left_or_was_taken_back_pays_no_pledge(line: StatementLine) -> None:
    assert credits_of(line, "EUR") == []
