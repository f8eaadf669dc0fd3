"""The donor's place: preferences, monthly gifts, own data, and being forgotten."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import gettext_lazy

from twinhood.giving import actions, errors, giver, letters, pledging, queries, receipts
from twinhood.giving.core.pledged import Told
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import (
    Donor,
    Gift,
    Issuer,
    Mail,
    Notice,
    Pledge,
    Receipt,
    RecurringGift,
    Visit,
)
from twinhood.giving.rails import BY_CODE, Rail
from twinhood.giving.tests import pledges, world
from twinhood.giving.tests.test_visits import DOOR, INSIDE, entered
from twinhood.kit import clock
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db
SETTINGS = "/en/giver/settings/"


@dataclass
class Standing:
    """A rail of the test's own: it remembers what it was asked, and may be down."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    is_down: bool = False
    refuses: str = ""

    def _hear(self, *said: Any) -> None:
        if self.is_down:
            raise errors.RailDown
        if self.refuses:
            raise errors.RailRefuses(self.refuses)
        self.asked.append(said)

    def change(self, recurring: RecurringGift, *, amount_minor: int) -> None:
        self._hear("change", amount_minor)
        RecurringGift.objects.filter(pk=recurring.pk).update(amount_minor=amount_minor)

    def pause(self, recurring: RecurringGift, *, until: date | None) -> None:
        self._hear("pause", until)
        RecurringGift.objects.filter(pk=recurring.pk).update(
            state="paused", paused_until_date=until
        )

    def resume(self, recurring: RecurringGift) -> None:
        self._hear("resume")
        RecurringGift.objects.filter(pk=recurring.pk).update(state="active")

    def skip(self, recurring: RecurringGift) -> None:
        self._hear("skip")

    def end(self, recurring: RecurringGift) -> None:
        self._hear("end")
        RecurringGift.objects.filter(pk=recurring.pk).update(state="ended", ended_at=clock.now())


@pytest.fixture
def rail(monkeypatch: pytest.MonkeyPatch) -> Standing:
    """Wires that come each month, by order of the donor."""
    standing = Standing()
    each_month: Any = Rail(
        code="wire",
        label=gettext_lazy("Bank transfer"),
        account=BY_CODE["wire"].account,
        online=standing,  # type: ignore[arg-type]
        takes_monthly=True,
    )
    monkeypatch.setitem(BY_CODE, "wire", each_month)
    return standing


@pytest.fixture
def pair() -> Partnership:
    pair = world.partnership()
    world.fund(pair)
    return pair


def monthly_of(pair: Partnership, **more: Any) -> tuple[RecurringGift, str]:
    """A monthly gift of Anna's with its first payment, and its link."""
    fund = Fund.objects.get(partnership=pair)
    made = pledges.made(fund, is_monthly=True, **more)
    found = pledges.recurring(made.pledge)
    pledges.settled(made.pledge, "py_1", period_begins=date(2023, 4, 6))
    actions.post_settled()
    return found, made.secret


def anna() -> Donor:
    return Donor.objects.get()


# --- preferences


def test_a_name_is_hidden_on_past_gifts_and_shown_again(pair: Partnership) -> None:
    (gift,) = world.posted(pair, world.cheque(donor=world.ANNA, shows_name=True))
    client, form = entered(), f"d{anna().pk}"
    said = {"donor": anna().pk, f"{form}-wants_news": "no", f"{form}-language": "uk"}
    assert queries.names_for([gift.key]) == {gift.key: "Anna"}

    answer = client.post(SETTINGS, said | {f"{form}-shows_name": "no"})

    assert answer.status_code == 302
    assert queries.names_for([gift.key]) == {}
    assert (anna().wants_news, anna().language) == (False, "uk")
    client.post(SETTINGS, said | {f"{form}-shows_name": "yes"})
    assert queries.names_for([gift.key]) == {gift.key: "Anna"}


def test_what_was_said_with_each_gift_stays_where_nothing_else_is_chosen(
    pair: Partnership,
) -> None:
    world.posted(
        pair, world.cheque(donor=world.ANNA, shows_name=True), world.cheque(donor=world.ANNA)
    )
    form = f"d{anna().pk}"

    entered().post(
        SETTINGS, {"donor": anna().pk, f"{form}-wants_news": "yes", f"{form}-language": "en"}
    )

    assert sorted(Gift.objects.values_list("shows_name", flat=True)) == [False, True]


@pytest.mark.parametrize("donor", ["", "0", "x", "٣", "999999999999999999999"])
def test_preferences_of_a_donor_of_somebody_else_are_not_found(
    pair: Partnership, donor: str
) -> None:
    world.posted(pair, world.cheque(donor=world.ANNA), world.cheque(donor=world.BORIS))
    client = entered()
    boris = Donor.objects.order_by("id").last()
    assert boris is not None

    for said in (donor, str(boris.pk)):
        answer = client.post(
            SETTINGS,
            {"donor": said, f"d{said}-wants_news": "no", f"d{said}-language": "en"},
        )
        assert answer.status_code == 404
    assert all(Donor.objects.values_list("wants_news", flat=True))


def test_what_cannot_be_chosen_is_refused(pair: Partnership) -> None:
    world.posted(pair, world.cheque(donor=world.ANNA))
    form = f"d{anna().pk}"

    answer = entered().post(
        SETTINGS, {"donor": anna().pk, f"{form}-wants_news": "maybe", f"{form}-language": "xx"}
    )

    assert answer.status_code == 422
    assert anna().language == "en"


# --- monthly gifts


@pytest.mark.parametrize("by", ["place", "link"])
def test_a_monthly_gift_ends_in_one_click(pair: Partnership, rail: Standing, by: str) -> None:
    found, secret = monthly_of(pair)
    client = entered() if by == "place" else Client()
    url = f"/en/giver/monthly/{found.pk}/" if by == "place" else f"/en/giver/monthly/by/{secret}/"

    answer = client.post(url, {"act": "end"})

    found.refresh_from_db()
    assert (answer.status_code, rail.asked, found.state) == (302, [("end",)], "ended")
    page = client.get(answer["Location"]).content.decode()
    assert "It has ended" in page
    assert 'value="end"' not in page


def test_a_monthly_gift_is_changed_paused_left_out_and_goes_on(
    pair: Partnership, rail: Standing
) -> None:
    found, secret = monthly_of(pair)
    url = f"/en/giver/monthly/by/{secret}/"
    client = Client()
    later = (clock.now() + timedelta(days=40)).date()

    for said in (
        {"act": "change", f"m{found.pk}-amount": "1,234.50"},
        {"act": "skip"},
        {"act": "pause", f"p{found.pk}-until": later.isoformat()},
        {"act": "resume"},
    ):
        assert client.post(url, said).status_code == 302

    assert rail.asked == [("change", 123450), ("skip",), ("pause", later), ("resume",)]
    assert "$1,234.50" in client.get(url).content.decode()


def test_who_covered_the_fee_goes_on_covering_it(pair: Partnership, rail: Standing) -> None:
    found, secret = monthly_of(pair)
    RecurringGift.objects.update(cover_minor=103)

    Client().post(
        f"/en/giver/monthly/by/{secret}/", {"act": "change", f"m{found.pk}-amount": "100"}
    )

    found.refresh_from_db()
    assert (found.amount_minor, found.cover_minor) == (10_000, 320)


@pytest.mark.parametrize("typed", ["", "0", "-5", "0.50", "25.001", "abc", "99999999999"])
def test_an_amount_that_no_gift_can_have_is_refused_and_kept_in_the_form(
    pair: Partnership, rail: Standing, typed: str
) -> None:
    found, secret = monthly_of(pair)

    answer = Client().post(
        f"/en/giver/monthly/by/{secret}/", {"act": "change", f"m{found.pk}-amount": typed}
    )

    assert answer.status_code == 422
    assert rail.asked == []
    assert "<details" in answer.content.decode()


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_pause_ends_on_a_day_to_come_within_a_year(
    pair: Partnership, rail: Standing, days: int
) -> None:
    found, secret = monthly_of(pair)
    day = clock.today_in("America/New_York") + timedelta(days=days)

    answer = Client().post(
        f"/en/giver/monthly/by/{secret}/", {"act": "pause", f"p{found.pk}-until": day.isoformat()}
    )

    assert (answer.status_code, rail.asked) == (422, [])


def test_a_rail_that_is_down_changes_nothing_and_is_said_so(
    pair: Partnership, rail: Standing
) -> None:
    _, secret = monthly_of(pair)
    rail.is_down = True
    client = Client()

    client.post(f"/en/giver/monthly/by/{secret}/", {"act": "end"})

    page = client.get(f"/en/giver/monthly/by/{secret}/").content.decode()
    assert "Nothing was changed" in page
    assert RecurringGift.objects.get().state == "active"


def test_a_monthly_gift_of_somebody_else_is_not_found(pair: Partnership, rail: Standing) -> None:
    found, _ = monthly_of(pair, told=Told(name="Boris", email="boris@example.org"))
    world.posted(pair, world.cheque(donor=world.ANNA))
    client = entered()

    answers = [
        client.post(f"/en/giver/monthly/{found.pk}/", {"act": "end"}),
        client.post("/en/giver/monthly/by/nosuchsecret/", {"act": "end"}),
        Client().post(f"/en/giver/monthly/{found.pk}/", {"act": "end"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 302]
    assert rail.asked == []


def test_the_link_of_a_later_gift_leads_to_its_monthly_gift(
    pair: Partnership, rail: Standing
) -> None:
    found, _ = monthly_of(pair)
    pledges.settled(found.pledge, "py_2", period_begins=date(2023, 5, 6))
    later = Gift.objects.order_by("id").last()
    assert later is not None
    secret = pledging.secret_of_gift(later)

    answer = Client().get(f"/en/giver/monthly/by/{secret}/")

    assert answer.status_code == 200
    assert "each month" in answer.content.decode()


def test_the_receipt_s_letter_and_the_trace_lead_to_the_monthly_gift(
    pair: Partnership, rail: Standing
) -> None:
    Issuer.objects.create(
        organisation=pair.recipient, legal_name="Example Aid", registry_code="00-0000000",
        address="1 Main St, Stamford", contact_email="gifts@example.org",
    )  # fmt: skip
    _, secret = monthly_of(pair)
    receipts.issue_due()
    letters.send_due()

    (letter,) = mail.outbox
    assert f"/en/giver/monthly/by/{secret}/" in str(letter.body)
    assert f"/en/giver/monthly/by/{secret}/" in Client().get(f"/en/t/{secret}/").content.decode()


# --- own data


def data_of(client: Client) -> tuple[dict[str, Any], list[list[str]]]:
    packed = client.post("/en/giver/data/")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        whole = json.loads(archive.read("data.json"))
        rows = list(csv.reader(io.StringIO(archive.read("gifts.csv").decode("utf-8-sig"))))
    return whole, rows


def test_the_download_has_all_that_is_held_and_nothing_of_others(pair: Partnership) -> None:
    fund = Fund.objects.get(partnership=pair)
    told = Told(name="Anna", email="anna@example.org", honour="Mary", employer="ACME")
    pledges.settled(pledges.made(fund, told=told).pledge)
    world.posted(
        pair,
        world.cheque(donor=world.ANNA, note="by hand"),
        world.cheque(donor=world.BORIS, note="Boris alone"),
    )

    whole, rows = data_of(entered())

    (donor,) = whole["donors"]
    assert donor["told"] == {"name": "Anna", "email": "anna@example.org", "address": ""}
    assert donor["pledges"][0]["told"]["honour"] == "Mary"
    assert sorted(gift["treasurers_note"] for gift in donor["gifts"]) == ["", "by hand"]
    assert "Boris" not in json.dumps(whole)
    assert len(rows) == 3
    assert {row[6] for row in rows[1:]} == {"25.00"}


def test_no_cell_of_the_table_is_a_formula(pair: Partnership) -> None:
    world.posted(pair, world.cheque(donor=world.ANNA, purpose='=HYPERLINK("http://x")'))

    _, rows = data_of(entered())

    assert rows[1][3] == '\'=HYPERLINK("http://x")'


def test_a_link_alone_fetches_no_data(pair: Partnership) -> None:
    world.posted(pair, world.cheque(donor=world.ANNA))

    assert entered().get("/en/giver/data/").status_code == 405


# --- receipts


def test_a_donor_downloads_their_receipts_and_has_them_sent_again(pair: Partnership) -> None:
    Issuer.objects.create(
        organisation=pair.recipient, legal_name="Example Aid", registry_code="00-0000000",
        address="1 Main St, Stamford", contact_email="gifts@example.org",
    )  # fmt: skip
    world.posted(pair, world.cheque(donor=world.ANNA), world.cheque(donor=world.BORIS))
    receipts.issue_due()
    mine, foreign = Receipt.objects.order_by("id")
    client = entered()

    file = client.get(f"/en/giver/receipts/{mine.pk}.pdf")
    again = [client.post(f"/en/giver/receipts/{mine.pk}/again/") for _ in range(5)]

    assert str(mine) in client.get("/en/giver/receipts/").content.decode()
    assert file.content.startswith(b"%PDF")
    assert {answer.status_code for answer in again} == {302}
    assert Mail.objects.filter(kind="receipt", donor=mine.donor).count() == 1 + receipts.AGAIN_MAX
    for address in (f"{foreign.pk}.pdf", "0.pdf"):
        assert client.get(f"/en/giver/receipts/{address}").status_code == 404
    assert client.post(f"/en/giver/receipts/{foreign.pk}/again/").status_code == 404


def test_who_is_forgotten_before_a_receipt_was_written_gets_it_written_first(
    pair: Partnership,
) -> None:
    Issuer.objects.create(
        organisation=pair.recipient, legal_name="Example Aid", registry_code="00-0000000",
        address="1 Main St, Stamford", contact_email="gifts@example.org",
    )  # fmt: skip
    world.posted(pair, world.cheque(donor=world.ANNA))

    page = forget(entered())

    assert str(Receipt.objects.get()) in page


# --- being forgotten


def receipt_for(gift: Gift, *, rule: str = "us", until: date = date(2033, 12, 31)) -> Receipt:
    issuer, _ = Issuer.objects.get_or_create(
        organisation=gift.partnership.recipient,
        defaults={"legal_name": "Example Aid", "registry_code": "00-0000000"},
    )
    return Receipt.objects.create(
        issuer=issuer,
        year=2023,
        serial=Receipt.objects.count() + 1,
        kind="gift",
        rule=rule,
        language="en",
        gift=gift,
        donor=gift.donor,
        cause=f"gift:{gift.ref}",
        sealed=b"sealed",
        wrapped_key=b"wrapped",
        issued_at=clock.now(),
        kept_until_date=until,
    )


def forget(client: Client) -> str:
    """Ask twice, as the page does; the last page's words."""
    url = f"/en/giver/erasure/{anna().pk}/"
    assert client.get(url).status_code == 200
    again = client.post(url).content.decode()
    assert "Are you sure?" in again
    return client.post(url, {"again": "1", "sure": "yes"}).content.decode()


def test_erasure_is_asked_twice_and_needs_the_box(pair: Partnership) -> None:
    world.posted(pair, world.cheque(donor=world.ANNA))
    client, url = entered(), f"/en/giver/erasure/{anna().pk}/"

    client.post(url)
    unsure = client.post(url, {"again": "1"})

    assert unsure.status_code == 422
    assert anna().sealed is not None


def test_who_is_forgotten_reads_what_is_gone_and_what_the_law_keeps(pair: Partnership) -> None:
    (gift,) = world.posted(pair, world.cheque(donor=world.ANNA, shows_name=True, note="Anna!"))
    receipt_for(gift, rule="uk_gift_aid", until=date(2032, 1, 31))
    fund = Fund.objects.get(partnership=pair)
    pledges.made(fund, rule="uk_gift_aid", has_gift_aid=True)
    client = entered()
    before = queries.totals(pair)

    page = forget(client)

    donor = anna()
    gift.refresh_from_db()
    assert (donor.sealed, donor.wrapped_key, donor.email_index) == (None, None, None)
    assert (gift.note, gift.shows_name, gift.donor_salt) == ("", False, None)
    assert queries.totals(pair) == before
    assert "You are forgotten" in page
    assert "31 January 2032" in page
    assert "Gift Aid" in page
    assert Receipt.objects.get().wrapped_key is not None
    assert client.get(INSIDE)["Location"] == DOOR


def test_words_letters_notices_and_visits_go_with_the_key(
    pair: Partnership, rail: Standing
) -> None:
    found, secret = monthly_of(pair, told=Told(name="Anna", email="anna@example.org", honour="M"))
    for about in (found.rail_ref, "py_1", "other"):
        Notice.objects.create(
            rail="wire", rail_ref=f"n-{about}", kind="k", about=about, sealed_body=b"x",
            arrived_at=clock.now(),
        )  # fmt: skip
    client = entered()
    letters.send_due()

    page = forget(client)

    assert "Your monthly gift: it has ended." in page
    assert rail.asked == [("end",)]
    pledge = Pledge.objects.get()
    assert (pledge.sealed_words, pledge.shows_name, pledge.tells_organiser) == (None, False, False)
    assert pledging.told_with(pledge) == Told()
    assert {n.about: bytes(n.sealed_body) for n in Notice.objects.all()} == {
        found.rail_ref: b"",
        "py_1": b"",
        "other": b"x",
    }
    assert (Mail.objects.count(), Visit.objects.count()) == (0, 0)
    assert Client().get(f"/en/t/{secret}/").status_code == 200


def test_nothing_is_forgotten_while_a_monthly_gift_cannot_be_ended(
    pair: Partnership, rail: Standing
) -> None:
    monthly_of(pair)
    rail.is_down = True

    page = forget(entered())

    assert "nothing was forgotten yet" in page
    assert anna().sealed is not None


def test_a_visit_goes_on_for_the_other_partnership_of_the_address(pair: Partnership) -> None:
    world.posted(pair, world.cheque(donor=world.ANNA))
    first = anna()
    second = world.partnership("westport-lyman")
    world.fund(second)
    world.posted(second, world.cheque(4200, donor=world.ANNA))
    client = entered()

    client.post(f"/en/giver/erasure/{first.pk}/", {"again": "1", "sure": "yes"})

    page = client.get(INSIDE).content.decode()
    assert "$42.00" in page
    assert "$25.00" not in page


@pytest.mark.parametrize("verb", ["get", "post"])
def test_nobody_erases_somebody_else(pair: Partnership, verb: str) -> None:
    world.posted(pair, world.cheque(donor=world.ANNA), world.cheque(donor=world.BORIS))
    boris = Donor.objects.order_by("id").last()
    assert boris is not None
    ask: Callable[..., Any] = getattr(entered(), verb)

    answer = ask(f"/en/giver/erasure/{boris.pk}/", {"again": "1", "sure": "yes"})

    boris.refresh_from_db()
    assert answer.status_code == 404
    assert boris.sealed is not None


def test_the_treasurer_s_erasure_takes_as_much(pair: Partnership) -> None:
    fund = Fund.objects.get(partnership=pair)
    pledges.settled(pledges.made(fund).pledge)

    actions.erase(donor=anna())

    assert Pledge.objects.get().sealed_words is None


def test_totals_count_partly_refunded_gifts_as_such(pair: Partnership) -> None:
    first, second = world.posted(
        pair, world.cheque(2500, donor=world.ANNA), world.cheque(5000, donor=world.ANNA)
    )
    actions.refund_gift(gift=first, person=None, amount_minor=1000, reason="asked", earlier=0)
    actions.refund_gift(gift=second, person=None, amount_minor=5000, reason="asked", earlier=0)

    (total,) = giver.totals_of([anna().pk])
    page = entered().get(INSIDE).content.decode()

    assert (total.count, total.amount_minor, total.refunded_minor) == (2, 7500, 6000)
    assert "Partly given back" in page
    assert "$10.00 of $25.00" in page
    assert "Given back" in page


def test_a_donor_who_told_a_name_alone_is_in_nobody_s_list(pair: Partnership) -> None:
    world.posted(pair, world.cheque(donor=DonorFacts(name="Anna")), world.cheque(donor=world.ANNA))

    page = entered().get(INSIDE).content.decode()

    assert page.count('class="own-gift"') == 1
