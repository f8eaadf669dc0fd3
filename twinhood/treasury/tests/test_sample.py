"""Scenario S11: auditor Grant samples gifts, and follows each from the bank to the hand-over."""

import csv
import re
from datetime import date
from hashlib import sha256
from html import unescape
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from twinhood.deliveries import actions as deliveries
from twinhood.deliveries.models import HandoverAct, Order
from twinhood.deliveries.tests.world import World
from twinhood.giving import actions as giving
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Gift
from twinhood.giving.tests import world as givers
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.treasury import sampling
from twinhood.treasury.models import StatementLine
from twinhood.treasury.sampling import Asked
from twinhood.treasury.tests.camt_files import file_of, one

pytestmark = pytest.mark.django_db
NAMES = ("Anna", "Boris", "Clara", "Dana", "Ivan", "Maya")


class Story(World):
    """Six gifts by cheque; one ambulance is bought, paid and handed over, the rest is free."""

    def __post_init__(self) -> None:
        super().__post_init__()
        with clock.showing(AT.replace(year=AT.year - 1)):
            rows = [
                givers.cheque(
                    2_000_000, DonorFacts(name=name, email=f"{name.lower()}@example.org"),
                    key=f"cheque-{number}", fund_code="main",
                    received_date=date(AT.year - 1, 4, 1 + number),
                )
                for number, name in enumerate(NAMES)
            ]  # fmt: skip
            giving.take_in(partnership=self.partnership, person=self.tom, rows=rows)
            giving.post_settled()

    def bought(self) -> tuple[Order, HandoverAct]:
        order = self.proposed(1)
        self.approved_by(order, self.tom, self.lesia)
        self.invoiced(order, "R-17")
        deliveries.pay(
            order=order, amount_minor=8_250_000, invoice="R-17", bank_code="assets:bank:main",
            by=self.tom, at=AT,
        )  # fmt: skip
        return order, self.handed_over(*self.with_serials(order))

    @property
    def page(self) -> str:
        return f"/en/desk/{self.partnership.slug}/sample/"

    def grant(self) -> Client:
        grant = givers.person("Grant", self.partnership, "auditor")
        return givers.signed_in(Client(), grant)

    def bank_shows(self, desk: Client, amount_minor: int, key: str, on: date) -> None:
        """Let the bank show a movement, and match it with what stands in the books."""
        bank = f"/en/desk/{self.partnership.slug}/bank/"
        known = StatementLine.objects.count()
        total = sum(StatementLine.objects.values_list("amount_minor", flat=True))
        data = file_of(
            [one(amount_minor, bank_ref=f"B-{known}", day=on.isoformat())],
            currency="USD", opening_minor=100_000_000 + total, name=f"no. {known}", balances="",
        )  # fmt: skip
        looked = desk.post(bank, {"file": SimpleUploadedFile("s.xml", data)}, follow=True)
        desk.post(looked.redirect_chain[-1][0], {"step": "take"})
        line = StatementLine.objects.latest("id")
        desk.post(f"{bank}lines/{line.pk}/", {"step": "entries", f"entry-{key}": "on"})
        line.refresh_from_db()
        assert line.state == "matched"


@pytest.fixture
def story() -> Story:
    return Story()


def text_of(page: bytes) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.decode())))


def test_the_same_seed_draws_the_same_gifts_and_anybody_can(story: Story) -> None:
    refs = list(Gift.objects.values_list("ref", flat=True))

    drawn = sampling.draw(story.partnership, Asked("2026-a", size=3))

    expected = sorted(refs, key=lambda ref: sha256(f"2026-a:{ref}".encode()).digest())[:3]
    assert [found.gift.ref for found in drawn.followed] == expected
    assert drawn.population == 6
    assert [f.gift.ref for f in sampling.draw(story.partnership, Asked("b", size=3)).followed] != (
        expected
    )


def test_by_amount_by_day_and_within_days(story: Story) -> None:
    first, last = date(AT.year - 1, 4, 2), date(AT.year - 1, 4, 4)

    newest = sampling.draw(story.partnership, Asked("", 25, "newest", first, last))

    assert newest.population == 3
    days = [found.gift.received_date.day for found in newest.followed]
    assert days == [4, 3, 2]


def test_grant_follows_a_gift_to_its_act_and_is_told_what_is_missing(story: Story) -> None:
    order, act = story.bought()
    grant = story.grant()

    page = text_of(grant.get(story.page, {"how": "newest"}).content)

    assert "6 gifts of 6" in page
    assert str(order) in page
    assert f"act {act}" in page
    assert "$20,000.00" in page
    assert "WDB9066331S000001" in page
    assert "Not spent yet" in page
    assert "No line of the bank stands for this gift yet." in page
    assert "A payment to the supplier has no line of the bank yet." in page
    assert not any(name in page for name in NAMES)


def test_a_gift_whose_every_proof_stands_is_followed_to_the_end(story: Story) -> None:
    order, _ = story.bought()
    desk = story.signed_in(story.tom)
    first = Gift.objects.order_by("id")[0]
    story.bank_shows(desk, 2_000_000, first.key, first.settled_at.date())
    story.bank_shows(desk, -8_250_000, order.payments.get().key, AT.date())

    drawn = sampling.draw(story.partnership, Asked("", how="newest"))

    by_ref = {found.gift.ref: found for found in drawn.followed}
    found = by_ref[first.ref]
    assert found.is_whole
    assert found.bank is not None
    assert found.bank.line is not None
    assert [part.missing for part in found.parts] == [()]
    assert drawn.whole_count == 1
    assert drawn.lacking_count == 5


def test_the_sample_as_a_file_says_the_same(story: Story) -> None:
    story.bought()

    answer = story.grant().get(story.page, {"seed": "s", "as": "csv", "size": "6"})

    rows = list(csv.DictReader(StringIO(answer.content.decode())))
    assert {row["gift"] for row in rows} == set(Gift.objects.values_list("ref", flat=True))
    bought = [row for row in rows if row["became"] == "order"]
    assert sum(float(row["part_amount"]) for row in bought) == 82_500
    assert all(row["act"] == "A-1" for row in bought)
    assert all("no_line" in row["missing"] for row in rows)


@pytest.mark.parametrize(
    "asked", [{"size": "0"}, {"size": "101"}, {"first": "yesterday"}, {"how": "worst"}]
)
def test_a_wrong_question_is_answered_with_what_is_wrong(
    story: Story, asked: dict[str, str]
) -> None:
    answer = story.grant().get(story.page, asked | {"seed": "kept"})

    assert answer.status_code == 422
    assert 'value="kept"' in answer.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_sample(story: Story) -> None:
    story.bought()

    def queries(size: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            sampling.draw(story.partnership, Asked("s", size=size))
        return len(seen)

    assert queries(1) <= queries(6) <= 16


def test_who_may_not_read_the_books_does_not_see_it(story: Story, client: Client) -> None:
    editor = givers.signed_in(client, givers.person("Maya", story.partnership, "editor"))

    assert editor.get(story.page).status_code in {403, 404}
    assert story.grant().post(story.page).status_code == 405
