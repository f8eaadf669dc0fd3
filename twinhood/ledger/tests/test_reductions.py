"""Promises of a unit that becomes cheaper: its last cents are free, and never all of them."""

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.ledger import actions, dues, errors, freeing, queries
from twinhood.ledger.core import entry
from twinhood.ledger.models import Fund, Piece, UnitReduction, Use
from twinhood.ledger.tests.world import AT, a_partnership, give, open_funds, order, refund
from twinhood.people.models import Partnership

BANK = "assets:bank:main"


@pytest.fixture
def stamford(db: None) -> Partnership:
    """Two pumps of 3000 and 2000 cents, paid by A (2500) and B (10000)."""
    partnership = a_partnership()
    open_funds(partnership, usd="USD")
    give(partnership, "usd", ("A", 2500, 0), ("B", 10000, 0))
    order(partnership, "order:X", ["usd"], ("pump-1", 3000), ("pump-2", 2000))
    return partnership


def reduce(partnership: Partnership, key: str, unit: str, amount_minor: int) -> int:
    return freeing.reduce(
        partnership=partnership, key=key, order_key="order:X", unit=unit,
        amount_minor=amount_minor, at=AT,
    )  # fmt: skip


def pieces() -> list[tuple[int, int, str, int]]:
    live = Piece.objects.filter(ended_by=None).order_by("start_minor")
    return [(p.start_minor, p.end_minor, p.use.key, p.offset_minor) for p in live]


def free_minor() -> int:
    return Fund.objects.get().free_minor


def test_the_last_cents_of_the_thing_are_free_and_those_who_gave_them_see_it(
    stamford: Partnership,
) -> None:
    left = [reduce(stamford, "M1", "pump-1", 400), reduce(stamford, "M2", "pump-1", 200)]

    assert left == [2600, 2400]
    assert pieces() == [(0, 2400, "order:X", 0), (3000, 5000, "order:X", 3000)]
    assert free_minor() == 12500 - 4400
    found = queries.trace(partnership=stamford, key="A")
    assert found is not None
    assert [(r["to"], r["unit"], r["amount"]) for r in found.rows()] == [
        ("free", "", 100), ("order", "pump-1", 2400),
    ]  # fmt: skip
    sources = queries.sources(partnership=stamford, order_key="order:X")
    assert [(r["unit"], r["key"], r["amount"]) for r in sources] == [
        ("pump-1", "A", 2400), ("pump-2", "B", 2000),
    ]  # fmt: skip


def test_a_cheaper_thing_is_cancelled_with_what_it_costs_now(stamford: Partnership) -> None:
    reduce(stamford, "M", "pump-1", 400)

    freed_minor = freeing.cancel(
        partnership=stamford, key="K", order_key="order:X", unit="pump-1", at=AT
    )

    assert freed_minor == 2600
    assert pieces() == [(3000, 5000, "order:X", 3000)]
    with pytest.raises(errors.AlreadyCancelled):
        reduce(stamford, "M2", "pump-1", 1)


def test_a_refund_moves_what_is_left_of_it_and_then_its_last_cents_are_elsewhere(
    stamford: Partnership,
) -> None:
    refund(stamford, "R", "A", 2500)

    reduce(stamford, "M", "pump-1", 1000)

    covered = [(use, offset, end - start) for start, end, use, offset in pieces()]
    assert sorted(covered) == [("R", 0, 2500), ("order:X", 0, 2000), ("order:X", 3000, 2000)]


@pytest.mark.parametrize("asked_minor", [3000, 3001, 10**15])
def test_all_that_a_thing_costs_is_no_reduction(stamford: Partnership, asked_minor: int) -> None:
    with pytest.raises(errors.MoreThanIsLeft) as problem:
        reduce(stamford, "M", "pump-1", asked_minor)

    assert problem.value.left_minor == 2999
    assert free_minor() == 7500
    with pytest.raises(errors.Unknown):
        reduce(stamford, "M", "pump-3", 1)
    with pytest.raises(ValueError, match="0"):
        reduce(stamford, "M", "pump-1", 0)


def test_no_more_comes_back_than_was_paid_and_did_not_come_back(stamford: Partnership) -> None:
    actions.pay_supplier(
        partnership=stamford, key="P", order_key="order:X", amount_minor=1000, currency="USD",
        bank_code=BANK, at=AT,
    )  # fmt: skip

    def give_back(key: str, amount_minor: int) -> None:
        dues.credit_from_supplier(
            partnership=stamford, key=key, order_key="order:X", amount_minor=amount_minor,
            currency="USD", bank_code=BANK, at=AT,
        )  # fmt: skip

    with pytest.raises(errors.MoreThanIsLeft):
        give_back("C0", 1001)
    give_back("C1", 700)
    reduce(stamford, "M1", "pump-1", 700)

    with pytest.raises(errors.MoreThanIsLeft) as problem:
        give_back("C2", 301)

    assert problem.value.left_minor == 300


CHEATS = {
    "by more than was moved": (
        "INSERT INTO ledger_unitreduction (unit_id, entry_id, amount_minor)"
        " SELECT unit_id, (SELECT id FROM ledger_entry WHERE key = 'order:X'), 1"
        " FROM ledger_unitreduction",
        "entry of its own",
    ),
    "by another amount": ("UPDATE ledger_unitreduction SET amount_minor = 1", "never change"),
    "not at all": ("DELETE FROM ledger_unitreduction", "never change"),
    "by an entry that names no unit": (
        "WITH b AS (UPDATE ledger_books SET last_seq = last_seq + 1 RETURNING *),"
        " e AS (INSERT INTO ledger_entry (partnership_id, seq, key, kind, happened_at, posted_at,"
        " leaf_id) SELECT b.partnership_id, b.last_seq, 'M9', 'reduction', now(), now(), 1 FROM b"
        " RETURNING id) INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor,"
        " currency) SELECT e.id, c.id, f.id, 5, 'USD' FROM e, ledger_account c, ledger_account f"
        " WHERE c.code = 'commitments:X' AND f.code = 'fund:usd'",
        "(says of no unit|on its line)",
    ),
}


def at_commit() -> None:
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(("sql", "refusal"), CHEATS.values(), ids=CHEATS)
def test_the_database_itself_keeps_what_became_cheaper(
    stamford: Partnership, sql: str, refusal: str
) -> None:
    reduce(stamford, "M", "pump-1", 400)
    at_commit()

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(f"{sql}; SET CONSTRAINTS ALL IMMEDIATE")


def freed_at_the_wrong_end(partnership: Partnership, unit: str) -> None:
    """Somebody writes 400 off a unit, and frees the first 400 of pump-1."""
    whole, use = Piece.objects.get(), Use.objects.get()
    booked = entry.unit_reduced(key="M", order_key="order:X", parts=[("usd", 400)], currency="USD")
    row = actions.Posting(partnership).enter(booked, AT)
    Piece.objects.filter(pk=whole.pk).update(ended_by=row)
    Piece.objects.create(
        use=use, fund=whole.fund, start_minor=400, end_minor=5000, offset_minor=400, begun_by=row
    )
    UnitReduction.objects.create(unit=use.units.get(name=unit), entry=row, amount_minor=400)
    at_commit()


@pytest.mark.parametrize("unit", ["pump-1", "pump-2"])
def test_what_is_freed_are_the_cents_of_the_very_unit_and_its_last(
    stamford: Partnership, unit: str
) -> None:
    with pytest.raises(IntegrityError, match="the last offsets"), transaction.atomic():
        freed_at_the_wrong_end(stamford, unit)
