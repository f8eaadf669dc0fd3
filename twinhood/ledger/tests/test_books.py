"""The promises of the books, asked of the database itself."""

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from twinhood.ledger import actions, errors, freeing, queries
from twinhood.ledger.core.entry import AccountName, Transfer
from twinhood.ledger.models import Account, Entry, Fund, Piece, Segment
from twinhood.ledger.tests.world import AT, CASH, a_partnership, give, open_funds, order, refund
from twinhood.people.models import Partnership


@pytest.fixture
def stamford(db: None) -> Partnership:
    """The worked example before its refund: 9000 ordered of 17402 given."""
    partnership = a_partnership()
    open_funds(partnership, usd="USD", eur="EUR")
    give(partnership, "usd", ("A", 2500, 98), ("B", 10000, 0), ("C", 5000, 0))
    order(partnership, "X", ["usd"], ("ambulance-1", 9000))
    return partnership


def fund(partnership: Partnership, code: str = "usd") -> Fund:
    return Fund.objects.select_related("account").get(partnership=partnership, code=code)


def rows_of(partnership: Partnership, key: str) -> list[tuple[object, ...]]:
    found = queries.trace(partnership=partnership, key=key)
    assert found is not None
    return [(row["to"], row["key"], row["unit"], row["amount"]) for row in found.rows()]


def test_a_refund_displaces_what_used_its_cents_as_the_worked_example_says(
    stamford: Partnership,
) -> None:
    outcome = actions.refund(
        partnership=stamford, key="R", source_key="B", amount_minor=10000, paid_from=CASH, at=AT
    )

    assert (outcome.displaced_minor, outcome.advance_minor) == (6598, 1598)
    live = Piece.objects.filter(ended_by=None).order_by("start_minor")
    assert [(p.start_minor, p.end_minor, p.use.key, p.offset_minor) for p in live] == [
        (0, 2402, "X", 0),
        (2402, 12402, "R", 0),
        (12402, 17402, "X", 2402),
        (17402, 19000, "X", 7402),
    ]
    assert fund(stamford).head_minor == 19000
    assert fund(stamford).account.balance_minor == fund(stamford).free_minor == 0
    assert rows_of(stamford, "A") == [("order", "X", "ambulance-1", 2402)]
    assert rows_of(stamford, "advance:R") == [("order", "X", "ambulance-1", 1598)]


def test_what_a_refund_would_do_is_told_before_and_changes_nothing(stamford: Partnership) -> None:
    told = actions.refund_outcome(partnership=stamford, source_key="B", amount_minor=10000)

    assert (told.displaced_minor, told.advance_minor) == (6598, 1598)
    assert Entry.objects.count() == 6
    assert fund(stamford).head_minor == 17402


def test_a_refund_without_a_guarantor_takes_no_cent_that_is_spent(db: None) -> None:
    partnership = a_partnership(has_guarantor=False)
    open_funds(partnership, usd="USD")
    give(partnership, "usd", ("A", 1000, 0))
    order(partnership, "X", ["usd"], ("pump", 1000))

    with pytest.raises(errors.NoGuarantor) as problem:
        refund(partnership, "R", "A", 400)

    assert problem.value.missing_minor == 400
    assert fund(partnership).used_minor == 1000


def test_money_changed_there_and_back_is_followed_through_both_currencies(
    stamford: Partnership,
) -> None:
    actions.exchange(
        partnership=stamford, key="E1", fund_code="usd", amount_minor=8402, to_code="eur",
        received_minor=7700, at=AT,
    )  # fmt: skip
    order(stamford, "Y", ["eur"], ("generator-1", 3000), ("generator-2", 4700))
    freeing.cancel(partnership=stamford, key="K", order_key="Y", unit="generator-2", at=AT)
    actions.exchange(
        partnership=stamford, key="E2", fund_code="eur", amount_minor=4700, to_code="usd",
        received_minor=5100, at=AT,
    )  # fmt: skip

    # 3402 of B's cents were changed: floor(3402·7700/8402) = 3117 euro cents, 3000 of them used.
    assert rows_of(stamford, "B") == [
        ("exchange", "E1", "", 3402),
        ("exchange", "E2", "", 117),
        ("free", "usd", "", 126),
        ("order", "X", "ambulance-1", 6598),
        ("order", "Y", "generator-1", 3000),
    ]
    sums = queries.sources(partnership=stamford, order_key="Y")
    assert sum(int(str(row["amount"])) for row in sums) == 3000
    assert {row["unit"] for row in sums} == {"generator-1"}
    assert {a.code: a.balance_minor for a in queries.balances(stamford)}["exchange:USD"] == 0


def test_a_cancelled_unit_frees_its_cents_and_leaves_the_others_offsets(
    stamford: Partnership,
) -> None:
    order(stamford, "Y", ["usd"], ("a", 2000), ("b", 3000), ("c", 1000))

    freed = freeing.cancel(partnership=stamford, key="K", order_key="Y", unit="b", at=AT)

    assert freed == 3000
    live = Piece.objects.filter(use__key="Y", ended_by=None).order_by("start_minor")
    assert [(p.start_minor, p.end_minor, p.offset_minor) for p in live] == [
        (9000, 11000, 0),
        (14000, 15000, 5000),
    ]
    with pytest.raises(errors.AlreadyCancelled):
        freeing.cancel(partnership=stamford, key="K2", order_key="Y", unit="b", at=AT)


def test_an_order_larger_than_its_funds_is_refused_with_the_sum_that_is_free(
    stamford: Partnership,
) -> None:
    with pytest.raises(errors.FundTooSmall) as problem:
        order(stamford, "Y", ["usd"], ("pump", 8403))

    assert problem.value.free_minor == 8402
    assert not Piece.objects.filter(use__key="Y").exists()


def test_a_key_is_posted_once(stamford: Partnership) -> None:
    with pytest.raises(errors.KeyUsed):
        give(stamford, "usd", ("A", 100, 0))

    with pytest.raises(errors.KeyUsed):
        give(stamford, "usd", ("D", 100, 0), ("D", 100, 0))

    assert Segment.objects.count() == 3


def test_the_bank_pays_no_more_than_is_committed(stamford: Partnership) -> None:
    def pay(key: str, amount_minor: int) -> None:
        actions.pay_supplier(
            partnership=stamford,
            key=key,
            order_key="X",
            amount_minor=amount_minor,
            currency="USD",
            bank_code="assets:bank:main",
            at=AT,
        )

    pay("P1", 8000)

    with pytest.raises(errors.FundTooSmall) as problem:
        pay("P2", 1001)
    assert problem.value.free_minor == 1000


REFUSED = {
    "an entry is renamed": "UPDATE ledger_entry SET key = 'Z'",
    "an entry is dated otherwise": "UPDATE ledger_entry SET happened_at = now()",
    "an entry is deleted": "DELETE FROM ledger_entry",
    "a transfer is raised by a cent": "UPDATE ledger_transfer SET amount_minor = amount_minor + 1",
    "a transfer is deleted": "DELETE FROM ledger_transfer",
    "all transfers are emptied": "TRUNCATE ledger_transfer CASCADE",
    "a segment is moved": "UPDATE ledger_segment SET end_minor = end_minor + 1",
    "a segment is deleted": "DELETE FROM ledger_segment",
    "pieces are emptied": "TRUNCATE ledger_piece",
    "a piece is cut": "UPDATE ledger_piece SET end_minor = end_minor - 1",
    "a piece is given to another use":
        "UPDATE ledger_piece SET ended_by_id = begun_by_id, use_id = use_id + 1",
    "a piece is deleted": "DELETE FROM ledger_piece",
    "a use is deleted": "DELETE FROM ledger_use",
    "a balance is set": "UPDATE ledger_account SET balance_minor = 1",
    "an account may go below zero": "UPDATE ledger_account SET is_never_below_zero = false",
    "a head is set": "UPDATE ledger_fund SET head_minor = head_minor + 1",
    "the last used cent is set": "UPDATE ledger_fund SET laid_minor = 0",
    "free cents are made": "INSERT INTO ledger_freerun (fund_id, start_minor, end_minor)"
        " SELECT id, 0, 9000 FROM ledger_fund LIMIT 1",
    "a fund is deleted": "DELETE FROM ledger_fund",
    "a segment leaves a gap":
        "INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)"
        " SELECT fund_id, entry_id, 'gift', 'gap', 17500, 17600 FROM ledger_segment LIMIT 1",
    "a segment overlaps":
        "INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)"
        " SELECT fund_id, entry_id, 'gift', 'twice', 0, 100 FROM ledger_segment LIMIT 1",
    "a piece covers cents that were never given":
        "INSERT INTO ledger_piece"
        " (use_id, fund_id, start_minor, end_minor, offset_minor, begun_by_id)"
        " SELECT use_id, fund_id, 17402, 17403, 9000, begun_by_id FROM ledger_piece LIMIT 1",
    "a cent is used twice":
        "INSERT INTO ledger_piece"
        " (use_id, fund_id, start_minor, end_minor, offset_minor, begun_by_id)"
        " SELECT use_id, fund_id, 0, 1, 9000, begun_by_id FROM ledger_piece LIMIT 1",
    "an amount of nothing":
        "INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)"
        " SELECT entry_id, debit_id, credit_id, 0, currency FROM ledger_transfer LIMIT 1",
    "a negative amount":
        "INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)"
        " SELECT entry_id, debit_id, credit_id, -5, currency FROM ledger_transfer LIMIT 1",
    "more money than there is":
        "INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)"
        " SELECT entry_id, debit_id, credit_id, 100000000000000001, currency"
        " FROM ledger_transfer LIMIT 1",
    "another currency than the accounts have":
        "INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)"
        " SELECT entry_id, debit_id, credit_id, 5, 'EUR' FROM ledger_transfer LIMIT 1",
}  # fmt: skip


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED.keys())
def test_the_database_refuses_it_to_the_owner_of_the_tables(
    stamford: Partnership, statement: str
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert fund(stamford).account.balance_minor == fund(stamford).free_minor == 8402


def test_money_taken_from_a_fund_without_its_line_does_not_commit(stamford: Partnership) -> None:
    usd = fund(stamford).account
    cash = Account.objects.get(partnership=stamford, code=CASH, currency="USD")
    take = (
        "INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)"
        " SELECT min(entry_id), %s, %s, 100, 'USD' FROM ledger_transfer;"
        " SET CONSTRAINTS ALL IMMEDIATE"
    )

    with (
        pytest.raises(IntegrityError, match="on its line"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(take, [usd.pk, cash.pk])


@pytest.mark.django_db(transaction=True)
def test_two_orders_of_the_last_cents_at_once_leave_one_of_them() -> None:
    partnership = a_partnership()
    open_funds(partnership, usd="USD")
    give(partnership, "usd", ("A", 80000, 0))
    results: list[str] = []
    start = threading.Barrier(8)

    def try_to_order(number: int) -> None:
        start.wait()
        try:
            order(partnership, f"X{number}", ["usd"], ("pump", 80000))
            results.append("placed")
        except errors.FundTooSmall:
            results.append("too small")
        finally:
            connection.close()

    at_once([lambda n=n: try_to_order(n) for n in range(8)])  # type: ignore[misc]

    assert sorted(results) == ["placed"] + ["too small"] * 7
    assert fund(partnership).free_minor == 0


@pytest.mark.django_db(transaction=True)
def test_gifts_posted_at_once_leave_no_gap() -> None:
    partnership = a_partnership()
    open_funds(partnership, usd="USD")

    def post(number: int) -> None:
        try:
            for i in range(5):
                give(partnership, "usd", (f"{number}-{i}", 100 + number, 0))
        finally:
            connection.close()

    at_once([lambda n=n: post(n) for n in range(6)])  # type: ignore[misc]

    spans = list(Segment.objects.order_by("start_minor").values_list("start_minor", "end_minor"))
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert len(spans) == 30
    assert fund(partnership).head_minor == fund(partnership).account.balance_minor
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 32))


def at_once(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("amount", [0, -1, True, 2.5, None, "5"])
def test_a_transfer_of_no_whole_positive_amount_cannot_exist(amount: object) -> None:
    a, b = AccountName("a", "USD"), AccountName("b", "USD")

    with pytest.raises(ValueError, match="positive whole amount"):
        Transfer(a, b, amount)  # type: ignore[arg-type]


def test_a_transfer_joins_two_accounts_of_one_currency() -> None:
    usd, eur = AccountName("a", "USD"), AccountName("b", "EUR")

    with pytest.raises(ValueError, match="one currency"):
        Transfer(usd, eur, 5)
    with pytest.raises(ValueError, match="two accounts"):
        Transfer(usd, usd, 5)
