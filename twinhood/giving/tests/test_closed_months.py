"""Closed months, and things given in kind: what is learned late belongs to the first open day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from twinhood.giving.actions import post_settled
from twinhood.giving.tests import world
from twinhood.ledger import months, things
from twinhood.ledger.actions import Posting
from twinhood.ledger.core.entry import given_in_kind
from twinhood.ledger.models import Account, Entry
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db
OCTOBER = datetime(2026, 10, 1, 4, tzinfo=UTC)
EARLIER = OCTOBER - timedelta(days=3)


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    return made


def test_the_database_refuses_an_entry_dated_into_a_closed_month(pair: Partnership) -> None:
    months.close_before(partnership=pair, at=OCTOBER)

    posting = Posting(pair)
    posting.books.closed_before_at = None  # a writer who does not ask

    with pytest.raises(IntegrityError, match="the books are closed up to"), transaction.atomic():
        posting.enter(given_in_kind(key="x", amount_minor=1, currency="USD"), EARLIER)


def test_what_settled_in_a_closed_month_is_dated_on_the_first_open_day(pair: Partnership) -> None:
    (gift,) = world.taken_in(pair, world.cheque())
    gift.settled_at = EARLIER
    gift.save(update_fields=["settled_at"])
    months.close_before(partnership=pair, at=OCTOBER)

    post_settled()

    assert Entry.objects.get(key=gift.key).happened_at == OCTOBER


def test_a_reopened_month_takes_entries_again(pair: Partnership) -> None:
    months.close_before(partnership=pair, at=OCTOBER)
    months.close_before(partnership=pair, at=None)

    entry = things.book(
        partnership=pair, key="in-kind:1", happened="given", amount_minor=1_800_000,
        currency="USD", at=EARLIER,
    )  # fmt: skip

    assert entry.happened_at == EARLIER
    assert months.closed_before(pair) is None


def test_a_thing_given_in_kind_is_income_and_once_handed_over_aid(pair: Partnership) -> None:
    for key, happened in (("in-kind:1", "given"), ("in-kind:1:handed-over", "handed_over")):
        things.book(
            partnership=pair, key=key, happened=happened,  # type: ignore[arg-type]
            amount_minor=1_800_000, currency="USD", at=OCTOBER,
        )  # fmt: skip

    found = Account.objects.filter(partnership=pair).exclude(balance_minor=0)
    assert dict(found.values_list("code", "balance_minor")) == {
        "income:in-kind": 1_800_000,
        "expenses:aid": 1_800_000,
    }
