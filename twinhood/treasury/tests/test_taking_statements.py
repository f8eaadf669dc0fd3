"""A file becomes lines once, whole, or is held with what differs."""

from collections.abc import Sequence
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction

from twinhood.giving.keys import master_keys
from twinhood.giving.tests import world
from twinhood.people.models import Partnership
from twinhood.treasury import sealed, statements
from twinhood.treasury.core.statement import BadStatement, Reason
from twinhood.treasury.errors import FileGone, StatementHeld
from twinhood.treasury.models import BankAccount, Statement, StatementFile, StatementLine
from twinhood.treasury.tests.camt_files import SEPTEMBER, Movement, file_of, one

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> Partnership:
    return world.partnership()


def kept(pair: Partnership, data: bytes, name: str = "september.xml") -> StatementFile:
    return statements.keep(partnership=pair, name=name, stream=BytesIO(data), person=None)


def taken(
    pair: Partnership, data: bytes, accepted: frozenset[str] = frozenset()
) -> statements.Taken:
    file = kept(pair, data)
    read = statements.read_camt(file)
    return statements.take_in(
        file=file, statements=read, source="camt", accepted=accepted, person=None
    )


def days(first: int, last: int, *, amount_minor: int = 2500) -> list[Movement]:
    return [one(amount_minor, day=f"2023-09-{day:02d}") for day in range(first, last + 1)]


def file_from(
    movements: Sequence[Movement], opening_minor: int, first: int, last: int, **more: object
) -> bytes:
    """A file whose balances are of the days around its lines."""
    closing = opening_minor + sum(m.amount_minor for m in movements)
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="EUR">{abs(amount) / 100:.2f}</Amt>'
        f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd>"
        f"<Dt><Dt>2023-09-{day:02d}</Dt></Dt></Bal>"
        for kind, amount, day in (("OPBD", opening_minor, first), ("CLBD", closing, last))
    )
    return file_of(movements, balances=balances, **more)  # type: ignore[arg-type]


def test_a_statement_becomes_open_lines_with_their_words_sealed(pair: Partnership) -> None:
    done = taken(pair, file_of(SEPTEMBER))

    assert (done.new_count, done.known_count) == (5, 0)
    lines = list(StatementLine.objects.order_by("id"))
    assert [line.amount_minor for line in lines] == [2500, 250_000, 7500, -150, -2500]
    assert {line.state for line in lines} == {"open"}
    assert b"Anna" not in bytes(lines[0].sealed_words or b"")
    words = sealed.words_of(lines[1], pair.pk, master_keys())
    assert (words.other_name, words.text) == ("St Basil", "AMBULANCE ANNA K")
    account = BankAccount.objects.get()
    assert (account.first_minor, account.last_minor) == (100_000, 357_350)
    assert statements.unexplained_minor(account) == 0
    statement = Statement.objects.get()
    assert (statement.new_count, statement.pending_count) == (5, 1)


def test_the_same_file_again_adds_nothing(pair: Partnership) -> None:
    for _ in range(3):
        done = taken(pair, file_of(SEPTEMBER))

    assert (done.new_count, done.known_count) == (0, 5)
    assert StatementLine.objects.count() == 5
    assert StatementFile.objects.count() == 1


def test_an_overlapping_file_adds_the_rest(pair: Partnership) -> None:
    taken(pair, file_from(days(1, 20), 0, 1, 20))

    done = taken(pair, file_from(days(18, 25), 17 * 2500, 18, 25))

    assert (done.new_count, done.known_count) == (5, 3)
    account = BankAccount.objects.get()
    assert (account.first_minor, account.last_minor) == (0, 25 * 2500)
    assert statements.unexplained_minor(account) == 0


def test_an_earlier_file_may_come_later(pair: Partnership) -> None:
    taken(pair, file_from(days(11, 20), 25_000, 11, 20))

    done = taken(pair, file_from(days(1, 13), 0, 1, 13))

    assert (done.new_count, done.known_count) == (10, 3)
    account = BankAccount.objects.get()
    assert (account.first_minor, account.last_minor) == (0, 50_000)


def test_two_true_equal_lines_of_a_day_both_stay(pair: Partnership) -> None:
    twice = [one(2500, name="Anna"), one(2500, name="Anna")]

    for _ in range(2):
        taken(pair, file_of(twice))

    assert StatementLine.objects.filter(amount_minor=2500).count() == 2


@pytest.mark.parametrize("closing_minor", [99_999, 0, -1])
def test_a_file_that_does_not_add_up_is_held_and_says_what_differs(
    closing_minor: int, pair: Partnership
) -> None:
    file = kept(pair, file_of(SEPTEMBER, closing_minor=closing_minor))

    with pytest.raises(StatementHeld) as held:
        statements.take_in(
            file=file, statements=statements.read_camt(file), source="camt", person=None
        )

    statements.hold(file, held.value.plans)
    assert not StatementLine.objects.exists()
    assert (file.state, file.sealed is None) == ("held", False)
    (fact,) = file.holds
    assert (fact["reason"], fact["expected_minor"], fact["stated_minor"]) == (
        Reason.BALANCE, 357_350, closing_minor,
    )  # fmt: skip


def test_a_missing_week_is_a_gap_and_is_held(pair: Partnership) -> None:
    taken(pair, file_from(days(1, 7), 0, 1, 7))

    with pytest.raises(StatementHeld) as held:
        taken(pair, file_from(days(15, 20), 14 * 2500, 15, 20))

    (plan,) = held.value.plans
    (found,) = plan.held
    assert found.hold.reason == Reason.GAP
    assert found.hold.stated_minor - found.hold.expected_minor == 7 * 2500
    taken(pair, file_from(days(8, 14), 7 * 2500, 8, 14))
    assert taken(pair, file_from(days(15, 20), 14 * 2500, 15, 20)).new_count == 6


def test_a_held_file_is_taken_in_once_it_follows(pair: Partnership) -> None:
    taken(pair, file_from(days(1, 7), 0, 1, 7))
    late = kept(pair, file_from(days(15, 20), 14 * 2500, 15, 20))
    plans = statements.plans_of(pair, statements.read_camt(late), source="camt")
    statements.hold(late, plans)
    taken(pair, file_from(days(8, 14), 7 * 2500, 8, 14))

    done = statements.take_in(
        file=late, statements=statements.read_camt(late), source="camt", person=None
    )

    assert done.new_count == 6
    late.refresh_from_db()
    assert (late.state, late.holds, late.sealed) == ("taken", [], None)


def test_once_taken_in_or_put_away_the_file_itself_is_gone(pair: Partnership) -> None:
    taken(pair, file_of(SEPTEMBER))
    file = kept(pair, file_of([one(100)]))
    statements.put_away(file)

    for gone in StatementFile.objects.all():
        with pytest.raises(FileGone):
            statements.read_camt(gone)
    assert file.state == "put away"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"PK\x03\x04\x14\x00", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "spreadsheet"),
        (b"%PDF-1.7\n", "pdf"),
        (b"{1:F01BANK", "mt940"),
        (b"\r\n:20:STARTUMS", "mt940"),
    ],
)
def test_what_is_no_statement_is_called_by_its_name(
    data: bytes, code: str, pair: Partnership
) -> None:
    with pytest.raises(BadStatement) as bad:
        kept(pair, data)

    assert bad.value.code == code
    assert not StatementFile.objects.exists()


def test_a_files_name_is_never_a_path_and_holds_no_controls(pair: Partnership) -> None:
    file = kept(pair, file_of(SEPTEMBER), "C:\\bank\\../../etc/\x00sep\u202etember.xml")

    assert file.name == "september.xml"


def test_two_partnerships_know_nothing_of_each_others_lines(pair: Partnership) -> None:
    other = world.partnership("other-pair")

    first, second = taken(pair, file_of(SEPTEMBER)), taken(other, file_of(SEPTEMBER))

    assert (first.new_count, second.new_count) == (5, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 1},
        {"booked_date": "2023-01-01"},
        {"key": "x"},
        {"state": "matched"},
        {"state": "ignored"},
        {"reason": "because"},
        {"matched_minor": 2500},
        {"matched_minor": 2500, "state": "matched"},
    ],
)
def test_the_database_refuses_a_line_that_is_not_what_the_bank_said(
    change: dict[str, object], pair: Partnership
) -> None:
    taken(pair, file_of([one(2500)]))

    with pytest.raises(IntegrityError), transaction.atomic():
        StatementLine.objects.update(**change)


@pytest.mark.parametrize("model", [StatementLine, Statement, BankAccount])
def test_the_database_refuses_to_forget(
    model: type[StatementLine | Statement | BankAccount], pair: Partnership
) -> None:
    taken(pair, file_of([one(2500)]))

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all()._raw_delete("default")
