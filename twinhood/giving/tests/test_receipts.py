"""Receipts: one for each gift, numbered without a gap, put right by new ones, sent and kept."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from twinhood.giving import actions, disputes, receipt_pdf, receipt_writing, receipts
from twinhood.giving.core import receipt_keeping, receipt_number
from twinhood.giving.core.receipt import Organisation, ReceiptGift, ReceiptKind
from twinhood.giving.core.receipt import Receipt as Stated
from twinhood.giving.core.receipt_keeping import Kept
from twinhood.giving.core.sealing import DonorFacts, NotOurs
from twinhood.giving.keys import master_keys, open_donor, seal_donor
from twinhood.giving.letters import send_due
from twinhood.giving.models import Donor, Gift, Issuer, Mail, Receipt
from twinhood.giving.receipt_writing import open_receipt
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.kit.tests.mailbox import Mailbox, open_mailbox, text_of
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db
NEW_YEAR = datetime(2024, 1, 1, 3, tzinfo=UTC)  # still 2023 in New York


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with open_mailbox(settings) as opened:
        yield opened


def pair(rules: str = "us", **more: object) -> Partnership:
    found = world.partnership()
    world.fund(found)
    issuer(found, rules=rules, **more)
    return found


def issuer(of: Partnership, **more: object) -> Issuer:
    facts: dict[str, object] = {
        "organisation": of.recipient,
        "legal_name": "Example Aid Inc.",
        "address": "1 Example Street",
        "registry_code": "00-0000000",
        "time_zone": "America/New_York",
        "is_example": True,
    }
    return Issuer.objects.create(**(facts | more))


def numbers(of: Partnership) -> list[str]:
    found = Receipt.objects.filter(issuer__organisation=of.recipient).order_by("id")
    return [str(receipt) for receipt in found.select_related("issuer")]


def refunded(gift: Gift, amount_minor: int) -> None:
    actions.refund_gift(
        gift=gift, person=None, amount_minor=amount_minor, reason="Asked for it",
        earlier=gift.refunds.count(),
    )  # fmt: skip


# --- issuing


def test_each_posted_gift_gets_one_receipt_and_one_letter() -> None:
    stamford = pair()
    gifts = world.posted(stamford, world.cheque(), world.cheque(), world.cheque())

    issued = [receipts.issue_due(), receipts.issue_due(), receipts.issue_due()]

    assert issued == [3, 0, 0]
    assert [receipts.receipt_of(gift) is not None for gift in gifts] == [True] * 3
    year = clock.today_in("America/New_York").year
    assert numbers(stamford) == [f"R-{year}-000{n}" for n in (1, 2, 3)]
    assert Mail.objects.filter(kind="receipt").count() == 3


def test_a_gift_that_waits_to_be_posted_waits_for_its_receipt() -> None:
    stamford = pair()
    world.taken_in(stamford, world.cheque())

    before = receipts.issue_due()
    actions.post_settled()
    after = receipts.issue_due()

    assert (before, after) == (0, 1)


def test_a_gift_of_nobody_gets_no_receipt_and_holds_up_none() -> None:
    stamford = pair()
    world.posted(stamford, world.cheque(donor=DonorFacts()), world.cheque())

    assert receipts.issue_due() == 1


def test_what_stands_on_it_is_what_was_given() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque(2500, purpose="Ambulances"))
    receipts.issue_due()

    receipt = receipts.receipt_of(gift)

    assert receipt is not None
    kept = open_receipt(receipt)
    assert kept.receipt.organisation == Organisation(
        "Example Aid Inc.", "00-0000000", "1 Example Street"
    )
    assert kept.receipt.gifts == (
        ReceiptGift(date(2023, 4, 6), "Ambulances", given_minor=2500, currency="USD"),
    )
    assert kept.receipt.payer_name == "Anna"
    assert kept.receipt.number == str(receipt)


def test_without_facts_that_the_rule_asks_for_there_is_none() -> None:
    stamford = pair("ua", registry_code="00000000")
    nameless = DonorFacts(email="anna@example.org")
    world.posted(stamford, world.cheque(donor=nameless), world.cheque(donor=world.BORIS))

    assert receipts.issue_due() == 1


def test_numbers_follow_each_other_in_batches_and_belong_to_the_organisations_year() -> None:
    stamford = pair()
    with clock.showing(NEW_YEAR):
        world.posted(stamford, *(world.cheque() for _ in range(5)))
        old = receipts.issue_due(limit=2, batches_max=9)
    with clock.showing(NEW_YEAR + timedelta(hours=3)):
        world.posted(stamford, world.cheque())
        new = receipts.issue_due()

    assert (old, new) == (5, 1)
    assert numbers(stamford) == [*(f"R-2023-000{n}" for n in range(1, 6)), "R-2024-0001"]


def test_what_is_rolled_back_leaves_no_gap() -> None:
    stamford = pair()
    world.posted(stamford, world.cheque(), world.cheque())

    with transaction.atomic():
        receipts.issue_due()
        transaction.set_rollback(True)
    receipts.issue_due()

    serials = list(Receipt.objects.values_list("serial", flat=True))
    assert receipt_number.first_gap(serials) is None
    assert len(serials) == 2


@pytest.mark.django_db(transaction=True)
def test_many_who_issue_at_once_leave_no_gap_and_no_double() -> None:
    stamford = pair()
    world.posted(stamford, *(world.cheque() for _ in range(40)))

    def issue() -> None:
        try:
            receipts.issue_due(limit=7, batches_max=9)
        finally:
            connection.close()

    threads = [threading.Thread(target=issue) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    receipts.issue_due()

    serials = list(Receipt.objects.values_list("serial", flat=True))
    assert sorted(serials) == list(range(1, 41))
    assert Receipt.objects.values("gift").distinct().count() == 40
    assert Mail.objects.count() == 40


def test_an_organisation_that_issues_none_holds_up_no_other() -> None:
    stamford = pair()
    other = world.partnership("other")
    world.fund(other)
    world.posted(other, world.cheque())
    world.posted(stamford, world.cheque())

    assert receipts.issue_due() == 1
    issuer(other)
    assert receipts.issue_earlier(other) == 1


# --- correcting


def test_a_gift_partly_given_back_gets_a_receipt_that_names_the_old_one() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque(2500))
    receipts.issue_due()
    old = receipts.receipt_of(gift)
    assert old is not None

    refunded(gift, 1000)
    counts = [receipts.replace_due(), receipts.replace_due()]

    new = receipts.receipt_of(gift)
    assert new is not None
    stated = open_receipt(new).receipt
    assert counts == [1, 0]
    assert stated.replaces == str(old)
    assert stated.gifts[0].amount_minor == 1500
    assert stated.gifts[0].refunded_minor == 1000
    assert new.replaces == old


def test_a_gift_wholly_given_back_has_its_receipt_cancelled() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque(2500))
    receipts.issue_due()
    old = receipts.receipt_of(gift)

    refunded(gift, 2500)
    (cancellation,) = receipts.replace_for(gift, "Given back")

    assert receipts.receipt_of(gift) is None
    assert cancellation.kind == Receipt.Kind.CANCELLATION
    assert cancellation.replaces == old
    assert open_receipt(cancellation).reason == "Given back"
    assert receipts.replace_due() == 0


def test_what_a_dispute_took_and_gave_back_ends_in_a_receipt_of_the_whole() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque(2500))
    receipts.issue_due()
    at = clock.now()
    told: dict[str, Any] = {"gift": gift, "key": "dp_1"}

    disputes.lost(**told, amount_minor=2500, fee_minor=1500, at=at)
    lost = receipts.replace_due()
    disputes.won(**told, at=at + timedelta(days=60))
    won = receipts.replace_due()

    latest = receipts.receipt_of(gift)
    assert (lost, won) == (1, 1)
    assert latest is not None
    assert open_receipt(latest).receipt.gifts[0].amount_minor == 2500
    assert [receipt.kind for receipt in Receipt.objects.order_by("id")] == [
        "gift", "cancellation", "gift",
    ]  # fmt: skip


def test_a_receipt_cancelled_by_hand_stays_cancelled_and_a_second_time_is_refused() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque(2500))
    receipts.issue_due()
    old = receipts.receipt_of(gift)
    assert old is not None

    receipts.cancel(old, "Wrong person")
    refunded(gift, 1000)

    with pytest.raises(receipts.Replaced):
        receipts.cancel(old, "Wrong person")
    assert receipts.replace_due() == 0
    assert receipts.issue_due() == 0
    assert receipts.receipt_of(gift) is None


def test_a_wrong_name_is_put_right_by_a_new_receipt() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque())
    receipts.issue_due()
    old = receipts.receipt_of(gift)
    assert old is not None
    assert gift.donor is not None
    facts = DonorFacts(name="Anna Kovalenko", email="anna@example.org", address="Kyiv")
    seal_donor(gift.donor, facts, master_keys())
    gift.donor.save()

    new = receipts.reissue(old, "Misspelt")

    assert open_receipt(new).receipt.payer_name == "Anna Kovalenko"
    assert open_receipt(old).receipt.payer_name == "Anna"


# --- goods and years


def test_a_receipt_for_goods_tells_no_value_and_is_issued_once() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque())
    assert gift.donor is not None
    told: dict[str, Any] = {
        "donor": gift.donor,
        "key": "pallet-1",
        "description": "A pallet of blankets",
        "received_date": date(2023, 5, 1),
        "purpose": "Kramatorsk hospital",
    }

    first, second = receipts.issue_for_goods(**told), receipts.issue_for_goods(**told)

    words = " ".join(receipt_pdf.said(open_receipt(first)).gifts)
    assert first == second
    assert words == "A pallet of blankets, received on 1 May 2023 for: Kramatorsk hospital"
    assert "$" not in words


def test_a_year_is_one_statement_for_each_donor() -> None:
    stamford = pair()
    world.posted(
        stamford,
        world.cheque(2500, world.ANNA),
        world.cheque(1000, world.ANNA, received_date=date(2023, 12, 31)),
        world.cheque(5000, world.ANNA, received_date=date(2024, 1, 1)),
        world.cheque(700, world.BORIS),
    )
    heard: list[int] = []

    issued = [
        receipts.issue_year(stamford, 2023, progress=heard.append),
        receipts.issue_year(stamford, 2023),
    ]

    statements = {
        open_receipt(receipt).receipt.payer_name: open_receipt(receipt)
        for receipt in Receipt.objects.filter(kind="year")
    }
    assert issued == [2, 0]
    assert heard == [2]
    assert [gift.given_minor for gift in statements["Anna"].receipt.gifts] == [2500, 1000]
    assert "In all: $35.00" in receipt_pdf.said(statements["Anna"]).gifts
    assert statements["Anna"].year == 2023


def test_a_refund_puts_the_statement_of_its_year_right_too() -> None:
    stamford = pair()
    first, _ = world.posted(stamford, world.cheque(2500), world.cheque(1000))
    receipts.issue_due()
    receipts.issue_year(stamford, 2023)

    refunded(first, 500)
    made = receipts.replace_due()

    statement = Receipt.objects.get(kind="year", replaced_by=None)
    assert made == 2
    assert [gift.amount_minor for gift in open_receipt(statement).receipt.gifts] == [2000, 1000]
    assert receipts.issue_year(stamford, 2023) == 0


def test_a_gift_that_comes_after_the_years_statement_leads_to_one_that_names_the_old() -> None:
    stamford = pair()
    world.posted(stamford, world.cheque(2500, world.ANNA), world.cheque(700, world.BORIS))
    receipts.issue_due()
    receipts.issue_year(stamford, 2023)
    old = Receipt.objects.get(kind="year", donor__gifts__amount_minor=2500)

    late = world.cheque(1000, world.ANNA, received_date=date(2023, 12, 30))
    world.posted(stamford, late, world.cheque(900, world.ANNA, received_date=date(2024, 1, 2)))
    receipts.issue_due()

    (new,) = Receipt.objects.filter(kind="year", replaces__isnull=False)
    assert new.replaces == old
    assert [gift.given_minor for gift in open_receipt(new).receipt.gifts] == [2500, 1000]
    assert open_receipt(new).receipt.replaces == str(old)
    assert Mail.objects.filter(key=f"receipt:{new.pk}").count() == 1
    assert receipts.issue_due() == 0
    assert receipts.issue_year(stamford, 2023) == 0


def test_a_statement_cancelled_by_hand_stays_cancelled() -> None:
    stamford = pair()
    world.posted(stamford, world.cheque(2500), world.cheque(1000))
    receipts.issue_due()
    receipts.issue_year(stamford, 2023)
    receipts.cancel(Receipt.objects.get(kind="year"), "Sent to the wrong address")

    world.posted(stamford, world.cheque(300))
    receipts.issue_due()

    assert receipts.issue_year(stamford, 2023) == 0
    assert Receipt.objects.filter(kind="year").count() == 1


# --- keeping


def test_a_receipt_outlives_the_donor_who_is_forgotten_until_its_time_is_over() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque())
    receipts.issue_due()
    receipt = receipts.receipt_of(gift)
    assert receipt is not None
    assert gift.donor is not None
    until = receipt.kept_until_date

    actions.erase(donor=gift.donor)
    early = receipts.forget_old(on=until)
    kept = open_receipt(receipt).receipt.payer_name
    late = receipts.forget_old(on=until + timedelta(days=1))

    receipt.refresh_from_db()
    assert open_donor(Donor.objects.get(), master_keys()) == DonorFacts()
    assert (early, kept, late) == (0, "Anna", 1)
    assert until == date(receipt.issued_at.year + 7, 12, 31)
    with pytest.raises(NotOurs):
        open_receipt(receipt)


def test_what_stands_on_a_receipt_cannot_be_read_without_the_master_key() -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque())
    receipts.issue_due()
    receipt = receipts.receipt_of(gift)
    assert receipt is not None

    other = Receipt.objects.get(pk=receipt.pk)
    other.serial += 1

    assert b"Anna" not in bytes(receipt.sealed)
    with pytest.raises(NotOurs):
        open_receipt(other)


dates = st.dates(date(2000, 1, 1), date(2100, 1, 1))
texts = st.text(max_size=30)
amounts = st.integers(0, 2**53)
gifts = st.builds(
    ReceiptGift, dates, texts, amounts, amounts, st.sampled_from(["USD", ""]), texts, texts, amounts
)


@given(
    kind=st.sampled_from(ReceiptKind),
    on=dates,
    found=st.lists(gifts, max_size=3),
    words=st.lists(texts, min_size=6, max_size=6),
    year=st.integers(0, 9999),
    is_example=st.booleans(),
)
def test_what_is_kept_is_read_back_as_it_was(
    kind: ReceiptKind, on: date, found: list[ReceiptGift], words: list[str], year: int,
    is_example: bool,
) -> None:  # fmt: skip
    organisation = Organisation(words[0], words[1], words[2])
    stated = Stated(kind, words[3], on, organisation, tuple(found), words[4], has_gift_aid=True)
    kept = Kept(stated, "uk", words[5], year, is_example)

    assert receipt_keeping.kept_from_bytes(receipt_keeping.kept_to_bytes(kept)) == kept


# --- letters and pages


def test_the_letter_says_what_the_receipt_says_and_brings_it(mailbox: Mailbox) -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque(2500))
    receipts.issue_due()

    send_due()

    (letter,) = mailbox.letters
    receipt = receipts.receipt_of(gift)
    text = text_of(letter)
    assert letter["Subject"] == f"Receipt {receipt}"
    assert "$25.00, received on 6 April 2023 for: Ambulances" in text
    assert "No goods or services were provided in return." in text
    (pdf,) = letter.iter_attachments()
    assert pdf.get_filename() == f"{receipt}.pdf"
    assert pdf.get_content().startswith(b"%PDF")


def test_of_a_receipt_that_was_replaced_before_it_was_sent_only_the_new_one_goes(
    mailbox: Mailbox,
) -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque(2500))
    receipts.issue_due()
    refunded(gift, 1000)
    receipts.replace_due()

    done = send_due()

    (letter,) = mailbox.letters
    assert (done.sent, done.dropped) == (1, 1)
    assert "$15.00: $25.00, received on 6 April 2023, less $10.00" in text_of(letter)


def given_with_link(stamford: Partnership) -> tuple[Gift, str]:
    taken = actions.take_in(partnership=stamford, person=None, rows=[world.cheque()])
    actions.post_settled()
    return Gift.objects.get(ref=taken.new[0].ref), taken.new[0].secret


def test_a_donor_reads_and_fetches_the_receipt_by_their_link(client: Client) -> None:
    stamford = pair()
    _, secret = given_with_link(stamford)
    too_early = client.get(f"/en/t/{secret}/receipt/")
    receipts.issue_due()

    page = client.get(f"/en/t/{secret}/receipt/")
    file = client.get(f"/uk/t/{secret}/receipt.pdf")
    trace = client.get(f"/en/t/{secret}/").content.decode()

    assert too_early.status_code == 404
    assert "Received from Anna" in page.content.decode()
    assert f'href="/en/t/{secret}/receipt/"' in trace
    assert file["Content-Type"] == "application/pdf"
    assert file.content.startswith(b"%PDF")
    assert "no-store" in file["Cache-Control"]
    assert client.get("/en/t/0000/receipt.pdf").status_code == 404


def test_a_receipt_is_sent_again_a_few_times_a_day(client: Client) -> None:
    stamford = pair()
    _, secret = given_with_link(stamford)
    receipts.issue_due()

    noon = clock.now().replace(hour=12)
    for hours in range(4):
        with clock.showing(noon + timedelta(hours=hours)):
            for _ in range(2):
                client.post(f"/en/t/{secret}/receipt/")
    today = Mail.objects.count()
    with clock.showing(noon + timedelta(days=1)):
        client.post(f"/en/t/{secret}/receipt/")

    assert today == 1 + receipts.AGAIN_MAX
    assert Mail.objects.count() == today + 1


def test_no_more_than_three_receipts_an_hour_reach_one_address_whoever_asks() -> None:
    stamford = pair()
    world.posted(stamford, *(world.cheque(donor=world.ANNA) for _ in range(5)))
    world.posted(stamford, world.cheque(donor=world.BORIS))
    receipts.issue_due()
    *annas, boriss = Receipt.objects.order_by("id")
    begun_at = clock.now().replace(minute=0)

    sent = [receipts.send_again(receipt, at=begun_at) for receipt in annas]
    to_boris = receipts.send_again(boriss, at=begun_at)
    later = receipts.send_again(annas[-1], at=begun_at + timedelta(hours=1))

    assert sent == [True, True, True, False, False]
    assert (to_boris, later) == (True, True)


def test_the_treasurer_finds_sends_and_corrects_a_receipt(client: Client) -> None:
    stamford = pair()
    (gift,) = world.posted(stamford, world.cheque())
    receipts.issue_due()
    number = str(receipts.receipt_of(gift))
    tom = world.signed_in(client, world.tom(stamford))
    desk = f"/en/desk/{stamford.slug}/receipts/"

    found = tom.get(desk, {"number": number.lower()}).content.decode()
    missing = tom.get(desk, {"number": "R-2020-0001"}).content.decode()
    page = tom.get(f"{desk}{number}/").content.decode()
    pdf = tom.get(f"{desk}{number}/receipt.pdf")
    tom.post(f"{desk}{number}/again/")
    refused = tom.post(f"{desk}{number}/", {"what": "cancel", "reason": ""})
    done = tom.post(f"{desk}{number}/", {"what": "cancel", "reason": "Twice"}, follow=True)
    twice = tom.post(f"{desk}{number}/", {"what": "cancel", "reason": "Twice"})

    assert number in found
    assert number not in missing.replace(f'value="{number}"', "")
    assert "Received from Anna" in page
    assert pdf.content.startswith(b"%PDF")
    assert Mail.objects.filter(key__contains=":1").count() >= 1
    assert (refused.status_code, twice.status_code) == (422, 422)
    assert "takes the place of" in done.content.decode()
    assert receipts.receipt_of(gift) is None


def test_receipts_of_another_partnership_are_not_found(client: Client) -> None:
    stamford, other = pair(), world.partnership("other")
    (gift,) = world.posted(stamford, world.cheque())
    receipts.issue_due()
    number = str(receipts.receipt_of(gift))
    eve = world.signed_in(client, world.person("Eve", other, "treasurer"))

    assert eve.get(f"/en/desk/other/receipts/{number}/").status_code == 404
    assert eve.get(f"/en/desk/other/receipts/{number}/receipt.pdf").status_code == 404


def test_writing_a_receipt_that_lacks_something_writes_nothing() -> None:
    stamford = pair()
    bad = receipt_writing.Draft("x", Receipt.Kind.GIFT, ReceiptKind.US, "en", ())

    with pytest.raises(receipts.ReceiptLacks):
        receipt_writing.write(Issuer.objects.get(organisation=stamford.recipient), [bad], NEW_YEAR)

    assert Receipt.objects.count() == 0
