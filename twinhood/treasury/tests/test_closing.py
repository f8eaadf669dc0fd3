"""Month-end: what is looked at, who closes, and who opens again."""

from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from twinhood.giving.actions import post_settled
from twinhood.giving.models import Issuer, Receipt, ReceiptCounter
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.ledger import months
from twinhood.ledger.models import Entry
from twinhood.people.models import Partnership, Person
from twinhood.treasury import checks, closing
from twinhood.treasury.core.month import Month
from twinhood.treasury.models import ClosedMonth

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)
IN_SEPTEMBER = datetime(2026, 9, 20, 12, tzinfo=UTC)
IN_OCTOBER = datetime(2026, 10, 6, 12, tzinfo=UTC)
# Where Stamford's October begins.
END = datetime(2026, 10, 1, 4, tzinfo=UTC)


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    with clock.showing(IN_SEPTEMBER):
        world.fund(made)
        Issuer.objects.create(
            organisation=made.recipient, legal_name="Example Aid", registry_code="00-0000000"
        )
    return made


@pytest.fixture
def tom(pair: Partnership) -> Person:
    return world.tom(pair)


def found(pair: Partnership, code: str) -> checks.Check:
    return next(c for c in checks.checks_of(pair, SEPTEMBER) if c.code == code)


def test_a_month_ends_on_the_giving_sides_clocks() -> None:
    assert SEPTEMBER.ends_at("America/New_York") == END
    assert Month(2026, 12).next == Month(2027, 1)
    assert Month(2027, 1).previous == Month(2026, 12)
    assert Month.parse("2026-09") == SEPTEMBER


def test_a_closed_month_takes_nothing_and_what_comes_late_is_dated_after_it(
    pair: Partnership, tom: Person
) -> None:
    with clock.showing(IN_OCTOBER):
        closing.close(partnership=pair, month=SEPTEMBER, person=tom)
    with clock.showing(IN_SEPTEMBER):
        (late,) = world.taken_in(pair, world.cheque(2500))

    with clock.showing(IN_OCTOBER):
        post_settled()

    assert late.settled_at == IN_SEPTEMBER
    assert Entry.objects.get(key=late.key).happened_at == END


def test_a_month_with_gifts_that_are_not_posted_is_not_closed(
    pair: Partnership, tom: Person
) -> None:
    with clock.showing(IN_SEPTEMBER):
        world.taken_in(pair, world.cheque(2500))

    with clock.showing(IN_OCTOBER), pytest.raises(closing.CannotClose) as problem:
        closing.close(partnership=pair, month=SEPTEMBER, person=tom)

    assert problem.value.codes == ("posted",)
    assert months.closed_before(pair) is None


def test_a_month_that_has_not_ended_is_not_closed(pair: Partnership, tom: Person) -> None:
    with clock.showing(IN_SEPTEMBER), pytest.raises(closing.CannotClose, match="ended"):
        closing.close(partnership=pair, month=SEPTEMBER, person=tom)


def test_a_gap_in_the_receipts_stops_the_month(pair: Partnership, tom: Person) -> None:
    issuer = Issuer.objects.get()
    Receipt.objects.create(
        issuer=issuer, year=2026, serial=2, kind="gift", rule="us", language="en",
        cause="gift:A", sealed=b"x", issued_at=IN_SEPTEMBER, kept_until_date=date(2033, 12, 31),
    )  # fmt: skip
    ReceiptCounter.objects.create(issuer=issuer, year=2026, last=2)

    with clock.showing(IN_OCTOBER), pytest.raises(closing.CannotClose, match="receipts"):
        closing.close(partnership=pair, month=SEPTEMBER, person=tom)


def test_what_is_open_needs_a_note(pair: Partnership, tom: Person) -> None:
    Issuer.objects.all().delete()

    with clock.showing(IN_OCTOBER):
        with pytest.raises(closing.CannotClose, match="note"):
            closing.close(partnership=pair, month=SEPTEMBER, person=tom)
        closed = closing.close(
            partnership=pair, month=SEPTEMBER, person=tom, note="No receipts are issued yet."
        )

    assert {c["code"]: c["state"] for c in closed.checks}["receipts"] == "look"


def test_months_are_closed_one_after_the_other_and_once(pair: Partnership, tom: Person) -> None:
    with clock.showing(datetime(2026, 12, 2, tzinfo=UTC)):
        first = closing.close(partnership=pair, month=SEPTEMBER, person=tom)
        again = closing.close(partnership=pair, month=SEPTEMBER, person=tom)
        with pytest.raises(closing.CannotClose, match="order"):
            closing.close(partnership=pair, month=Month(2026, 11), person=tom)

    assert first.pk == again.pk


def test_only_another_person_opens_the_last_month_again(pair: Partnership, tom: Person) -> None:
    lesia = world.person("Lesia", pair, "approver")
    with clock.showing(IN_OCTOBER):
        closing.close(partnership=pair, month=SEPTEMBER, person=tom)
        with pytest.raises(closing.CannotReopen, match="not_asked"):
            closing.reopen(partnership=pair, month=SEPTEMBER, person=lesia)
        closing.ask_to_reopen(partnership=pair, month=SEPTEMBER, person=tom, reason="A lost slip")
        with pytest.raises(closing.CannotReopen, match="same_person"):
            closing.reopen(partnership=pair, month=SEPTEMBER, person=tom)
        closing.reopen(partnership=pair, month=SEPTEMBER, person=lesia)
        closing.close(partnership=pair, month=SEPTEMBER, person=tom)

    assert ClosedMonth.objects.count() == 2
    assert months.closed_before(pair) == END


def test_the_database_refuses_that_one_person_opens_a_month(pair: Partnership, tom: Person) -> None:
    with clock.showing(IN_OCTOBER):
        closed = closing.close(partnership=pair, month=SEPTEMBER, person=tom)
    closed.asked_by = closed.reopened_by = tom
    closed.reason, closed.reopened_at = "x", IN_OCTOBER

    with pytest.raises(IntegrityError, match="month_is_reopened_by_two"), transaction.atomic():
        closed.save()


def test_the_page_closes_a_month_and_opens_it_with_two(
    client: Client, pair: Partnership, tom: Person
) -> None:
    page = f"/en/desk/{pair.slug}/months/"
    desk = world.signed_in(client, tom)
    lesia = world.signed_in(Client(), world.person("Lesia", pair, "approver"))
    with clock.showing(IN_OCTOBER):
        first = desk.post(page, {"step": "close", "month": "2026-09", "note": ""}, follow=True)
        asked = desk.post(
            page, {"step": "ask", "month": "2026-09", "reason": "A lost slip"}, follow=True
        )
        agreed = lesia.post(page, {"step": "reopen", "month": "2026-09"}, follow=True)

    said = [unescape(answer.content.decode()) for answer in (first, asked, agreed)]
    assert "The month is closed: September 2026" in said[0]
    assert "Another person must agree" in said[1]
    assert "The month is open again: September 2026" in said[2]
    assert months.closed_before(pair) is None


def test_who_reads_the_books_sees_the_months_and_closes_none(pair: Partnership) -> None:
    auditor = world.signed_in(Client(), world.person("Grant", pair, "auditor"))
    page = f"/en/desk/{pair.slug}/months/"

    assert auditor.get(page).status_code == 200
    assert auditor.post(page, {"step": "close", "month": "2026-09"}).status_code == 403
    assert not ClosedMonth.objects.exists()


def test_a_month_that_is_none_is_refused_in_words(
    client: Client, pair: Partnership, tom: Person
) -> None:
    desk = world.signed_in(client, tom)

    answer = desk.post(f"/en/desk/{pair.slug}/months/", {"step": "close", "month": "2026-13"})

    assert answer.status_code == 422
