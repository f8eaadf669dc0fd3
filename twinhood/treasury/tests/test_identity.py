"""The same file twice adds nothing, an overlapping one only the rest, two equal lines both stay."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from twinhood.treasury.core.csv_statement import Column, DateForm, Mapping, Marks
from twinhood.treasury.core.csv_statement import read as read_csv
from twinhood.treasury.core.identity import KnownLine, Sorting, keys_of, sort, unexplained_minor
from twinhood.treasury.core.statement import StatementLine
from twinhood.treasury.tests.camt_files import IBAN, SEPTEMBER, Movement, file_of, one, read

FIRST = date(2023, 9, 1)

# Few days, amounts and words, so that equal lines are many.
lines_of_a_month = st.lists(
    st.builds(
        StatementLine,
        row=st.just(1),
        amount_minor=st.sampled_from([2500, 2500, -150]),
        booked_date=st.integers(0, 6).map(lambda n: FIRST + timedelta(n)),
        bank_ref=st.sampled_from(["", "", "A-1", "A-2"]),
        text=st.sampled_from(["gift", "thanks"]),
    ),
    max_size=14,
).map(lambda lines: sorted(lines, key=lambda line: line.booked_date))


class Account:
    """What was taken in so far, as the treasury would keep it."""

    def __init__(self) -> None:
        self.known: list[KnownLine] = []

    def take_in(self, lines: list[StatementLine], source: str = "camt") -> Sorting:
        keyed = zip(keys_of(IBAN, "EUR", lines), lines, strict=True)
        found = sort(keyed, self.known, source=source)
        self.known += [
            KnownLine(key, line.amount_minor, line.booked_date, line.bank_ref, source)
            for key, line in found.new
        ]
        return found


def within(lines: list[StatementLine], start: int, end: int) -> list[StatementLine]:
    """The lines of whole days `start` to `end`, as another file would have them."""
    first, last = FIRST + timedelta(start), FIRST + timedelta(end)
    return [line for line in lines if first <= line.booked_date <= last]


@given(lines_of_a_month)
def test_the_same_file_adds_nothing(lines: list[StatementLine]) -> None:
    account = Account()

    first, again = account.take_in(lines), account.take_in(lines)

    assert [line for _, line in first.new] == lines
    assert (again.new, again.doubtful, len(again.known)) == ((), (), len(lines))


@given(lines_of_a_month, st.integers(0, 6), st.integers(0, 6))
def test_files_that_overlap_give_every_line_once(
    lines: list[StatementLine], start: int, end: int
) -> None:
    account = Account()

    account.take_in(within(lines, 0, end))
    later = account.take_in(within(lines, min(start, end), 6))

    assert later.doubtful == ()
    assert Counter((one.booked_date, one.amount_minor) for one in account.known) == Counter(
        (line.booked_date, line.amount_minor) for line in lines
    )


@given(lines_of_a_month, st.randoms(use_true_random=False))
def test_the_order_within_a_file_does_not_matter(
    lines: list[StatementLine], random: object
) -> None:
    account = Account()
    account.take_in(lines)
    turned = list(lines)
    random.shuffle(turned)  # type: ignore[attr-defined]

    assert account.take_in(turned).new == ()


@given(lines_of_a_month, st.integers(0, 14))
def test_a_file_that_ended_within_a_day_is_completed(
    lines: list[StatementLine], count: int
) -> None:
    account = Account()

    account.take_in(lines[:count])
    account.take_in(lines)

    assert len(account.known) == len(lines)


def test_two_true_equal_lines_of_a_day_both_stay() -> None:
    gift = one(2500, name="Anna", texts=("gift",))

    (statement,) = read(file_of([gift, gift]))
    keys = keys_of(statement.account, statement.currency, statement.lines)

    assert len(set(keys)) == 2
    assert len(Account().take_in(list(statement.lines)).new) == 2


def test_where_in_the_file_a_line_stands_and_how_it_is_spaced_does_not_matter() -> None:
    line = StatementLine(3, 2500, FIRST, text="Gift for  Kramatorsk", other_name="ANNA K")
    other = replace(line, row=9, text="gift for kramatorsk", other_name="Anna K.")

    assert keys_of(IBAN, "EUR", [line]) == keys_of(f"{IBAN[:4]} {IBAN[4:]}", "EUR", [other])


def test_another_account_currency_day_amount_or_number_is_another_line() -> None:
    line = StatementLine(1, 2500, FIRST, bank_ref="A-1")
    others = [
        replace(line, amount_minor=-2500),
        replace(line, bank_ref="A-2"),
        replace(line, bank_ref=""),
        replace(line, booked_date=FIRST + timedelta(1)),
    ]

    keys = keys_of(IBAN, "EUR", [line, *others])

    keys += keys_of(IBAN, "USD", [line]) + keys_of("00123", "EUR", [line])
    assert len(set(keys)) == len(keys) == 7


def test_the_same_movement_in_another_format_is_doubtful_not_doubled() -> None:
    account = Account()
    (september,) = read(file_of(SEPTEMBER))
    account.take_in(list(september.lines))
    mapping = Mapping(
        "utf-8", ",", 0, {Column.BOOKED_DATE: 0, Column.AMOUNT: 1, Column.TEXT: 2},
        DateForm.YEAR_FIRST, Marks.COMMA_POINT, IBAN, "EUR",
    )  # fmt: skip
    text = "2023-09-14,25.00,Anna\n2023-09-14,25.00,Anna\n2023-09-14,1.00,new\n"
    csv = read_csv(BytesIO(text.encode()), mapping)

    found = account.take_in(list(csv.lines), source="csv")

    assert [line.amount_minor for _, line in found.doubtful] == [2500]
    assert [line.amount_minor for _, line in found.new] == [2500, 100]


def test_two_numbers_of_the_bank_are_two_movements() -> None:
    account = Account()
    account.take_in([StatementLine(1, 2500, FIRST, bank_ref="A-1")])

    afternoon = account.take_in([StatementLine(1, 2500, FIRST, bank_ref="A-2")])

    assert (len(afternoon.new), afternoon.doubtful) == (1, ())


def test_what_two_files_leave_unexplained_shows_as_money() -> None:
    gift = Movement(2500)
    (morning,) = read(file_of([gift], opening_minor=0))
    (afternoon,) = read(file_of([gift], opening_minor=2500))
    account = Account()
    account.take_in(list(morning.lines))

    added = account.take_in(list(afternoon.lines))

    missing = unexplained_minor(
        opening_minor=0, known_minor=2500, new=[line for _, line in added.new], closing_minor=5000
    )
    assert (added.new, missing) == ((), 2500)
