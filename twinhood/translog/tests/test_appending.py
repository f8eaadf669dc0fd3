"""Leaves go in as they are, in order, with their caller's transaction."""

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from twinhood.translog import actions
from twinhood.translog.core import canonical
from twinhood.translog.core.commitment import commit
from twinhood.translog.errors import BadLeaf
from twinhood.translog.models import Leaf, Opening, Waiting

pytestmark = pytest.mark.django_db

PAIR = "stamford-kramatorsk"


def leaf(number: int, partnership: str = PAIR) -> bytes:
    return canonical.encode({"kind": "entry", "partnership": partnership, "seq": number})


def test_leaves_keep_their_order_and_bytes() -> None:
    given = [leaf(number, f"pair-{number % 3}") for number in range(500)]

    ids = actions.append(given)

    assert ids == sorted(set(ids))
    kept = Leaf.objects.in_bulk(ids)
    assert [bytes(kept[pk].data) for pk in ids] == given
    assert kept[ids[4]].partnership == "pair-1"
    assert set(Waiting.objects.values_list("leaf_id", flat=True)) == set(ids)


def test_what_is_rolled_back_was_never_appended() -> None:
    with transaction.atomic():
        actions.append([leaf(1)])
        transaction.set_rollback(True)

    assert not Leaf.objects.exists()
    assert not Waiting.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        b'{"kind":"entry", "partnership":"p"}',
        b'{"kind":"entry"}',
        b'{"kind":"entry","partnership":7}',
        b'{"partnership":"p"}',
        b"[]",
        b"",
        b"\xff",
        canonical.encode({"kind": "entry", "partnership": "p", "x": "y" * 65_535}),
        canonical.encode({"kind": "entry", "partnership": "p" * 201}),
    ],
)
def test_a_leaf_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(BadLeaf):
        actions.append([data])

    assert not Leaf.objects.exists()


def test_nothing_to_append_is_no_leaf() -> None:
    assert actions.append([]) == []


@pytest.mark.parametrize("sql", ["UPDATE translog_leaf SET data = '\\x7b7d'", "DELETE FROM {}"])
def test_even_the_owner_of_the_table_cannot_change_a_leaf(sql: str) -> None:
    actions.append([leaf(1)])

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format("translog_leaf"))


def test_a_fact_is_committed_to_opened_pulled_back_and_erased() -> None:
    made = actions.commit(partnership=PAIR, facts={"kind": "need", "number": 3})
    opening = Opening.objects.get(commitment=made.commitment)
    facts = canonical.decode(bytes(opening.facts or b""))
    assert commit(facts, bytes(opening.salt or b"")) == made.commitment
    assert b"need" not in bytes(Leaf.objects.get(pk=made.leaf_id).data)

    tombstone = actions.pull_back(commitment=made.commitment)

    assert tombstone is not None
    assert b"pulled-back" in bytes(Leaf.objects.get(pk=tombstone).data)
    assert actions.pull_back(commitment=made.commitment) is None

    assert actions.erase_opening(commitment=made.commitment)

    opening.refresh_from_db()
    assert opening.facts is None
    assert opening.salt is None


def test_an_opening_is_never_edited() -> None:
    made = actions.commit(partnership=PAIR, facts={"kind": "need", "number": 3})

    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.filter(commitment=made.commitment).update(salt=b"\0" * 32)
