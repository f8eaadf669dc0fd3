"""One gift by one INSERT, as rails take them in; and that whatever comes is found and posted."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from twinhood.giving import actions, poster, queries
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.errors import BadGift, TakenInAlready
from twinhood.giving.models import Donor, Gift, Link, Mark
from twinhood.giving.tests import world
from twinhood.giving.tests.test_posting import environment, expect_each_posted_once, in_threads
from twinhood.ledger import actions as ledger
from twinhood.ledger.models import Entry, Segment
from twinhood.people.models import Partnership
from twinhood.translog.core import b64, canonical
from twinhood.translog.core.commitment import commit
from twinhood.translog.models import Leaf

NOBODY = DonorFacts()


def a_fund() -> Any:
    return world.fund(world.partnership())


@contextmanager
def another_session() -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own to the test's database."""
    with psycopg.connect(environment()["DATABASE_URL"]) as made:
        yield made


def insert_by(session: psycopg.Connection[Any], fund: Any, key: str) -> None:
    """Take a gift in over another connection, without its commit."""
    session.execute(
        actions.INTAKE.encode(),
        (
            fund.partnership_id, fund.pk, f"R{key}", key.encode().ljust(32), key, "wire", None,
            bytes(32), bytes(32), False, 2500, 0, "USD", "2026-01-02", datetime.now(UTC), "", "",
        ),
    )  # fmt: skip


@pytest.mark.django_db
def test_taking_a_gift_in_is_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    fund = a_fund()
    monkeypatch.setattr(actions, "_asked_at", float("inf"))  # posting was asked for just now

    with CaptureQueriesContext(connection) as ran:
        actions.intake(fund=fund, row=world.cheque(donor=NOBODY))

    written = [query["sql"] for query in ran if "SAVEPOINT" not in query["sql"]]
    assert len(written) == 1
    assert written[0].strip().startswith("INSERT INTO giving_gift")


@pytest.mark.django_db
def test_the_same_gift_again_is_known_by_its_ref_and_has_no_new_secret() -> None:
    fund, row = a_fund(), world.cheque(2500, key="ch_1", donor=NOBODY)

    first = actions.intake(fund=fund, row=row)
    again = actions.intake(fund=fund, row=row)

    assert first.new is not None
    assert (again.ref, again.new) == (first.ref, None)
    assert Gift.objects.count() == 1
    with pytest.raises(TakenInAlready):
        actions.intake(fund=fund, row=replace(row, amount_minor=9900))


@pytest.mark.django_db
def test_a_ref_that_is_taken_is_drawn_again() -> None:
    fund = a_fund()
    drawn = [b"\x01" * 5, b"\x07" * 16, b"\x01" * 5, b"\x06" * 16, b"\x02" * 5, b"\x08" * 16]

    for _ in range(2):
        actions.intake(
            fund=fund, row=world.cheque(donor=NOBODY), randomness=lambda length: drawn.pop(0)
        )

    assert Gift.objects.values("ref").distinct().count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 0}, {"amount_minor": -1}, {"amount_minor": 2**63},
        {"amount_minor": 10**30}, {"amount_minor": 10**18}, {"amount_minor": 25.1},
        {"amount_minor": float("nan")}, {"amount_minor": float("inf")},
        {"amount_minor": ""}, {"amount_minor": " "}, {"amount_minor": None},
        {"amount_minor": "2500"}, {"amount_minor": True}, {"fee_minor": 2500},
        {"fee_minor": -1}, {"fee_minor": 0.5}, {"currency": "EUR"}, {"currency": "usd "},
        {"currency": "US$"}, {"currency": "XXX"}, {"fund_code": "lyman-usd"}, {"rail": "pigeon"},
        {"intake_key": ""}, {"intake_key": "x" * 201}, {"shows_name": True, "donor": NOBODY},
    ],
)  # fmt: skip
def test_what_is_no_gift_is_refused_and_nothing_is_stored(change: dict[str, Any]) -> None:
    fund = a_fund()

    with pytest.raises(BadGift):
        actions.intake(fund=fund, row=replace(world.cheque(), **change))

    assert not Gift.objects.exists()


@pytest.mark.django_db
def test_a_donor_of_other_books_is_refused() -> None:
    fund = a_fund()
    stranger = Donor.objects.create(partnership=world.partnership("westport-lyman"))

    with pytest.raises(BadGift):
        actions.intake(fund=fund, row=world.cheque(), donor=stranger)


DATABASE_REFUSES = {
    "nothing": ("amount_minor", "0"),
    "less than nothing": ("amount_minor", "-1"),
    "more money than there is": ("amount_minor", "9000000000000001"),
    "the largest number": ("amount_minor", "9223372036854775807"),
    "a number that is too large": ("amount_minor", "9223372036854775808"),
    "no number": ("amount_minor", "'NaN'"),
    "endlessly much": ("amount_minor", "'Infinity'"),
    "half a cent": ("amount_minor", "'25.5'"),
    "no amount": ("amount_minor", "NULL"),
    "all of it a fee": ("fee_minor", "2500"),
    "a fee below nothing": ("fee_minor", "-1"),
    "half a commitment": ("donor_commitment", "'x'"),
    "no commitment": ("donor_commitment", "NULL"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", DATABASE_REFUSES.values(), ids=DATABASE_REFUSES.keys())
def test_the_table_itself_refuses(change: tuple[str, str]) -> None:
    fund = a_fund()
    actions.intake(fund=fund, row=world.cheque(2500))
    column, value = change

    with (
        pytest.raises((IntegrityError, DataError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE giving_gift SET {column} = {value}")  # noqa: S608 (from above)

    assert Gift.objects.get().amount_minor == 2500


@pytest.mark.django_db
def test_a_gift_of_a_fund_in_another_currency_is_never_posted_into_it() -> None:
    fund = a_fund()
    actions.intake(fund=fund, row=world.cheque(2500))
    Gift.objects.update(currency="EUR")

    with pytest.raises(ExceptionGroup):
        actions.post_settled()

    assert not Segment.objects.exists()


@pytest.mark.django_db
def test_every_gift_commits_to_what_its_donor_told_and_its_leaf_says_so() -> None:
    fund = a_fund()
    told = world.cheque(2500, donor=world.ANNA)
    actions.intake(fund=fund, row=told)
    actions.intake(fund=fund, row=world.cheque(2500, donor=NOBODY))
    actions.post_settled()

    anna, nobody = Gift.objects.order_by("id")

    for gift, facts in ((anna, world.ANNA), (nobody, NOBODY)):
        salt = bytes(gift.donor_salt or b"")
        assert bytes(gift.donor_commitment) == commit(asdict(facts), salt)
        (leaf,) = Leaf.objects.filter(pk__in=Entry.objects.filter(key=gift.key).values("leaf_id"))
        told_donor = canonical.decode(bytes(leaf.data))["donor"]
        assert b64.decode(told_donor) == bytes(gift.donor_commitment)
    assert bytes(anna.donor_salt or b"") != bytes(nobody.donor_salt or b"")


@pytest.mark.django_db
def test_erasing_a_donor_destroys_the_salts_of_their_gifts() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(donor=world.ANNA))
    before = bytes(gift.donor_commitment)

    actions.erase(donor=Donor.objects.get())

    gift.refresh_from_db()
    assert gift.donor_salt is None
    assert bytes(gift.donor_commitment) == before


@pytest.mark.django_db
def test_a_secret_leads_to_its_gift_before_and_after_posting_and_when_renewed() -> None:
    fund = a_fund()
    new = actions.intake(fund=fund, row=world.cheque(donor=NOBODY)).new
    assert new is not None
    gift = Gift.objects.get()

    assert queries.gift_by_secret(new.secret) == gift
    actions.post_settled()
    assert queries.gift_by_secret(new.secret) == gift
    assert Link.objects.count() == 1
    fresh = actions.renew_secret(gift=gift)
    assert queries.gift_by_secret(new.secret) is None
    assert queries.gift_by_secret(fresh.secret) == gift


@pytest.mark.django_db(transaction=True)
def test_many_take_the_same_gift_in_at_once() -> None:
    fund, row = a_fund(), world.cheque(2500, key="ch_1", donor=NOBODY)

    results = in_threads(16, lambda: actions.intake(fund=fund, row=row))

    refs = {result.ref for result in results if isinstance(result, actions.Intake)}
    assert len(refs) == 1, results
    assert sum(result.new is not None for result in results) == 1  # type: ignore[attr-defined]
    assert Gift.objects.count() == 1


# --- the traps of a cursor over ids


@pytest.mark.django_db(transaction=True)
def test_a_gift_that_is_committed_late_with_a_lower_id_is_posted() -> None:
    fund = a_fund()
    with another_session() as late:
        insert_by(late, fund, "late")
        actions.intake(fund=fund, row=world.cheque(donor=NOBODY))

        assert actions.post_settled() == 1
        late.commit()

    assert actions.post_settled() == 1
    late_id, soon_id = (Gift.objects.get(rail=rail).pk for rail in ("wire", "cheque"))
    assert late_id < soon_id
    spans = Segment.objects.order_by("start_minor").values_list("key", flat=True)
    assert spans[1] == "gift:Rlate"


@pytest.mark.django_db(transaction=True)
def test_the_floor_waits_for_who_may_still_bring_a_lower_id_and_then_rises() -> None:
    fund = a_fund()
    with another_session() as late:
        insert_by(late, fund, "late")
        held = Gift.objects.count()
        for _ in range(3):
            actions.intake(fund=fund, row=world.cheque(donor=NOBODY))
            actions.post_settled()
        floor = poster.floor()
        late.rollback()

    actions.post_settled()
    poster.raise_floor()

    assert held == 0
    assert floor < Gift.objects.order_by("id").first().pk  # type: ignore[union-attr]
    assert poster.floor() == Gift.objects.order_by("-id").first().pk  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_writes_elsewhere_stalls_nothing() -> None:
    fund = a_fund()
    with another_session() as elsewhere:
        elsewhere.execute("CREATE TABLE elsewhere (n int)")
        elsewhere.execute("INSERT INTO elsewhere VALUES (1)")
        for _ in range(3):
            actions.intake(fund=fund, row=world.cheque(donor=NOBODY))

            assert actions.post_settled() == 1
        elsewhere.rollback()

    assert poster.floor() == Gift.objects.order_by("-id").first().pk  # type: ignore[union-attr]
    assert queries.oldest_unposted_at() is None


@pytest.mark.django_db(transaction=True)
def test_a_mark_from_another_server_is_only_a_mark() -> None:
    """As a restored backup brings it: writers of a server that is no more."""
    fund = a_fund()
    actions.intake(fund=fund, row=world.cheque(donor=NOBODY))
    actions.post_settled()
    last = Gift.objects.get().pk
    Mark.objects.update(floor=last, next_floor=last, writers=["5/1234567", "-1/42"])

    for _ in range(3):
        actions.intake(fund=fund, row=world.cheque(donor=NOBODY))
        assert actions.post_settled() == 1

    assert poster.floor() == Gift.objects.order_by("-id").first().pk  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_a_gift_that_a_floor_forgot_is_found_by_the_daily_look() -> None:
    fund = a_fund()
    actions.intake(fund=fund, row=world.cheque(donor=NOBODY))
    Mark.objects.create(floor=10**9, next_floor=10**9)
    assert actions.post_settled() == 0

    found = actions.post_forgotten()

    assert found == 1
    expect_each_posted_once(fund.partnership)


# --- fairness


@pytest.mark.django_db(transaction=True)
def test_a_single_entry_gets_in_between_two_batches() -> None:
    fund = a_fund()
    many, batch = 6_000, 500
    with connection.cursor() as cursor:
        cursor.execute(MANY_GIFTS, [fund.partnership_id, fund.pk, many])
    seqs: list[tuple[int, int]] = []

    def one_entry() -> None:
        time.sleep(0.05)
        for number in range(3):
            before = Entry.objects.count()
            ledger.open_fund(
                partnership=fund.partnership,
                code=f"f{number}",
                currency="USD",
                at=datetime.now(UTC),
            )
            seqs.append((before, Entry.objects.get(key=f"fund:f{number}").seq))
        connections.close_all()

    treasurer = threading.Thread(target=one_entry)
    treasurer.start()
    posted = actions.post_settled(batch, batches_max=1_000)
    treasurer.join(60)

    assert posted == many
    assert len(seqs) == 3
    # Posted before it asked, and at most the batch under way and one more.
    assert all(seq - before <= 2 * batch + 1 for before, seq in seqs), seqs
    assert seqs[0][1] < many


MANY_GIFTS = """
INSERT INTO giving_gift (
  partnership_id, fund_id, ref, secret_hash, intake_key, rail, donor_commitment, donor_salt,
  shows_name, amount_minor, fee_minor, currency, received_date, settled_at, purpose, note
)
SELECT %s, %s, 'R' || n, sha256(n::text::bytea), n::text, 'wire', sha256('x'), NULL, false, 2500,
       98, 'USD', '2026-01-02', now(), '', ''
  FROM generate_series(1, %s) AS n
"""


@pytest.mark.django_db
def test_a_stuck_partnership_does_not_hold_up_those_behind_it() -> None:
    stuck, free = a_fund(), world.fund(world.partnership("westport-lyman"), "lyman-usd")
    for _ in range(5):
        actions.intake(fund=stuck, row=world.cheque(donor=NOBODY))
    Gift.objects.update(rail="pigeon")
    row = world.cheque(donor=NOBODY, fund_code="lyman-usd")
    actions.intake(fund=free, row=row)

    with pytest.raises(ExceptionGroup):
        actions.post_settled(2, batches_max=10)

    assert Segment.objects.filter(fund=free).count() == 1
    assert queries.unposted(Partnership.objects.get(pk=stuck.partnership_id)).count == 5
