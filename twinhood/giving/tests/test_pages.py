"""The treasurer's desk, as a browser without JavaScript and as an attacker use it."""

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from twinhood.giving import actions, keys, queries
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Donor, Gift, Refund
from twinhood.giving.tests import world
from twinhood.people.models import Partnership, Person

pytestmark = pytest.mark.django_db

DESK = "/en/desk/stamford-kramatorsk/gifts/"


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    return made


@pytest.fixture
def tom(pair: Partnership) -> Person:
    return world.tom(pair)


@pytest.fixture
def desk(client: Client, tom: Person) -> Client:
    return world.signed_in(client, tom)


def text_of(answer: Any) -> str:
    return unescape(answer.content.decode())


def cheque_form(pair: Partnership, **more: str) -> dict[str, str]:
    typed = {
        "token": "t" * 22,
        "fund": str(pair.funds.get().pk),
        "amount": "1,234.56",
        "reference": "1042",
        "received_date": "2023-04-06",
        "name": "Anna",
        "email": "anna@example.org",
        "donor_language": "en",
        "purpose": "",
        "note": "",
    }
    return typed | more


def paste_form(pair: Partnership, text: str, **more: str) -> dict[str, str]:
    typed = {
        "step": "preview",
        "text": text,
        "rail": "cheque",
        "fund": str(pair.funds.get().pk),
        "language": "en",
        "day_order": "day",
        "counted_by": "",
        "purpose": "",
    }
    return typed | more


def seal_in(answer: Any) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return unescape(found[1])


# --- entering one gift


def test_a_gift_is_entered_and_its_link_is_shown_once(desk: Client, pair: Partnership) -> None:
    answer = desk.post(f"{DESK}new/?rail=cheque", cheque_form(pair), follow=True)

    gift = Gift.objects.get()
    shown = text_of(answer)
    link = re.search(r"/t/([0-9a-z]{26})/", shown)
    assert gift.amount_minor == 123456
    assert "$1,234.56" in shown
    assert link is not None
    assert queries.gift_by_secret(link[1]) == gift
    assert link[1] not in text_of(desk.get(f"{DESK}{gift.ref}/"))


def test_the_slip_is_in_the_language_of_who_gave(desk: Client, pair: Partnership) -> None:
    form = cheque_form(pair, donor_language="uk")

    shown = text_of(desk.post(f"{DESK}new/?rail=cheque", form, follow=True))

    assert 'class="slip" lang="uk"' in shown
    assert re.search(r"/uk/t/[0-9a-z]{26}/", shown)
    assert "1\u00a0234,56\u00a0$" in shown


def test_the_secret_waits_sealed_in_the_session(desk: Client, pair: Partnership) -> None:
    desk.post(f"{DESK}new/?rail=cheque", cheque_form(pair))

    waiting = desk.session["giving.links"]
    shown = text_of(desk.get(f"{DESK}{Gift.objects.get().ref}/"))

    link = re.search(r"/t/([0-9a-z]{26})/", shown)
    assert link is not None
    assert link[1] not in str(waiting)
    assert "giving.links" not in desk.session


def test_the_same_form_sent_twice_is_one_gift(desk: Client, pair: Partnership) -> None:
    for rail, more in (("cheque", {}), ("wire", {"reference": "X-1"})):
        for _ in range(2):
            answer = desk.post(f"{DESK}new/?rail={rail}", cheque_form(pair, **more))
            assert answer.status_code == 302

    assert Gift.objects.count() == 2


def test_a_problem_is_told_and_nothing_typed_is_lost(desk: Client, pair: Partnership) -> None:
    typed = cheque_form(pair, amount="1.234,56", received_date="2999-01-01", note="by hand")

    answer = desk.post(f"{DESK}new/?rail=cheque", typed)

    shown = text_of(answer)
    assert answer.status_code == 422
    assert "There is a problem" in shown
    assert "Enter the amount with digits, such as 1,234.50." in shown
    assert "This day has not come yet." in shown
    for kept in ("1.234,56", "2999-01-01", "by hand", "1042", "anna@example.org"):
        assert f'value="{kept}"' in shown
    assert not Gift.objects.exists()


@pytest.mark.parametrize(
    "amount",
    ["", " ", "0", "-1", "−0", "NaN", "Infinity", "1e18", "1e400", "25.505", "١٢٣", "1 234,56",
     "9223372036854775808", "1" + "0" * 30, "1000000000000", "=1+1", "null"],
)  # fmt: skip
def test_an_amount_that_is_none_is_refused(desk: Client, pair: Partnership, amount: str) -> None:
    answer = desk.post(f"{DESK}new/?rail=cheque", cheque_form(pair, amount=amount))

    assert answer.status_code == 422
    assert not Gift.objects.exists()


def test_the_language_of_the_page_reads_the_amount(desk: Client, pair: Partnership) -> None:
    url = "/uk/desk/stamford-kramatorsk/gifts/new/?rail=cheque"

    desk.post(url, cheque_form(pair, amount="1 234,56"))

    assert Gift.objects.get().amount_minor == 123456


def test_how_an_amount_is_understood_is_shown_while_typing(desk: Client, pair: Partnership) -> None:
    fund = str(pair.funds.get().pk)

    good = desk.get(f"{DESK}new/amount/", {"amount": "1,234.5", "fund": fund})
    bad = desk.get(f"{DESK}new/amount/", {"amount": "1.234,5", "fund": fund})
    none = desk.get(f"{DESK}new/amount/", {"amount": "5", "fund": "0 OR 1=1"})

    assert "$1,234.50" in text_of(good)
    assert "Enter the amount with digits" in text_of(bad)
    assert text_of(none).strip() == ""


def test_only_asked_fields_count(desk: Client, pair: Partnership, tom: Person) -> None:
    other = world.partnership("westport-lyman")
    theirs = world.fund(other, "lyman-usd")
    extra = {
        "stage": "posted", "posted_at": "2023-01-01", "ref": "AAAAAAAA", "currency": "EUR",
        "partnership": str(other.pk), "fee": "12", "fee_minor": "5", "entered_by": "1",
        "secret_hash": "00", "amount_minor": "1",
    }  # fmt: skip

    stolen = desk.post(f"{DESK}new/?rail=cheque", cheque_form(pair, fund=str(theirs.pk)))
    desk.post(f"{DESK}new/?rail=cheque", cheque_form(pair, **extra))

    assert stolen.status_code == 422
    gift = Gift.objects.get()
    assert (gift.stage, gift.partnership, gift.currency) == ("settled", pair, "USD")
    assert (gift.fee_minor, gift.entered_by, gift.amount_minor) == (0, tom, 123456)
    assert gift.ref != "AAAAAAAA"


def test_cash_asks_who_counted_it_and_not_oneself(
    desk: Client, pair: Partnership, tom: Person
) -> None:
    lesia = world.person("Lesia", pair, "approver")
    form = cheque_form(pair)
    del form["reference"]

    alone = desk.post(f"{DESK}new/?rail=cash", form)
    oneself = desk.post(f"{DESK}new/?rail=cash", form | {"counted_by": str(tom.pk)})
    both = desk.post(f"{DESK}new/?rail=cash", form | {"counted_by": str(lesia.pk)})

    assert [r.status_code for r in (alone, oneself, both)] == [422, 422, 302]
    assert Gift.objects.get().counted_by == lesia


def test_a_cheque_entered_with_another_amount_names_the_gift_that_stands(
    desk: Client, pair: Partnership
) -> None:
    desk.post(f"{DESK}new/?rail=wire", cheque_form(pair))

    again = desk.post(f"{DESK}new/?rail=wire", cheque_form(pair, amount="9.00"))

    assert again.status_code == 422
    assert Gift.objects.get().ref in text_of(again)


# --- pasting rows

ROWS = "date\tamount\tname\tshow name\n2023-04-06\t25.00\tAnna\tyes\n2023-04-06\t40\tBoris\tno"


def committed(desk: Client, form: dict[str, str]) -> Any:
    looked = desk.post(f"{DESK}paste/", form)
    assert looked.status_code == 200, text_of(looked)
    return desk.post(f"{DESK}paste/", form | {"step": "commit", "seal": seal_in(looked)})


def test_rows_are_looked_at_first_and_then_taken_in(desk: Client, pair: Partnership) -> None:
    form = paste_form(pair, ROWS)

    looked = desk.post(f"{DESK}paste/", form)
    before = Gift.objects.count()
    done = desk.post(f"{DESK}paste/", form | {"step": "commit", "seal": seal_in(looked)})
    links = text_of(desk.get(done["Location"]))

    assert "2 new gifts, $65.00 in all" in text_of(looked)
    assert before == 0
    assert sorted(Gift.objects.values_list("amount_minor", flat=True)) == [2500, 4000]
    assert len(set(re.findall(r"/t/[0-9a-z]{26}/", links))) == 2
    assert not re.findall(r"/t/[0-9a-z]{26}/", text_of(desk.get(done["Location"])))


def test_the_same_paste_twice_adds_nothing(desk: Client, pair: Partnership) -> None:
    form = paste_form(pair, ROWS)
    committed(desk, form)

    looked = text_of(desk.post(f"{DESK}paste/", form))
    spaced = paste_form(pair, ROWS.replace("\t", ";").replace("2023-04-06", "6.4.2023"))
    again = committed(desk, spaced)

    assert "2 rows were entered before" in looked
    assert 'value="commit"' not in looked
    assert again.status_code == 302
    assert Gift.objects.count() == 2


def test_two_true_equal_rows_of_one_paste_both_stay(desk: Client, pair: Partnership) -> None:
    row = "2023-04-06;25;;\n"
    form = paste_form(pair, "date;amount;name;reference\n" + row * 2)
    same_reference = "2023-04-06;30;;1042\n" * 2

    for _ in range(2):
        committed(desk, form)
    committed(desk, paste_form(pair, "date;amount;name;reference\n" + row * 3))
    committed(desk, paste_form(pair, "date;amount;name;reference\n" + same_reference))

    amounts = sorted(Gift.objects.values_list("amount_minor", flat=True))
    assert amounts == [2500, 2500, 2500, 3000, 3000]


def test_one_bad_row_keeps_all_out_and_is_named(desk: Client, pair: Partnership) -> None:
    bad = ROWS + "\n2023-04-07\t1.234,56\tClara\tno"
    form = paste_form(pair, bad)

    looked = desk.post(f"{DESK}paste/", form)
    forced = desk.post(f"{DESK}paste/", form | {"step": "commit", "seal": seal_in(looked)})

    assert (looked.status_code, forced.status_code) == (422, 422)
    assert "1 row is not understood" in text_of(looked)
    assert re.search(r'<th scope="row">4</th>.*1\.234,56', text_of(looked))
    assert not Gift.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"text": ROWS.replace("25.00", "2500.00")},
        {"purpose": "Other words"},
        {"rail": "wire"},
        {"day_order": "month"},
        {
            "col_0": "received_date",
            "col_1": "amount",
            "col_2": "note",
            "col_3": "",
            "has_header": "on",
        },
    ],
)
def test_what_was_not_looked_at_is_not_taken_in(
    desk: Client, pair: Partnership, change: dict[str, str]
) -> None:
    form = paste_form(pair, ROWS)
    seal = seal_in(desk.post(f"{DESK}paste/", form))

    answer = desk.post(f"{DESK}paste/", form | change | {"step": "commit", "seal": seal})

    assert "Look again" in text_of(answer)
    assert not Gift.objects.exists()


def test_a_seal_that_was_made_up_takes_nothing_in(desk: Client, pair: Partnership) -> None:
    for seal in ("", "x", "\x00"):
        desk.post(f"{DESK}paste/", paste_form(pair, ROWS, step="commit", seal=seal))

    assert not Gift.objects.exists()


def test_line_ends_as_browsers_send_them_are_the_same_rows(desk: Client, pair: Partnership) -> None:
    looked = desk.post(f"{DESK}paste/", paste_form(pair, "\ufeff\n" + ROWS))
    sent = paste_form(pair, "\ufeff\r\n" + ROWS.replace("\n", "\r\n") + "\r\n")

    done = desk.post(f"{DESK}paste/", sent | {"step": "commit", "seal": seal_in(looked)})

    assert done.status_code == 302
    assert Gift.objects.count() == 2


def test_columns_without_headings_are_chosen_on_the_preview(
    desk: Client, pair: Partnership
) -> None:
    text = "Anna;25.00;2023-04-06\nBoris;40.00;2023-04-06"
    columns = {"col_0": "name", "col_1": "amount", "col_2": "received_date"}

    unknown = desk.post(f"{DESK}paste/", paste_form(pair, text))
    committed(desk, paste_form(pair, text, **columns))

    assert unknown.status_code == 422
    assert "which column is the amount" in text_of(unknown)
    assert Gift.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Paste at least one row."),
        ('date;amount;name\n2023-04-06;25;"Anna', "A quotation mark in row 2 is not closed"),
        ("date;amount\n" + "2023-04-06;1\n" * 2_001, "more than 2,000 rows"),
        ("date;amount\n" + "x" * 300_000, "more than 256 KB"),
        ("amount\n25", "There is only one column"),
    ],
)
def test_a_paste_that_cannot_be_read_says_why(
    desk: Client, pair: Partnership, text: str, sentence: str
) -> None:
    answer = desk.post(f"{DESK}paste/", paste_form(pair, text))

    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_a_nul_is_refused_and_nothing_is_stored(desk: Client, pair: Partnership) -> None:
    rows = desk.post(f"{DESK}paste/", paste_form(pair, ROWS + "\n2023-04-06\t1\tA\x00\tno"))
    amount = desk.post(f"{DESK}new/?rail=cheque", cheque_form(pair, amount="\x00"))

    assert {rows.status_code, amount.status_code} <= {400, 422}
    assert not Gift.objects.exists()


def test_two_thousand_rows_are_taken_in_within_a_page_s_time(
    desk: Client, pair: Partnership
) -> None:
    rows = "".join(f"2023-04-06;1.{n % 100:02};Giver {n};g{n}@example.org\n" for n in range(2_000))

    committed(desk, paste_form(pair, "date;amount;name;email\n" + rows))

    assert Gift.objects.count() == Donor.objects.count() == 2_000


def test_back_to_the_rows_keeps_what_was_typed(desk: Client, pair: Partnership) -> None:
    answer = desk.post(f"{DESK}paste/", paste_form(pair, ROWS, step="edit", purpose="Ambulances"))

    assert answer.status_code == 200
    assert ROWS in text_of(answer)
    assert 'value="Ambulances"' in text_of(answer)


# --- what is shown

EVIL = "<script>alert(1)</script>\"'><img src=x>"


def test_names_and_notes_are_shown_as_text(desk: Client, pair: Partnership) -> None:
    (gift,) = world.taken_in(
        pair,
        world.cheque(donor=DonorFacts(name=EVIL), note=EVIL, purpose=EVIL, shows_name=True),
    )
    preview = paste_form(pair, f'date,amount,name\n2023-04-06,25,"{EVIL.replace(chr(34), "")}"')

    pages = [desk.get(DESK), desk.get(f"{DESK}{gift.ref}/"), desk.post(f"{DESK}paste/", preview)]

    for page in pages:
        assert b"<script>alert" not in page.content
        assert b"<img src=x" not in page.content
        assert b"&lt;script&gt;alert(1)" in page.content


def test_the_csv_computes_nothing_when_it_is_opened(desk: Client, pair: Partnership) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " =1", "\u202eannA", 'a"b,c']
    world.taken_in(pair, *(world.cheque(donor=DonorFacts(name=n), note="=cmd()") for n in names))

    answer = desk.get(f"{DESK}gifts.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]

    shown = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert sorted(row["name"] for row in shown) == sorted(
        ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'＝1", "' =1", "annA", 'a"b,c']
    )
    assert {row["note"] for row in shown} == {"'=cmd()"}
    assert {row["amount"] for row in shown} == {"25.00"}


def test_a_donor_who_calls_is_found_by_their_address_which_stands_in_no_address_of_ours(
    desk: Client, pair: Partnership
) -> None:
    anna, _ = world.posted(
        pair, world.cheque(2500, world.ANNA, key="1"), world.cheque(700, world.BORIS, key="2")
    )

    found = desk.post(DESK, {"email": " ANNA@example.org"}, follow=True)
    unknown = desk.post(DESK, {"email": "nobody@example.org"}, follow=True)

    assert "anna" not in found.redirect_chain[0][0]
    assert anna.ref in text_of(found)
    assert "$7.00" not in text_of(found)
    assert "No gift came with this address." in text_of(unknown)


def test_the_list_shows_stages_and_pages_in_few_queries(
    desk: Client, pair: Partnership, django_assert_max_num_queries: object
) -> None:
    world.posted(pair, *(world.cheque(100 + n) for n in range(55)))
    world.taken_in(pair, world.cheque(999_99))

    with django_assert_max_num_queries(25):  # type: ignore[operator]
        first = text_of(desk.get(DESK))
    settled = text_of(desk.get(DESK, {"stage": "settled"}))
    last = text_of(desk.get(DESK, {"page": "2"}))

    assert "Page 1 of 2" in first
    assert "$999.99" in settled
    assert "$1.05" not in settled
    assert "$1.00" in last
    for odd in ({"page": "x"}, {"page": "99"}, {"stage": "' OR 1"}, {"rail": "<b>"}):
        assert desk.get(DESK, odd).status_code == 200


def test_an_auditor_reads_the_books_and_no_names(client: Client, pair: Partnership) -> None:
    (gift,) = world.posted(pair, world.cheque(donor=world.BORIS, note="Boris, by hand"))
    grant = world.signed_in(client, world.person("Grant", pair, "auditor"))

    pages = [grant.get(DESK), grant.get(f"{DESK}{gift.ref}/"), grant.get(f"{DESK}gifts.csv")]

    for page in pages:
        assert page.status_code == 200
        assert b"Boris" not in page.getvalue()
    assert grant.get(f"{DESK}new/").status_code == 403
    assert grant.get(f"{DESK}{gift.ref}/refund/").status_code == 403
    assert grant.post(f"{DESK}{gift.ref}/link/").status_code == 403
    assert grant.post(f"{DESK}{gift.ref}/erasure/").status_code == 403


def test_another_partnership_s_treasurer_finds_nothing(client: Client, pair: Partnership) -> None:
    (gift,) = world.posted(pair, world.cheque())
    other = world.partnership("westport-lyman")
    world.fund(other, "lyman-usd")
    olha = world.signed_in(client, world.person("Olha", other, "treasurer"))
    own_desk = "/en/desk/westport-lyman/gifts/"

    for tail in ("", "new/", "paste/", "links/", "gifts.csv", f"{gift.ref}/"):
        assert olha.get(DESK + tail).status_code == 404
    for tail in ("", "refund/", "erasure/"):
        assert olha.get(f"{own_desk}{gift.ref}/{tail}").status_code == 404
    assert olha.post(f"{own_desk}{gift.ref}/link/").status_code == 404


# --- one gift


def test_the_page_asks_for_itself_until_the_gift_is_posted(desk: Client, pair: Partnership) -> None:
    (gift,) = world.taken_in(pair, world.cheque(2500, fee_minor=103))
    url = f"{DESK}{gift.ref}/"

    waiting = text_of(desk.get(url, headers={"HX-Request": "true"}))
    actions.post_settled()
    posted = text_of(desk.get(url, headers={"HX-Request": "true"}))

    assert "hx-get" in waiting
    assert "<html" not in waiting
    assert "hx-get" not in posted
    assert "$0.00 – $23.97" in posted
    assert gift.key in posted


def test_a_refund_is_shown_first_and_done_when_the_amount_is_typed_again(
    desk: Client, pair: Partnership
) -> None:
    (gift,) = world.posted(pair, world.cheque(10000, fee_minor=320))
    url = f"{DESK}{gift.ref}/refund/"
    asked = {"amount": "40", "reason": "Asked for it", "earlier": "0"}

    first = text_of(desk.get(url))
    shown = text_of(desk.post(url, asked))
    wrong = desk.post(url, asked | {"confirmed": "41"})
    right = desk.post(url, asked | {"confirmed": "40.00"}, follow=True)
    again = desk.post(url, asked | {"confirmed": "40.00"})

    assert 'value="100.00"' in first
    assert "What this refund would do" in shown
    assert wrong.status_code == 422
    assert "Partly given back. Left of the gift: $60.00" in text_of(right)
    assert again.status_code == 302
    refund = Refund.objects.get()
    assert (refund.line_minor, refund.operating_minor) == (4000, 0)


@pytest.mark.parametrize("amount", ["0", "-1", "100.01", "1e2", "x", "", "99999999999999999999"])
def test_a_refund_of_more_or_nothing_is_refused(
    desk: Client, pair: Partnership, amount: str
) -> None:
    (gift,) = world.posted(pair, world.cheque(10000))

    answer = desk.post(
        f"{DESK}{gift.ref}/refund/",
        {"amount": amount, "confirmed": amount, "reason": "x", "earlier": "0"},
    )

    assert answer.status_code == 422
    assert not Refund.objects.exists()


def test_a_new_link_ends_the_old_one(desk: Client, pair: Partnership) -> None:
    taken = actions.take_in(partnership=pair, person=None, rows=[world.cheque()])
    old = taken.new[0]

    shown = text_of(desk.post(f"{DESK}{old.ref}/link/", follow=True))

    link = re.search(r"/t/([0-9a-z]{26})/", shown)
    assert link is not None
    assert queries.gift_by_secret(link[1]) is not None
    assert queries.gift_by_secret(old.secret) is None


def test_a_donor_is_forgotten_when_the_ref_is_typed(desk: Client, pair: Partnership) -> None:
    (gift,) = world.posted(pair, world.cheque(donor=world.ANNA))
    url = f"{DESK}{gift.ref}/erasure/"

    asked = desk.get(url)
    wrong = desk.post(url, {"confirmed": "yes"})
    assert keys.open_donor(Donor.objects.get(), keys.master_keys()) == world.ANNA
    right = desk.post(url, {"confirmed": gift.ref.lower()}, follow=True)

    assert (asked.status_code, wrong.status_code) == (200, 422)
    assert "forgotten at their wish" in text_of(right)
    assert Donor.objects.get().sealed is None
