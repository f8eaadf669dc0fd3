"""The treasurer's desk: the inbox, who did what, and what leaves the books."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from twinhood.giving import actions, disputes
from twinhood.giving.models import Donor, Gift, Issuer, Notice, RefundRequest
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.people.models import Partnership, Person
from twinhood.treasury import exports, trail
from twinhood.treasury.actions import MoveSlip, move
from twinhood.treasury.inbox import LISTED_MAX, inbox

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 3, 12, tzinfo=UTC)
DAY = date(2026, 9, 3)


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    with clock.showing(NOW):
        world.fund(made)
        world.fund(made, "kramatorsk-mri", "USD")
    return made


@pytest.fixture
def tom(pair: Partnership) -> Person:
    return world.tom(pair)


@pytest.fixture
def gifts(pair: Partnership, tom: Person) -> list[Gift]:
    rows = [world.cheque(2_500), world.cheque(10_000, fee_minor=100)]
    with clock.showing(NOW):
        taken = actions.take_in(partnership=pair, person=tom, rows=rows)
        actions.post_settled()
    return [Gift.objects.get(ref=new.ref) for new in taken.new]


def kinds(pair: Partnership) -> list[str]:
    with clock.showing(NOW):
        return [item.kind for item in inbox(pair).items]


def test_the_inbox_is_empty_when_nothing_needs_a_person(
    pair: Partnership, gifts: list[Gift]
) -> None:
    assert kinds(pair) == []


def test_the_inbox_names_what_needs_a_person_oldest_first(
    pair: Partnership, gifts: list[Gift], tom: Person
) -> None:
    with clock.showing(NOW):
        disputes.opened(
            gift=gifts[1], key="d1", amount_minor=10_000, reason="fraud",
            due_date=date(2026, 9, 20), at=NOW.replace(hour=9),
        )  # fmt: skip
    Donor.objects.filter(gifts=gifts[0]).update(bounced_at=NOW.replace(hour=8))
    RefundRequest.objects.create(
        gift=gifts[0], amount_minor=100, reason="a", earlier=0, needs_second=True,
        proposed_by=tom, proposed_at=NOW.replace(hour=10),
    )  # fmt: skip
    Notice.objects.create(
        rail="card", rail_ref="evt_1", kind="charge.refunded", sealed_body=b"x",
        arrived_at=NOW.replace(hour=7), problem="unknown object",
    )  # fmt: skip

    assert kinds(pair) == ["notice", "bounced", "dispute", "refund"]


def test_many_of_a_kind_are_counted_and_not_all_listed(pair: Partnership) -> None:
    Notice.objects.bulk_create(
        Notice(rail="card", rail_ref=f"e{n}", kind="k", sealed_body=b"x", arrived_at=NOW,
               problem="p")
        for n in range(LISTED_MAX + 5)
    )  # fmt: skip

    with clock.showing(NOW):
        found = inbox(pair)

    assert len(found.items) == LISTED_MAX
    assert "notice" in found.more


def test_a_gift_of_a_known_donor_that_has_no_receipt_is_a_task(
    pair: Partnership, gifts: list[Gift]
) -> None:
    Issuer.objects.create(
        organisation=pair.recipient, legal_name="Example Aid", registry_code="00-0000000"
    )

    assert kinds(pair) == ["receipt", "receipt"]


def test_an_unclosed_month_and_gifts_that_wait_are_tasks(pair: Partnership) -> None:
    with clock.showing(NOW):
        world.taken_in(pair, world.cheque())
    with clock.showing(NOW.replace(month=10, day=20)):
        found = [item.kind for item in inbox(pair).items]

    assert found == ["unposted", "month"]


def test_the_inbox_page_says_the_age_and_leads_to_where_it_is_mended(
    client: Client, pair: Partnership, gifts: list[Gift], tom: Person
) -> None:
    with clock.showing(NOW):
        disputes.opened(
            gift=gifts[1], key="d1", amount_minor=10_000, reason="", due_date=None, at=NOW
        )
    with clock.showing(NOW.replace(day=5)):
        page = world.signed_in(client, tom).get(f"/en/desk/{pair.slug}/inbox/")

    words = unescape(page.content.decode())
    assert "A bank disputes a gift: $100.00" in words
    assert "2 days old" in words
    assert f"/gifts/{gifts[1].ref}/disputes/" in words


def test_the_trail_tells_who_entered_moved_and_refunded(
    pair: Partnership, gifts: list[Gift], tom: Person
) -> None:
    with clock.showing(NOW.replace(hour=13)):
        move(
            partnership=pair, person=tom,
            slip=MoveSlip("t", "kramatorsk-usd", "kramatorsk-mri", 100, "=1+1"),
        )  # fmt: skip
    actions.refund_gift(
        gift=gifts[0], person=tom, amount_minor=100, reason="asked", earlier=0,
        at=NOW.replace(hour=14),
    )  # fmt: skip

    everything = trail.trail(pair, trail.Asked(), 50)
    only_moves = trail.trail(pair, trail.Asked(kind="move"), 50)
    nobodys = trail.trail(pair, trail.Asked(person_id=0), 50)
    earlier = trail.trail(pair, trail.Asked(before=NOW.replace(hour=13)), 50)

    assert [act.kind for act in everything] == ["refund", "move", "gift", "gift"]
    assert {act.person for act in everything} == {"Tom"}
    assert [act.why for act in only_moves] == ["=1+1"]
    assert nobodys == []
    assert [act.kind for act in earlier] == ["gift", "gift"]


def test_the_trails_page_and_its_file_hold_no_formula(
    client: Client, pair: Partnership, gifts: list[Gift], tom: Person
) -> None:
    slip = MoveSlip("t", "kramatorsk-usd", "kramatorsk-mri", 100, "=1+1")
    move(partnership=pair, person=tom, slip=slip)
    desk = world.signed_in(client, tom)

    page = desk.get(f"/en/desk/{pair.slug}/trail/", {"kind": "move"})
    file = desk.get(f"/en/desk/{pair.slug}/trail/", {"as": "csv"})
    wrong = desk.get(f"/en/desk/{pair.slug}/trail/", {"first": "soon"})

    assert "moved money between funds" in page.content.decode()
    rows = list(csv.reader(io.StringIO(file.content.decode())))
    assert ["'=1+1"] in [row[-1:] for row in rows]
    assert wrong.status_code == 422


def test_the_trial_balance_balances_on_any_day(pair: Partnership, gifts: list[Gift]) -> None:
    actions.refund_gift(
        gift=gifts[1], person=None, amount_minor=10_000, reason="a", earlier=0,
        at=NOW.replace(day=9),
    )  # fmt: skip

    for day in (date(2026, 9, 2), DAY, date(2026, 9, 9)):
        for total in exports.totals(exports.trial_balance(pair, day)):
            assert total.debit_minor == total.credit_minor

    (before,), (after,) = exports.split(pair, DAY), exports.split(pair, date(2026, 9, 9))
    assert (before.with_minor, before.operating_minor) == (12_400, 0)
    assert (after.with_minor, after.operating_minor) == (2_500, -100)


def test_an_order_moves_restricted_money_into_what_is_committed(
    pair: Partnership, gifts: list[Gift]
) -> None:
    ledger.place_order(
        partnership=pair, key="order:1", fund_codes=["kramatorsk-usd"], units=[("pump", 2_000)],
        at=NOW,
    )  # fmt: skip

    (split,) = exports.split(pair, DAY)

    assert (split.free_minor, split.committed_minor, split.with_minor) == (10_400, 2_000, 12_400)


def test_the_entries_file_has_a_line_for_each_transfer_of_its_days(
    client: Client, pair: Partnership, gifts: list[Gift], tom: Person
) -> None:
    desk, url = world.signed_in(client, tom), f"/en/desk/{pair.slug}/exports/file/"

    inside = desk.get(url, {"first": "2026-09-03", "last": "2026-09-03"})
    outside = desk.get(url, {"first": "2026-09-04", "last": "2026-09-30"})
    beancount = desk.get(url, {"what": "beancount", "first": "2026-09-03", "last": "2026-09-03"})
    unknown = desk.get(url, {"what": "donors"})

    rows = list(csv.DictReader(io.StringIO(b"".join(inside).decode())))
    assert [(row["credit"], row["amount"]) for row in rows] == [
        ("fund:kramatorsk-usd", "25.00"),
        ("fund:kramatorsk-usd", "99.00"),
        ("income:fees-covered:cheque", "1.00"),
    ]
    assert len(b"".join(outside).decode().splitlines()) == 1
    text = b"".join(beancount).decode()
    assert "Assets:Bank:Main  25.00 USD" in text
    amounts = [Decimal(line.split()[-2]) for line in text.splitlines() if line.endswith(" USD")]
    assert sum(amounts) == 0
    assert unknown.status_code == 404


def test_the_exports_page_shows_both_classes_and_refuses_days_turned_round(
    client: Client, pair: Partnership, gifts: list[Gift], tom: Person
) -> None:
    desk, url = world.signed_in(client, tom), f"/en/desk/{pair.slug}/exports/"

    page = desk.get(url, {"first": "2026-09-01", "last": "2026-09-30"})
    wrong = desk.get(url, {"first": "2026-09-30", "last": "2026-09-01"})

    words = unescape(page.content.decode())
    assert "With donor restrictions" in words
    assert "124.00" in words
    assert wrong.status_code == 422
