"""What the log holds of the books: one leaf an entry, the same from Python and from SQL."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from twinhood.ledger import actions, freeing
from twinhood.ledger.core import entry as core_entry
from twinhood.ledger.core import leaf as core_leaf
from twinhood.ledger.models import AMOUNT_MINOR_MAX, Books, Entry, Transfer
from twinhood.ledger.tests.world import AT, a_partnership, give, open_funds, order, refund
from twinhood.people.models import Partnership
from twinhood.translog.core import canonical
from twinhood.translog.models import Leaf

GIFT_LEAF = """
SELECT ledger_gift_leaf(
  (%s, 0, %s, %s, %s, %s, %s, %s, %s)::ledger_income, %s, %s, %s)
"""
# Everything that PostgreSQL can keep: no NUL, no half of a surrogate pair.
TEXTS = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=30
)
ODD = ('"', "\\", "\x01\x1f\x7f", "\u2028\u2029", "\b\f\n\r\t", "é\u0301", "🚑</script>", "Ї ґ")


def leaves_of(partnership: Partnership) -> list[dict[str, object]]:
    ids = Entry.objects.filter(partnership=partnership).order_by("seq").values_list("leaf_id")
    found = Leaf.objects.in_bulk([leaf_id for (leaf_id,) in ids])
    return [canonical.decode(bytes(found[leaf_id].data)) for (leaf_id,) in ids]


def from_python(
    key: str,
    rail: str,
    place: str,
    net: int,
    fee: int,
    at: datetime,
    donor: bytes,
    names: list[str],
) -> bytes:
    books, fund, currency = names
    booked = core_entry.gift_settled(
        key=key,
        fund_code=fund,
        currency=currency,
        arrives_at=place,
        rail=rail,
        amount_minor=net + fee,
        fee_minor=fee,
    )
    record = core_leaf.gift_record(key=key, fund=fund, amount_minor=net + fee, fee_minor=fee)
    return core_leaf.entry_leaf(
        partnership=books,
        seq=7,
        date=at.astimezone(UTC).date(),
        key=key,
        entry=booked,
        journal=[record],
        donor=donor,
    )


@pytest.mark.django_db
@given(
    texts=st.lists(TEXTS | st.sampled_from(ODD), min_size=6, max_size=6),
    net=st.integers(1, AMOUNT_MINOR_MAX // 2),
    fee=st.integers(0, 5) | st.integers(0, AMOUNT_MINOR_MAX // 2),
    at=st.datetimes(
        datetime(1000, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC)  # noqa: DTZ001
    ),
    donor=st.binary(min_size=32, max_size=32),
)  # fmt: skip
def test_a_gift_has_the_same_leaf_in_sql_and_in_python(
    texts: list[str], net: int, fee: int, at: datetime, donor: bytes
) -> None:
    key, rail, place, *names = texts

    with connection.cursor() as cursor:
        books, fund, currency = names
        income = (key, currency, rail, place, net + fee, fee, at, donor)
        cursor.execute(GIFT_LEAF, [*income, books, 7, fund])
        (from_sql,) = cursor.fetchone()

    assert bytes(from_sql) == from_python(key, rail, place, net, fee, at, donor, names)


@pytest.mark.django_db
def test_every_entry_says_in_the_log_what_it_did_to_the_line() -> None:
    pair = a_partnership()
    open_funds(pair, usd="USD", eur="EUR")
    give(pair, "usd", ("A", 2500, 98), ("B", 10000, 0))
    order(pair, "order:X", ["usd"], ("u-1", 3000), ("u-2", 1000), ("u-3", 500))
    order(pair, "order:Y", ["usd"], ("v", 100))
    actions.pay_supplier(
        partnership=pair, key="pay:1", order_key="order:Y", amount_minor=10, currency="USD",
        bank_code="assets:bank:main", at=AT,
    )  # fmt: skip
    freeing.cancel(partnership=pair, key="K1", order_key="order:X", unit="u-2", at=AT)
    freeing.cancel(partnership=pair, key="K2", order_key="order:X", unit=None, at=AT)
    refund(pair, "R", "B", 4000)
    actions.exchange(
        partnership=pair, key="E", fund_code="usd", amount_minor=100, to_code="eur",
        received_minor=92, at=AT,
    )  # fmt: skip

    leaves = leaves_of(pair)

    assert [leaf["seq"] for leaf in leaves] == list(range(1, 12))
    assert {(leaf["kind"], leaf["partnership"], leaf["date"]) for leaf in leaves} == {
        ("entry", "stamford-kramatorsk", "2023-09-01")
    }
    assert [leaf["journal"] for leaf in leaves] == [
        [{"kind": "fund", "fund": "usd", "currency": "USD"}],
        [{"kind": "fund", "fund": "eur", "currency": "EUR"}],
        [{"kind": "gift", "key": "A", "fund": "usd", "amount": 2500, "fee": 98}],
        [{"kind": "gift", "key": "B", "fund": "usd", "amount": 10000, "fee": 0}],
        [
            {
                "kind": "order",
                "key": "order:X",
                "funds": ["usd"],
                "units": [
                    {"unit": "u-1", "amount": 3000},
                    {"unit": "u-2", "amount": 1000},
                    {"unit": "u-3", "amount": 500},
                ],
            }
        ],
        [
            {
                "kind": "order", "key": "order:Y", "funds": ["usd"],
                "units": [{"unit": "v", "amount": 100}],
            }
        ],
        [],
        [{"kind": "cancel", "key": "K1", "order": "order:X", "unit": "u-2"}],
        [{"kind": "cancel", "key": "K2", "order": "order:X"}],
        [{"kind": "refund", "key": "R", "source": "B", "amount": 4000}],
        [
            {
                "kind": "exchange", "key": "E", "fund": "usd", "amount": 100, "to": "eur",
                "received": 92,
            }
        ],
    ]  # fmt: skip
    assert {len(str(leaf.get("donor", ""))) for leaf in leaves[2:4]} == {44}
    assert not any("donor" in leaf for leaf in leaves[4:])


@pytest.mark.django_db
def test_a_thing_that_became_cheaper_says_so_in_the_log() -> None:
    pair = a_partnership()
    open_funds(pair, usd="USD")
    give(pair, "usd", ("A", 2500, 0))
    order(pair, "order:X", ["usd"], ("u-1", 900))
    freeing.reduce(
        partnership=pair, key="M", order_key="order:X", unit="u-1", amount_minor=9, at=AT
    )

    assert leaves_of(pair)[-1]["journal"] == [
        {"kind": "reduction", "key": "M", "order": "order:X", "unit": "u-1", "amount": 9}
    ]


@pytest.mark.django_db
def test_a_leafs_transfers_are_those_of_its_entry() -> None:
    pair = a_partnership()
    open_funds(pair, usd="USD")
    give(pair, "usd", ("A", 2500, 98), ("B", 700, 0))
    refund(pair, "R", "A", 402)

    for leaf in leaves_of(pair):
        posted = Transfer.objects.filter(entry__key=leaf["key"]).order_by("id")
        assert leaf["transfers"] == [
            {
                "amount": row.amount_minor,
                "credit": row.credit.code,
                "currency": row.currency,
                "debit": row.debit.code,
            }
            for row in posted.select_related("debit", "credit")
        ]


@pytest.mark.django_db
def test_books_keep_the_name_they_were_opened_under() -> None:
    pair = a_partnership("first")
    open_funds(pair, usd="USD")
    pair.slug = "renamed"
    pair.save()
    other = a_partnership("other")
    other.slug = "first"
    other.save()
    open_funds(other, usd="USD")
    open_funds(pair, eur="EUR")

    assert Books.objects.get(partnership=pair).name == "first"
    assert Books.objects.get(partnership=other).name == "first-2"
    assert {leaf["partnership"] for leaf in leaves_of(pair)} == {"first"}


def posting(
    key: str = "'gift:Z'",
    fund: str = "id",
    currency: str = "'USD'",
    amount: str = "5",
    fee: str = "0",
    donor: str = "sha256('x')",
) -> str:
    gift = f"({key}, {fund}, {currency}, 'card', 'assets:x', {amount}, {fee}, now(), {donor})"
    posted = f"ledger_post_gifts(partnership_id, ARRAY[{gift}::ledger_income])"
    return f"SELECT {posted} FROM ledger_fund"  # noqa: S608 (all of it stands in this file)


NOT_WHOLE = {
    "an entry that moves nothing":
        "UPDATE ledger_books SET last_seq = 3;"
        " INSERT INTO ledger_entry"
        " (partnership_id, seq, key, kind, happened_at, posted_at, leaf_id)"
        " SELECT partnership_id, 3, 'gift:Z', 'gift', now(), now(), 1 FROM ledger_books",
    "a number that no entry has": "UPDATE ledger_books SET last_seq = 3",
    "numbers that go back": "UPDATE ledger_books SET last_seq = 1",
    "books with another name": "UPDATE ledger_books SET name = 'x', last_seq = 3",
    "an entry beyond the last number":
        "INSERT INTO ledger_entry"
        " (partnership_id, seq, key, kind, happened_at, posted_at, leaf_id)"
        " SELECT partnership_id, 3, 'gift:Z', 'gift', now(), now(), 1 FROM ledger_books",
    "an entry before the first number":
        "INSERT INTO ledger_entry"
        " (partnership_id, seq, key, kind, happened_at, posted_at, leaf_id)"
        " SELECT partnership_id, 0, 'gift:Z', 'gift', now(), now(), 1 FROM ledger_books",
    "an entry in nobody's books":
        "INSERT INTO ledger_entry"
        " (partnership_id, seq, key, kind, happened_at, posted_at, leaf_id)"
        " VALUES (-1, 1, 'gift:Z', 'gift', now(), now(), 1)",
    "an entry without a leaf":
        "UPDATE ledger_books SET last_seq = 3;"
        " INSERT INTO ledger_entry (partnership_id, seq, key, kind, happened_at, posted_at)"
        " SELECT partnership_id, 3, 'fund:Z', 'fund', now(), now() FROM ledger_books",
    "a transfer of an entry that is not there":
        "INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)"
        " SELECT -1, debit_id, credit_id, 5, currency FROM ledger_transfer LIMIT 1",
    "a transfer from an account that is not there":
        "INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)"
        " SELECT entry_id, debit_id, -1, 5, currency FROM ledger_transfer LIMIT 1",
    "income of a fund that is not there":
        "INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)"
        " SELECT -1, entry_id, 'gift', 'no fund', 0, 5 FROM ledger_segment LIMIT 1",
    "income of an entry that is not there":
        "INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)"
        " SELECT id, -1, 'gift', 'no entry', head_minor, head_minor + 5 FROM ledger_fund",
    "income from a use that is not there":
        "INSERT INTO ledger_segment"
        " (fund_id, entry_id, kind, key, start_minor, end_minor, source_use_id)"
        " SELECT f.id, f.opened_by_id, 'exchange', 'no use', head_minor, head_minor + 5, -1"
        " FROM ledger_fund f",
    "two incomes with a gap between them":
        "INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)"
        " SELECT f.id, f.opened_by_id, 'gift', 'g', head_minor + v, head_minor + v + 5"
        " FROM ledger_fund f, (VALUES (0), (6)) AS v (v)",
    "two incomes that overlap":
        "INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)"
        " SELECT f.id, f.opened_by_id, 'gift', 'g', head_minor + v, head_minor + v + 5"
        " FROM ledger_fund f, (VALUES (0), (4)) AS v (v)",
    "a gift without its donor's commitment": posting(donor="NULL"),
    "a gift with half a commitment": posting(donor="substr(sha256('x'), 17)"),
    "a gift of nothing": posting(amount="0"),
    "a gift of less than nothing": posting(amount="-1"),
    "a gift that is all fee": posting(fee="5"),
    "a gift whose fee adds to it": posting(fee="-1"),
    "a gift of more than there is": posting(amount="9223372036854775807"),
    "a gift of more than a number holds": posting(amount="9223372036854775808"),
    "a gift of half a cent": posting(amount="'2.5'"),
    "a gift of no number": posting(amount="'NaN'"),
    "a gift of another currency than its fund's": posting(currency="'EUR'"),
    "a gift of a currency in small letters": posting(currency="'usd '"),
    "a gift to a fund that is not there": posting(fund="-1"),
    "a gift that is posted already": posting(key="'A'"),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("statement", NOT_WHOLE.values(), ids=NOT_WHOLE.keys())
def test_the_database_refuses_what_is_not_a_whole_posting(statement: str) -> None:
    pair = a_partnership()
    open_funds(pair, usd="USD")
    give(pair, "usd", ("A", 2500, 0))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")

    assert Entry.objects.count() == 2


@pytest.mark.django_db
def test_a_transfer_within_other_books_is_refused() -> None:
    first, second = a_partnership("first"), a_partnership("second")
    for pair in (first, second):
        open_funds(pair, usd="USD")
        give(pair, "usd", ("A", 100, 0))
    other = Transfer.objects.get(entry__partnership=second)

    with pytest.raises(IntegrityError, match="within the books"), transaction.atomic():
        Transfer.objects.create(
            entry=Entry.objects.get(partnership=first, key="A"),
            debit=other.debit,
            credit=other.credit,
            amount_minor=5,
            currency="USD",
        )


def test_a_leaf_of_a_day_is_dated_in_utc() -> None:
    leaf = core_leaf.entry_leaf(
        partnership="p", seq=1, date=date(2024, 2, 29), key="fund:k", entry=None, journal=[]
    )

    assert leaf == (
        b'{"date":"2024-02-29","journal":[],"key":"fund:k","kind":"entry","partnership":"p",'
        b'"seq":1,"transfers":[]}'
    )
