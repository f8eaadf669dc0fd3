"""Month-end with treasurer Tom: a wrong match undone, and the same files again.

The line, net of fees: Anna, Boris, St Basil's cheque, the Rotary's wire, Clara, the city staff's
drive. Tom takes St Basil's cheque for Anna's pledge, and puts it right the next day.
"""

from datetime import UTC, datetime
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from twinhood.giving import actions as giving
from twinhood.giving import pledging, receipts
from twinhood.giving.core.pledged import Told
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Gift, Issuer, Mail, Pledge, Receipt, ReceiptCounter
from twinhood.giving.queries import gift_by_secret, segment_of
from twinhood.giving.receipt_writing import open_receipt
from twinhood.giving.tests import pledges, world
from twinhood.kit import clock
from twinhood.ledger.models import Fund, Segment
from twinhood.people.models import Partnership
from twinhood.treasury.models import BankAccount, GiverChange, Match, StatementLine
from twinhood.treasury.reconciling import reconcile
from twinhood.treasury.tests.camt_files import file_of, one

pytestmark = pytest.mark.django_db
BANK = "/en/desk/stamford-kramatorsk/bank/"
FIRST_DAY = datetime(2023, 10, 2, 15, tzinfo=UTC)
NEXT_DAY = datetime(2023, 10, 3, 9, tzinfo=UTC)
CHEQUE = one(250_000, bank_ref="C-1", day="2023-09-12", texts=("AMBULANCE ANNA K",))
TWINS = [one(2500, day="2023-09-29", texts=("Sister city",)) for _ in range(2)]
SEPTEMBER = file_of([CHEQUE, *TWINS], opening_minor=0, currency="USD", name="2023-09")


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    issuer = Issuer.objects.create(
        organisation=made.recipient, legal_name="Example Aid Inc.", address="1 Example Street",
        registry_code="00-0000000", time_zone="America/New_York", is_example=True,
    )  # fmt: skip
    ReceiptCounter.objects.create(issuer=issuer, year=2023, last=1038)
    return made


@pytest.fixture
def annas(pair: Partnership) -> Pledge:
    told = Told(name="Anna K", email="anna@example.org")
    with clock.showing(datetime(2023, 9, 10, tzinfo=UTC)):
        return pledges.made(Fund.objects.get(), rail="transfer", told=told).pledge


@pytest.fixture
def tom(client: Client, pair: Partnership) -> Client:
    return world.signed_in(client, world.tom(pair))


def send(tom: Client, url: str, **form: object) -> str:
    answer = tom.post(url, form, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def take_in(tom: Client, data: bytes) -> str:
    """Upload, look, take in."""
    looked = tom.post(BANK, {"file": SimpleUploadedFile("statement.xml", data)}, follow=True)
    assert looked.status_code == 200
    return send(tom, looked.redirect_chain[-1][0], step="take")


def given(pair: Partnership, *amounts: tuple[int, int]) -> None:
    """Gifts of (amount, fee) by cheque or wire, laid on the line in this order."""
    for amount_minor, fee_minor in amounts:
        world.posted(pair, world.cheque(amount_minor, fee_minor=fee_minor, rail="wire"))


def accepted_by_mistake(tom: Client, pair: Partnership, annas: Pledge) -> Gift:
    """The line as the first day leaves it: the cheque is Anna's, and she has receipt 1041."""
    given(pair, (2500, 103), (10_000, 320))
    receipts.issue_due()
    assert "3 new lines are taken in." in take_in(tom, SEPTEMBER)
    line = StatementLine.objects.get(amount_minor=250_000)
    page = unescape(tom.get(f"{BANK}lines/{line.pk}/").content.decode())
    assert annas.reference in page.replace(" ", "")
    assert "a like name" in page
    assert "another amount was pledged" in page
    send(tom, f"{BANK}lines/{line.pk}/", step="accept", reference=annas.reference)
    giving.post_settled()
    receipts.issue_due()
    given(pair, (5_000_000, 1500), (500_000, 14_530), (1_500_000, 0))
    return Gift.objects.get(pledge=annas)


def test_a_wrong_match_is_undone_and_only_the_giver_changes(
    tom: Client, pair: Partnership, annas: Pledge
) -> None:
    with clock.showing(FIRST_DAY):
        gift = accepted_by_mistake(tom, pair, annas)
    wrong = receipts.receipt_of(gift)
    assert str(wrong) == "R-2023-1041"

    with clock.showing(NEXT_DAY):
        match = Match.objects.get()
        url = f"{BANK}lines/{match.line_id}/"
        page = send(
            tom, url, step="undo", match=match.pk,
            **{"undo-reason": "The cheque names Anna, but the parish gave it"},
        )  # fmt: skip
        assert "Say whose it is." in page
        send(
            tom, url, step="gift",
            **{"giver-fund": str(gift.fund_id), "giver-name": "St Basil parish",
               "giver-email": "basil@example.org", "giver-donor_language": "en",
               "giver-purpose": "Ambulances"},
        )  # fmt: skip

    gift.refresh_from_db()
    assert gift.donor is not None
    assert open_donor(gift.donor, master_keys()).name == "St Basil parish"
    segment = segment_of(gift)
    assert segment is not None
    assert (segment.start_minor, segment.end_minor) == (12_077, 262_077)
    (old,) = GiverChange.objects.all()
    assert (old.donor, old.pledge) == (annas.donor, annas)
    assert gift_by_secret(pledging.secret_of(annas)) is None
    annas.refresh_from_db()
    assert annas.state == "started"
    chain = list(Receipt.objects.filter(gift=gift).order_by("id"))
    assert [str(one) for one in chain] == ["R-2023-1041", "R-2023-1042", "R-2023-1043"]
    assert [one.kind for one in chain] == ["gift", "cancellation", "gift"]
    assert chain[1].replaces == chain[0]
    assert [one.donor for one in chain] == [annas.donor, annas.donor, gift.donor]
    assert receipts.receipt_of(gift) == chain[2]
    told = Mail.objects.filter(key__in=[f"receipt:{one.pk}" for one in chain])
    assert {mail.donor for mail in told} == {annas.donor, gift.donor}


def test_a_wrong_match_undone_puts_both_donors_years_right(
    tom: Client, pair: Partnership, annas: Pledge
) -> None:
    parish = {
        "giver-name": "St Basil parish", "giver-email": "basil@example.org",
        "giver-donor_language": "en", "giver-purpose": "Ambulances",
    }  # fmt: skip
    with clock.showing(FIRST_DAY):
        gift = accepted_by_mistake(tom, pair, annas)
        twins = StatementLine.objects.filter(amount_minor=2500).order_by("id")
        url = f"{BANK}lines/{twins[0].pk}/"
        send(tom, url, step="gift", **parish, **{"giver-fund": str(gift.fund_id)})
        giving.post_settled()
        receipts.issue_due()
        receipts.issue_year(pair, 2023)
    years = Receipt.objects.filter(kind="year").order_by("id")
    wrong = years.get(donor=annas.donor)

    with clock.showing(NEXT_DAY):
        match = Match.objects.get(pledge=annas)
        url = f"{BANK}lines/{match.line_id}/"
        send(tom, url, step="undo", match=match.pk, **{"undo-reason": "The parish gave it"})
        send(tom, url, step="gift", **parish, **{"giver-fund": str(gift.fund_id)})

    annas_own = Receipt.objects.get(replaces=wrong)
    assert 250_000 in [one.given_minor for one in open_receipt(wrong).receipt.gifts]
    assert 250_000 not in [one.given_minor for one in open_receipt(annas_own).receipt.gifts]
    gift.refresh_from_db()
    right = years.get(donor=gift.donor, replaced_by=None)
    assert right.replaces is not None
    assert [one.given_minor for one in open_receipt(right).receipt.gifts] == [250_000, 2500]
    told = Mail.objects.filter(key__in=[f"receipt:{one.pk}" for one in (annas_own, right)])
    assert {mail.donor for mail in told} == {annas.donor, gift.donor}


def test_the_line_is_as_long_as_before(tom: Client, pair: Partnership, annas: Pledge) -> None:
    with clock.showing(FIRST_DAY):
        accepted_by_mistake(tom, pair, annas)
    ends = list(Segment.objects.order_by("start_minor").values_list("end_minor", flat=True))

    with clock.showing(NEXT_DAY):
        match = Match.objects.get()
        url = f"{BANK}lines/{match.line_id}/"
        send(tom, url, step="undo", match=match.pk, **{"undo-reason": "Not Anna’s"})

    assert ends == [2397, 12_077, 262_077, 5_260_577, 5_746_047, 7_246_047]
    assert list(
        Segment.objects.order_by("start_minor").values_list("end_minor", flat=True)
    ) == ends  # fmt: skip
    assert Fund.objects.get().head_minor == 7_246_047


def test_the_same_and_an_overlapping_file_add_nothing_and_twins_both_stay(
    tom: Client, pair: Partnership
) -> None:
    overlapping = file_of(
        TWINS, currency="USD", name="2023-09-late", balances="", opening_minor=250_000
    )
    take_in(tom, SEPTEMBER)

    again = take_in(tom, SEPTEMBER)
    late = take_in(tom, overlapping)

    assert "Nothing was added." in again
    assert "Nothing was added." in late
    assert StatementLine.objects.filter(amount_minor=2500).count() == 2
    assert StatementLine.objects.count() == 3


def test_everything_is_explained(tom: Client, pair: Partnership, annas: Pledge) -> None:
    with clock.showing(FIRST_DAY):
        accepted_by_mistake(tom, pair, annas)
        twins = StatementLine.objects.filter(amount_minor=2500).order_by("id")
        send(tom, f"{BANK}lines/{twins[0].pk}/", step="accept", reference=annas.reference)
        send(
            tom, f"{BANK}lines/{twins[1].pk}/", step="ignore",
            **{"ignore-reason": "Rent of the hall"},
        )  # fmt: skip
        giving.post_settled()

    account = BankAccount.objects.get()
    page = unescape(tom.get(f"{BANK}accounts/{account.pk}/").content.decode())

    assert "$0.00 unexplained." in page
    view = reconcile(account)
    assert (view.unexplained_minor, view.left_minor) == (0, 0)
    states = StatementLine.objects.values_list("state", flat=True)
    assert sorted(states) == ["ignored", "matched", "matched"]
